"""What there is, by its tags and by AWS Config; and the rules that read it, over these rows."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from collector.records import ScopeDecision
from connectors.aws.changes.inventory import kind
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

INVENTORY, ACCOUNTS = "aws.resources.inventory", "aws.org.accounts"
EU, IRELAND, US = "eu-central-1", "eu-west-1", "us-east-1"
OWNERS = "owners of production resources"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    unit: str = manifest["accounts"]["northwind-prod"]
    return unit


@pytest.fixture
def data(manifest: dict[str, Any]) -> str:
    unit: str = manifest["accounts"]["northwind-data"]
    return unit


def assets(found: Gathered) -> dict[str, dict[str, Any]]:
    return {row["asset_id"]: row for row in found.table("asset")}


def item(arn: str, account: str, *tags: tuple[str, str], **more: Any) -> dict[str, Any]:
    marks = [{"key": name, "value": value, "tag": f"{name}={value}"} for name, value in tags]
    usual = {"arn": arn.format(account), "resourceType": "AWS::EC2::Instance", "resourceId": "x", "awsRegion": EU}
    return {**usual, "configurationItemCaptureTime": "2026-01-02T03:04:05.000Z", "tags": marks} | more


def configured(aws: AwsDouble, account: str, region: str, *items: dict[str, Any]) -> None:
    """AWS Config has these there, and nothing else, until the test ends."""
    says(aws, account, region, "SelectResourceConfig", {"Results": [json.dumps(one) for one in items]})


def says(aws: AwsDouble, account: str, region: str, operation: str, answer: dict[str, Any]) -> None:
    match = {"operation": operation, "account": account, "region": region}
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    aws.fault("replace_body", match=match, headers=headers, body=json.dumps(answer))


@pytest.mark.parametrize(
    ("arn", "what"),
    [
        ("arn:aws:ec2:eu-west-1:1:instance/i-1", "ec2:instance"),
        ("arn:aws:rds:eu-west-1:1:db:orders", "rds:db"),
        ("arn:aws:s3:::bucket", "s3"),
        ("arn:aws-cn:sqs:cn-north-1:1:queue", "sqs"),
        ("arn:aws:apigateway:eu-west-1::/restapis/x", "apigateway:restapis"),
        ("AWS::EC2::RegisteredHAInstance i-1 eu-west-1", "AWS::EC2::RegisteredHAInstance"),
    ],
)
def test_what_a_resource_is(arn: str, what: str) -> None:
    assert kind(arn) == what


def test_everything_is_one_row_and_says_which_list_shows_it(gather: Gather, prod: str) -> None:
    (found,) = gather(INVENTORY, only=prod)
    assert found.snapshot.complete, found.snapshot.gaps
    by_id = assets(found)
    bucket = by_id["arn:aws:s3:::nw-prod-orders"]
    assert (bucket["type"], bucket["environment"], bucket["data_class"], bucket["owner"]) == (
        "s3",
        "production",
        "confidential",
        None,
    )
    assert (bucket["place"], bucket["listed_by"]) == (EU, ["tags", "configuration"])
    (exports,) = (row for arn, row in by_id.items() if arn.endswith(":nw-prod-exports"))
    # In Ireland nothing is recorded, so a bucket there is known by its tags alone.
    assert (exports["place"], exports["listed_by"]) == (IRELAND, ["tags"])
    groups = [row for row in by_id.values() if row["type"] == "ec2:security-group"]
    assert groups
    assert {tuple(row["listed_by"]) for row in groups} == {("configuration",)}
    assert {row["first_seen_at"] for row in groups} == {"2025-03-04T05:06:07Z"}
    # AWS Config has outcomes of rules among its resources: they are none.
    assert not [row for row in by_id.values() if "Compliance" in row["type"]]
    (total,) = found.snapshot.totals
    assert total.ties
    assert total.found > 10


def test_each_region_says_whether_it_is_recorded(gather: Gather, manifest: dict[str, Any]) -> None:
    off = {(item["account"], item["region"]) for item in manifest["deviations"]["LOG-09"]}
    for one in gather(INVENTORY):
        rows = {row["place"]: row["enabled"] for row in one.table("log_source")}
        unit = one.snapshot.scope.unit_id
        assert rows == {
            region: unit != manifest["management"] and (unit, region) not in off for region in manifest["regions"]
        }


def test_a_recorder_that_is_off_is_not_asked_for_what_it_had_then(gather: Gather, aws: AwsDouble, data: str) -> None:
    (found,) = gather(INVENTORY, only=data)
    asked = {one["region"] for one in aws.requests() if one["operation"] == "SelectResourceConfig"}
    assert asked == {EU, IRELAND}
    assert not [row for row in assets(found).values() if row["place"] == US and row["type"] == "ec2:security-group"]


def test_what_tags_do_not_know_and_config_does_is_a_total_that_does_not_tie(
    gather: Gather, aws: AwsDouble, prod: str
) -> None:
    hidden = "arn:aws:ec2:eu-central-1:{}:instance/i-0hidden"
    configured(aws, prod, EU, item(hidden, prod, ("Environment", "dev"), ("Owner", "ann")))
    (found,) = gather(INVENTORY, only=prod)
    (total,) = found.snapshot.totals
    assert total.expected == total.found + 1
    assert not found.snapshot.complete
    row = assets(found)[hidden.format(prod)]
    assert (row["environment"], row["owner"], row["listed_by"]) == ("dev", "ann", ["configuration"])


@pytest.mark.parametrize("case", ["never tagged", "of a kind that no tags are shown of", "changed just now"])
def test_what_need_not_be_known_by_its_tags(gather: Gather, aws: AwsDouble, prod: str, case: str) -> None:
    marks = () if case == "never tagged" else (("Owner", "ann"),)
    arn = "arn:aws:iam::{}:role/r" if "kind" in case else "arn:aws:ec2:eu-central-1:{}:instance/i-0new"
    late = {"configurationItemCaptureTime": "2999-01-01T00:00:00.000Z"} if "now" in case else {}
    configured(aws, prod, EU, item(arn, prod, *marks, **late))
    (found,) = gather(INVENTORY, only=prod)
    assert found.snapshot.complete, found.snapshot.totals
    assert arn.format(prod) in assets(found)


def test_a_resource_of_all_regions_is_one_row(gather: Gather, aws: AwsDouble, prod: str) -> None:
    role = item("arn:aws:iam::{}:role/r", prod, resourceType="AWS::IAM::Role", awsRegion="global")
    bare = item("", prod, resourceType="AWS::EC2::RegisteredHAInstance")
    configured(aws, prod, EU, role, bare)
    configured(aws, prod, US, role)
    (found,) = gather(INVENTORY, only=prod)
    assert found.snapshot.complete, found.snapshot.gaps
    kinds = Counter(row["type"] for row in assets(found).values())
    assert (kinds["iam:role"], kinds["AWS::EC2::RegisteredHAInstance"]) == (1, 1)


def test_a_result_that_is_no_resource_is_a_gap(gather: Gather, aws: AwsDouble, prod: str) -> None:
    configured(aws, prod, EU, {"arn": "arn:aws:ec2:eu-central-1:1:instance/i-1"})
    says(aws, prod, US, "SelectResourceConfig", {"Results": ["{"]})
    (found,) = gather(INVENTORY, only=prod)
    assert found.causes == ["truncated", "truncated"]


@pytest.mark.parametrize("operation", ["GetResources", "SelectResourceConfig"])
def test_a_second_page_that_fails_leaves_the_list_incomplete(
    gather: Gather, aws: AwsDouble, prod: str, operation: str
) -> None:
    match = {"operation": operation, "account": prod, "region": EU}
    (before,) = gather(INVENTORY, only=prod)
    aws.fault(match=match, page_size=5)
    (paged,) = gather(INVENTORY, only=prod)
    assert paged.snapshot.complete, paged.snapshot.gaps
    assert assets(paged).keys() == assets(before).keys()
    aws.fault("deny", match=match, skip=1)
    (found,) = gather(INVENTORY, only=prod)
    assert found.causes == ["denied"]
    assert operation in found.snapshot.gaps[0].subject


def test_a_recorder_whose_status_cannot_be_read_is_not_believed(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("deny", match={"operation": "DescribeConfigurationRecorderStatus", "account": prod, "region": EU})
    (found,) = gather(INVENTORY, only=prod)
    assert found.causes == ["denied"]
    assert {row["enabled"] for row in found.table("log_source") if row["place"] == EU} == {None}


def test_gov_12_of_aws_with_its_resources(gather: Gather, manifest: dict[str, Any], prod: str, data: str) -> None:
    every = [ScopeDecision(key=unit, seen=(), unit_id=unit, decision="in_scope") for unit in (prod, data)]
    register = {"records.scope_register": every}
    accounts, found = gather(ACCOUNTS), gather(INVENTORY)
    outcomes = {}
    for one in found:
        said = told("GOV-12", [*accounts, one], register)
        outcomes[one.snapshot.scope.unit_id] = said[OWNERS]
    planted = {place["account"] for place in manifest["deviations"]["GOV-12"]}
    assert {unit for unit, (outcome, _) in outcomes.items() if outcome == "deviation"} == planted
    # Nothing is recorded in the management account: that nothing there lacks an owner nobody can tell.
    assert outcomes[manifest["management"]][0] == "cannot_tell"
    assert "0 of 0 resources carry an owner" in outcomes[manifest["management"]][1]


def test_gov_12_of_aws_passes_only_where_everything_is_recorded(gather: Gather, aws: AwsDouble, data: str) -> None:
    accounts = gather(ACCOUNTS)
    for region in (EU, IRELAND, US):
        configured(aws, data, region)
    # All that is tagged has this tag, so all that is listed has an owner; in one region nothing is recorded.
    (partly,) = gather(INVENTORY, only=data, owner_tag="Environment")
    outcome, because = told("GOV-12", [*accounts, partly])[OWNERS]
    assert outcome == "cannot_tell"
    assert because.endswith(f"not everything is recorded by configuration recorder in {US}.")
    on = {"ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "Success"}]}
    says(aws, data, US, "DescribeConfigurationRecorderStatus", on)
    (whole,) = gather(INVENTORY, only=data, owner_tag="Environment")
    assert told("GOV-12", [*accounts, whole])[OWNERS][0] == "pass"
    group = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
    some = {"ConfigurationRecorders": [{"name": "default", "recordingGroup": group}]}
    says(aws, data, US, "DescribeConfigurationRecorders", some)
    (types,) = gather(INVENTORY, only=data, owner_tag="Environment")
    assert told("GOV-12", [*accounts, types])[OWNERS][0] == "cannot_tell"


def test_a_recorder_that_looks_once_a_day_is_behind(gather: Gather, aws: AwsDouble, prod: str) -> None:
    daily = {
        "name": "default",
        "recordingGroup": {"allSupported": True},
        "recordingMode": {"recordingFrequency": "DAILY"},
    }
    says(aws, prod, EU, "DescribeConfigurationRecorders", {"ConfigurationRecorders": [daily]})
    configured(aws, prod, EU, item("arn:aws:ec2:eu-central-1:{}:instance/i-0gone", prod, ("Owner", "ann")))
    (found,) = gather(INVENTORY, only=prod)
    assert found.snapshot.complete, found.snapshot.totals


def test_chg_06_of_aws(gather: Gather, manifest: dict[str, Any], prod: str, data: str) -> None:
    management = manifest["management"]
    environments = {prod: "production", data: "production"}
    found = [*gather(ACCOUNTS, environments=environments), *gather(INVENTORY, environments=environments)]
    outcomes = told("CHG-06", found)
    assert [outcomes[f"unit {unit}"][0] for unit in (prod, data, management)] == ["pass", "pass", "deviation"]
    assert outcomes[f"what is in unit {prod}"][0] == "deviation"
    assert "such as arn:aws:s3:::nw-dev-scratch" in outcomes[f"what is in unit {prod}"][1]
    assert outcomes[f"what is in unit {data}"][0] == "pass"
    # Without the configuration's word the accounts say nothing, and nor do their untagged resources.
    unsaid = told("CHG-06", [*gather(ACCOUNTS), *gather(INVENTORY)])
    assert {unsaid[f"unit {unit}"][0] for unit in (prod, data, management)} == {"deviation"}
    assert unsaid[f"what is in unit {prod}"][0] == "deviation"
    assert unsaid[f"what is in unit {data}"][0] == "cannot_tell"


def test_chg_06_of_aws_that_all_marks_agree_says_nothing_of_what_is_not_recorded(
    gather: Gather, aws: AwsDouble, data: str
) -> None:
    """Without AWS Config only what has tags is listed: all of it says production, and the account says nothing."""
    for region in (EU, IRELAND):
        configured(aws, data, region)
    found = [*gather(ACCOUNTS), *gather(INVENTORY, only=data)]
    outcome, because = told("CHG-06", found)[f"what is in unit {data}"]
    assert (outcome, because.partition(",")[0]) == ("cannot_tell", "It says nothing of an environment")
