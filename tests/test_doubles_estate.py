"""The double's estate on trial: its manifest tells the truth, and its supplements answer as AWS describes."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from tests.doubles.aws.clients import HOME_REGION, Account
from tests.doubles.aws.estate import backups
from tests.doubles.aws.estate.patching import ELSEWHERE
from tests.doubles.aws.ministack import ACCOUNT, running_ministack
from tests.doubles.aws.shapes import problems
from tests.doubles.aws.supplement.registry import SUPPLEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.aws.process import AwsDouble

pytest_plugins = ["tests.doubles.aws.fixtures"]
pytestmark = pytest.mark.xdist_group("aws-double")


def test_events_are_of_one_region_newest_first_and_no_older_than_90_days(
    prod: Account, manifest: dict[str, Any]
) -> None:
    for region in manifest["regions"]:
        client = prod.client("cloudtrail", region)
        events = client.get_paginator("lookup_events").paginate().build_full_result()["Events"]
        assert len(events) == manifest["counts"][f"{prod.id}/{region}"]["cloudtrail.events"]
        moments = [event["EventTime"] for event in events]
        assert moments == sorted(moments, reverse=True)
        assert len({event["EventId"] for event in events}) == len(events)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": "ConsoleLogin"}]
    logins = prod.client("cloudtrail", "us-east-1").lookup_events(LookupAttributes=wanted)["Events"]
    assert {event["Username"] for event in logins} == {"root", "ben.ortiz", "anna.keller"}


# Operation -> input; "@" names are looked up in the estate.
_CONFORMING: dict[tuple[str, str], dict[str, Any]] = {
    ("accessanalyzer", "ListFindingsV2"): {"analyzerArn": "@analyzer"},
    ("batch", "ListJobs"): {"jobQueue": "@queue"},
    ("backup", "GetBackupSelection"): {"BackupPlanId": "@plan", "SelectionId": "@selection"},
    ("backup", "ListBackupSelections"): {"BackupPlanId": "@plan"},
    ("backup", "CreateBackupSelection"): {
        "BackupPlanId": "@plan",
        "BackupSelection": {"SelectionName": "extra", "IamRoleArn": "arn:aws:iam::123456789012:role/x"},
    },
    ("cloudtrail", "GetEventSelectors"): {"TrailName": "org-trail"},
    ("cloudtrail", "GetTrailStatus"): {"Name": "org-trail"},
    ("config", "GetComplianceDetailsByConfigRule"): {"ConfigRuleName": "encrypted-volumes"},
    ("config", "SelectResourceConfig"): {"Expression": "SELECT resourceId"},
    ("ecr", "BatchGetRepositoryScanningConfiguration"): {"repositoryNames": ["nw/shop"]},
    ("glue", "GetJobRuns"): {"JobName": "nightly-load"},
    ("sagemaker", "DescribeEndpoint"): {"EndpointName": "forecast"},
    ("guardduty", "DescribeOrganizationConfiguration"): {"DetectorId": "@detector"},
    ("guardduty", "GetFindings"): {"DetectorId": "@detector", "FindingIds": ["f"]},
    ("guardduty", "ListFindings"): {"DetectorId": "@detector"},
    ("guardduty", "ListMembers"): {"DetectorId": "@detector"},
    ("kms", "DescribeKey"): {"KeyId": "@key"},
    ("kms", "GetKeyRotationStatus"): {"KeyId": "@key"},
    ("s3", "GetBucketEncryption"): {"Bucket": "nw-org-audit-logs"},
    ("sso-admin", "ListAccountsForProvisionedPermissionSet"): {
        "InstanceArn": "@instance",
        "PermissionSetArn": "@set",
    },
    ("ssm", "DescribeInstancePatchStates"): {"InstanceIds": [ELSEWHERE]},
    ("stepfunctions", "ListExecutions"): {"stateMachineArn": "@machine"},
    ("sts", "AssumeRole"): {"RoleArn": "@role", "RoleSessionName": "test"},
    ("wafv2", "ListResourcesForWebACL"): {"WebACLArn": "@acl"},
    ("wafv2", "ListWebACLs"): {"Scope": "REGIONAL"},
}  # fmt: skip
_OF_PRODUCTION = {
    "artifact", "backup", "batch", "bedrock", "config", "ecr", "glue", "inspector2", "sagemaker", "securityhub", "ssm",
    "stepfunctions", "wafv2",
}  # fmt: skip
"""Services that the management account has nothing in; all else is asked there."""
_ONLY_IN = {"artifact": "us-east-1"}


@pytest.mark.parametrize(("service", "operation"), sorted(SUPPLEMENTS))
def test_every_supplement_answers_as_botocore_describes(
    client: Callable[[str], Any], prod: Account, manifest: dict[str, Any], service: str, operation: str
) -> None:
    known = _known(client, prod, manifest) if (service, operation) in _CONFORMING else {}
    given = _CONFORMING.get((service, operation), {})
    given = {name: known.get(value, value) if isinstance(value, str) else value for name, value in given.items()}
    if operation == "GetCredentialReport":
        client("iam").generate_credential_report()
    place = _ONLY_IN.get(service, HOME_REGION)
    asked = prod.client(service, place) if service in _OF_PRODUCTION else client(service)
    model = asked.meta.service_model.operation_model(operation)
    method = next(name for name, operation_ in asked.meta.method_to_api_mapping.items() if operation_ == operation)
    answer = getattr(asked, method)(**given)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 200
    assert answer
    assert problems(model.output_shape, answer) == []


def _known(client: Callable[[str], Any], prod: Account, manifest: dict[str, Any]) -> dict[str, str]:
    backup, admin = prod.client("backup"), client("sso-admin")
    plan = backup.list_backup_plans()["BackupPlansList"][0]["BackupPlanId"]
    instance = admin.list_instances()["Instances"][0]["InstanceArn"]
    selections = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"]
    return {
        "@plan": plan,
        "@selection": selections[0]["SelectionId"],
        "@detector": client("guardduty").list_detectors()["DetectorIds"][0],
        "@key": client("kms").list_keys()["Keys"][0]["KeyId"],
        "@instance": instance,
        "@set": admin.list_permission_sets(InstanceArn=instance)["PermissionSets"][0],
        "@analyzer": client("accessanalyzer").list_analyzers()["analyzers"][0]["arn"],
        "@acl": prod.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"][0]["ARN"],
        "@queue": prod.client("batch").describe_job_queues()["jobQueues"][0]["jobQueueArn"],
        "@machine": prod.client("stepfunctions").list_state_machines()["stateMachines"][0]["stateMachineArn"],
        "@role": f"arn:aws:iam::{prod.id}:role/{manifest['role']}",
    }


# What the manifest counts -> how to count it again through boto3.
_COUNTED: dict[str, tuple[str, str, str]] = {
    "backup.jobs": ("backup", "list_backup_jobs", "BackupJobs"),
    "backup.protected": ("backup", "list_protected_resources", "Results"),
    "cloudtrail.events": ("cloudtrail", "lookup_events", "Events"),
    "config.recorders": ("config", "describe_configuration_recorders", "ConfigurationRecorders"),
    "dynamodb.tables": ("dynamodb", "list_tables", "TableNames"),
    "ec2.instances": ("ec2", "describe_instances", "Reservations"),
    "ec2.volumes": ("ec2", "describe_volumes", "Volumes"),
    "efs.file_systems": ("efs", "describe_file_systems", "FileSystems"),
    "guardduty.detectors": ("guardduty", "list_detectors", "DetectorIds"),
    "iam.groups": ("iam", "list_groups", "Groups"),
    "iam.roles": ("iam", "list_roles", "Roles"),
    "iam.users": ("iam", "list_users", "Users"),
    "iam.virtual_mfa_devices": ("iam", "list_virtual_mfa_devices", "VirtualMFADevices"),
    "logs.groups": ("logs", "describe_log_groups", "logGroups"),
    "rds.clusters": ("rds", "describe_db_clusters", "DBClusters"),
    "rds.instances": ("rds", "describe_db_instances", "DBInstances"),
    "s3.buckets": ("s3", "list_buckets", "Buckets"),
    "secretsmanager.secrets": ("secretsmanager", "list_secrets", "SecretList"),
}


def test_the_manifest_counts_what_is_there(double: AwsDouble, manifest: dict[str, Any]) -> None:
    management = Account.management(double.endpoint)
    wrong = []
    for place, kinds in manifest["counts"].items():
        account_id, _, region = place.partition("/")
        own = account_id == management.id
        account = management if own else management.member(account_id, manifest["role"])
        for kind, expected in kinds.items():
            if kind not in _COUNTED:
                continue
            service, method, name = _COUNTED[kind]
            client = account.client(service, region.replace("global", "eu-central-1"))
            if client.can_paginate(method):
                found = client.get_paginator(method).paginate().build_full_result()[name]
            else:
                found = getattr(client, method)()[name]
            if len(found) != expected:
                wrong.append((place, kind, expected, len(found)))
    assert wrong == []


def test_keys_of_aws_itself_are_marked_as_such_and_asymmetric_ones_have_no_rotation(
    prod: Account, manifest: dict[str, Any]
) -> None:
    kms = prod.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    own = [key for key in keys if key["KeyManager"] == "CUSTOMER"]
    assert len(own) == manifest["counts"][f"{prod.id}/eu-central-1"]["kms.customer_keys"] < len(keys)
    signing = next(key["KeyId"] for key in own if key["KeyUsage"] == "SIGN_VERIFY")
    with pytest.raises(ClientError, match="UnsupportedOperationException"):
        kms.get_key_rotation_status(KeyId=signing)


def test_the_credential_report_has_the_ages_that_were_seeded(prod: Account) -> None:
    iam = prod.client("iam")
    iam.generate_credential_report()
    report = iam.get_credential_report()
    rows = {row["user"]: row for row in csv.DictReader(io.StringIO(report["Content"].decode()))}
    assert len(rows) - 1 == iam.get_account_summary()["SummaryMap"]["Users"]
    assert rows["<root_account>"]["mfa_active"] == "true"
    assert (rows["ben.ortiz"]["password_enabled"], rows["ben.ortiz"]["mfa_active"]) == ("true", "false")
    assert rows["dmitri.volkov"]["access_key_1_last_used_date"] == "N/A"
    assert rows["carla.nunes"]["access_key_1_last_rotated"] < rows["anna.keller"]["access_key_1_last_rotated"]


def test_ministack_holds_what_its_seeding_says() -> None:
    with running_ministack() as ministack:
        seeded = ministack.seed()
        account = Account.management(ministack.endpoint, ACCOUNT)
        assert seeded.pop("account") == account.id == ACCOUNT
        assert len(account.client("cloudtrail").lookup_events()["Events"]) > 1
        counted = {**_COUNTED, "kms.keys": ("kms", "list_keys", "Keys")}
        for kind, expected in seeded.items():
            if kind in counted:
                service, method, name = counted[kind]
                assert len(getattr(account.client(service), method)()[name]) == expected, kind


def test_a_member_sees_the_trail_of_its_organisation(prod: Account, manifest: dict[str, Any]) -> None:
    cloudtrail = prod.client("cloudtrail", "us-east-1")
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert (trail["IsOrganizationTrail"], trail["S3BucketName"]) == (True, manifest["log_bucket"])
    assert cloudtrail.describe_trails(includeShadowTrails=False)["trailList"] == []
    status = cloudtrail.get_trail_status(Name=trail["TrailARN"])
    assert (status["IsLogging"], problems(_output(cloudtrail, "GetTrailStatus"), _plain(status))) == (True, [])
    assert cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])["EventSelectors"]


def test_identity_center_is_in_one_place_and_knows_where_it_is_provisioned(
    client: Callable[[str], Any], prod: Account, manifest: dict[str, Any]
) -> None:
    assert prod.client("sso-admin").list_instances()["Instances"] == []
    admin = client("sso-admin")
    instance = admin.list_instances()["Instances"][0]["InstanceArn"]
    found = 0
    for permission_set in admin.list_permission_sets(InstanceArn=instance)["PermissionSets"]:
        named = {"InstanceArn": instance, "PermissionSetArn": permission_set}
        for account in admin.list_accounts_for_provisioned_permission_set(**named)["AccountIds"]:
            found += len(admin.list_account_assignments(**named, AccountId=account)["AccountAssignments"])
    assert found == manifest["counts"][f"{manifest['management']}/eu-central-1"]["sso.assignments"]


def _output(client: Any, operation: str) -> Any:
    return client.meta.service_model.operation_model(operation).output_shape


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.mark.parametrize("hour", range(24))
def test_the_newest_planned_backup_is_never_one_that_would_be_missed(hour: int) -> None:
    """At any hour of the day: a job is due each night, and one that is 36 hours old would be a missed slot."""
    now = datetime(2026, 11, 27, hour, 30, tzinfo=UTC)
    newest = backups._slot(SimpleNamespace(now=now), 1)  # type: ignore[arg-type]  # all that it reads of the ground
    assert timedelta(hours=1) <= now - newest < timedelta(hours=36)
    assert now - backups._slot(SimpleNamespace(now=now), 29) < timedelta(days=30)  # type: ignore[arg-type]
