"""Which contents an archive holds already, so that a commit need not bring them again.

Only the newest commits are asked, so that a run costs the same number of requests however long the quarter and the log
have grown. A content that was brought before them is stored a second time: that costs space, never evidence.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from collector.archive import pack
from collector.archive.keyring import COLLECTOR
from collector.archive.layout import epoch_in, segment_key
from collector.archive.segment import objects_named
from collector.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.keyring import Keyring
    from collector.archive.notes import VerifierKey
    from collector.archive.pack import Place
    from collector.archive.segment import StoredObject
    from collector.archive.store import Store

COMMITS = 48
"""How many commits are asked. A run makes two, so: a day of hourly runs, and more than three weeks of daily ones."""
_OBJECTS = 192
"""How many of their packs and blobs are looked into: a commit may have many."""
_FIRST_READ = 16 << 10


def held_in(store: Store, epoch: str, newest: int, ring: Keyring) -> dict[str, Place]:
    """The contents that the newest commits brought in a retention epoch, by digest; `newest` is the last commit.

    Only commits count: what an interrupted run left behind is named by no signed header. Stops at the first commit of
    another epoch; missing some costs space, never evidence.
    """
    held: dict[str, Place] = {}
    for key in islice(_brought(store, epoch, newest, ring), _OBJECTS):
        try:
            found = pack.places_of(store, key)
        except TamperedError:
            # Verify names it. Here it must not stop collection: its contents count as absent and are stored anew.
            continue
        held = found | held
    return held


def _brought(store: Store, epoch: str, newest: int, ring: Keyring) -> Iterator[str]:
    for sequence in range(newest, max(-1, newest - COMMITS), -1):
        objects = _named(store, segment_key(sequence), ring.key(COLLECTOR, sequence))
        yield from (stored.key for stored in objects if epoch_in(stored.key) == epoch)
        if any(epoch_in(stored.key) != epoch for stored in objects):
            return


def _named(store: Store, key: str, collector: VerifierKey) -> tuple[StoredObject, ...]:
    """The objects in a segment's header. Its leaves, which may be megabytes, are left where they are.

    None for what has no signed header: a void brought nothing, and damage is for `verify` to name.
    """
    try:
        for length in (_FIRST_READ, None):
            named = objects_named(store.get(key, 0, length) or b"", collector)
            if named is not None:
                return named
    except ValueError:
        return ()
    return ()
