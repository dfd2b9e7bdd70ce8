"""The checkpoint of a commit, and the change of keys that the commit may make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.checkpoint import Checkpoint
from collector.archive.keyring import LOG, changes_in
from collector.archive.layout import checkpoint_key
from collector.archive.notes import cosigned, open_note
from collector.archive.segment import StoredObject
from collector.errors import ForkError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.keys import Keys
    from collector.archive.merkle import Tree
    from collector.archive.notes import VerifierKey
    from collector.archive.segment import Segment
    from collector.archive.store import Store


def sealed(store: Store, keys: Keys, segment: Segment, after: Tree, *, look: bool) -> tuple[StoredObject, Keys]:
    """See that a stored segment has its checkpoint, over the tree `after` it; the keys for the commits that follow.

    With `look`, one that is there already is taken, and nothing is signed. A new key of the log signs beside the old
    one, which shows that somebody holds it. ArchiveError for a change to a key that is not here, before anything is
    signed for it: a thief of the collector's key alone gets no further than the segment.
    """
    following = keys.after(changes_in(segment.leaves), segment.sequence)
    signers = {one.log.verifier_key: one.log for one in (keys, following)}
    needed = dict.fromkeys(following.ring.key(LOG, sequence) for sequence in (segment.sequence, segment.sequence + 1))
    key, text = checkpoint_key(segment.sequence), Checkpoint(keys.origin, after.size, after.root()).text()
    stored = store.get(key) if look else None
    if stored is None:
        if replaced := [one for one in needed if one not in signers]:
            raise TamperedError(f"{key} is missing, and {replaced[0]}, which signed it, was replaced since")
        # After its place in the log is certain: a writer that lost a race has signed no head.
        stored = cosigned([signers[one].sign(text) for one in needed])
        if not store.put_if_absent(key, stored):
            stored = store.get(key) or b""
    _check(key, stored, text, needed)
    return StoredObject(key, canonical.digest(stored)), keys if following is keys else following.keep()


def _check(key: str, stored: bytes, text: str, needed: Iterable[VerifierKey]) -> None:
    try:
        there = {open_note(stored, one) for one in needed}
    except ValueError as error:
        raise TamperedError(f"{key} is not the checkpoint that was written there: {error}") from error
    if there != {text}:
        raise ForkError(
            f"{key} is signed for another tree than the segments make: two histories of one log; "
            "keep both, write nothing more, and run verify"
        )
