"""How disks are backed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import BackupPlan
from connectors.gcp import gcp
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk
from connectors.gcp.labels import labels
from connectors.gcp.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

_C = "compute.googleapis.com/"
DISK, REGIONAL = f"{_C}Disk", f"{_C}RegionDisk"
SCHEDULE, SNAPSHOT = f"{_C}ResourcePolicy", f"{_C}Snapshot"
PLAN, ASSOCIATION = "backupdr.googleapis.com/BackupPlan", "backupdr.googleapis.com/BackupPlanAssociation"
_KINDS = (DISK, REGIONAL, SCHEDULE, SNAPSHOT, PLAN, ASSOCIATION)
_HOURS = {"HOURLY": 1, "DAILY": 24, "WEEKLY": 168, "MONTHLY": 744, "YEARLY": 8784}
_WEEK = 7 * 24


class Way(NamedTuple):
    """One way in which a disk is backed up."""

    source: str | None
    hours: int | None = None
    days: int | None = None
    forever: bool | None = None
    shown_by: tuple[Asset, ...] = ()


@gcp.evidence("gcp.backup.plans", yields=BackupPlan, needs=bulk(*_KINDS))
def plans(source: GcpSource) -> Iterator[BackupPlan]:
    """Backup plans and snapshot schedules.

    Every disk of every project, zonal or regional, attached or not. One row for each way in which it is backed up: each
    snapshot schedule on it, and each rule of each backup plan (Backup and DR) of the disk or of a machine that uses it
    (`plan NAME`). A disk that is backed up in no way has one row without a source; where schedules or plans could not
    be read and no other way is known, the source is `unknown`. `last_backup_at` is the newest finished snapshot.

    Cloud SQL has rows of its own, in the evidence of its instances. Whole when every list was read to its end and ties
    with a second search. Snapshots taken by hand are no way of their own.
    """
    found, known = assets(source, *_KINDS), source.known()
    schedules = {one.name: one for one in found[SCHEDULE] or ()}
    planned = _planned(found[PLAN] or (), found[ASSOCIATION] or ())
    whole = None not in (found[SCHEDULE], found[PLAN], found[ASSOCIATION])
    last = _last(found[SNAPSHOT] or ())
    for disk in (*(found[DISK] or ()), *(found[REGIONAL] or ())):
        own = _path(disk.name)
        project = known.get(disk.project)
        environment = labels(source.settings, disk.data.get("labels"), project)["environment"]
        named = [schedules.get(f"{_C}projects/{_path(link)}") for link in disk.data.get("resourcePolicies") or ()]
        ways = [_schedule(one) for one in named if one is not None]
        for user in (own, *(_path(link) for link in disk.data.get("users") or ())):
            ways += planned.get(user, [])
        told = whole and None not in named
        for index, way in enumerate(ways or [Way(None if told else "unknown")]):
            yield BackupPlan(
                key=f"{disk.name} {index} {way.source or 'none'}",
                seen=[disk.seen, *(one.seen for one in way.shown_by)],
                resource_id=disk.name,
                resource_type="disk",
                environment=environment,
                frequency_hours=way.hours,
                retention_days=way.days,
                keeps_forever=way.forever,
                last_backup_at=last.get(own),
                source=way.source,
            )


def _schedule(policy: Asset) -> Way:
    snapshots = policy.data.get("snapshotSchedulePolicy") or {}
    cycle, kept = snapshots.get("schedule") or {}, snapshots.get("retentionPolicy") or {}
    days = kept.get("maxRetentionDays")
    # A schedule without an end for its snapshots keeps them until somebody deletes them.
    return Way(f"plan {policy.name.rpartition('/')[2]}", _cycle(cycle), days, days is None, (policy,))


def _cycle(cycle: Mapping[str, Any]) -> int | None:
    """The longest time between two snapshots, in hours."""
    if "hourlySchedule" in cycle:
        return int(cycle["hourlySchedule"].get("hoursInCycle") or 1)
    if "dailySchedule" in cycle:
        return 24 * int(cycle["dailySchedule"].get("daysInCycle") or 1)
    # Days may lie side by side: so a week is what is certain.
    return _WEEK if "weeklySchedule" in cycle else None


def _planned(plans_: Sequence[Asset], associations: Sequence[Asset]) -> dict[str, list[Way]]:
    """What Backup and DR promises, by the path of what it backs up."""
    by_name = {one.name.partition("/")[2]: one for one in plans_}
    found: dict[str, list[Way]] = {}
    for one in associations:
        plan = by_name.get(str(one.data.get("backupPlan") or ""))
        if one.data.get("state") != "ACTIVE" or plan is None:
            continue
        for rule in plan.data.get("backupRules") or ():
            schedule = rule.get("standardSchedule") or {}
            hours = _HOURS.get(schedule.get("recurrenceType", ""))
            if schedule.get("recurrenceType") == "HOURLY":
                hours = schedule.get("hourlyFrequency")
            way = Way(f"plan {plan.name.rpartition('/')[2]}", hours, rule.get("backupRetentionDays"), None, (plan, one))
            found.setdefault(_path(str(one.data.get("resource") or "")), []).append(way)
    return found


def _last(snapshots: Sequence[Asset]) -> dict[str, datetime]:
    newest: dict[str, datetime] = {}
    for one in snapshots:
        at, disk = moment(one.data.get("creationTimestamp")), _path(str(one.data.get("sourceDisk") or ""))
        if at is not None and one.data.get("status") == "READY":
            newest[disk] = max(at, newest.get(disk, at))
    return newest


def _path(link: str) -> str:
    """What names a thing in any of Google's ways to link to it: behind `projects/`."""
    return f"/{link}".rpartition("/projects/")[2]
