"""Stores of data: buckets, databases, keys and secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.gcp.estate import Estate, Project

_REGION = "europe-west1"
_EVERYONE = {"role": "roles/storage.objectViewer", "members": ["allUsers"]}


def lay_data(estate: Estate, project: Project, index: int) -> None:
    """Of one project."""
    _lay_buckets(estate, project, index)
    if index % 2 == 0:
        _lay_database(estate, project, index)
    _lay_key(estate, project, index)
    _lay_secret(estate, project, index)
    policy = {
        "name": "nightly",
        "snapshotSchedulePolicy": {
            "schedule": {"dailySchedule": {"daysInCycle": 1, "startTime": "02:00"}},
            "retentionPolicy": {"maxRetentionDays": 35},
            "snapshotProperties": {"storageLocations": ["eu"]},
        },
    }
    place = f"compute.googleapis.com/projects/{project.id}/regions/{_REGION}/resourcePolicies/nightly"
    estate.add("compute.googleapis.com/ResourcePolicy", place, project, policy)


def _bucket(name: str, *, uniform: bool = True, prevention: str = "inherited", **more: Any) -> dict[str, Any]:
    return {
        "kind": "storage#bucket",
        "id": name,
        "name": name,
        "location": "EU",
        "locationType": "multi-region",
        "iamConfiguration": {
            "publicAccessPrevention": prevention,
            "uniformBucketLevelAccess": {"enabled": uniform},
        },
        **more,
    }


def _lay_buckets(estate: Estate, project: Project, index: int) -> None:
    found: list[tuple[dict[str, Any], list[dict[str, Any]], bool]] = [
        (_bucket(f"{project.id}-data", labels={"data_class": "confidential"}), [], False),
        (_bucket(f"{project.id}-shut", prevention="enforced"), [_EVERYONE], False),
    ]
    if index % 6 == 1:
        found.append((_bucket(f"{project.id}-www"), [_EVERYONE], True))
    if index % 6 == 2:
        acl = [{"entity": "allAuthenticatedUsers", "role": "READER"}]
        found.append((_bucket(f"{project.id}-acl", uniform=False, acl=acl, defaultObjectAcl=[]), [], True))
    for data, bindings, wrong in found:
        name = data["name"]
        admins = {"role": "roles/storage.admin", "members": ["group:platform@northwind.example"]}
        full = f"storage.googleapis.com/{name}"
        estate.add(
            "storage.googleapis.com/Bucket",
            full,
            project,
            data,
            labels=data.get("labels") or {},
            policy={"bindings": [admins, *bindings]},
        )
        (estate.plant if wrong else estate.near_miss)("IAM-15", name)
        if data.get("labels") and project.environment == "prod":
            estate.plant("IAM-16", name)


def _lay_database(estate: Estate, project: Project, index: int) -> None:
    full = f"cloudsql.googleapis.com/projects/{project.id}/instances/main"
    to_all = index % 6 == 2
    backed_up = index % 8 != 4
    let_in = [{"value": "0.0.0.0/0" if to_all else "203.0.113.0/24", "kind": "sql#aclEntry"}]
    backup = {
        "kind": "sql#backupConfiguration",
        "enabled": backed_up,
        "location": "eu",
        "backupRetentionSettings": {"retainedBackups": 35, "retentionUnit": "COUNT"},
        "pointInTimeRecoveryEnabled": False,
    }
    alone, loose = index % 8 == 6, index % 8 == 2
    network = {"ipv4Enabled": True, "authorizedNetworks": let_in, "sslMode": "ENCRYPTED_ONLY"}
    data = {
        "kind": "sql#instance",
        "name": "main",
        "project": project.id,
        "region": _REGION,
        "state": "RUNNABLE",
        "instanceType": "CLOUD_SQL_INSTANCE",
        "settings": {
            "ipConfiguration": network,
            "backupConfiguration": backup,
            "availabilityType": "ZONAL" if alone else "REGIONAL",
            "deletionProtectionEnabled": not loose,
            "userLabels": {"environment": project.environment},
        },
    }
    estate.add("sqladmin.googleapis.com/Instance", full, project, data)
    prod = project.environment == "prod"
    (estate.plant if to_all and prod else estate.near_miss)("IAM-14", full)
    (estate.plant if not backed_up and prod else estate.near_miss)("BCP-01", full)
    (estate.plant if not backed_up and prod else estate.near_miss)("BCP-03", f"copy of {full}")
    (estate.plant if alone and prod else estate.near_miss)("BCP-07", f"zones of {full}")
    (estate.plant if loose and prod else estate.near_miss)("BCP-07", f"deletion of {full}")
    for days in range(1, 6) if backed_up else ():
        failed = index % 10 == 6 and days == 4
        job = f"{project.id}/main/{1000 + days}"
        estate.rows[f"backupRuns {project.id} main"].append(
            {
                "kind": "sql#backupRun",
                "id": str(1000 + days),
                "instance": "main",
                "type": "AUTOMATED",
                "status": "FAILED" if failed else "SUCCESSFUL",
                "startTime": estate.ago(days=days - 0.5),
                "endTime": estate.ago(days=days - 0.51),
            }
        )
        if failed:
            estate.manifest.setdefault("failed_backups", set()).add(f"job {job}")
    estate.rows[f"operations {project.id}"].append(
        {
            "kind": "sql#operation",
            "name": f"op-{index}",
            "operationType": "CLONE" if index % 4 == 0 else "UPDATE",
            "status": "DONE",
            "targetId": "main",
            "targetProject": project.id,
            "startTime": estate.ago(days=2),
            "endTime": estate.ago(days=1.9),
            "insertTime": estate.ago(days=2),
        }
    )


def _lay_key(estate: Estate, project: Project, index: int) -> None:
    name = f"projects/{project.id}/locations/{_REGION}/keyRings/main/cryptoKeys/data"
    days = {0: None, 1: 400}.get(index % 10, 90)
    data = {
        "name": name,
        "purpose": "ENCRYPT_DECRYPT",
        "versionTemplate": {"protectionLevel": "SOFTWARE", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"},
        "primary": {"name": f"{name}/cryptoKeyVersions/1", "state": "ENABLED"},
        **({"rotationPeriod": f"{days * 86400}s"} if days else {}),
    }
    wrong = days != 90
    estate.add("cloudkms.googleapis.com/CryptoKey", f"cloudkms.googleapis.com/{name}", project, data)
    version = {"name": f"{name}/cryptoKeyVersions/1", "state": "ENABLED", "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}
    full = f"cloudkms.googleapis.com/{name}/cryptoKeyVersions/1"
    estate.add("cloudkms.googleapis.com/CryptoKeyVersion", full, project, version)
    (estate.plant if wrong else estate.near_miss)("IAM-18", f"cloudkms.googleapis.com/{name}")


def _lay_secret(estate: Estate, project: Project, index: int) -> None:
    name = f"projects/{project.number}/secrets/api"
    full = f"secretmanager.googleapis.com/{name}"
    age = 200 if index % 10 == 3 else 30
    estate.add(
        "secretmanager.googleapis.com/Secret",
        full,
        project,
        {"name": name, "createTime": estate.ago(days=500), "replication": {"automatic": {}}},
    )
    version = {"name": f"{name}/versions/2", "createTime": estate.ago(days=age), "state": "ENABLED"}
    estate.add("secretmanager.googleapis.com/SecretVersion", f"{full}/versions/2", project, version)
    (estate.plant if age > 90 else estate.near_miss)("IAM-10", full)
