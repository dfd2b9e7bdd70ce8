"""The kinds of resources that are read from Cloud Asset Inventory, by its own names for them.

Each kind is an operation of its own, so that an evidence type declares which it reads, and what two of them read is
read once and what only one reads is not kept for others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.gcp.operations import ANYTHING, listed

if TYPE_CHECKING:
    from collector.source.rest.api import Operation

LISTED = (
    "aiplatform.googleapis.com/Endpoint",
    "aiplatform.googleapis.com/Model",
    "backupdr.googleapis.com/BackupPlan",
    "backupdr.googleapis.com/BackupPlanAssociation",
    "backupdr.googleapis.com/BackupVault",
    "certificatemanager.googleapis.com/Certificate",
    "clouddeploy.googleapis.com/Rollout",
    "cloudkms.googleapis.com/CryptoKey",
    "cloudkms.googleapis.com/CryptoKeyVersion",
    "compute.googleapis.com/Autoscaler",
    "compute.googleapis.com/BackendService",
    "compute.googleapis.com/Disk",
    "compute.googleapis.com/Firewall",
    "compute.googleapis.com/FirewallPolicy",
    "compute.googleapis.com/RegionAutoscaler",
    "compute.googleapis.com/RegionBackendService",
    "compute.googleapis.com/RegionDisk",
    "compute.googleapis.com/ResourcePolicy",
    "compute.googleapis.com/Snapshot",
    "compute.googleapis.com/SslCertificate",
    "compute.googleapis.com/SslPolicy",
    "compute.googleapis.com/Subnetwork",
    "compute.googleapis.com/TargetHttpProxy",
    "compute.googleapis.com/TargetHttpsProxy",
    "compute.googleapis.com/TargetSslProxy",
    "compute.googleapis.com/UrlMap",
    "iam.googleapis.com/Role",
    "iam.googleapis.com/ServiceAccount",
    "iam.googleapis.com/ServiceAccountKey",
    "logging.googleapis.com/LogBucket",
    "logging.googleapis.com/LogMetric",
    "logging.googleapis.com/LogSink",
    "monitoring.googleapis.com/AlertPolicy",
    "monitoring.googleapis.com/UptimeCheckConfig",
    "secretmanager.googleapis.com/Secret",
    "secretmanager.googleapis.com/SecretVersion",
    "sqladmin.googleapis.com/Instance",
    "storage.googleapis.com/Bucket",
)
"""Read as their services describe them, and searched for to count them."""
SEARCHED = (
    "cloudbuild.googleapis.com/Build",
    "cloudbuild.googleapis.com/BuildTrigger",
    "cloudresourcemanager.googleapis.com/Project",
    "cloudscheduler.googleapis.com/Job",
    "compute.googleapis.com/Instance",
    "dataflow.googleapis.com/Job",
    "run.googleapis.com/Job",
    "run.googleapis.com/Revision",
    "workflows.googleapis.com/Workflow",
)
"""Searched for by name alone: single calls have the rest, or it holds secrets."""
CONTAINERS = (
    "cloudresourcemanager.googleapis.com/Folder",
    "cloudresourcemanager.googleapis.com/Organization",
    "cloudresourcemanager.googleapis.com/Project",
)
"""On which a role is one over everything below."""
GUARDED = (
    "cloudkms.googleapis.com/CryptoKey",
    "cloudkms.googleapis.com/KeyRing",
    *CONTAINERS,
    "storage.googleapis.com/Bucket",
)
"""Those whose own IAM policies are read."""
_ASSETS = "GET /v1/{kind}/{unit}/assets"


def resources(kind: str) -> str:
    """The operation that lists a kind as its service describes it."""
    return f"{_ASSETS} {kind}"


def search(kind: str) -> str:
    """The operation that searches for a kind."""
    return f"{ANYTHING} {kind}"


def policies(kind: str) -> str:
    """The operation that lists the IAM policies of a kind."""
    return f"{_ASSETS} policies of {kind}"


def bulk(*kinds: str) -> tuple[str, ...]:
    """What an evidence type needs that reads these kinds whole."""
    return tuple(read(kind) for kind in kinds for read in (resources, search))


def _listing(name: str, content: str, kind: str) -> Operation:
    permission = "listResource" if content == "RESOURCE" else "listIamPolicy"
    return listed(
        name,
        "asset",
        "/assets",
        needs=f"cloudasset.assets.{permission}",
        has=("/readTime",),
        pageSize=1000,
        contentType=content,
        assetTypes=kind,
    )


def _searching(kind: str) -> Operation:
    return listed(
        search(kind),
        "asset",
        "/results",
        needs="cloudasset.assets.searchAllResources",
        pageSize=500,
        assetTypes=kind,
    )


BY_KIND = (
    *(_listing(resources(kind), "RESOURCE", kind) for kind in LISTED),
    *(_listing(policies(kind), "IAM_POLICY", kind) for kind in GUARDED),
    *(_searching(kind) for kind in (*LISTED, *SEARCHED)),
)
