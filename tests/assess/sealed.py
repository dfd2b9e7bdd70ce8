"""Sealed evidence made from records, by the product's own normalising and sealing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical, normalise, seal
from collector.assess.completeness import Evidence, provider_of
from collector.assess.controls import load_controls, with_parameters
from collector.assess.judge import Assessment, assess
from collector.assess.tables import loaded
from collector.model import Content, Gap, Kind, Scope, Snapshot, Total, Verdict, Window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.assess.controls import Control
    from collector.records import Record

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
UNIT = "111111111111"
OTHER = "222222222222"
ESTATE = frozenset({"aws.org.accounts", "aws.sso.assignments"})
POPULATIONS = {
    "aws.cloudtrail.root_and_console": 90,
    "aws.backup.jobs": 30,
    "aws.backup.restore_jobs": 30,
    "aws.alerting.history": 14,
    "aws.guardduty.findings": 90,
    "gws.audit.sharing": 180,
    "github.pulls.merged": 365,
    "github.commits.default": 365,
    "github.deployments": 365,
    "github.rule_suites.bypass": 30,
    "github.audit.overrides": 180,
    "github.issues.requests": 365,
    "entra.sign_ins": 30,
    "github.audit.membership": 180,
    "aws.cloudtrail.iam_events": 90,
    "okta.log.lifecycle": 90,
    "okta.log.admin": 90,
    "okta.log.access": 90,
    "entra.directory_audits": 30,
    "entra.risk_detections": 90,
    "gws.audit.admin": 180,
    "gws.alerts": 180,
}
CONTROLS = {control.id: control for control in load_controls()}


def ago(*, days: float = 0, hours: float = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


class Sealed:
    """Snapshots of one run, and their documents by digest."""

    def __init__(self) -> None:
        self.evidence: list[Evidence] = []
        self.documents: dict[str, bytes] = {}

    def content(self, sha256: str) -> bytes:
        return self.documents[sha256]

    def add(
        self,
        evidence_type: str,
        records: Sequence[Record] = (),
        *,
        unit: str = UNIT,
        gaps: tuple[Gap, ...] = (),
        totals: tuple[Total, ...] = (),
        lines: Sequence[bytes] = (),
    ) -> None:
        scope = Scope(evidence_type.partition(".")[0], unit, f"name of {unit}")
        document, doubles = normalise.document(
            evidence_type,
            [normalise.line(evidence_type, scope, record, estate=evidence_type in ESTATE) for record in records],
        )
        gaps = (*gaps, *doubles)
        days = POPULATIONS.get(evidence_type)
        snapshot = Snapshot(
            evidence_type=evidence_type,
            scope=scope,
            kind=_kind(evidence_type, days),
            window=Window(ago(days=days), NOW) if days else None,
            started_at=ago(hours=0.1),
            ended_at=NOW,
            caller="arn:aws:iam::111111111111:role/collector",
            records=self._kept(document + b"".join(lines)),
            exchanges=self._kept(b""),
            completeness=self._kept(seal.completeness_document(gaps, totals)),
            gaps=gaps,
            totals=totals,
        )
        leaf = seal.evidence_leaf(snapshot, "20261120T060000Z-abcd0123")
        self.evidence.append(Evidence(len(self.evidence), leaf))

    def fill(self, control: Control, units: Sequence[str] = (UNIT,), providers: frozenset[str] | None = None) -> None:
        """Whole and empty snapshots of everything the control needs and that was not added.

        Of these providers; else of those that something was added of; where nothing was, of the first it names.
        """
        providers = providers or frozenset(
            {one.scope[0] for one in self.evidence} or {provider_of(control.evidence[0])}
        )
        for unit in units:
            for needed in (one for one in control.evidence if provider_of(one) in providers):
                present = {one.scope[1] for one in self.evidence if one.type == needed}
                if unit not in present and not (needed in ESTATE and present):
                    self.add(needed, unit=unit)

    def judge(
        self,
        *controls: Control,
        unreachable: Sequence[tuple[str, Gap]] = (),
    ) -> list[Assessment]:
        return list(assess(controls, self.evidence, self.content, unreachable, ESTATE))

    def tables(self, *queries: str) -> list[list[Any]]:
        """The first cell of the answer to each query over the loaded tables; in a list, to be taken apart."""
        with loaded(self.evidence, self.content, ESTATE) as tables:
            return [[(tables.connection.execute(one).fetchone() or (None,))[0] for one in queries]]

    def _kept(self, document: bytes) -> Content:
        digest = canonical.digest(document)
        self.documents[digest] = document
        return Content(digest, document.count(b"\n"))


def _kind(evidence_type: str, days: int | None) -> Kind:
    if evidence_type.startswith(("hris.", "records.")):
        return Kind.RECORD
    return Kind.POPULATION if days else Kind.CONFIGURATION


def judged(
    control: str, records: Mapping[str, Sequence[Record]], parameters: Mapping[str, Any] | None = None
) -> dict[str, tuple[Verdict, str]]:
    """What a control's own rule says of each item of one scope whose evidence is whole, and why."""
    rule = with_parameters([CONTROLS[control]], {control: parameters or {}})[0]
    sealed = Sealed()
    for evidence_type, some in records.items():
        sealed.add(evidence_type, some)
    # Those it was given something of; a rule that was given nothing, its first one.
    sealed.fill(rule, providers=frozenset(name.partition(".")[0] for name in (*records, *rule.evidence[: not records])))
    (assessment,) = sealed.judge(rule)
    parts = {f"part: {one.part}" for one in rule.header.unseen}
    found = {one.item: one for one in assessment.outcomes}
    assert "the rule itself" not in found, found["the rule itself"].because
    assert parts <= found.keys()
    return {item: (one.outcome, one.because) for item, one in found.items() if item not in parts}


def verdicts(
    control: str, records: Mapping[str, Sequence[Record]], parameters: Mapping[str, Any] | None = None
) -> dict[str, str]:
    """The same without the reasons."""
    return {item: verdict.value for item, (verdict, _) in judged(control, records, parameters).items()}
