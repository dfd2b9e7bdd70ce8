"""Azure Backup: what is backed up how, and whether it ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import BackupJob, BackupPlan, BackupStore, RestoreTest
from connectors.azure import azure
from connectors.azure.continuity.backup_policies import frequency_hours, retention_days
from connectors.azure.continuity.database_backups import NEEDS as DATABASES
from connectors.azure.continuity.database_backups import NOWHERE, PAIRED, database_plans, elsewhere
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import COMPUTE, RECOVERY_VAULTS
from connectors.azure.labels import labels, parts, properties
from connectors.azure.moments import moment
from connectors.azure.resource_operations import BACKUP_JOBS, BACKUP_POLICIES, PROTECTED_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_MACHINES = "microsoft.compute/virtualmachines"
_STATES = {
    "Completed": "success",
    "CompletedWithWarnings": "issues",
    "Failed": "failed",
    "InProgress": "running",
    "Cancelling": "running",
    "Cancelled": "aborted",
}
_LOCKED = "Locked"
_ELSEWHERE = {"GeoRedundant": PAIRED, "LocallyRedundant": NOWHERE, "ZoneRedundant": NOWHERE}
_KEEPS = 180
_BACKUP, _RESTORE = "Backup", "Restore"
_RESTORED = {"success": True, "issues": True, "failed": False}
"""What a restore that has ended came to; one that was called off came to nothing."""


@azure.evidence(
    "azure.backup.items",
    yields=(BackupPlan, BackupStore),
    needs=sorted({*RECOVERY_VAULTS.needs, *COMPUTE.needs, PROTECTED_ITEMS, BACKUP_POLICIES, *DATABASES}),
)
def items(source: AzureSource) -> Iterator[BackupPlan | BackupStore]:
    """Protected items and policies.

    Population: everything that a recovery vault of the subscription backs up; every virtual machine, backed up or not;
    and every database of Azure SQL, which backs itself up (`automated`) for as long as its own policy says. One row for
    each item, with the policy it is under (`plan NAME`): how often, how long, and when it last ran. An item whose
    protection was stopped is not backed up. A machine that no vault backs up has one row without a source; where the
    items of a vault could not be read, the source of such a machine is `unknown`. Ids are in lower case, since Azure
    writes the same one in several ways.

    One row for each vault as well. It is encrypted, as Azure encrypts every vault, and locked where its immutability is
    locked: one that is only on can be taken back. A vault whose storage is geo-redundant has a copy in the region that
    Azure pairs with its own, as have all backups in it; when the newest got there Azure does not tell.

    Complete when Resource Graph and the subscription's own list have the same vaults and machines, and the items and
    policies of each vault were read to their end. Azure backs a machine up in its own subscription alone.

    Not in it: what other services back up by themselves, long-term copies of databases, and Backup vaults
    (`Microsoft.DataProtection`).
    """
    yield from database_plans(source)
    vaults = resources(source, RECOVERY_VAULTS)
    machines = {one["id"].lower(): one for one in of_type(resources(source, COMPUTE), _MACHINES)}
    policies: dict[str, Answer] = {}
    protected: list[tuple[Answer, Answer]] = []
    read = 0
    yield from (store(source, vault) for vault in vaults)
    for vault, (kept, rules) in source.each(vaults, lambda one: _vault(source, one)):
        read += 1
        policies |= {_name(one["id"]): one for one in rules}
        protected += [(vault, one) for one in kept if properties(one).get("protectionState") != "ProtectionStopped"]
    held: set[str] = set()
    for vault, item in protected:
        target = str(properties(item).get("sourceResourceId") or item["id"])
        held.add(target.lower())
        yield _plan(source, vault, item, policies.get(_name(properties(item).get("policyId"))), machines)
    for name, machine in machines.items():
        if name not in held:
            yield BackupPlan(
                key=f"none {machine['id']}",
                seen=[machine],
                resource_id=name,
                resource_type="instance",
                environment=labels(source, machine)["environment"],
                source=None if read == len(vaults) else "unknown",
            )


def store(source: AzureSource, vault: Answer) -> BackupStore:
    """A vault, and how it is kept."""
    known = properties(vault)
    return BackupStore(
        key=vault["id"],
        seen=[vault],
        store=vault["id"],
        environment=labels(source, vault)["environment"],
        encrypted=True if known else None,
        locked=locked(known),
        copy_region=copy_region(known),
    )


def locked(vault: dict[str, Any]) -> bool | None:
    """Whether nobody can take the immutability of a vault away; None where Azure does not say."""
    state = ((vault.get("securitySettings") or {}).get("immutabilitySettings") or {}).get("state")
    return None if state is None else state == _LOCKED


def copy_region(vault: dict[str, Any]) -> str | None:
    """Where else a vault is kept; None where Azure does not say."""
    return _ELSEWHERE.get(str((vault.get("redundancySettings") or {}).get("standardTierStorageRedundancy")))


def _vault(source: AzureSource, vault: Answer) -> tuple[list[Answer], list[Answer]]:
    return list(source.list(PROTECTED_ITEMS, **_at(vault))), list(source.list(BACKUP_POLICIES, **_at(vault)))


def _at(vault: Answer) -> dict[str, str]:
    names = parts(vault["id"])
    return {"group": names["resourcegroups"], "vault": names["vaults"]}


def _name(policy_id: str | None) -> str:
    """Azure writes the same id with other capitals in other answers."""
    return str(policy_id or "").lower()


def _plan(
    source: AzureSource, vault: Answer, item: Answer, policy: Answer | None, machines: dict[str, Answer]
) -> BackupPlan:
    known = properties(item)
    target = str(known.get("sourceResourceId") or item["id"])
    machine = machines.get(target.lower())
    rule: dict[str, Any] = properties(policy) if policy is not None else {}
    return BackupPlan(
        key=item["id"],
        seen=[item, vault, *([policy] if policy is not None else []), *([machine] if machine is not None else [])],
        resource_id=target.lower(),
        resource_type="instance" if machine is not None else known.get("workloadType"),
        environment=labels(source, machine)["environment"] if machine is not None else None,
        frequency_hours=frequency_hours(rule.get("schedulePolicy") or {}),
        retention_days=retention_days(rule.get("retentionPolicy") or {}),
        keeps_forever=False if rule else None,
        destination=vault["id"],
        last_backup_at=moment(known.get("lastBackupTime")),
        copied_to=elsewhere(copy_region(properties(vault))),
        source=f"plan {policy['name'] if policy is not None else _name(known.get('policyId')).rsplit('/', 1)[-1]}",
    )


@azure.evidence(
    "azure.backup.jobs",
    yields=(BackupJob, RestoreTest),
    needs=[*RECOVERY_VAULTS.needs, BACKUP_JOBS, PROTECTED_ITEMS],
    kind=Kind.POPULATION,
    keeps_days=_KEEPS,
    late_minutes=24 * 60,
)
def jobs(source: AzureSource) -> Iterator[BackupJob | RestoreTest]:
    """Backup and restore jobs.

    Population: every job of the window in every recovery vault of the subscription that backed something up, or that
    restored something and ended. A job names what it backs
    up by a name alone; where just one item of its vault has it, the job is that item's. Other jobs are left out.
    Whether a restore was a test, and whether anybody looked at what came back, Azure does not know.

    Complete when the jobs of each vault were read to their end, and those received are as many as those kept and those
    left out.
    """
    window, received, kept, other = source.window, 0, 0, 0
    span = f"startTime eq '{_clock(window.start)}' and endTime eq '{_clock(window.end)}'"
    vaults = resources(source, RECOVERY_VAULTS)
    for vault, (items_, found) in source.each(vaults, lambda one: _jobs(source, one, span)):
        by_name: dict[str, list[str]] = {}
        for item in items_:
            known = properties(item)
            by_name.setdefault(str(known.get("friendlyName")).lower(), []).append(
                str(known.get("sourceResourceId") or item["id"]).lower()
            )
        for job in found:
            received += 1
            known = properties(job)
            at = moment(known.get("startTime"))
            state = _STATES.get(str(known.get("status")))
            restored = known.get("operation") == _RESTORE and state in _RESTORED
            inside = at is not None and window.start <= at < window.end
            if not inside or (known.get("operation") != _BACKUP and not restored):
                other += 1
                continue
            kept += 1
            named = by_name.get(str(known.get("entityFriendlyName")).lower(), [])
            target = named[0] if len(named) == 1 else None
            yield _restore(job, vault, target, at) if restored else _job(job, vault, target, at, state)
    source.total("jobs received = kept + left out", expected=received, found=kept + other)


def _job(job: Answer, vault: Answer, target: str | None, at: datetime | None, state: str | None) -> BackupJob:
    known = properties(job)
    return BackupJob(
        key=job["id"],
        seen=[job, vault],
        job_id=job["name"],
        resource_id=target,
        started_at=at,
        ended_at=moment(known.get("endTime")),
        state=state,
        message=next((one.get("errorString") for one in known.get("errorDetails") or ()), None),
    )


def _restore(job: Answer, vault: Answer, target: str | None, at: datetime | None) -> RestoreTest:
    return RestoreTest(
        key=job["id"],
        seen=[job, vault],
        test_id=job["name"],
        resource_id=target,
        tested_at=at,
        restored_ok=_RESTORED[_STATES[str(properties(job)["status"])]],
    )


def _jobs(source: AzureSource, vault: Answer, span: str) -> tuple[list[Answer], list[Answer]]:
    return list(source.list(PROTECTED_ITEMS, **_at(vault))), list(
        source.list(BACKUP_JOBS, **_at(vault), **{"$filter": span})
    )


def _clock(at: datetime) -> str:
    """As the filter of jobs takes it: `2026-01-31 02:00:00 PM`."""
    return f"{at:%Y-%m-%d %I:%M:%S %p}"
