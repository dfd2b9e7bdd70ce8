"""How disks are backed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from collector.records import BackupPlan, BackupStore
from connectors.gcp import gcp
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk
from connectors.gcp.labels import labels
from connectors.gcp.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

_C = "compute.googleapis.com/"
DISK, REGIONAL = f"{_C}Disk", f"{_C}RegionDisk"
SCHEDULE, SNAPSHOT = f"{_C}ResourcePolicy", f"{_C}Snapshot"
_B = "backupdr.googleapis.com/"
PLAN, ASSOCIATION, VAULT = f"{_B}BackupPlan", f"{_B}BackupPlanAssociation", f"{_B}BackupVault"
_KINDS = (DISK, REGIONAL, SCHEDULE, SNAPSHOT, PLAN, ASSOCIATION, VAULT)
_HOURS = {"HOURLY": 1, "DAILY": 24, "WEEKLY": 168, "MONTHLY": 744, "YEARLY": 8784}
_WEEK = 7 * 24
_DAY = 24 * 60 * 60


class Way(NamedTuple):
    """One way in which a disk is backed up."""

    source: str | None
    hours: int | None = None
    days: int | None = None
    forever: bool | None = None
    shown_by: tuple[Asset, ...] = ()
    vault: str | None = None
    """Of a plan, where it keeps what it made."""


@gcp.evidence("gcp.backup.plans", yields=(BackupPlan, BackupStore), needs=bulk(*_KINDS))
def plans(source: GcpSource) -> Iterator[BackupPlan | BackupStore]:
    """Backup plans and snapshot schedules.

    Every disk of every project, zonal or regional, attached or not. One row for each way in which it is backed up: each
    snapshot schedule on it, and each rule of each backup plan (Backup and DR) of the disk or of a machine that uses it
    (`plan NAME`). A disk that is backed up in no way has one row without a source; where schedules or plans could not
    be read and no other way is known, the source is `unknown`. `last_backup_at` is the newest finished snapshot.

    `copied_to` are the places that hold a backup, beside the region that its disk is in: those of the newest snapshot
    that a schedule made, or, before there is one, those that the schedule names; of a plan, the place of its vault
    (`destination`). A snapshot by hand is a copy of its own day alone, and does not count for it.

    One row for each backup vault of Backup and DR as well. Google encrypts every vault. It is locked once the time has
    come from which its lock holds: until then the retention that it enforces can be lowered.

    Cloud SQL has rows of its own, in the evidence of its instances. Whole when every list was read to its end and ties
    with a second search. Snapshots taken by hand are no way of their own.
    """
    found, known = assets(source, *_KINDS), source.known()
    schedules = {one.name: one for one in found[SCHEDULE] or ()}
    planned = _planned(found[PLAN] or (), found[ASSOCIATION] or ())
    whole = None not in (found[SCHEDULE], found[PLAN], found[ASSOCIATION])
    last, by_schedule = _last(found[SNAPSHOT] or ()), _last(_automatic(found[SNAPSHOT] or ()))
    for vault in found[VAULT] or ():
        yield _vault(source, vault, known.get(vault.project))
    for disk in (*(found[DISK] or ()), *(found[REGIONAL] or ())):
        own = _path(disk.name)
        project = known.get(disk.project)
        environment = labels(source.settings, disk.data.get("labels"), project)["environment"]
        named = [schedules.get(f"{_C}projects/{_path(link)}") for link in disk.data.get("resourcePolicies") or ()]
        ways = [_schedule(one) for one in named if one is not None]
        for user in (own, *(_path(link) for link in disk.data.get("users") or ())):
            ways += planned.get(user, [])
        told, newest, scheduled = whole and None not in named, last.get(own), by_schedule.get(own)
        for index, way in enumerate(ways or [Way(None if told else "unknown")]):
            yield BackupPlan(
                key=f"{disk.name} {index} {way.source or 'none'}",
                seen=[disk.seen, *(one.seen for one in way.shown_by), *_seen(newest, scheduled)],
                resource_id=disk.name,
                resource_type="disk",
                environment=environment,
                frequency_hours=way.hours,
                retention_days=way.days,
                keeps_forever=way.forever,
                destination=way.vault,
                last_backup_at=_made(newest),
                copied_to=(copied := _copied(own, way, scheduled)),
                copied_at=_made(scheduled) if copied and way.vault is None else None,
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
            name, days = f"plan {plan.name.rpartition('/')[2]}", rule.get("backupRetentionDays")
            vault = f"{_B}{plan.data['backupVault']}" if plan.data.get("backupVault") else None
            way = Way(name, hours, days, None, (plan, one), vault)
            found.setdefault(_path(str(one.data.get("resource") or "")), []).append(way)
    return found


def _last(snapshots: Sequence[Asset]) -> dict[str, Asset]:
    """The newest finished snapshot of each disk."""
    newest: dict[str, tuple[datetime, Asset]] = {}
    for one in snapshots:
        at, disk = _made(one), _path(str(one.data.get("sourceDisk") or ""))
        if at is not None and one.data.get("status") == "READY" and (disk not in newest or at > newest[disk][0]):
            newest[disk] = (at, one)
    return {disk: one for disk, (_, one) in newest.items()}


def _automatic(snapshots: Sequence[Asset]) -> list[Asset]:
    return [one for one in snapshots if one.data.get("autoCreated")]


def _seen(*snapshots: Asset | None) -> list[Answer]:
    """Each that there is, once."""
    return list({one.name: one.seen for one in snapshots if one is not None}.values())


def _made(snapshot: Asset | None) -> datetime | None:
    return moment(snapshot.data.get("creationTimestamp")) if snapshot else None


def _copied(disk: str, way: Way, newest: Asset | None) -> tuple[str, ...] | None:
    """Where else a backup is; None where that is not told. A place of several regions is another than one region."""
    if way.vault is not None:
        held: Sequence[str] | None = [way.vault.split("/")[4]]
    elif newest is not None:
        held = newest.data.get("storageLocations")
    else:
        schedules = [one.data.get("snapshotSchedulePolicy") or {} for one in way.shown_by]
        held = next(((one.get("snapshotProperties") or {}).get("storageLocations") for one in schedules), None)
    if way.source is None or not held:
        return None
    return tuple(sorted(set(held) - {region(disk)}))


def region(path: str) -> str:
    """The region of what is in a zone or a region: of `P/zones/europe-west1-b/disks/D` it is `europe-west1`."""
    kind, place = path.split("/")[1:3]
    return place.rpartition("-")[0] if kind == "zones" else place


def _vault(source: GcpSource, vault: Asset, project: Unit | None) -> BackupStore:
    from_then_on = moment(vault.data.get("effectiveTime"))
    kept = str(vault.data.get("backupMinimumEnforcedRetentionDuration") or "").removesuffix("s")
    return BackupStore(
        key=f"vault {vault.name}",
        seen=[vault.seen, *([project.seen] if project else [])],
        store=vault.name,
        environment=labels(source.settings, vault.data.get("labels"), project)["environment"],
        encrypted=True if vault.data else None,
        # Google leaves the time out of a vault whose lock was never set.
        locked=(from_then_on is not None and from_then_on <= source.now) if vault.data else None,
        min_retention_days=int(float(kept)) // _DAY if kept else None,
    )


def _path(link: str) -> str:
    """What names a thing in any of Google's ways to link to it: behind `projects/`."""
    return f"/{link}".rpartition("/projects/")[2]
