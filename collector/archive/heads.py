"""An earlier head, in the forms in which one is handed round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.checkpoint import Checkpoint
from collector.archive.layout import LOG, segment_key, sequences
from collector.archive.notes import VerifierKey, open_note
from collector.archive.pin import Head
from collector.archive.segment import decode

if TYPE_CHECKING:
    from collector.archive.store import Store


def head_of(store: Store, text: bytes, log_vkey: str) -> Head:
    """The head in `text`: JSON, or a checkpoint signed by the log's key. ValueError when it is neither.

    A checkpoint tells no commit number. It is looked up in the archive by its number of leaves, which is the header's
    word; that the commit makes the checkpoint's tree is for the verification to see. An archive too short for it
    gets the number after its last, so that this commit is missing.
    """
    if text.lstrip().startswith(b"{"):
        return Head.decode(text)
    checkpoint = Checkpoint.parse(open_note(text, VerifierKey.parse(log_vkey)))
    present = sequences(store.list(LOG), "seg")
    low, high = 0, len(present)
    # The first commit after which the log has that many leaves.
    while low < high:
        middle = (low + high) // 2
        if _size_after(store, present[middle]) < checkpoint.size:
            low = middle + 1
        else:
            high = middle
    sequence = present[low] if low < len(present) else present[-1] + 1 if present else 0
    return Head(sequence, checkpoint.size, checkpoint.root)


def _size_after(store: Store, sequence: int) -> int:
    segment = decode(store.get(segment_key(sequence)) or b"").segment
    return segment.before.size + len(segment.leaves)
