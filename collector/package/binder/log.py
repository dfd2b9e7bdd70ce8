"""The sealed log as a package reads it: every leaf, and the documents behind the evidence, each read once and checked.

A reference that leads nowhere is an ArchiveError that names it: a package is made whole or not at all.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from collector import canonical
from collector.archive.layout import LOG, sequences
from collector.errors import ArchiveError
from collector.normalise import timestamp
from collector.package.binder.remembered import Remembered
from collector.package.sealed import CompletenessLine, EvidenceBody, ExchangeLine, OutcomeBody, body, lines
from collector.period.narrowed import Log as Events

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.archive.reader import Leaf, Reader
    from collector.archive.store import Store

_KEPT = 64
"""How many documents are held at a time: snapshots mostly repeat, and those side by side are asked for together."""


@dataclass(frozen=True, slots=True)
class Version:
    """A record as one snapshot holds it: the line of its document, and the leaf that cites this."""

    leaf: int
    line: bytes
    row: Mapping[str, Any]

    @property
    def row_id(self) -> str:
        """Its stable name."""
        return str(self.row["row_id"])

    @property
    def sha256(self) -> str:
        """Of its line, with the line end."""
        return canonical.digest(self.line + b"\n")


class Log:
    """All leaves, and the documents that they cite."""

    def __init__(self, reader: Reader, store: Store) -> None:
        self.reader = Remembered(reader)
        self.store = store
        self.leaves: Sequence[Leaf] = self.reader.leaves()
        self._documents: OrderedDict[str, Any] = OrderedDict()

    @cached_property
    def pairs(self) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """Index and body of every leaf."""
        return [(leaf.index, leaf.body) for leaf in self.leaves]

    @cached_property
    def events(self) -> Events:
        """The providers' own logs, which narrow when something changed."""
        return Events(self.pairs, self.reader.content)

    @cached_property
    def evidence(self) -> Mapping[int, EvidenceBody]:
        """Every evidence leaf, by index."""
        return {leaf.index: body(leaf, EvidenceBody) for leaf in self.leaves if leaf.body["kind"] == "evidence"}

    @cached_property
    def outcomes(self) -> Mapping[str, Sequence[tuple[Leaf, OutcomeBody]]]:
        """The outcome leaves of each control, in the order of the log."""
        found: dict[str, list[tuple[Leaf, OutcomeBody]]] = {}
        for leaf in self.leaves:
            if leaf.body["kind"] == "outcome":
                found.setdefault(leaf.body["control"], []).append((leaf, body(leaf, OutcomeBody)))
        return found

    @cached_property
    def runs(self) -> Mapping[str, Leaf]:
        """The leaf that ends each run."""
        return {leaf.body["run"]: leaf for leaf in self.leaves if leaf.body["kind"] == "run"}

    @cached_property
    def known_until(self) -> datetime:
        """The newest moment that any leaf tells of; ArchiveError when no run has ended."""
        ends = [leaf.body["ended"] for leaf in self.runs.values()]
        ends += [said.assessed for found in self.outcomes.values() for _, said in found]
        if not ends:
            raise ArchiveError("no run is sealed in this archive yet; `collector snapshot` makes one")
        return max(datetime.fromisoformat(one) for one in ends).astimezone(UTC)

    @property
    def runs_end(self) -> str:
        """When the archive ends, RFC 3339."""
        return timestamp(self.known_until)

    @cached_property
    def tokens(self) -> Mapping[str, Sequence[int]]:
        """The commits that have a checkpoint, a token, or a witness's signature, by what these are called."""
        keys = list(self.store.list(LOG))
        return {suffix: sequences(keys, suffix) for suffix in ("ckpt", "tsr", "tsr2", "cosig")}

    @cached_property
    def signed(self) -> frozenset[int]:
        """The commits that have a checkpoint."""
        return frozenset(self.tokens["ckpt"])

    def run_of(self, leaf: int) -> Leaf:
        """The leaf that ends the run of an evidence leaf."""
        run = self.evidence[leaf].run
        if run not in self.runs:
            raise ArchiveError(f"leaf {leaf} belongs to run {run}, which no leaf ends")
        return self.runs[run]

    def rows(self, leaf: int) -> Mapping[str, Version]:
        """The records of an evidence leaf, by row_id; of one that came twice, the first."""
        said = self._said(leaf)
        held: Mapping[str, bytes] = self._kept(said.records.sha256, lambda: self._lines_of(leaf))
        return _Versions(leaf, held)

    def exchanges(self, leaf: int) -> Mapping[tuple[str, int], ExchangeLine]:
        """The requests of an evidence leaf and their answers, by request and page."""
        said = self._said(leaf)
        found: Mapping[tuple[str, int], ExchangeLine] = self._kept(
            f"exchanges {said.exchanges.sha256}",
            lambda: {
                (one.request, one.page): one
                for one in lines(self.reader, said.exchanges, ExchangeLine, f"leaf {leaf}: exchanges")
            },
        )
        return found

    def completeness(self, leaf: int) -> Sequence[CompletenessLine]:
        """The gaps and control totals of an evidence leaf."""
        said = self._said(leaf)
        found: Sequence[CompletenessLine] = self._kept(
            f"completeness {said.completeness.sha256}",
            lambda: lines(self.reader, said.completeness, CompletenessLine, f"leaf {leaf}: completeness"),
        )
        return found

    def _said(self, leaf: int) -> EvidenceBody:
        if leaf not in self.evidence:
            raise ArchiveError(f"leaf {leaf} is cited as evidence, and is none in this archive")
        return self.evidence[leaf]

    def _lines_of(self, leaf: int) -> dict[str, bytes]:
        said = self._said(leaf)
        found: dict[str, bytes] = {}
        decoder = msgspec.json.Decoder(_Named)
        count = 0
        for line in self.reader.content(said.records.sha256).splitlines():
            try:
                found.setdefault(decoder.decode(line).row_id, line)
            except msgspec.DecodeError as error:
                raise ArchiveError(f"leaf {leaf}: a line of its records is no record: {error}") from error
            count += 1
        if count != said.records.count:
            raise ArchiveError(f"leaf {leaf}: its records have {count} lines, and it says {said.records.count}")
        return found

    def _kept(self, name: str, make: Any) -> Any:  # noqa: ANN401 - documents of several shapes
        if name in self._documents:
            self._documents.move_to_end(name)
        else:
            self._documents[name] = make()
            if len(self._documents) > _KEPT:
                self._documents.popitem(last=False)
        return self._documents[name]


class _Named(msgspec.Struct):
    row_id: str


class _Versions(Mapping[str, Version]):
    """The lines of a document as records, decoded when they are asked for."""

    def __init__(self, leaf: int, held: Mapping[str, bytes]) -> None:
        self._leaf = leaf
        self._held = held

    def __getitem__(self, row_id: str) -> Version:
        line = self._held[row_id]
        return Version(self._leaf, line, canonical.decode(line))

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._held

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
