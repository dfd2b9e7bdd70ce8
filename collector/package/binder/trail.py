"""From a record of the package back to the sealed raw answer: leaf, commit, head, request, and the place inside it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.archive.layout import checkpoint_key, cosignature_key, segment_key, token_key
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.archive.reader import Leaf
    from collector.package.binder.answers import Answers
    from collector.package.binder.log import Log, Version
    from collector.package.sealed import EvidenceBody, ExchangeLine


@dataclass(frozen=True, slots=True)
class Origin:
    """One answer that a record was read from."""

    said: ExchangeLine
    path: str
    """Where inside it; empty: the whole of it."""
    body: str
    """SHA-256 of the raw answer."""
    place: str
    """Its file in the package."""
    object: str
    """The archive's object that holds it."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where in the log a leaf is, and what vouches for it."""

    leaf: Leaf
    segment: str
    checkpoint: str | None
    """The signed head after its commit."""
    token: str | None
    """The first time-stamp token over this head or a later one; None where there is none."""
    cosigned: str | None


@dataclass(frozen=True, slots=True)
class Trail:
    """A record, and all that it rests on."""

    version: Version
    said: EvidenceBody
    run: dict[str, Any]
    seal: Seal
    origins: Sequence[Origin]

    @property
    def fields(self) -> dict[str, Any]:
        """The columns of its table that the source gave."""
        own = {"table", "row_id", "source_id", "observed_at", "origins"}
        return {name: value for name, value in self.version.row.items() if name not in own and value is not None}


def trail(log: Log, answers: Answers, version: Version) -> Trail:
    """Follow a record; ArchiveError names the reference that leads nowhere."""
    asked = log.exchanges(version.leaf)
    where = f"leaf {version.leaf}, row {version.row_id}"
    origins = []
    for request, page, path in version.row["origins"]:
        said = asked.get((request, page))
        if said is None or said.body is None:
            raise ArchiveError(f"{where} was read from request {request} page {page}, of which no answer is there")
        origins.append(Origin(said, path, said.body, answers.answer(said.body), answers.located(said.body)))
    run = log.run_of(version.leaf).body
    return Trail(version, log.evidence[version.leaf], run, seal(log, version.leaf), origins)


def seal(log: Log, index: int) -> Seal:
    """Where the leaf with this index is sealed."""
    leaf = log.leaves[index]
    tokens = log.tokens
    stamped = [
        token_key(tokens[suffix][at], suffix)
        for suffix in ("tsr", "tsr2")
        if (at := bisect_left(tokens[suffix], leaf.sequence)) < len(tokens[suffix])
    ]
    witnessed = bisect_left(tokens["cosig"], leaf.sequence)
    return Seal(
        leaf,
        segment_key(leaf.sequence),
        checkpoint_key(leaf.sequence) if leaf.sequence in log.signed else None,
        min(stamped, default=None),
        cosignature_key(tokens["cosig"][witnessed]) if witnessed < len(tokens["cosig"]) else None,
    )
