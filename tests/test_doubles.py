"""The double itself is on trial: its faults, its pages, its journal."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, PaginationError, ReadTimeoutError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.process import AwsDouble

pytest_plugins = ["tests.doubles.aws.fixtures"]
pytestmark = pytest.mark.xdist_group("aws-double")

CODES = [
    ("deny", "s3", "list_buckets", "AccessDenied", 403),
    ("deny", "ec2", "describe_volumes", "UnauthorizedOperation", 403),
    ("deny", "iam", "list_users", "AccessDenied", 403),
    ("deny", "kms", "list_keys", "AccessDeniedException", 400),
    ("deny", "guardduty", "list_detectors", "AccessDeniedException", 403),
    ("throttle", "s3", "list_buckets", "SlowDown", 503),
    ("throttle", "ec2", "describe_volumes", "RequestLimitExceeded", 503),
    ("throttle", "iam", "list_users", "Throttling", 400),
    ("throttle", "kms", "list_keys", "ThrottlingException", 400),
    ("throttle", "backup", "list_backup_jobs", "TooManyRequestsException", 429),
    ("expired", "sts", "get_caller_identity", "ExpiredToken", 403),
    ("expired", "cloudtrail", "lookup_events", "ExpiredTokenException", 400),
    ("error500", "rds", "describe_db_instances", "InternalFailure", 500),
    ("not_found_html", "backup", "list_backup_jobs", "404", 404),
]


@pytest.mark.parametrize(("fault", "service", "method", "code", "status"), CODES)
def test_a_refusal_reaches_boto3_with_the_code_that_service_uses(  # a table's columns
    double: AwsDouble, client: Callable[[str], Any], fault: str, service: str, method: str, code: str, status: int
) -> None:
    double.fault(fault, match={"service": service})
    with pytest.raises(ClientError) as refused:
        getattr(client(service), method)()
    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize("fault", ["truncate", "cut", "html", "empty"])
def test_a_spoilt_body_of_an_xml_service_is_no_client_error(
    double: AwsDouble, client: Callable[[str], Any], fault: str
) -> None:
    double.fault(fault, match={"service": "iam"})
    with pytest.raises(ResponseParserError):
        client("iam").list_roles()


@pytest.mark.parametrize("fault", ["truncate", "cut", "html", "empty"])
@pytest.mark.parametrize(("service", "method"), [("kms", "list_aliases"), ("guardduty", "list_detectors")])
def test_a_spoilt_body_of_a_json_service_is_read_by_boto3_as_an_answer_without_members(
    double: AwsDouble, client: Callable[[str], Any], fault: str, service: str, method: str
) -> None:
    double.fault(fault, match={"service": service})
    assert set(getattr(client(service), method)()) == {"ResponseMetadata"}
    assert double.faults()[0]["fired"] == 1


def test_an_empty_200_from_s3_is_read_by_boto3_as_an_answer_without_members(
    double: AwsDouble, client: Callable[[str], Any]
) -> None:
    double.fault("empty", match={"service": "s3"})
    assert set(client("s3").list_buckets()) == {"ResponseMetadata"}


def test_a_connection_can_be_left_hanging(double: AwsDouble, client: Callable[[str], Any]) -> None:
    double.fault("timeout", match={"service": "iam"}, seconds=4)
    with pytest.raises(ReadTimeoutError):
        client("iam").list_roles()


def test_an_answer_can_be_late(double: AwsDouble, client: Callable[[str], Any]) -> None:
    double.fault(match={"service": "kms"}, latency_ms=3500)
    with pytest.raises(ReadTimeoutError):
        client("kms").list_keys()


def test_a_rule_spoils_only_what_it_matches_and_only_so_often(prod: Account, double: AwsDouble) -> None:
    match = {"service": "s3", "operation": "GetBucketPolicyStatus", "contains": "nw-prod-website"}
    double.fault("deny", match={**match, "account": prod.id}, skip=1, times=1)
    s3 = prod.client("s3")
    s3.get_bucket_policy_status(Bucket="nw-prod-website")
    with pytest.raises(ClientError):
        s3.get_bucket_policy_status(Bucket="nw-prod-website")
    s3.get_bucket_policy_status(Bucket="nw-prod-website")
    s3.get_bucket_policy_status(Bucket="nw-prod-shielded")
    assert double.faults()[0] == {
        "match": {**match, "account": prod.id},
        "fault": "deny",
        "fitting": 3,
        "fired": 1,
    }


def test_a_rule_that_could_never_fire_is_refused(double: AwsDouble) -> None:
    with pytest.raises(ValueError, match="unknown in a fault rule"):
        double.fault("dney", match={})
    with pytest.raises(ValueError, match="operashun"):
        double.fault("deny", match={"operashun": "ListUsers"})


def test_a_body_can_be_replaced(double: AwsDouble, client: Callable[[str], Any]) -> None:
    body = '{"Keys": [], "Truncated": false}'
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    double.fault("replace_body", match={"service": "kms"}, status=200, headers=headers, body=body)
    assert client("kms").list_keys()["Keys"] == []


@pytest.mark.parametrize(
    ("service", "operation", "method", "lists"),
    [
        (
            "iam",
            "GetAccountAuthorizationDetails",
            "get_account_authorization_details",
            ["UserDetailList", "RoleDetailList"],
        ),
        ("iam", "ListUsers", "list_users", ["Users"]),
        ("kms", "ListKeys", "list_keys", ["Keys"]),
        ("s3", "ListBuckets", "list_buckets", ["Buckets"]),
        ("cloudtrail", "LookupEvents", "lookup_events", ["Events"]),
        ("logs", "DescribeLogGroups", "describe_log_groups", ["logGroups"]),
        ("backup", "ListBackupJobs", "list_backup_jobs", ["BackupJobs"]),
        ("ec2", "DescribeVolumes", "describe_volumes", ["Volumes"]),
        ("dynamodb", "ListTables", "list_tables", ["TableNames"]),
    ],
)  # fmt: skip
def test_pages_of_two_hold_exactly_what_one_answer_holds(  # a table's columns
    prod: Account, double: AwsDouble, service: str, operation: str, method: str, lists: list[str]
) -> None:
    arguments = {"Filter": ["User", "Role"]} if operation == "GetAccountAuthorizationDetails" else {}
    paginator = prod.client(service).get_paginator(method)
    whole = paginator.paginate(**arguments).build_full_result()
    double.fault(match={"service": service, "operation": operation}, page_size=2)
    pages = list(paginator.paginate(**arguments))
    total = sum(len(whole[name]) for name in lists)
    assert total > 1
    assert len(pages) == -(-total // 2)
    for name in lists:
        assert [_lasting(item) for page in pages for item in page[name]] == [_lasting(item) for item in whole[name]]


def _lasting(item: Any) -> Any:
    """An item without what reading it changes."""
    return {name: item[name] for name in item if name != "RoleLastUsed"} if isinstance(item, dict) else item


def test_a_list_can_say_it_is_cut_without_saying_how_to_go_on(prod: Account, double: AwsDouble) -> None:
    match = {"service": "iam", "operation": "ListUsers"}
    double.fault("drop_next_token_but_truncated", match=match, page_size=2)
    answer = prod.client("iam").list_users()
    assert (answer["IsTruncated"], len(answer["Users"]), answer.get("Marker")) == (True, 2, None)


def test_a_pager_can_be_sent_in_circles(prod: Account, double: AwsDouble) -> None:
    double.fault("same_token_for_ever", match={"service": "kms", "operation": "ListKeys"}, page_size=2)
    with pytest.raises(PaginationError):
        list(prod.client("kms").get_paginator("list_keys").paginate())


def test_the_journal_tells_one_read_from_two(prod: Account, double: AwsDouble) -> None:
    double.fault("deny", match={"operation": "GetBucketPolicy"})
    s3 = prod.client("s3")
    for bucket in ("nw-prod-assets", "nw-prod-assets", "nw-prod-orders"):
        s3.get_bucket_versioning(Bucket=bucket)
    prod.client("kms", "us-east-1").list_keys()
    with pytest.raises(ClientError):
        s3.get_bucket_policy(Bucket="nw-prod-assets")
    seen = [
        (entry["service"], entry["operation"], entry["account"], entry["region"], entry["fault"], entry["count"])
        for entry in double.requests()
    ]
    assert seen == [
        ("sts", "GetCallerIdentity", "123456789012", "eu-central-1", "", 1),
        ("sts", "AssumeRole", "123456789012", "eu-central-1", "", 1),
        ("s3", "GetBucketVersioning", prod.id, "eu-central-1", "", 2),
        ("s3", "GetBucketVersioning", prod.id, "eu-central-1", "", 1),
        ("kms", "ListKeys", prod.id, "us-east-1", "", 1),
        ("s3", "GetBucketPolicy", prod.id, "eu-central-1", "deny", 1),
    ]  # fmt: skip


def test_only_three_regions_are_enabled(client: Callable[[str], Any], manifest: dict[str, Any]) -> None:
    regions = client("ec2").describe_regions(AllRegions=True)["Regions"]
    statuses = {region["RegionName"]: region["OptInStatus"] for region in regions}
    enabled = sorted(name for name, status in statuses.items() if status != "not-opted-in")
    assert enabled == manifest["regions"]
    assert statuses["ap-east-1"] == "not-opted-in"


def test_plain_boto3_reaches_s3control_by_the_environment(
    client: Callable[[str], Any], manifest: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        client("s3control").get_public_access_block(AccountId=manifest["management"])


def test_a_role_that_does_not_exist_or_wants_another_external_id_cannot_be_assumed(
    client: Callable[[str], Any], prod: Account
) -> None:
    for role in ("no-such-role", "vendor-monitoring"):
        arn = f"arn:aws:iam::{prod.id}:role/{role}"
        with pytest.raises(ClientError, match="AccessDenied"):
            client("sts").assume_role(RoleArn=arn, RoleSessionName="test")


def test_the_double_binds_loopback_only(double: AwsDouble) -> None:
    assert urllib.parse.urlsplit(double.endpoint).hostname == "127.0.0.1"
