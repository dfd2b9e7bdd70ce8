"""Backups: what is backed up how, and whether it ran."""

from __future__ import annotations

from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

from collector.connector import Per
from collector.model import Kind
from collector.records import BackupJob, BackupPlan
from connectors.aws import aws
from connectors.aws.continuity.backup_copies import CopyJobs
from connectors.aws.continuity.backup_schedule import frequency_hours
from connectors.aws.continuity.backup_selection import selects
from connectors.aws.continuity.backup_stores import STORE_NEEDS, Way, stores
from connectors.aws.continuity.backup_vaults import vault_arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource
    from connectors.aws.continuity.backup_stores import Store

_DEFAULT_SCHEDULE = "cron(0 5 ? * * *)"
_STATES = {
    "ABORTED": "aborted",
    "ABORTING": "running",
    "CREATED": "running",
    "EXPIRED": "failed",
    "FAILED": "failed",
    "PARTIAL": "issues",
    "PENDING": "running",
    "RUNNING": "running",
}


class Plan(NamedTuple):
    """One backup plan and what it selects; `whole` is false when a selection could not be read."""

    plan: Answer
    selections: tuple[Answer, ...]
    whole: bool


class Plans(NamedTuple):
    """Every plan of one region, and what AWS Backup says it has backed up there."""

    plans: list[Plan]
    whole: bool
    last: dict[str, Answer]
    copies: CopyJobs


@aws.evidence(
    "aws.backup.plans",
    yields=BackupPlan,
    needs=[
        "backup:ListBackupPlans",
        "backup:GetBackupPlan",
        "backup:ListBackupSelections",
        "backup:GetBackupSelection",
        "backup:ListProtectedResources",
        "backup:ListCopyJobs",
        *STORE_NEEDS,
    ],
    per=Per.PLACE,
)
def plans(source: AwsSource) -> Iterator[BackupPlan]:
    """Data stores and how each is backed up.

    Population, in each enabled region: every database instance and cluster that RDS lists, every DynamoDB table, every
    EFS file system. One row for each way in which a store is backed up: each rule of each AWS Backup plan that selects
    it (`plan NAME`), the automatic backups of RDS (`automated`), DynamoDB's point-in-time recovery (`pitr`). A store
    that is backed up in no way has one row without a source; where a way could not be looked at and no other is known,
    the source is `unknown` and a gap names the call. Instances in a cluster are backed up with it and have no row.

    A plan selects by ARN, tags and conditions, which are worked out here as AWS Backup documents it. `frequency_hours`
    is the longest time between two runs of the schedule; 0 means continuously; automatic backups of RDS are daily.
    `last_backup_at` is AWS Backup's last recovery point, or the latest time that can be restored to. `destination` is
    the ARN of the vault that a plan's rule writes to.

    `copied_to` are the other regions and accounts to which a plan's rule copies, or to which RDS replicates automatic
    backups. `copied_at` is when the newest copy job of that rule began that was completed, as far as AWS Backup
    remembers. A place for which every remembered job of the rule failed holds no copy, and is left out; one of which no
    job is remembered yet stays, without a time. Copies made by hand do not count. When RDS last replicated is not told.

    Complete when the last page of every list was read in every enabled region, and every plan and selection listed was
    read. Not included: S3, EC2, EBS and stores that customers run themselves; snapshots taken by hand. Whether AWS
    Backup is switched on for a type of resource is not asked: `last_backup_at` shows whether the plan had effect.
    """
    known = _plans(source)
    for store in stores(source):
        rows = [*_automatic(store), *_planned(source, known, store)]
        if not rows:
            whole = store.whole and known.whole and _tells(known, store)
            rows = [_row(store, "none", Way(None if whole else "unknown"), store.seen)]
        yield from rows


def _plans(source: AwsSource) -> Plans:
    """The region's plans. What cannot be read leaves a gap, and the stores keep their rows."""
    listed = _listed(source, "ListBackupPlans", "BackupPlansList")
    read = source.each(listed or (), lambda one: _plan(source, one["BackupPlanId"]))
    found = [plan for _, plan in read]
    source.total("backup plans listed = plans read", expected=len(listed or ()), found=len(found))
    protected = _listed(source, "ListProtectedResources", "Results")
    whole = listed is not None and len(found) == len(listed) and all(plan.whole for plan in found)
    copied = CopyJobs(_listed(source, "ListCopyJobs", "CopyJobs") if _copying(found) else ())
    return Plans(found, whole, {one["ResourceArn"]: one for one in protected or ()}, copied)


def _copying(plans: list[Plan]) -> bool:
    """Whether any rule copies at all: else there is nothing to ask."""
    return any(rule.get("CopyActions") for plan in plans for rule in plan.plan["BackupPlan"].get("Rules", ()))


def _listed(source: AwsSource, operation: str, key: str) -> list[Answer] | None:
    """A list of AWS Backup; None when it could not be read, which is a gap."""
    return next(
        (found for _, found in source.each([source], lambda one: list(one.list("backup", operation, key)))), None
    )


