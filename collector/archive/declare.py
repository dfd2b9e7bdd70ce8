"""The question before a writer takes an object for a void: does the log say that something else stood there.

Whoever can change objects could otherwise damage a commit and have the next writer sign it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive import void
from collector.archive.checkpoint import Checkpoint, signed_text
from collector.archive.layout import LOG, checkpoint_key, segment_key, sequences
from collector.errors import ArchiveError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.archive.notes import VerifierKey
    from collector.archive.store import Store
    from collector.archive.void import Commit


class VoidCheck:
    """Looks at a void's checkpoint and at what lies behind it; `read` gives the commit with a number."""

    def __init__(self, store: Store, read: Callable[[int], Commit]) -> None:
        self._store = store
        self._read = read
        self._unsigned_to = -1

    def check(self, commit: Commit, log: VerifierKey) -> None:
        """TamperedError when the log's signatures contradict the void; ArchiveError when two readings differ.

        `log` is the log's key in force.
        """
        sequence, tree = commit.segment.sequence, commit.segment.after()
        if void.leaf(sequence, self._store.get(segment_key(sequence)) or b"") != commit.segment.leaves[0]:
            raise ArchiveError(f"{segment_key(sequence)} reads differently each time; mend the way to {self._store}")
        # The list before the checkpoint: a rival may at this moment confirm the void and go on behind it.
        keys = list(self._store.list(LOG))
        confirmed = signed_text(self._store, sequence, log)
        if confirmed is None and (later := self._signed_after(sequence, keys)):
            raise TamperedError(f"{commit.problem}; and {later} was written after it, without a checkpoint between")
        if confirmed not in (None, Checkpoint(log.name, tree.size, tree.root()).text()):
            raise TamperedError(f"{commit.problem}; and its checkpoint is for another tree than a void would make")

    def _signed_after(self, sequence: int, keys: Iterable[str]) -> str:
        """The name of an object of this log behind a commit; empty when there is none.

        A writer puts a void's checkpoint before anything after it, so while that is missing, only strangers' objects
        may follow. What was found to be theirs is not read again for the next void.
        """
        keys = list(keys)
        if later := [sealed for sealed in sequences(keys, "ckpt") if sealed > sequence]:
            return checkpoint_key(later[0])
        for number in sequences(keys, "seg"):
            if number > max(sequence, self._unsigned_to):
                if not self._read(number).void:
                    return segment_key(number)
                self._unsigned_to = number
        return ""
