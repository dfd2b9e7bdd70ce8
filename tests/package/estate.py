"""What the sealed archive holds: two accounts, and every kind of trouble."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector import canonical
from collector.answer import Answer
from collector.assess.outcomes import Outcome
from collector.model import Cause, Gap, Kind, Origin, Scope, Total, Verdict, Window
from collector.records import Account, BackupJob, LogSource, Resource

from .making import (
    EXPOSURE,
    HOSTILE,
    JOBS,
    PLANS,
    PRODUCTION,
    RUN,
    STAGING,
    START,
    TRAILS,
    USERS,
    Making,
    Reading,
    begin,
    facts,
    rule,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.archive.reader import Reader

__all__ = [
    "EXPOSURE",
    "HOSTILE",
    "JOBS",
    "PLANS",
    "PRODUCTION",
    "RUN",
    "STAGING",
    "START",
    "TRAILS",
    "USERS",
    "Making",
    "Reading",
    "begin",
    "facts",
    "rule",
]


def users(making: Making, scope: Scope, people: int, *, hostile: str = HOSTILE) -> Reading:
    """People of one account, on two pages; every seventh has no second factor, and the last one a hostile name."""
    reading = Reading(USERS, scope)
    per_page = (people + 1) // 2
    names = [f"{('ana', 'bruno', 'chen', 'divya', 'emeka', 'freya', 'goran')[n % 7]}.{n:03d}" for n in range(people)]
    names[-1] = hostile or names[-1]
    for page, start in enumerate(range(0, people, per_page), 1):
        members = names[start : start + per_page]
        text = "".join(f"<member><UserName>{n.replace('<', '&lt;')}</UserName></member>" for n in members)
        body = f'<?xml version="1.0"?><ListUsersResponse page="{page}" of="{scope.unit_id}">{text}</ListUsersResponse>'
        asked = making.ask(reading, "iam:ListUsers", body.encode(), place="us-east-1", page=page,
                           parameters={"PathPrefix": "/"})  # fmt: skip
        for place, name in enumerate(members):
            number = start + place
            reading.records.append(
                Account(
                    key=f"arn:aws:iam::{scope.unit_id}:user/{name}",
                    seen=[Answer({}, Origin(asked.request, page, f"Users[{place}]"))],
                    account_id=f"AIDA{number:08d}",
                    name=name,
                    kind="service" if number % 11 == 10 else "human",
                    status="active",
                    privileged=number % 5 == 0,
                    mfa_enrolled=number % 7 != 3,
                    created_at=START - timedelta(days=400 - number % 300),
                    last_login_at=START - timedelta(hours=number) if number % 3 else None,
                )
            )
    reading.totals.append(Total("users, against the account summary", people, people))
    return making.add(reading)


def judged_users(reading: Reading) -> list[Outcome]:
    found = []
    for record in reading.records:
        assert isinstance(record, Account)
        assert record.name is not None
        verdict, because = (
            (Verdict.NOT_APPLICABLE, "a service's user, which has no password")
            if record.kind == "service"
            else (Verdict.PASS, "a second factor is enrolled")
            if record.mfa_enrolled
            else (Verdict.DEVIATION, "signs in with a password and has no second factor enrolled")
        )
        found.append(
            Outcome(
                item=record.name,
                provider="aws",
                unit=reading.scope.unit_id,
                outcome=verdict,
                seen=verdict,
                because=because,
                rows=(reading.row_id(record),),
            )
        )
    return found


def whole_estate(folder: Path, people: int = 24) -> tuple[Making, Reader]:
    """All of it, committed."""
    making, reader = begin(folder)
    fill(making, people)
    making.commit(gaps=[Gap(Cause.DEFECT, "connector okta", "a bug in the connector: ImportError: no module okta")])
    return making, reader


def fill(making: Making, people: int = 24) -> None:
    """Every leaf but the run's own."""
    people_there = [users(making, PRODUCTION, people), users(making, STAGING, 6, hostile="")]
    exposure = [_exposure(making, scope) for scope in (PRODUCTION, STAGING)]
    trails = [_trails(making, scope) for scope in (PRODUCTION, STAGING)]
    for scope in (PRODUCTION, STAGING):
        reading = Reading(JOBS, scope, Kind.POPULATION, Window(START - timedelta(days=30), START))
        making.ask(reading, "backup:ListBackupJobs", b'{"BackupJobs":[]}', parameters={"ByState": "FAILED"})
        making.add(reading)
    making.judge(
        "IAM-01", rule("IAM-01", "A second factor for every person", "Everyone who signs in with a password proves who "
        "they are with a second factor.", [USERS], severity="critical", criteria=["CC6.1", "CC6.6"],
        unit="one person without a second factor, per day",
        decisions=["A person who has never signed in is judged too: the password works."],
        more='[[unseen]]\npart = "people who sign in through the identity provider"\nneeds = ["okta.users"]\n'),
        [*(one for reading in people_there for one in judged_users(reading)),
         *(_untold(f"part: {part}", scope, f"needs {needs}, which this rule does not read")
           for scope in (PRODUCTION, STAGING)
           for part, needs in [("people who sign in through the identity provider", "okta.users")])],
        [making.index(USERS, PRODUCTION), making.index(USERS, STAGING)],
    )  # fmt: skip
    making.judge(
        "IAM-14", rule("IAM-14", "No open doors from the internet", "Management ports and databases are not reachable "
        "from anywhere.", [EXPOSURE], criteria=["CC6.6"], severity="critical",
        more='[parameters.ports]\ndefault = "22,3389"\nunit = "port numbers"\nmeaning = "ports that nobody outside '
        'may reach"\n'),
        [one for reading in exposure for one in _judged_exposure(reading)],
        [making.index(EXPOSURE, PRODUCTION), making.index(EXPOSURE, STAGING)], {"ports": "22,3389,5432"},
    )  # fmt: skip
    making.judge(
        "LOG-01", rule("LOG-01", "Audit logging is on everywhere", "Administrative actions are logged in every account "
        "in scope.", [TRAILS], criteria=["CC7.2", "CC7.1"]),
        [one for reading in trails for one in _judged_trails(reading)],
        [making.index(TRAILS, PRODUCTION), making.index(TRAILS, STAGING)],
    )  # fmt: skip
    making.judge(
        "BCP-02", rule("BCP-02", "Failed backups are seen and repeated", "A backup that fails is noticed and made "
        "again.", [JOBS], criteria=["A1.2"], severity="medium"), [],
        [making.index(JOBS, PRODUCTION), making.index(JOBS, STAGING)],
    )  # fmt: skip
    making.judge(
        "BCP-03", rule("BCP-03", "Backups cannot be deleted early", "Recovery points are locked.", [PLANS],
        criteria=["A1.2"]), [], [],
    )  # fmt: skip


