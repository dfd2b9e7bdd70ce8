"""Consistency proofs up to a commit from any earlier head of its log, made from the segments in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.layout import segment_key
from collector.archive.merkle import leaf_hash
from collector.archive.proofs import growth_proof
from collector.archive.segment import decode
from collector.errors import TamperedError

if TYPE_CHECKING:
    from collector.archive.segment import Segment
    from collector.archive.store import Store


def proof_to(store: Store, sequence: int, old_size: int) -> list[bytes] | None:
    """The hashes that lead from the tree of `old_size` leaves to the tree after commit `sequence`.

    None when the log had no head of that size up to this commit. Segments are read backwards, and only as far as the
    old head: its frontier stands in the header of the commit that follows it. Their signatures are not checked; a proof
    from wrong leaves leads to another root, which whoever asked for it will see. TamperedError: one cannot be read.
    """
    if old_size == 0:
        return []
    segment = _segment(store, sequence)
    if old_size == segment.before.size + len(segment.leaves):
        return []
    added = [segment.leaves]
    while segment.before.size > old_size:
        segment = _segment(store, segment.sequence - 1)
        added.append(segment.leaves)
    if segment.before.size < old_size:
        return None
    return growth_proof(segment.before, [leaf_hash(leaf) for leaves in reversed(added) for leaf in leaves])


def _segment(store: Store, sequence: int) -> Segment:
    key = segment_key(sequence)
    try:
        segment = decode(store.get(key) or b"").segment
    except ValueError as error:
        raise TamperedError(f"{key} is not as the collector wrote it: {error}") from error
    if segment.sequence != sequence:
        raise TamperedError(f"{key} holds commit {segment.sequence}: segments were swapped")
    return segment
