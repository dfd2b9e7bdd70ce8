"""Writes a small sealed archive through the real functions, leaf by leaf."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical, normalise, seal
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.assess import outcomes
from collector.model import Content, Exchange, Gap, Kind, Scope, Snapshot, Total, Window
from collector.package.facts import Description, Facts, Verification

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from collector.assess.outcomes import Outcome
    from collector.records import Record

RUN = "2026-11-23T050000Z-7c1e"
START = datetime(2026, 11, 23, 5, 0, 0, tzinfo=UTC)
PRODUCTION = Scope("aws", "111111111111", "production")
STAGING = Scope("aws", "222222222222", "staging")
HOSTILE = "<script>alert('x')</script>&\"><img src=x onerror=alert(1)>"
CALLER = "arn:aws:sts::{}:assumed-role/evidence-reader/evidence-collector"

USERS, EXPOSURE, TRAILS, JOBS, PLANS = (
    "aws.iam.users", "aws.ec2.exposure", "aws.cloudtrail.trails", "aws.backup.jobs", "aws.backup.plans",
)  # fmt: skip


@dataclass
class Reading:
    """One snapshot in the making."""

    evidence: str
    scope: Scope
    kind: Kind = Kind.CONFIGURATION
    window: Window | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)

    def row_id(self, record: Record) -> str:
        return normalise.row_id(self.evidence, self.scope, record.table, record.key)


@dataclass
class Making:
    """Puts contents and collects leaves; a test may change any of it before `commit`."""

    archive: Archive
    contents: dict[str, bytes] = field(default_factory=dict)
    leaves: list[dict[str, Any]] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    dropped: set[str] = field(default_factory=set)

    def keep(self, content: bytes) -> str:
        digest = canonical.digest(content)
        self.contents[digest] = content
        return digest

    def document(self, content: bytes) -> Content:
        return Content(self.keep(content), content.count(b"\n"))

    def index(self, evidence: str, scope: Scope) -> int:
        """Where the leaf of a snapshot will be: the genesis takes place 0."""
        (place,) = (
            number
            for number, snapshot in enumerate(self.snapshots)
            if (snapshot.evidence_type, snapshot.scope) == (evidence, scope)
        )
        return self.archive.head.size + place

    def ask(self, reading: Reading, operation: str, answer: bytes | None, **known: Any) -> Exchange:
        parameters: dict[str, Any] = known.get("parameters", {})
        place: str = known.get("place", "eu-west-1")
        page: int = known.get("page", 1)
        at = START + timedelta(seconds=len(reading.exchanges) * 2 + 1, microseconds=120_000)
        exchange = Exchange(
            request=canonical.digest(canonical.encode([operation, place, parameters]))[:16],
            page=page,
            operation=operation,
            place=place,
            parameters=parameters,
            caller=CALLER.format(reading.scope.unit_id),
            started_at=at,
            ended_at=at + timedelta(milliseconds=340),
            attempts=known.get("attempts", 1),
            status=known.get("status", 200),
            error=known.get("error"),
            request_id=f"5f0c{len(reading.exchanges):04d}-{page}" if answer is not None else None,
            server_date=at.replace(microsecond=0) if answer is not None else None,
            body=self.keep(answer) if answer is not None else None,
        )
        reading.exchanges.append(exchange)
        return exchange

    def add(self, reading: Reading) -> Reading:
        rows = [normalise.line(reading.evidence, reading.scope, record) for record in reading.records]
        records, doubles = normalise.document(reading.evidence, rows)
        gaps, totals = (*reading.gaps, *doubles), tuple(reading.totals)
        snapshot = Snapshot(
            evidence_type=reading.evidence,
            scope=reading.scope,
            kind=reading.kind,
            window=reading.window,
            started_at=START,
            ended_at=START + timedelta(seconds=2 * len(reading.exchanges) + 3),
            caller=CALLER.format(reading.scope.unit_id),
            records=self.document(records),
            exchanges=self.document(seal.exchanges_document(reading.exchanges)),
            completeness=self.document(seal.completeness_document(gaps, totals)),
            gaps=gaps,
            totals=totals,
        )
        self.snapshots.append(snapshot)
        self.leaves.append(seal.evidence_leaf(snapshot, RUN))
        return reading

    def judge(
        self,
        control: str,
        rule: str,
        found: Iterable[Outcome],
        evidence: Sequence[int],
        parameters: dict[str, Any] | None = None,
    ) -> None:
        listed = list(found)
        self.leaves.append(
            seal.outcome_leaf(
                RUN,
                control=control,
                assessed=START + timedelta(minutes=2),
                rule=self.document(rule.encode()),
                parameters=parameters or {},
                outcomes=self.document(outcomes.document(listed)),
                counts={verdict.value: count for verdict, count in outcomes.counts(listed).items()},
                evidence=evidence,
            )
        )

    def commit(self, gaps: Sequence[Gap] = ()) -> None:
        self.leaves.append(
            seal.run_leaf(
                RUN,
                mode="snapshot",
                started=START,
                ended=START + timedelta(minutes=3),
                expected=len(self.snapshots),
                snapshots=self.snapshots,
                gaps=gaps,
                configuration=self.document(b'{"archive":{"path":"./evidence"},"aws":{"role":"evidence-reader"}}\n'),
                version="0.1.0",
                code="b2" * 32,
            )
        )
        with self.archive.stage(START) as staging:
            for digest, content in self.contents.items():
                if digest not in self.dropped:
                    staging.put(content)
            self.archive.append(self.leaves, staging)


def begin(folder: Path) -> tuple[Making, Reader]:
    """An empty archive, and its reader."""
    store = LocalStore(folder / "evidence")
    keys = Keys.create(folder / "evidence.keys", "example.com/evidence")
    return Making(Archive.create(store, keys, START - timedelta(days=1))), Reader(store)


def facts(making: Making, **changed: Any) -> Facts:
    known: dict[str, Any] = {
        "generated": START + timedelta(hours=4),
        "generator": "0.1.0",
        "organisation": "Example Payments Ltd",
        "origin": making.archive.origin,
        "size": making.archive.head.size,
        "root": making.archive.head.root.hex(),
        "verification": Verification(
            sound=True,
            key="example.com/evidence+3f1c0a2b+AQ2w6mDkJxq5n3rV1yQ0h8s4f7b9c2d5e6a1k3m8p0tz",
            notes=("No earlier head was given: commits cut off the end of this copy cannot be seen.",),
        ),
        "lock": "No WORM: a local directory. Whoever owns it can replace it as a whole; "
        "what stands against that are the signatures, and heads that others hold.",
        "descriptions": {
            USERS: Description("Every IAM user of the account", "With its password, second factor and last use."),
            EXPOSURE: Description("What the internet can reach", "Every instance, with the ports open to anywhere."),
            TRAILS: Description("Every CloudTrail trail that records the account"),
            JOBS: Description("Every backup job of the window", "Failed and running ones too."),
        },
    }
    return Facts(**(known | changed))


RULE = """/*
id = "{id}"
title = "{title}"
statement = "{statement}"
criteria = {criteria}
frequency = "continuous"
nature = "automated"
severity = "{severity}"
deviation_unit = "{unit}"
evidence = {evidence}
{decisions}
[maps]
iso27001_2022 = ["A.8.5"]
hipaa = ["164.312(d)"]
gdpr = ["Art. 32"]
eu_ai_act = []
{more}
*/

SELECT provider, scope_unit, login AS item,
       CASE WHEN mfa_enrolled THEN 'pass' WHEN mfa_enrolled IS NULL THEN 'cannot_tell' ELSE 'deviation' END AS outcome,
       CASE WHEN mfa_enrolled THEN 'a second factor is enrolled' ELSE 'no second factor is enrolled' END AS because,
       [row_id] AS rows
FROM account
WHERE kind = 'human' AND status = 'active'
ORDER BY item;
"""


def rule(control: str, title: str, statement: str, evidence: Sequence[str], **known: Any) -> str:
    return RULE.format(
        id=control,
        title=title,
        statement=statement,
        criteria=json.dumps(known.get("criteria", ["CC6.1"])),
        severity=known.get("severity", "high"),
        unit=known.get("unit", "one item, per day"),
        evidence=json.dumps(list(evidence)),
        decisions=f"decisions = {json.dumps(known.get('decisions', []))}",
        more=known.get("more", ""),
    )
