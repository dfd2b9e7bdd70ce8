"""The present state of an archive's schedule, from its newest commits: as many of them after a day as after years.

From the head backwards up to the newest schedule or claim; its basis (FORMAT.md) says what else there is to read.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive.reader import Reader
from collector.basis import basis_of, read_basis
from collector.ledger import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.archive.archive import Archive
    from collector.archive.segment import Segment
    from collector.basis import Basis
    from collector.ledger import Ledger

_OPENING = frozenset({"schedule", "claim"})
_STANDING = frozenset({"schedule", "evidence"})
_ALL = frozenset({"schedule", "claim", "missed", "evidence", "run"})
_KEPT = 64
"""How many commits are held in memory on the way back."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The ledger as far as it matters now, and where its leaves are."""

    ledger: Ledger
    firsts: list[int]
    """Index of the first leaf of each commit that was read."""
    sequences: list[int]
    """The numbers of these commits."""
    following: int
    """The number of the next commit."""

    @property
    def basis(self) -> Basis:
        """For a leaf that is written now."""
        return basis_of(self.ledger, self._commit, self.following)

    def _commit(self, leaf: int) -> int:
        return self.sequences[bisect_right(self.firsts, leaf) - 1]


def recent(archive: Archive) -> Recent:
    """The state at the head. ArchiveError when the log cannot be read; ValueError when a leaf is not as it must be."""
    read_already: dict[int, Segment] = {}
    for sequence in range(archive.head.sequence, -1, -1):
        segment = archive.commit(sequence)
        if segment is None:
            break
        if len(read_already) < _KEPT:
            read_already[sequence] = segment
        if basis := _basis_in(segment):
            wanted = [*basis.besides, *range(basis.since, archive.head.sequence + 1)]
            segments = [read_already.get(number) or archive.commit(number) for number in wanted]
            if None not in segments:
                return _of(archive, filter(None, segments), basis)
            break
    # No schedule yet, or a void: it takes the log from its beginning to tell one from damage.
    return _of(archive, Reader(archive.store).commits(), None)


def kept(archive: Archive) -> list[tuple[int, Mapping[str, Any]]]:
    """The evidence that stands without a slot, index and body of each leaf: what was attached, and what is derived."""
    return sorted(recent(archive).ledger.kept.values(), key=lambda one: one[0])


def _of(archive: Archive, segments: Iterable[Segment], basis: Basis | None) -> Recent:
    firsts: list[int] = []
    sequences: list[int] = []
    near: list[str] = []

    def leaves() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for segment in segments:
            firsts.append(segment.before.size)
            sequences.append(segment.sequence)
            near[:] = [stored.key for stored in segment.objects]
            kinds = _STANDING if basis and segment.sequence < basis.since else _ALL
            yield from _leaves(segment, kinds)

    def content(sha256: str) -> bytes:
        return Reader(archive.store, archive.places).content(sha256, near)

    ledger = read(leaves(), content, basis.settled if basis else None)
    return Recent(ledger, firsts, sequences, archive.head.sequence + 1)


def _basis_in(segment: Segment) -> Basis | None:
    """What the last schedule or claim in a commit says."""
    found = [read_basis(leaf) for _, leaf in _leaves(segment, _OPENING)]
    return found[-1] if found else None


def _leaves(segment: Segment, kinds: Iterable[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The leaves of these kinds. Canonical JSON spells a kind in one way, and most leaves are not worth decoding."""
    marks = [f'"kind":"{kind}"'.encode() for kind in kinds]
    for index, encoded in enumerate(segment.leaves, segment.before.size):
        if any(mark in encoded for mark in marks):
            yield index, canonical.decode(encoded)
