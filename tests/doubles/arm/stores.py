"""Storage, databases, disks, machines, keys, and their backups."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.arm.ids import text

if TYPE_CHECKING:
    from tests.doubles.arm.estate import Place


def lay(place: Place) -> None:
    _storage(place)
    _databases(place)
    _keys(place)
    _machines(place)


def _account(place: Place, name: str, *, redundancy: str = "ZRS", **known: Any) -> str:
    return place.resource(
        "Microsoft.Storage/storageAccounts",
        f"st{name}{place.index}",
        {
            "allowBlobPublicAccess": False,
            "minimumTlsVersion": "TLS1_2",
            "supportsHttpsTrafficOnly": True,
            "networkAcls": {
                "defaultAction": "Allow",
                "bypass": "AzureServices",
                "ipRules": [],
                "virtualNetworkRules": [],
            },
            "encryption": {
                "keySource": "Microsoft.Storage",
                "services": {"blob": {"enabled": True, "keyType": "Account"}, "file": {"enabled": True}},
            },
            "provisioningState": "Succeeded",
            "allowSharedKeyAccess": True,
            "keyCreationTime": {one: text(place.now - timedelta(days=20)) for one in ("key1", "key2")},
            **known,
        },
        kind="StorageV2",
        sku={"name": f"Standard_{redundancy}", "tier": "Standard"},
    )


def _containers(place: Place, account: str, **names: dict[str, Any]) -> None:
    base = f"{account}/blobServices/default"
    place.single(base, {"id": base, "name": "default", "properties": {"isVersioningEnabled": True}})
    rows = []
    for name, known in names.items():
        called = name.replace("_", "-")
        plain = {"publicAccess": "None", "hasImmutabilityPolicy": False, "hasLegalHold": False}
        rows.append({"id": f"{base}/containers/{called}", "name": called, "properties": {**plain, **known}})
    place.list(f"{base}/containers", rows)


def _storage(place: Place) -> None:
    base = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts"
    once = place.plant("account in one building", f"zones of {base}/stclosed{place.index}")
    _containers(place, _account(place, "closed", redundancy="GRS" if once else "ZRS"), data={})
    offered = _account(place, "offered", allowBlobPublicAccess=True)
    opened = place.plant("open container", offered)
    _containers(place, offered, data={}, site={"publicAccess": "Blob" if opened else "None"})
    name = f"stold{place.index}"
    weak = place.plant("old TLS", f"{base}/{name}")
    _containers(place, _account(place, "old", minimumTlsVersion="TLS1_0" if weak else "TLS1_2"), data={})
    account = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.Storage/storageAccounts/stlogs{place.index}"
    worn = place.plant("storage key not replaced", f"{account} key2")
    made = {"key1": text(place.now), "key2": text(place.now - timedelta(days=400 if worn else 20))}
    logs = _account(place, "logs", keyCreationTime=made)
    _containers(place, logs, insights_activity_logs={"hasImmutabilityPolicy": True})
    container = f"{logs}/blobServices/default/containers/insights-activity-logs"
    loose = place.plant("log container not locked", f"store {container.lower()}")
    place.single(
        f"{container}/immutabilityPolicies/default",
        {
            "id": f"{container}/immutabilityPolicies/default",
            "name": "default",
            "properties": {
                "immutabilityPeriodSinceCreationInDays": 400,
                "allowProtectedAppendWrites": True,
                "state": "Unlocked" if loose else "Locked",
            },
        },
    )


def _databases(place: Place) -> None:
    name = f"sql{place.index}"
    server = place.resource(
        "Microsoft.Sql/servers",
        name,
        {"minimalTlsVersion": "1.2", "publicNetworkAccess": "Enabled", "state": "Ready", "version": "12.0"},
        kind="v12.0",
    )
    wide = place.plant("server open to the world", server)
    rules = [("office", "203.0.113.10", "203.0.113.20"), ("azure", "0.0.0.0", "0.0.0.0")]  # noqa: S104 - Azure's own word
    if wide:
        rules.append(("all", "0.0.0.0", "255.255.255.255"))  # noqa: S104 - the planted rule
    place.list(
        f"{server}/firewallRules",
        [
            {
                "id": f"{server}/firewallRules/{one}",
                "name": one,
                "properties": {"startIpAddress": first, "endIpAddress": last},
            }
            for one, first, last in rules
        ],
    )
    place.list(
        f"{server}/encryptionProtector",
        [
            {
                "id": f"{server}/encryptionProtector/current",
                "name": "current",
                "properties": {"serverKeyType": "ServiceManaged", "serverKeyName": "ServiceManaged"},
            }
        ],
    )
    for database in ("master", "orders", "people"):
        alone = database == "orders" and place.plant("database in one zone", f"zones of {server}/databases/{database}")
        made = place.resource(
            "Microsoft.Sql/servers/databases",
            f"{name}/{database}",
            {"zoneRedundant": not alone, "status": "Online", "currentBackupStorageRedundancy": "Geo"},
        )
        bare = database == "people" and place.plant("database unencrypted", made)
        place.list(
            f"{made}/transparentDataEncryption",
            [{"id": made, "name": "current", "properties": {"state": "Disabled" if bare else "Enabled"}}],
        )
        kept = place.plant("database kept a week", made.lower()) if database == "orders" else False
        policy = f"{made}/backupShortTermRetentionPolicies/default"
        place.single(policy, {"id": policy, "name": "default", "properties": {"retentionDays": 7 if kept else 35}})
        if bare:
            place.estate.planted["database unencrypted"].append(server)
        if wide and database != "master":
            place.estate.planted["server open to the world"].append(made)


def _keys(place: Place) -> None:
    made = f"kv{place.index}"
    vault_id = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.KeyVault/vaults/{made}"
    purges = place.plant("vault can be purged", f"vault.purge_protection {vault_id}")
    vault = place.resource(
        "Microsoft.KeyVault/vaults",
        made,
        {
            "enableSoftDelete": True,
            "enableRbacAuthorization": True,
            **({} if purges else {"enablePurgeProtection": True}),
        },
    )
    _secrets(place, vault)
    key = f"{vault}/keys/data"
    fixed = place.plant("key without rotation", key)
    short = {"id": key, "name": "data", "properties": {"attributes": {"enabled": True}}}
    place.list(f"{vault}/keys", [short])
    actions = [
        {"action": {"type": "notify"}, "trigger": {"timeBeforeExpiry": "P30D"}},
        *([] if fixed else [{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P90D"}}]),
    ]
    known = {"attributes": {"enabled": True}, "rotationPolicy": {"lifetimeActions": actions, "attributes": {}}}
    place.single(key, {**short, "properties": known})


def _secrets(place: Place, vault: str) -> None:
    old = place.plant("secret not replaced", f"{vault}/secrets/mailer")
    rows = []
    for name, days, kind in (("mailer", 200 if old else 20, "text/plain"), ("web", 20, "application/x-pkcs12")):
        made = int((place.now - timedelta(days=days)).timestamp())
        attributes = {"enabled": True, "created": made, "updated": made, "exp": made + 365 * 86400}
        known = {"contentType": kind, "attributes": attributes}
        rows.append({"id": f"{vault}/secrets/{name}", "name": name, "properties": known})
    place.list(f"{vault}/secrets", rows)


def _machines(place: Place) -> None:
    disk = place.resource(
        "Microsoft.Compute/disks",
        f"disk{place.index}",
        {"encryption": {"type": "EncryptionAtRestWithPlatformKey"}, "diskState": "Attached"},
        zones=["1"],
    )
    machines = [_machine(place, disk, f"vm{place.index}"), _machine(place, disk, f"vm{place.index}b")]
    bare = place.plant("machine without backup", machines[1].lower())
    if bare:  # and so it has no copy elsewhere either
        place.estate.planted.setdefault("machine without a copy", []).append(f"copy of {machines[1].lower()}")
    called = f"{place.path}/resourceGroups/rg-app/providers/Microsoft.RecoveryServices/vaults/rsv{place.index}"
    loose = place.plant("vault not locked", f"vault {called}")
    near = place.plant("vault in one region", f"copy of {machines[0].lower()}")
    if near and not bare:
        place.estate.planted["vault in one region"].append(f"copy of {machines[1].lower()}")
    vault = place.resource(
        "Microsoft.RecoveryServices/vaults",
        f"rsv{place.index}",
        {
            "provisioningState": "Succeeded",
            "securitySettings": {"immutabilitySettings": {"state": "Unlocked" if loose else "Locked"}},
            "redundancySettings": {
                "standardTierStorageRedundancy": "ZoneRedundant" if near else "GeoRedundant",
                "crossRegionRestore": "Disabled",
            },
        },
    )
    policy = f"{vault}/backupPolicies/daily"
    short = place.plant("backup kept a week", machines[0].lower())
    if short and not bare:
        place.estate.planted["backup kept a week"].append(machines[1].lower())
    kept = {"retentionTimes": [], "retentionDuration": {"count": 7 if short else 35, "durationType": "Days"}}
    place.list(
        f"{vault}/backupPolicies",
        [
            {
                "id": policy,
                "name": "daily",
                "properties": {
                    "backupManagementType": "AzureIaasVM",
                    "schedulePolicy": {"schedulePolicyType": "SimpleSchedulePolicy", "scheduleRunFrequency": "Daily"},
                    "retentionPolicy": {"retentionPolicyType": "LongTermRetentionPolicy", "dailySchedule": kept},
                },
            }
        ],
    )
    held = machines[:1] if bare else machines
    place.list(f"{vault}/backupProtectedItems", [_item(place, vault, one, policy) for one in held])
    _jobs(place, vault, held)


def _machine(place: Place, disk: str, name: str) -> str:
    os_disk = {"name": "os", "osType": "Linux", "managedDisk": {"id": disk}}
    return place.resource(
        "Microsoft.Compute/virtualMachines", name, {"storageProfile": {"osDisk": os_disk, "dataDisks": []}}, zones=["1"]
    )


def _item(place: Place, vault: str, machine: str, policy: str) -> dict[str, Any]:
    name = machine.rsplit("/", 1)[-1]
    return {
        "id": f"{vault}/backupFabrics/Azure/protectionContainers/c;{name}/protectedItems/vm;{name}",
        "name": f"vm;{name}",
        "properties": {
            "friendlyName": name,
            "protectionState": "Protected",
            "protectionStatus": "Healthy",
            "lastBackupStatus": "Completed",
            "lastBackupTime": text(place.now - timedelta(hours=8)),
            "sourceResourceId": machine.replace("resourceGroups", "resourcegroups"),
            "workloadType": "VM",
            "policyId": policy.replace("/subscriptions/", "/Subscriptions/"),
        },
    }


def _jobs(place: Place, vault: str, machines: list[str]) -> None:
    rows = []
    for machine in machines:
        name = machine.rsplit("/", 1)[-1]
        for day in range(40):
            at = place.now - timedelta(days=day, hours=9)
            called = f"job-{name}-{day:02d}"
            failed = day == 5 and machine == machines[0] and place.plant("backup failed", f"job {called}")
            rows.append(_job(vault, called, name, "Backup", "Failed" if failed else "Completed", at))
    rows.append(_job(vault, f"restore-{place.index}", "x", "Restore", "Completed", place.now - timedelta(days=3)))
    place.list(f"{vault}/backupJobs", rows)


def _job(vault: str, called: str, name: str, operation: str, status: str, at: Any) -> dict[str, Any]:
    return {
        "id": f"{vault}/backupJobs/{called}",
        "name": called,
        "properties": {
            "entityFriendlyName": name,
            "operation": operation,
            "status": status,
            "startTime": text(at),
            "endTime": text(at + timedelta(minutes=30)),
            "backupManagementType": "AzureIaasVM",
        },
    }
