"""The resources of the double are what Google's services describe, and so are all requests and answers of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.gcp.gathering import gathered
from tests.doubles.discovery import document, wrong_value
from tests.doubles.gcp.estate import build

if TYPE_CHECKING:
    from tests.doubles.gcp.server import GcpDouble

SCHEMAS = {
    "compute.googleapis.com/BackendService": ("compute.v1", "BackendService"),
    "compute.googleapis.com/RegionBackendService": ("compute.v1", "BackendService"),
    "compute.googleapis.com/SslCertificate": ("compute.v1", "SslCertificate"),
    "compute.googleapis.com/SslPolicy": ("compute.v1", "SslPolicy"),
    "compute.googleapis.com/UrlMap": ("compute.v1", "UrlMap"),
    "compute.googleapis.com/TargetHttpsProxy": ("compute.v1", "TargetHttpsProxy"),
    "compute.googleapis.com/TargetSslProxy": ("compute.v1", "TargetSslProxy"),
    "certificatemanager.googleapis.com/Certificate": ("certificatemanager.v1", "Certificate"),
    "compute.googleapis.com/TargetHttpProxy": ("compute.v1", "TargetHttpProxy"),
    "compute.googleapis.com/Snapshot": ("compute.v1", "Snapshot"),
    "backupdr.googleapis.com/BackupPlan": ("backupdr.v1", "BackupPlan"),
    "backupdr.googleapis.com/BackupPlanAssociation": ("backupdr.v1", "BackupPlanAssociation"),
    "backupdr.googleapis.com/BackupVault": ("backupdr.v1", "BackupVault"),
    "clouddeploy.googleapis.com/Rollout": ("clouddeploy.v1", "Rollout"),
    "compute.googleapis.com/Firewall": ("compute.v1", "Firewall"),
    "compute.googleapis.com/Subnetwork": ("compute.v1", "Subnetwork"),
    "compute.googleapis.com/Disk": ("compute.v1", "Disk"),
    "compute.googleapis.com/ResourcePolicy": ("compute.v1", "ResourcePolicy"),
    "storage.googleapis.com/Bucket": ("storage.v1", "Bucket"),
    "sqladmin.googleapis.com/Instance": ("sqladmin.v1", "DatabaseInstance"),
    "cloudkms.googleapis.com/CryptoKey": ("cloudkms.v1", "CryptoKey"),
    "cloudkms.googleapis.com/CryptoKeyVersion": ("cloudkms.v1", "CryptoKeyVersion"),
    "iam.googleapis.com/Role": ("iam.v1", "Role"),
    "iam.googleapis.com/ServiceAccount": ("iam.v1", "ServiceAccount"),
    "iam.googleapis.com/ServiceAccountKey": ("iam.v1", "ServiceAccountKey"),
    "secretmanager.googleapis.com/Secret": ("secretmanager.v1", "Secret"),
    "secretmanager.googleapis.com/SecretVersion": ("secretmanager.v1", "SecretVersion"),
    "logging.googleapis.com/LogSink": ("logging.v2", "LogSink"),
    "logging.googleapis.com/LogBucket": ("logging.v2", "LogBucket"),
    "logging.googleapis.com/LogMetric": ("logging.v2", "LogMetric"),
    "monitoring.googleapis.com/AlertPolicy": ("monitoring.v3", "AlertPolicy"),
    "monitoring.googleapis.com/UptimeCheckConfig": ("monitoring.v3", "UptimeCheckConfig"),
    "cloudresourcemanager.googleapis.com/Project": ("cloudresourcemanager.v3", "Project"),
    "run.googleapis.com/Job": ("run.v2", "GoogleCloudRunV2Job"),
    "aiplatform.googleapis.com/Model": ("aiplatform.v1", "GoogleCloudAiplatformV1Model"),
}


def test_every_resource_of_the_inventory_is_as_its_service_describes_it() -> None:
    faults = set()
    for one in build().assets:
        if one.data:
            name, schema = SCHEMAS[one.type]
            faults |= {f"{one.type}: {fault}" for fault in wrong_value(document(name), schema, one.data)}
    assert faults == set()


def test_every_request_and_every_answer_is_as_google_describes_it(google: GcpDouble) -> None:
    """The gathering fails on any complaint; here that something complains at all."""
    gathered(google)
    assert len(google.called) > 100
    google.estate.rows["findings"][0]["finding"]["severity"] = "DREADFUL"
    gathered(google, "gcp.scc.findings", judged=False)
    assert "none of" in google.complaints[0]


@pytest.mark.parametrize("kind", sorted(SCHEMAS))
def test_a_field_that_google_does_not_describe_is_told(kind: str) -> None:
    name, schema = SCHEMAS[kind]
    assert list(wrong_value(document(name), schema, {"madeUp": 1}))
