"""Which contents a commit need not bring again, because an earlier one of the same retention epoch did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive import pack
from collector.archive.layout import digest_in, epoch_in, is_pack
from collector.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.archive.segment import Segment
    from collector.archive.store import Store


def held_contents(store: Store, epoch: str, newest_first: Iterable[Segment]) -> set[str]:
    """The digests of the contents that commits of this epoch brought.

    Only commits count: what an interrupted run left behind is named by no signed header. Stops at the first
    commit of another epoch; missing some costs space, never evidence.
    """
    held: set[str] = set()
    for segment in newest_first:
        for stored in segment.objects:
            if epoch_in(stored.key) == epoch:
                held.update(_digests(store, stored.key))
        if any(epoch_in(stored.key) != epoch for stored in segment.objects):
            break
    return held


def _digests(store: Store, key: str) -> Iterator[str]:
    if not is_pack(key):
        yield digest_in(key)
        return
    try:
        yield from pack.index_of(store, key)
    except TamperedError:
        # Verify names it. Here it must not stop collection: its contents count as absent and are stored anew.
        return