def failed_job(making: Making) -> Reading:
    """A population with one item, for tests that want one more snapshot."""
    reading = Reading(JOBS, PRODUCTION, Kind.POPULATION, Window(START - timedelta(days=30), START))
    asked = making.ask(reading, "backup:ListBackupJobs", b'{"BackupJobs":[{"BackupJobId":"j1"}]}')
    origin = Origin(asked.request, 1, "BackupJobs[0]")
    reading.records.append(BackupJob(key="j1", seen=[Answer({}, origin)], job_id="j1", state="failed"))
    return making.add(reading)


def _exposure(making: Making, scope: Scope) -> Reading:
    reading = Reading(EXPOSURE, scope)
    for number, region in enumerate(("eu-west-1", "us-east-1")):
        body = canonical.encode({"Reservations": [region], "OwnerId": scope.unit_id})
        asked = making.ask(reading, "ec2:DescribeInstances", body, place=region)
        ports = ("22",) if number == (0 if scope is PRODUCTION else 1) else ()
        reading.records.append(
            Resource(
                key=f"arn:aws:ec2:{region}:{scope.unit_id}:instance/i-0{number}",
                seen=[Answer({}, Origin(asked.request, 1, "Reservations[0].Instances[0]"))],
                resource_id=f"i-0{number}",
                type="ec2.instance",
                environment=scope.name,
                public=bool(ports),
                open_ports=ports,
                hardened_metadata=True,
                observed_at=START - timedelta(hours=3),
            )
        )
    if scope is STAGING:
        making.ask(reading, "ec2:DescribeInstances", None, place="ap-south-1", status=None, error="ReadTimeoutError",
                   attempts=5)  # fmt: skip
        gap = Gap(Cause.TIMEOUT, "ec2:DescribeInstances (ap-south-1)", "no answer within 30 s, five times",
                  reading.exchanges[-1].request)  # fmt: skip
        reading.gaps.append(gap)
        reading.totals.append(Total("instances, against the tagging API", 3, 2))
    return making.add(reading)