def _plan(source: AwsSource, plan_id: str) -> Plan:
    plan = source.get("backup", "GetBackupPlan", "BackupPlan", BackupPlanId=plan_id)
    listed = list(source.list("backup", "ListBackupSelections", "BackupSelectionsList", BackupPlanId=plan_id))

    def read(selection: Answer) -> Answer:
        selected = selection["SelectionId"]
        return source.get("backup", "GetBackupSelection", "BackupSelection", BackupPlanId=plan_id, SelectionId=selected)

    found = tuple(selection for _, selection in source.each(listed, read))
    return Plan(plan, found, whole=len(found) == len(listed))


def _automatic(store: Store) -> Iterator[BackupPlan]:
    for way in store.ways:
        yield _row(store, way.source or "", way, store.seen)


def _planned(source: AwsSource, known: Plans, store: Store) -> Iterator[BackupPlan]:
    """A row for each rule of each plan that selects the store."""
    for plan in known.plans:
        chosen = [one for one in plan.selections if selects(one["BackupSelection"], store.arn, store.tags)]
        if not chosen:
            continue
        last, plan_id = known.last.get(store.arn), plan.plan["BackupPlanId"]
        for rule in plan.plan["BackupPlan"].get("Rules", ()):
            key = f"{plan_id} {rule.get('RuleId') or rule['RuleName']}"
            vault, copies = rule.get("TargetBackupVaultName"), known.copies.of(store.arn, plan_id, rule)
            way = rule_way(plan.plan["BackupPlan"]["BackupPlanName"], rule)._replace(
                destination=vault_arn(source, vault) if vault else None,
                last_backup_at=last.get("LastBackupTime") if last else None,
                copied_to=copies.copied_to,
                copied_at=copies.copied_at,
            )
            yield _row(store, key, way, [*store.seen, plan.plan, *chosen, *([last] if last else []), *copies.seen])


def _tells(known: Plans, store: Store) -> bool:
    """Whether no selection hangs on tags of the store that could not be read."""
    asked = ((one["BackupSelection"], store.arn, store.tags) for plan in known.plans for one in plan.selections)
    return None not in starmap(selects, asked)


def rule_way(plan: str, rule: dict[str, Any]) -> Way:
    """What one rule of a plan promises; a rule without a lifetime keeps its backups for ever."""
    lifecycle = rule.get("Lifecycle") or {}
    days = lifecycle.get("DeleteAfterDays")
    days = days if days and days > 0 else None
    return Way(
        source=f"plan {plan}",
        frequency_hours=frequency_hours(rule.get("ScheduleExpression") or _DEFAULT_SCHEDULE),
        retention_days=days,
        keeps_forever=None if lifecycle.get("DeleteAfterEvent") else days is None,
        pitr=rule.get("EnableContinuousBackup"),
    )


def _row(store: Store, key: str, way: Way, seen: list[Answer]) -> BackupPlan:
    return BackupPlan(
        key=f"{store.arn} {key}",
        seen=seen,
        resource_id=store.arn,
        resource_type=store.kind,
        environment=store.environment,
        **way._asdict(),
    )


@aws.evidence(
    "aws.backup.jobs",
    yields=BackupJob,
    needs=["backup:ListBackupJobs"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=30,
    late_minutes=30 * 24 * 60,
)
def jobs(source: AwsSource) -> Iterator[BackupJob]:
    """Backup jobs and how they ended.

    Population: every job of AWS Backup that was created inside the window, in each enabled region; the parts of a
    composite job are jobs of their own. AWS Backup forgets jobs after 30 days, and is asked for all that it remembers
    each time, since a job's state changes until it has ended.

    `state` is `success` for a job that AWS calls completed, unless its message category is other than SUCCESS: then,
    and for a partial job, `issues`. Failed and expired jobs are `failed`; aborted ones `aborted`; the rest are
    `running`. A later snapshot shows how those ended.

    Complete when the last page was read in every enabled region. Backups that services make by themselves (automatic
    backups of RDS, point-in-time recovery) are no jobs and not part of it.
    """
    window = source.window
    listed = source.list(
        "backup", "ListBackupJobs", "BackupJobs", ByCreatedAfter=window.start, ByCreatedBefore=window.end
    )
    for job in listed:
        yield BackupJob(
            key=job["BackupJobId"],
            seen=[job],
            job_id=job["BackupJobId"],
            resource_id=job.get("ResourceArn"),
            started_at=job.get("CreationDate"),
            ended_at=job.get("CompletionDate"),
            state=job_state(job),
            message=job.get("StatusMessage") or job.get("MessageCategory"),
        )


def job_state(job: Answer | dict[str, Any]) -> str | None:
    """How a job ended, in the archive's words; None for a state that AWS has not documented."""
    if job.get("State") == "COMPLETED":
        return "success" if job.get("MessageCategory") in {None, "SUCCESS"} else "issues"
    return _STATES.get(job.get("State", ""))
