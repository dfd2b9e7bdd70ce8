"""What lies in each project, and where it is wrong on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.gcp.laying_data import lay_data
from tests.doubles.gcp.laying_edge import lay_edge
from tests.doubles.gcp.laying_watch import lay_watch

if TYPE_CHECKING:
    import random

    from tests.doubles.gcp.estate import Estate, Project

ZONE, REGION = "europe-west1-b", "europe-west1"
COMPUTE = "https://www.googleapis.com/compute/v1"
_MANAGER = "cloudresourcemanager.googleapis.com"
ADMIN = "group:platform@northwind.example"


def lay(estate: Estate, dice: random.Random) -> None:
    """Everything; each part has its own file."""
    _lay_organisation(estate)
    _lay_folders(estate)
    for index, project in enumerate(estate.projects):
        _lay_project(estate, project, index)
        _lay_network(estate, project, index, dice)
        _lay_identities(estate, project, index)
        lay_data(estate, project, index)
        lay_edge(estate, project, index)
    lay_watch(estate)


def _lay_organisation(estate: Estate) -> None:
    custom = {
        "name": "organizations/100/roles/breakGlass",
        "title": "Break glass",
        "includedPermissions": ["resourcemanager.projects.setIamPolicy", "storage.objects.get"],
        "stage": "GA",
    }
    plain = {**custom, "name": "organizations/100/roles/reader", "includedPermissions": ["storage.objects.get"]}
    for one in (custom, plain):
        estate.add("iam.googleapis.com/Role", f"iam.googleapis.com/{one['name']}", None, one)
    top = estate.add(f"{_MANAGER}/Organization", f"{_MANAGER}/organizations/100", None, {})
    top.policy = {
        "bindings": [
            {"role": "roles/resourcemanager.organizationAdmin", "members": ["user:ada@northwind.example"]},
            {"role": "organizations/100/roles/breakGlass", "members": ["user:grace@northwind.example"]},
            {"role": "organizations/100/roles/reader", "members": ["user:linus@northwind.example"]},
        ],
        "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "ADMIN_READ"}]}],
    }
    name = "//cloudresourcemanager.googleapis.com/organizations/100"
    # The rule names a grant by its id and its role.
    role = "organizations/100/roles/breakGlass"
    estate.plant("IAM-11", f"{name} {role} user:grace@northwind.example {role}")


def _lay_folders(estate: Estate) -> None:
    """The first logs each access to data, the second all but what one program reads; the third sets nothing."""
    exempt = ["serviceAccount:scan@northwind-0001.iam.gserviceaccount.com"]
    read = ({"logType": "DATA_READ"}, {"logType": "DATA_READ", "exemptedMembers": exempt}, None)
    for number, one in zip((201, 202, 203), read, strict=True):
        kind = f"{_MANAGER}/Folder"
        folder = estate.add(kind, f"{_MANAGER}/folders/{number}", None, {})
        if one is not None:
            kinds = [{"logType": "DATA_WRITE"}, one]
            folder.policy = {"auditConfigs": [{"service": "allServices", "auditLogConfigs": kinds}]}


def _lay_project(estate: Estate, project: Project, index: int) -> None:
    bindings = [
        {"role": "roles/viewer", "members": [ADMIN]},
        {
            "role": "roles/storage.admin",
            "members": [f"serviceAccount:app@{project.id}.iam.gserviceaccount.com"],
        },
    ]
    if index % 9 == 2:
        bindings.append({"role": "roles/owner", "members": [f"user:dev{index}@northwind.example"]})
        estate.manifest.setdefault("owners", set()).add(f"dev{index}@northwind.example")
    if index % 9 == 3:
        gone = f"deleted:user:left{index}@northwind.example?uid=1{index}"
        bindings.append({"role": "roles/owner", "members": [gone]})
    estate.add(
        f"{_MANAGER}/Project",
        f"{_MANAGER}/projects/{project.id}",
        project,
        {"projectId": project.id},
        labels={"environment": project.environment},
        state="ACTIVE" if project.active else "DELETE_REQUESTED",
        policy={"bindings": bindings, **_audited(index)},
    )


def _audited(index: int) -> dict[str, Any]:
    """Some projects set something of their own, which adds to what they inherit."""
    kinds = [{"logType": "DATA_READ"}]
    return {} if index % 4 else {"auditConfigs": [{"service": "storage.googleapis.com", "auditLogConfigs": kinds}]}


def _rule(project: Project, name: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "compute#firewall",
        "name": name,
        "network": f"{COMPUTE}/projects/{project.id}/global/networks/main",
        "direction": "INGRESS",
        "disabled": False,
        "priority": 1000,
        "sourceRanges": ["0.0.0.0/0"],
        "allowed": [{"IPProtocol": "tcp", "ports": ["443"]}],
        **more,
    }


def _lay_network(estate: Estate, project: Project, index: int, dice: random.Random) -> None:
    ssh = [{"IPProtocol": "tcp", "ports": ["22"]}]
    rules = {
        "web": _rule(project, "web"),
        "inside": _rule(project, "inside", sourceRanges=["10.0.0.0/8"], allowed=[{"IPProtocol": "all"}]),
        "off": _rule(project, "off", disabled=True, allowed=ssh),
    }
    if index % 7 == 0:
        rules["open"] = _rule(project, "open", allowed=ssh)
    if index % 7 == 1:
        halves = ["0.0.0.0/1", "128.0.0.0/1"]
        rules["halves"] = _rule(
            project, "halves", sourceRanges=halves, allowed=[{"IPProtocol": "tcp", "ports": ["20-30"]}]
        )
    for name, data in rules.items():
        full = f"compute.googleapis.com/projects/{project.id}/global/firewalls/{name}"
        estate.add("compute.googleapis.com/Firewall", full, project, data)
        wrong = name in {"open", "halves"} and project.environment == "prod"
        (estate.plant if wrong else estate.near_miss)("IAM-14", full)
    for number in range(1 + dice.randrange(2)):
        _lay_machine(estate, project, f"vm-{number}", index)
    subnet = {
        "name": "main",
        "purpose": "PRIVATE",
        "network": f"{COMPUTE}/projects/{project.id}/global/networks/main",
        "enableFlowLogs": index % 4 != 0,
        "logConfig": {"enable": index % 4 != 0},
    }
    place = f"compute.googleapis.com/projects/{project.id}/regions/{REGION}/subnetworks/main"
    estate.add("compute.googleapis.com/Subnetwork", place, project, subnet)
    silent = index % 4 == 0 and project.environment == "prod"
    (estate.plant if silent else estate.near_miss)("LOG-01", f"network flows of {place}")


def _lay_machine(estate: Estate, project: Project, name: str, index: int) -> None:
    path = f"projects/{project.id}/zones/{ZONE}/instances/{name}"
    estate.add("compute.googleapis.com/Instance", f"compute.googleapis.com/{path}", project, {}, state="RUNNING")
    nic: dict[str, Any] = {"network": f"{COMPUTE}/projects/{project.id}/global/networks/main", "name": "nic0"}
    if index % 3 == 0:
        nic["accessConfigs"] = [{"natIP": "203.0.113.7", "type": "ONE_TO_ONE_NAT"}]
    row = {
        "id": str(abs(hash((project.id, name))) % 10**15),
        "name": name,
        "selfLink": f"{COMPUTE}/{path}",
        "status": "RUNNING",
        "labels": {"environment": project.environment},
        "networkInterfaces": [nic],
        "metadata": {"items": [{"key": "startup-script", "value": "export PASSWORD=hunter2"}]},
    }
    estate.rows[f"instances {project.id} {ZONE}"].append(row)
    _lay_report(estate, project, row, index)
    users = [f"{COMPUTE}/{path}"]
    policies = [f"{COMPUTE}/projects/{project.id}/regions/{REGION}/resourcePolicies/nightly"]
    bare = index % 6 == 5
    disk = f"compute.googleapis.com/projects/{project.id}/zones/{ZONE}/disks/{name}"
    estate.add(
        "compute.googleapis.com/Disk",
        disk,
        project,
        {
            "name": name,
            "selfLink": f"{COMPUTE}/projects/{project.id}/zones/{ZONE}/disks/{name}",
            "users": users,
            **({} if bare else {"resourcePolicies": policies}),
        },
    )
    (estate.plant if bare and project.environment == "prod" else estate.near_miss)("BCP-01", disk)
    (estate.plant if bare and project.environment == "prod" else estate.near_miss)("BCP-03", f"copy of {disk}")
    hours = {1: 30, 2: 3}.get(index % 6)
    if hours is not None:
        snapshot = {
            "name": f"{name}-s",
            "sourceDisk": f"{COMPUTE}/projects/{project.id}/zones/{ZONE}/disks/{name}",
            "status": "READY",
            "creationTimestamp": estate.ago(hours=hours),
            "storageLocations": ["eu"],
            "autoCreated": True,
        }
        made = f"compute.googleapis.com/projects/{project.id}/global/snapshots/{name}-s"
        estate.add("compute.googleapis.com/Snapshot", made, project, snapshot)
        late = hours > 24 and project.environment == "prod"
        (estate.plant if late else estate.near_miss)("BCP-03", f"age of the copy of {disk}")


def _lay_report(estate: Estate, project: Project, machine: dict[str, Any], index: int) -> None:
    """One machine has no report, one an old one, and one misses a critical patch for too long."""
    full = f"compute.googleapis.com/projects/{project.id}/zones/{ZONE}/instances/{machine['name']}"
    prod = project.environment == "prod"
    bare, stale, weak = (index % 12 == at for at in (3, 7, 10))
    (estate.plant if (bare or stale) and prod else estate.near_miss)("LOG-07", f"host {full}")
    if not (bare or stale):
        (estate.plant if weak and prod else estate.near_miss)("LOG-07", f"patches of {full}")
    elif prod:
        estate.plant("LOG-07", "share of hosts that are scanned")
    if bare:
        return
    number = f"projects/{project.number}/locations/{ZONE}/instances/{machine['id']}"
    cve = f"CVE-2026-{index:04d}"
    if weak:
        estate.plant("LOG-08", f"{number} {cve}")
    report = {
        "name": f"{number}/vulnerabilityReport",
        "updateTime": estate.ago(days=9) if stale else estate.ago(hours=5),
        "vulnerabilities": [
            {
                "details": {"cve": cve, "severity": "CRITICAL" if weak else "HIGH"},
                "createTime": estate.ago(days=40 if weak else 3),
                "items": [{"installedInventoryItemId": "1", "availableInventoryItemId": "2"}],
            }
        ],
    }
    estate.rows[f"reports {project.id} {ZONE}"].append(report)


def _lay_identities(estate: Estate, project: Project, index: int) -> None:
    email, unique = f"app@{project.id}.iam.gserviceaccount.com", f"1{project.number:020d}"
    account = {
        "name": f"projects/{project.id}/serviceAccounts/{email}",
        "projectId": project.id,
        "uniqueId": unique,
        "email": email,
        **({"disabled": True} if index % 8 == 7 else {}),
    }
    estate.add(
        "iam.googleapis.com/ServiceAccount",
        f"iam.googleapis.com/projects/{project.id}/serviceAccounts/{unique}",
        project,
        account,
    )
    for kind, age, name in (("SYSTEM_MANAGED", 9, "a"), ("USER_MANAGED", 400 if index % 4 == 1 else 20, "b")):
        if kind == "USER_MANAGED" and index % 2 == 0:
            continue
        full = f"iam.googleapis.com/projects/{project.id}/serviceAccounts/{unique}/keys/{name}{index:039d}"
        data = {
            "name": f"{account['name']}/keys/{name}{index:039d}",
            "validAfterTime": estate.ago(days=age),
            "validBeforeTime": "9999-12-31T23:59:59Z",
            "keyAlgorithm": "KEY_ALG_RSA_2048",
            "keyOrigin": "GOOGLE_PROVIDED",
            "keyType": kind,
        }
        estate.add("iam.googleapis.com/ServiceAccountKey", full, project, data)
        if kind == "USER_MANAGED":
            (estate.plant if age > 90 else estate.near_miss)("IAM-10", full)
            activity = {
                "fullResourceName": f"//{full}",
                "activityType": "serviceAccountKeyLastAuthentication",
                "activity": {"lastAuthenticatedTime": estate.ago(days=2)},
            }
            estate.rows[f"activities {project.id}"].append(activity)
