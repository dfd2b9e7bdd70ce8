"""Seals the map of identities with the run, from the evidence that it and earlier runs have sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from collector import canonical, normalise, seal
from collector.archive.reader import Reader
from collector.identity import mapping
from collector.identity.gathered import gather
from collector.kept import IDENTITY_MAP
from collector.model import Cause, Content, Gap, Kind, Scope, Snapshot
from collector.records import AccessEvent, Account, AccountClaim, ExternalIdentity, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.archive.archive import Archive
    from collector.archive.staging import Staging
    from collector.connector import EvidenceType, Surroundings

    Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What the map of one run is made from."""

    own: Sequence[Body]
    """Evidence leaves of the run itself."""
    standing: Sequence[Body]
    """Those of earlier runs that stand."""
    types: Collection[EvidenceType]
    broken: Collection[tuple[str, Gap]]
    """Providers that could not be started, or that are not connected."""
    content: Callable[[str], bytes]
    """A sealed or staged document by its SHA-256."""
    narrowed: bool = False
    """Whether some scopes were left out on purpose."""


def derive(
    basis: Basis, origin: str, keep: Callable[[bytes], str], now: datetime, pseudonyms: str | None
) -> Snapshot | None:
    """The snapshot of the map; None where this run read nothing of accounts, or there is no people list."""
    lists = frozenset(one.id for one in basis.types if Account in one.yields)
    rosters = {one.id for one in basis.types if Person in one.yields}
    own = {(body["type"], body["provider"], body["unit"]) for body in basis.own}
    standing = [one for one in basis.standing if (one["type"], one["provider"], one["unit"]) not in own]
    before = next((body for body in standing if body["type"] == IDENTITY_MAP), None)
    used = [body for body in (*basis.own, *standing) if body["type"] != IDENTITY_MAP]
    logs = {one.id for one in basis.types if AccessEvent in one.yields}
    if not any(body["type"] in lists or body["type"] in logs for body in basis.own):
        return None
    found = gather(used, basis.content, lists)
    if not found.people and not any(body["type"] in rosters for body in used):
        return None
    past = (
        [canonical.decode(line) for line in basis.content(before["records"]["sha256"]).splitlines()] if before else []
    )
    scope = Scope("agent", origin)
    lines = [normalise.line(IDENTITY_MAP, scope, row) for row in mapping.rows(found, past, now)]
    document, doubles = normalise.document(IDENTITY_MAP, lines)
    people = [body for body in used if _holds(body, basis.content, "person") or body["type"] in rosters]
    links = {one.id for one in basis.types if {AccountClaim, ExternalIdentity} & {*one.yields}}
    rests = [*people, *(body for body in used if body["type"] in lists or body["type"] in links - rosters)]
    gaps = (*doubles, *_gaps(basis, lists, {id(body): body for body in rests}.values()))
    nothing = Content(keep(b""), 0)
    return Snapshot(
        evidence_type=IDENTITY_MAP,
        scope=scope,
        kind=Kind.CONFIGURATION,
        window=None,
        started_at=now,
        ended_at=now,
        caller=f"the collector itself, from {'; '.join(sorted({_told(body) for body in people}))}",
        records=Content(keep(document), document.count(b"\n")),
        exchanges=nothing,
        completeness=_kept(seal.completeness_document(gaps, ()), keep),
        gaps=gaps,
        totals=(),
        pseudonyms=pseudonyms,
    )


class Ordered(Protocol):
    """What a run knows beforehand that the map needs."""

    @property
    def standing(self) -> Sequence[tuple[int, Body]]:
        """Evidence of earlier runs that stands: index and body of each leaf."""

    @property
    def types(self) -> Sequence[EvidenceType]:
        """What this configuration collects."""

    @property
    def broken(self) -> Sequence[tuple[str, Gap]]:
        """Providers that are not connected, or could not be started."""

    @property
    def narrowed(self) -> bool:
        """Whether some scopes were left out on purpose."""


def beside(
    leaves: Sequence[Body], order: Ordered, archive: Archive, staging: Staging, around: Surroundings
) -> Snapshot | None:
    """The map that belongs beside these leaves of a run; None where there is nothing to make it from."""
    standing = [body for _, body in order.standing]
    content = _reading(archive, staging)
    basis = Basis(
        own=leaves, standing=standing, types=order.types, broken=order.broken, content=content, narrowed=order.narrowed
    )
    return derive(basis, archive.origin, staging.put, around.clock(), around.people.mark)


def _reading(archive: Archive, staging: Staging) -> Callable[[str], bytes]:
    """Gives a document by its digest: of this run, or one that the archive holds."""
    reader = Reader(archive.store, archive.places)

    def content(sha256: str) -> bytes:
        staged = staging.content(sha256)
        return reader.content(sha256) if staged is None else staged

    return content


def _gaps(basis: Basis, lists: frozenset[str], used: Collection[Body]) -> Iterator[Gap]:
    """Whatever the map rests on and that is not whole: an account that was not read is not "no account"."""
    for body in used:
        if not body["complete"]:
            cause = next(iter(sorted(body["gaps"])), Cause.TRUNCATED.value)
            subject = f"{body['type']} in {body['provider']} {body['unit']}"
            yield Gap(Cause(cause), subject, "the map rests on it, and it was not read whole")
    there = {(body["type"], body["provider"]) for body in used}
    for one in basis.types:
        if one.id in lists and (one.id, one.provider) not in there:
            yield Gap(Cause.UNAVAILABLE, one.id, "the map rests on it, and it was not collected")
    if basis.narrowed:
        yield Gap(Cause.NOT_CONFIGURED, "scopes left out", "the run was narrowed: accounts elsewhere were not read")
    for provider, gap in basis.broken:
        yield Gap(gap.cause, f"the accounts of {provider}", gap.detail)


def _holds(body: Body, content: Callable[[str], bytes], table: str) -> bool:
    return body["type_kind"] == Kind.RECORD and f'"table":"{table}"'.encode() in content(body["records"]["sha256"])


def _told(body: Body) -> str:
    return f"{body['type']}, {body['caller']}"


def _kept(document: bytes, keep: Callable[[bytes], str]) -> Content:
    return Content(keep(document), document.count(b"\n"))