def _judged_exposure(reading: Reading) -> Iterable[Outcome]:
    for record in reading.records:
        assert isinstance(record, Resource)
        verdict = Verdict.DEVIATION if record.open_ports else Verdict.PASS
        because = "port 22 is open to 0.0.0.0/0" if record.open_ports else "no listed port is open to anywhere"
        told = not reading.gaps
        yield Outcome(
            item=record.resource_id,
            provider="aws",
            unit=reading.scope.unit_id,
            outcome=verdict if told else Verdict.CANNOT_TELL,
            seen=verdict,
            because=because if told else f"incomplete evidence ({EXPOSURE} timeout); of what was read: {because}",
            rows=(reading.row_id(record),),
        )


def _trails(making: Making, scope: Scope) -> Reading:
    reading = Reading(TRAILS, scope)
    if scope is PRODUCTION:
        body = f"<ErrorResponse><Code>AccessDenied</Code><Of>{HOSTILE.replace('<', '&lt;')}</Of></ErrorResponse>"
        asked = making.ask(reading, "cloudtrail:DescribeTrails", body.encode(), status=400, error="AccessDenied")
        detail = f"HTTP 400 AccessDenied: allow cloudtrail:DescribeTrails to {HOSTILE}"
        reading.gaps.append(Gap(Cause.DENIED, "cloudtrail:DescribeTrails (eu-west-1)", detail, asked.request))
        return making.add(reading)
    asked = making.ask(reading, "cloudtrail:DescribeTrails", b'{"trailList":[{"Name":"staging"}]}')
    status = making.ask(reading, "cloudtrail:GetTrailStatus", b'{"IsLogging":false}', parameters={"Name": "staging"})
    seen = [Answer({}, Origin(asked.request, 1, "trailList[0]")), Answer({}, Origin(status.request, 1, ""))]
    reading.records.append(
        LogSource(key="staging", seen=seen, source="staging", kind="admin_activity", enabled=False, all_regions=True)
    )
    return making.add(reading)


def _judged_trails(reading: Reading) -> Iterable[Outcome]:
    if reading.gaps:
        yield _untold("the whole of aws 111111111111", reading.scope, f"incomplete evidence: {TRAILS} denied")
        return
    (record,) = reading.records
    yield Outcome(
        item="aws 222222222222",
        provider="aws",
        unit=reading.scope.unit_id,
        outcome=Verdict.DEVIATION,
        seen=Verdict.DEVIATION,
        because="its only trail, staging, is switched off",
        rows=(reading.row_id(record),),
    )


def _untold(item: str, scope: Scope, because: str) -> Outcome:
    return Outcome(
        item=item, provider="aws", unit=scope.unit_id, outcome=Verdict.CANNOT_TELL, seen=None, because=because
    )
