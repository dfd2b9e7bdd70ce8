"""From a name an auditor holds (evidence type, leaf, row, hash) to what is sealed under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.errors import TamperedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from collector.archive.reader import Leaf, Reader


@dataclass(frozen=True, slots=True)
class Sealed:
    """One snapshot as it is in the archive, with the leaf that cites it and the leaf of its run."""

    leaf: Leaf
    run: dict[str, Any]
    exchanges: list[dict[str, Any]]
    completeness: list[dict[str, Any]]

    @property
    def gaps(self) -> list[dict[str, Any]]:
        """What could not be read."""
        return [line["gap"] for line in self.completeness if "gap" in line]

    @property
    def totals(self) -> list[dict[str, Any]]:
        """The control totals."""
        return [line["total"] for line in self.completeness if "total" in line]


def lines(reader: Reader, cited: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of a document that a leaf cites as `{"sha256": …, "count": …}`."""
    return [canonical.decode(line) for line in reader.content(cited["sha256"]).splitlines()]


def sealed(reader: Reader, leaf: Leaf, leaves: Iterable[Leaf]) -> Sealed:
    """Everything about the snapshot of an evidence leaf but its records."""
    run = next((one.body for one in leaves if one.body["kind"] == "run" and one.body["run"] == leaf.body["run"]), None)
    if run is None:
        raise TamperedError(f"leaf {leaf.index} belongs to run {leaf.body['run']}, which no leaf ends")
    return Sealed(leaf, run, lines(reader, leaf.body["exchanges"]), lines(reader, leaf.body["completeness"]))


def newest_run(leaves: Iterable[Leaf]) -> str:
    """The id of the run that ended last; UsageError when there is none yet."""
    runs = [leaf.body["run"] for leaf in leaves if leaf.body["kind"] == "run"]
    if not runs:
        raise UsageError("no run is sealed in this archive yet; `collector snapshot` makes one")
    return str(runs[-1])


def evidence_of(leaves: Iterable[Leaf], runs: Collection[str]) -> list[Leaf]:
    """The evidence leaves of these runs, in the order of the log."""
    return [leaf for leaf in leaves if leaf.body["kind"] == "evidence" and leaf.body["run"] in runs]


def with_shards(leaves: Iterable[Leaf], run: str) -> list[str]:
    """The runs whose evidence a run is about: itself, and the shards it judged. Empty when no leaf ends it."""
    ends = (leaf.body for leaf in leaves if leaf.body["kind"] == "run" and leaf.body["run"] == run)
    return [name for end in ends for name in (run, *end.get("shards", ()))]


def newest(leaves: Iterable[Leaf], evidence_type: str) -> list[Leaf]:
    """The newest evidence leaf of a type in each scope."""
    latest: dict[tuple[str, str], Leaf] = {}
    for leaf in leaves:
        if leaf.body["kind"] == "evidence" and leaf.body["type"] == evidence_type:
            latest[leaf.body["provider"], leaf.body["unit"]] = leaf
    return [latest[scope] for scope in sorted(latest)]


def rows(reader: Reader, leaves: Iterable[Leaf], row_id: str) -> Iterator[tuple[Leaf, dict[str, Any]]]:
    """Every snapshot that holds the row, newest first, with the row as it was then."""
    wanted = row_id.encode()
    for leaf in sorted(leaves, key=lambda leaf: -leaf.index):
        if leaf.body["kind"] == "evidence":
            for line in reader.content(leaf.body["records"]["sha256"]).splitlines():
                if wanted in line and (row := canonical.decode(line))["row_id"] == row_id:
                    yield leaf, row
