"""What the log says of the contents, beside what the stored objects hold: one line for each, however many there are.

All of it lies in spills, so a verification needs the same memory for an archive of a day and of ten years.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, NamedTuple, Self

from collector.archive.spill import PARTITIONS, Spill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.citations import Cited

_DIGEST_LENGTH = 32
_UNSAID = -(2**63)
"""What stands for "no number of lines is stated"."""
_REMEMBERED = 50_000


class Broken(NamedTuple):
    """A citation that does not hold, and the commit that makes it.

    `lines` and `counted`: how many lines the content is said to have and has; None where it is not there at all.
    `exchanges`: the list of exchanges that cites it, None where a leaf does.
    """

    sequence: int
    digest: bytes
    lines: int | None = None
    counted: int | None = None
    exchanges: bytes | None = None


class Ledger:
    """To be used in a `with` block; the citations of all commits go in before the first content."""

    def __init__(self) -> None:
        self.contents = 0
        """How many distinct contents were found; known after `broken`."""
        self.length = 0
        """Their lengths together, in bytes before compression; known after `broken`."""
        self._open = ExitStack()
        self._cited = self._open.enter_context(Spill("<32sQq?"))
        self._found = self._open.enter_context(Spill("<32sIqQ?"))
        self._bodies = self._open.enter_context(Spill("<32s32sQ"))
        self._lists = self._open.enter_context(TemporaryFile())  # noqa: SIM115 - closed with the rest
        self._lists_of: dict[int, tuple[int, int]] = {}
        """Commit -> where in `_lists` the digests of the lists it cites begin, and how many bytes they are."""
        self._recent: set[Cited] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def cite(self, sequence: int, cited: set[Cited]) -> None:
        """Note what the leaves of a commit cite."""
        # Most leaves say of most contents what the commit before said; once is enough.
        cited = cited - self._recent
        if len(self._recent) > _REMEMBERED:
            self._recent.clear()
        self._recent |= cited
        for digest, exchanges, lines in cited:
            self._cited.add(bytes.fromhex(digest), sequence, _UNSAID if lines is None else lines, exchanges)
        lists = b"".join(sorted({bytes.fromhex(digest) for digest, exchanges, _ in cited if exchanges}))
        if lists:
            start = self._lists.seek(0, os.SEEK_END)
            self._lists.write(lists)
            before = self._lists_of.get(sequence, (start, 0))
            self._lists_of[sequence] = (before[0], before[1] + len(lists))

    def lists_of(self, sequence: int) -> set[bytes]:
        """The lists of exchanges that a commit is the first to cite; they are most often among what it brought."""
        start, length = self._lists_of.get(sequence, (0, 0))
        self._lists.seek(start)
        lists = self._lists.read(length)
        return {lists[at : at + _DIGEST_LENGTH] for at in range(0, length, _DIGEST_LENGTH)}

    def find(self, digest: bytes, place: int, lines: int, length: int, *, listed: bool) -> None:
        """Note a content that is there: in which stored object, its lines and bytes, whether it was read as a list."""
        self._found.add(digest, place, lines, length, listed)

    def body(self, digest: bytes, exchanges: bytes, sequence: int) -> None:
        """Note that a list of exchanges, which a commit cites, cites a body."""
        self._bodies.add(digest, exchanges, sequence)

    def unread_lists(self) -> dict[int, dict[bytes, int]]:
        """Stored object -> each list of exchanges in it that was not read as one, and the commit that cites it."""
        unread: dict[int, dict[bytes, int]] = {}
        for first in PARTITIONS:
            lists: dict[bytes, int] = {}
            for digest, sequence, _, exchanges in self._cited.partition(first):
                if exchanges:
                    lists.setdefault(digest, sequence)
            read = {digest for digest, _, _, _, listed in self._found.partition(first) if listed}
            for digest, place, _, _, _ in self._found.partition(first):
                if digest in lists and digest not in read:
                    unread.setdefault(place, {})[digest] = lists[digest]
                    read.add(digest)
        return unread

    def broken(self) -> Iterator[Broken]:
        """Every citation that does not hold, once for each content and each wrong number of lines."""
        self.contents = self.length = 0
        for first in PARTITIONS:
            found = {digest: (lines, length) for digest, _, lines, length, _ in self._found.partition(first)}
            self.contents += len(found)
            self.length += sum(length for _, length in found.values())
            told = set()
            for digest, sequence, said, _ in self._cited.partition(first):
                lines, _ = found.get(digest, (None, 0))
                wrong = (digest, None if lines is None else said)
                if (lines is not None and said in (lines, _UNSAID)) or wrong in told:
                    continue
                told.add(wrong)
                yield Broken(sequence, digest) if lines is None else Broken(sequence, digest, said, lines)
            for digest, exchanges, sequence in self._bodies.partition(first):
                if digest not in found and (digest, exchanges) not in told:
                    told.add((digest, exchanges))
                    yield Broken(sequence, digest, exchanges=exchanges)
