"""Cloud SQL: who can reach an instance, whether it is backed up, and whether that worked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import BackupJob, BackupPlan, Resource, RestoreTest
from connectors.gcp import gcp
from connectors.gcp.inventory import of_type
from connectors.gcp.kinds import bulk
from connectors.gcp.labels import labels
from connectors.gcp.moments import moment
from connectors.gcp.network.openings import anywhere
from connectors.gcp.project_operations import BACKUP_RUNS, SQL_OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

INSTANCE = "sqladmin.googleapis.com/Instance"
_DAILY = 24
_STATES = {
    "SUCCESSFUL": "success",
    "FAILED": "failed",
    "RUNNING": "running",
    "ENQUEUED": "running",
    "OVERDUE": "failed",
    "SKIPPED": "aborted",
    "DELETED": "success",
    "DELETION_PENDING": "success",
    "DELETION_FAILED": "success",
}
"""A backup that was deleted later had succeeded."""
_REDUNDANT = {"REGIONAL": True, "ZONAL": False}
_RESTORING = frozenset({"RESTORE_VOLUME", "CLONE"})
_TLS = {
    "TRUSTED_CLIENT_CERTIFICATE_REQUIRED": False,
    "ENCRYPTED_ONLY": False,
    "ALLOW_UNENCRYPTED_AND_ENCRYPTED": True,
}


@gcp.evidence("gcp.sql.instances", yields=(Resource, BackupPlan), needs=bulk(INSTANCE))
def instances(source: GcpSource) -> Iterator[Resource | BackupPlan]:
    """Cloud SQL security, backup and HA settings.

    Every instance of every project (type `db_instance`). It is public when it has a public address and its authorised
    networks are the whole internet; an address that lets in named networks alone is not. Google encrypts every
    instance; the key is the company's where it names one in Cloud KMS. A regional instance has a second one in another
    zone, to which Google switches by itself (`multi_zone`). A replica is `part_of` its primary.

    One row for each way in which an instance is backed up: `automated`, daily, kept as many days as backups are kept;
    `pitr` where its log is kept, for as long as that. An instance that is not backed up has one row without a source. A
    replica is rebuilt from its primary and has no such row. `copied_to` is where automatic backups are kept, unless
    that is the instance's own region; Google does not say where it keeps the log.

    Whole when the list was read to its end and ties with a second search.
    """
    known = source.known()
    for one in of_type(source, INSTANCE):
        settings = one.data.get("settings") or {}
        network = settings.get("ipConfiguration") or {}
        project = known.get(one.project)
        named = labels(source.settings, settings.get("userLabels"), project)
        key = (one.data.get("diskEncryptionConfiguration") or {}).get("kmsKeyName")
        yield Resource(
            key=one.name,
            seen=[one.seen, *([project.seen] if project else [])],
            resource_id=one.name,
            type="db_instance",
            encrypted=True if one.data else None,
            key_control=None if not one.data else "customer" if key else "provider",
            public=_public(network),
            plain_http=_TLS.get(network.get("sslMode", "")),
            zones=_zones(one.data),
            multi_zone=_REDUNDANT.get(settings.get("availabilityType", "")),
            deletion_protected=settings.get("deletionProtectionEnabled"),
            part_of=one.data.get("masterInstanceName") or None,
            **named,
        )
        if one.data and one.data.get("instanceType") != "READ_REPLICA_INSTANCE":
            yield from _ways(one, settings.get("backupConfiguration") or {}, named["environment"])


def _public(network: Mapping[str, Any]) -> bool | None:
    if "ipv4Enabled" not in network:
        return None
    let_in = [one.get("value") or "" for one in network.get("authorizedNetworks") or ()]
    return bool(network["ipv4Enabled"]) and anywhere(filter(None, let_in))


def _zones(instance: Mapping[str, Any]) -> tuple[str, ...] | None:
    found = {instance.get("gceZone"), instance.get("secondaryGceZone")} - {None}
    return tuple(sorted(str(one) for one in found)) or None


def _ways(instance: Asset, backup: Mapping[str, Any], environment: str | None) -> Iterator[BackupPlan]:
    on = backup.get("enabled")
    kept = (backup.get("backupRetentionSettings") or {}).get("retainedBackups")
    log_days = backup.get("transactionLogRetentionDays")
    place = backup.get("location")
    elsewhere = None if not place else () if place == instance.data.get("region") else (place,)
    found: list[tuple[str | None, int | None, int | None, bool | None]]
    found = [("automated", _DAILY, kept, False)] if on else []
    if on and (backup.get("pointInTimeRecoveryEnabled") or backup.get("binaryLogEnabled")):
        found.append(("pitr", 0, log_days, True))
    for source, hours, days, continuous in found or [(None if on is False else "unknown", None, None, None)]:
        yield BackupPlan(
            key=f"{instance.name} {source or 'none'}",
            seen=[instance.seen],
            resource_id=instance.name,
            resource_type="db_instance",
            environment=environment,
            frequency_hours=hours,
            retention_days=days,
            pitr=continuous,
            destination=place,
            copied_to=elsewhere if source == "automated" else None,
            source=source,
        )


def _by_project(source: GcpSource) -> dict[str, list[str]]:
    """The names of the instances of each project that single calls are made of."""
    found: dict[str, list[str]] = {}
    excluded = source.settings.excluded_projects
    for one in of_type(source, INSTANCE):
        project = one.data.get("project") or one.name.split("/")[2]
        if project not in excluded:
            found.setdefault(project, []).append(one.data.get("name") or one.name.rpartition("/")[2])
    return found


@gcp.evidence(
    "gcp.sql.backup_runs", yields=BackupJob, needs=[*bulk(INSTANCE), BACKUP_RUNS], kind=Kind.POPULATION, keeps_days=7
)
def backup_runs(source: GcpSource) -> Iterator[BackupJob]:
    """Cloud SQL backup runs.

    Of every instance that Cloud Asset Inventory knows, every backup run that began within the window, automatic or by
    hand, and how it ended. Google keeps the runs of as many backups as the instance keeps, by default seven: read it
    daily. A project in which the Cloud SQL Admin API is off is a gap.

    Whole when the runs of every instance were read to their end.
    """
    asked = [(project, name) for project, names in sorted(_by_project(source).items()) for name in sorted(names)]
    answered, window = 0, source.window
    read = source.each(asked, lambda one: list(source.list(BACKUP_RUNS, project=one[0], instance=one[1])))
    for (project, name), runs in read:
        answered += 1
        for run in runs:
            began = moment(run.get("startTime") or run.get("enqueuedTime") or run.get("windowStartTime"))
            if began is not None and not window.start <= began < window.end:
                continue
            yield BackupJob(
                key=f"{project} {name} {run['id']}",
                seen=[run],
                within=source.project_id(project),
                job_id=f"{project}/{name}/{run['id']}",
                resource_id=_full(project, name),
                started_at=began,
                ended_at=moment(run.get("endTime")),
                state=_STATES.get(run.get("status", "")),
                message=(run.get("error") or {}).get("message"),
            )
    source.total("instances asked for backup runs", expected=len(asked), found=answered)


@gcp.evidence(
    "gcp.restore_operations",
    yields=RestoreTest,
    needs=[*bulk(INSTANCE), SQL_OPERATIONS],
    kind=Kind.POPULATION,
    keeps_days=30,
)
def restores(source: GcpSource) -> Iterator[RestoreTest]:
    """Restore and clone operations.

    Every operation of Cloud SQL within the window that restored a backup or cloned an instance, with how it ended. That
    somebody looked at what was restored, and how long it took to be of use, Google does not know.

    Whole when the operations of every project in which Cloud Asset Inventory knows an instance were read to their end.
    A project whose last instance was deleted is not asked.
    """
    window, projects = source.window, sorted(_by_project(source))
    for project, operations in source.each(projects, lambda one: list(source.list(SQL_OPERATIONS, project=one))):
        for one in operations:
            began = moment(one.get("startTime") or one.get("insertTime"))
            if one.get("operationType") in _RESTORING and began and window.start <= began < window.end:
                yield RestoreTest(
                    key=f"{project} {one['name']}",
                    seen=[one],
                    within=source.project_id(project),
                    test_id=one["name"],
                    resource_id=_full(project, one.get("targetId") or ""),
                    tested_at=moment(one.get("endTime")) or began,
                    restored_ok=_succeeded(one),
                    rto_actual=_lasted(began, moment(one.get("endTime"))),
                )


def _succeeded(operation: Mapping[str, Any]) -> bool | None:
    return None if operation.get("status") != "DONE" else not (operation.get("error") or {}).get("errors")


def _lasted(began: datetime, ended: datetime | None) -> str | None:
    return None if ended is None else f"{int((ended - began).total_seconds() // 60)} min"


def _full(project: str, name: str) -> str:
    """An instance as the inventory names it."""
    return f"cloudsql.googleapis.com/projects/{project}/instances/{name}"
