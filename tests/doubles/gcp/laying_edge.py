"""Load balancers, backup plans, rollouts: what only some projects have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.gcp.estate import Estate, Project

_COMPUTE = "https://www.googleapis.com/compute/v1"
_C = "compute.googleapis.com"
_LOCATION = "europe-west1"


def lay_edge(estate: Estate, project: Project, index: int) -> None:
    """Of one project."""
    if index % 4 == 0:
        _lay_balancer(estate, project, index)
        _lay_certificates(estate, project, index)
    if index == 5:
        _lay_plan(estate, project)
    if index % 4 == 1:
        rollout = {
            "name": f"projects/{project.id}/locations/{_LOCATION}/deliveryPipelines/web/releases/r1/rollouts/prod",
            "state": "SUCCEEDED" if index % 8 == 1 else "FAILED",
            "targetId": "prod",
            "createTime": estate.ago(hours=9),
            "deployEndTime": estate.ago(hours=8),
        }
        estate.add(
            "clouddeploy.googleapis.com/Rollout", f"clouddeploy.googleapis.com/{rollout['name']}", project, rollout
        )


_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def _lay_balancer(estate: Estate, project: Project, index: int) -> None:
    here = f"projects/{project.id}/global"
    guarded, modern = index % 8 == 0, index % 12 != 8
    armor = {"securityPolicy": f"{_COMPUTE}/{here}/securityPolicies/armor"} if guarded else {}
    policy = {"sslPolicy": f"{_COMPUTE}/{here}/sslPolicies/modern"} if modern else {}
    laid: list[tuple[str, str, dict[str, Any]]] = [
        ("BackendService", "backendServices/web", {"loadBalancingScheme": "EXTERNAL_MANAGED", **armor}),
        ("RegionBackendService", "", {"loadBalancingScheme": "INTERNAL_MANAGED"}),
        ("SslPolicy", "sslPolicies/modern", {"minTlsVersion": "TLS_1_2", "profile": "MODERN"}),
        ("UrlMap", "urlMaps/web", {"defaultService": f"{_COMPUTE}/{here}/backendServices/web"}),
        ("UrlMap", "urlMaps/redirect", {"defaultUrlRedirect": {"httpsRedirect": True}}),
        (
            "TargetHttpsProxy",
            "targetHttpsProxies/web",
            {
                "urlMap": f"{_COMPUTE}/{here}/urlMaps/web",
                "sslCertificates": [f"{_COMPUTE}/{here}/sslCertificates/web"],
                **policy,
            },
        ),
        (
            "SslCertificate",
            "sslCertificates/web",
            {
                "type": "MANAGED",
                "managed": {"domains": ["web.northwind.example"], "status": "ACTIVE" if index else "RENEWAL_FAILED"},
                "certificate": _CERTIFICATE,
                "creationTimestamp": estate.ago(days=60),
                "expireTime": estate.ago(days=-30),
            },
        ),
        (
            "SslCertificate",
            "sslCertificates/own",
            {
                "type": "SELF_MANAGED",
                "selfManaged": {"certificate": _CERTIFICATE},
                "certificate": _CERTIFICATE,
                "creationTimestamp": estate.ago(days=360),
                "expireTime": estate.ago(days=-5),
            },
        ),
        ("TargetHttpProxy", "targetHttpProxies/redirect", {"urlMap": f"{_COMPUTE}/{here}/urlMaps/redirect"}),
        ("TargetHttpProxy", "targetHttpProxies/plain", {"urlMap": f"{_COMPUTE}/{here}/urlMaps/web"}),
    ]
    inside = f"projects/{project.id}/regions/{_LOCATION}/backendServices/inside"
    for kind, path, data in laid:
        full = f"{here}/{path}" if path else inside
        estate.add(f"{_C}/{kind}", f"{_C}/{full}", project, {"name": full.rpartition("/")[2], **data})
    if not guarded:
        laid_bare = estate.plant if project.environment == "prod" else estate.near_miss
        for proxy in ("targetHttpsProxies/web", "targetHttpProxies/plain"):
            laid_bare("IAM-14", f"{_C}/{here}/{proxy}")


def _lay_certificates(estate: Estate, project: Project, index: int) -> None:
    """Those of Certificate Manager: one renewed, one that is not any more, one brought, one that nothing uses."""
    here = f"projects/{project.id}/locations/global"
    entry = f"//certificatemanager.googleapis.com/{here}/certificateMaps/web/certificateMapEntries/"
    kept: dict[str, tuple[dict[str, Any], int]] = {
        "renewed": ({"managed": {"domains": ["a.northwind.example"], "state": "ACTIVE"}}, 60),
        "stuck": ({"managed": {"domains": ["b.northwind.example"], "state": "FAILED" if index == 4 else "ACTIVE"}}, 50),
        "brought": ({"selfManaged": {}}, 10 if index == 8 else 70),
        "spare": ({"managed": {"domains": ["c.northwind.example"], "state": "FAILED"}}, 1),
    }
    for name, (data, days) in kept.items():
        full = f"certificatemanager.googleapis.com/{here}/certificates/{name}"
        more = {
            "name": f"{here}/certificates/{name}",
            "createTime": estate.ago(days=20),
            "expireTime": estate.ago(days=-days),
            "pemCertificate": _CERTIFICATE,
            **({} if name == "spare" else {"usedBy": [{"name": f"{entry}{name}"}]}),
        }
        estate.add("certificatemanager.googleapis.com/Certificate", full, project, {**data, **more})
        failed = name == "stuck" and index == 4
        (estate.plant if failed else estate.near_miss)("IAM-17", f"renewal of {full}")
    if index == 0:
        estate.plant("IAM-17", f"renewal of {_C}/projects/{project.id}/global/sslCertificates/web")
    proxy = f"{_C}/projects/{project.id}/global/targetSslProxies/mail"
    links = [f"{_COMPUTE}/projects/{project.id}/global/sslCertificates/own"] if index == 8 else []
    estate.add(f"{_C}/TargetSslProxy", proxy, project, {"name": "mail", "sslCertificates": links})


def _lay_plan(estate: Estate, project: Project) -> None:
    here = f"projects/{project.id}/locations/{_LOCATION}"
    plan = {
        "name": f"{here}/backupPlans/gold",
        "backupRules": [
            {
                "ruleId": "hourly",
                "backupRetentionDays": 40,
                "standardSchedule": {"recurrenceType": "HOURLY", "hourlyFrequency": 6, "timeZone": "UTC"},
            }
        ],
        "state": "ACTIVE",
        "backupVault": f"{here}/backupVaults/main",
    }
    machine = f"projects/{project.id}/zones/{_LOCATION}-b/instances/vm-0"
    association = {
        "name": f"{here}/backupPlanAssociations/vm-0",
        "resource": machine,
        "backupPlan": plan["name"],
        "state": "ACTIVE",
    }
    for name, lock in (("main", -100), ("later", 30), ("loose", None)):
        vault = {
            "name": f"{here}/backupVaults/{name}",
            "backupMinimumEnforcedRetentionDuration": f"{40 * 86400}s",
            "state": "ACTIVE",
            **({} if lock is None else {"effectiveTime": estate.ago(days=-lock)}),
        }
        full = f"backupdr.googleapis.com/{vault['name']}"
        estate.add("backupdr.googleapis.com/BackupVault", full, project, vault)
        (estate.near_miss if name == "main" else estate.plant)("BCP-03", f"vault {full}")
    for kind, data in (("BackupPlan", plan), ("BackupPlanAssociation", association)):
        estate.add(f"backupdr.googleapis.com/{kind}", f"backupdr.googleapis.com/{data['name']}", project, data)
    disk = f"{_C}/projects/{project.id}/zones/{_LOCATION}-b/disks/vm-0"
    estate.manifest["deviations"]["BCP-01"].discard(disk)
    estate.near_miss("BCP-01", disk)
    # The vault lies in the region of what is in it, so there is no copy elsewhere.
    snapshot = {
        "name": "s1",
        "sourceDisk": f"{_COMPUTE}/projects/{project.id}/zones/{_LOCATION}-b/disks/vm-0",
        "status": "READY",
        "creationTimestamp": estate.ago(hours=30),
    }
    estate.add(f"{_C}/Snapshot", f"{_C}/projects/{project.id}/global/snapshots/s1", project, snapshot)
