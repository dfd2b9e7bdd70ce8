from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.answer import Answer
from collector.model import Origin
from connectors.aws.threats.guardduty import alert
from tests.assess.clouds import ending, told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

FINDINGS, COVERAGE = "aws.guardduty.findings", "aws.guardduty.coverage"
EU, US = "eu-central-1", "us-east-1"


def finding(name: str, account: str, days: float = 1, **changed: Any) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat().replace("+00:00", "Z")
    whole: dict[str, Any] = {
        "AccountId": account,
        "Arn": f"arn:aws:guardduty:{EU}:{account}:detector/d/finding/{name}",
        "CreatedAt": at,
        "Id": name,
        "Region": EU,
        "Resource": {"ResourceType": "Instance"},
        "SchemaVersion": "2.0",
        "Service": {"Archived": False},
        "Severity": 8.0,
        "Type": "Recon:EC2/Portscan",
        "UpdatedAt": at,
    }
    return whole | changed


@pytest.mark.parametrize(
    ("changed", "field", "value"),
    [
        ({"Severity": 9.5}, "severity", "critical"),
        ({"Severity": 7.0}, "severity", "high"),
        ({"Severity": 6.9}, "severity", "medium"),
        ({"Severity": 1.0}, "severity", "low"),
        ({"Severity": 0}, "severity", None),
        ({"Service": {}}, "status", None),
        ({"Service": {"Archived": True}}, "disposition", "archived"),
        ({"Resource": {"InstanceDetails": {"InstanceId": "i-1"}}}, "target", "i-1"),
        (
            {"Resource": {"AccessKeyDetails": {"UserType": "IAMUser", "UserName": "ann"}}},
            "target",
            "arn:aws:iam::1:user/ann",
        ),
        ({"Resource": {"S3BucketDetails": [{"Arn": "arn:aws:s3:::b"}]}}, "target", "arn:aws:s3:::b"),
    ],
)
def test_a_finding_in_the_words_of_all_clouds(changed: dict[str, Any], field: str, value: object) -> None:
    told_as = alert(Answer(finding("f", "1", **changed), Origin("r", 1, "Findings[0]")), EU)
    assert getattr(told_as, field) == value


def test_each_finding_is_read_once_and_in_its_own_account(gather: Gather, manifest: dict[str, Any]) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(FINDINGS)}
    assert all(one.snapshot.complete for one in found.values())
    prod = found.pop(manifest["accounts"]["northwind-prod"])
    # The administrator lists one of production, the member has it; one that is 95 days old is forgotten.
    assert not [row for one in found.values() for row in one.rows]
    assert sorted((row["severity"], row["status"], row["kind"].partition(":")[0]) for row in prod.rows) == [
        ("high", "closed", "Exfiltration"),
        ("high", "open", "CryptoCurrency"),
        ("low", "open", "Policy"),
        ("medium", "open", "UnauthorizedAccess"),
    ]


def test_inc_05_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    found = told("INC-05", [*gather(FINDINGS), *gather(COVERAGE)])
    planted = {place["item"] for place in manifest["deviations"]["INC-05"]}
    deviating = {item.rpartition("/")[2]: why for item, (outcome, why) in found.items() if outcome == "deviation"}
    assert set(deviating) == planted
    assert all("and still open" in why for why in deviating.values())
    others = sorted(
        why for item, (outcome, why) in found.items() if item.startswith("alert ") and outcome != "deviation"
    )
    assert others[0] == "Closed as archived; when is not given."
    assert others[1] == "Of severity low."
    assert others[2].endswith("inside the limit.")
    # Where nothing looks there is no alert, and nothing of it is right.
    assert ending(found, "alerts of GuardDuty in eu-west-1") == "not_applicable"


def test_more_than_one_batch_is_had_in_full(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    management = manifest["management"]
    aws.add_seeded("guardduty:findings", management, US, [finding(f"f{n:03}", management) for n in range(120)])
    try:
        (whole,) = gather(FINDINGS, only=management)
        assert whole.snapshot.complete
        assert len({row["alert_id"] for row in whole.rows}) == 120
        aws.fault("error500", match={"operation": "GetFindings", "region": US}, skip=1, times=1)
        (part,) = gather(FINDINGS, only=management, attempts=1)
        assert part.causes == ["unavailable"]
        assert not part.snapshot.complete
        assert (120, len(part.rows)) in [(total.expected, total.found) for total in part.snapshot.totals]
        assert len(part.rows) < 120
        aws.clear_faults()
        aws.fault("throttle", match={"operation": "ListFindings", "region": US}, skip=1)
        (cut,) = gather(FINDINGS, only=management, attempts=1)
        assert cut.causes == ["throttled"]
    finally:
        none = {"kind": "guardduty:findings", "account": management, "region": US, "items": [], "replace": True}
        aws.control("POST", "seeded", [none])


@pytest.mark.parametrize("operation", ["ListDetectors", "ListFindings", "GetFindings"])
def test_what_is_refused_is_a_gap(gather: Gather, aws: AwsDouble, manifest: dict[str, Any], operation: str) -> None:
    aws.fault("deny", match={"operation": operation, "region": EU})
    (found,) = gather(FINDINGS, only=manifest["accounts"]["northwind-prod"])
    assert found.causes == ["denied"]
    assert {row["source"] for row in found.rows} == {f"GuardDuty in {US}"}
