from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.assess.clouds import told
from tests.doubles.aws.clients import Account
from tests.doubles.aws.supplement.alarms import COMPOSITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

RULES, TRAILS = "aws.alerting.rules", "aws.cloudtrail.trails"
EU = "eu-central-1"
CLASSES = ("identity", "key", "logging", "network", "policy")


def by_name(found: Gathered) -> dict[str, dict[str, Any]]:
    return {f"{row['rule']} {row['event_class']}": row for row in found.rows}


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    return str(manifest["accounts"]["northwind-prod"])


class Data:
    """The account that has no alarm of its own."""

    def __init__(self, double: AwsDouble, account: str) -> None:
        self.double = double
        self.account = Account.management(double.endpoint).member(account)
        self.alarms = self.account.client("cloudwatch", EU)
        self.topics = self.account.client("sns", EU)
        self.events = self.account.client("events", EU)
        self._made: list[str] = []

    def topic(self, name: str) -> str:
        arn = str(self.topics.create_topic(Name=name)["TopicArn"])
        self.topics.subscribe(TopicArn=arn, Protocol="email", Endpoint="on-call@northwind.example")
        return arn

    def alarm(self, name: str, **parts: Any) -> None:
        usual: dict[str, Any] = {"Namespace": "AWS/RDS", "MetricName": "CPUUtilization", "Statistic": "Average"}
        usual |= {"Period": 60, "EvaluationPeriods": 1, "Threshold": 90.0, "ActionsEnabled": True}
        usual |= {"ComparisonOperator": "GreaterThanThreshold"}
        self.alarms.put_metric_alarm(AlarmName=name, **usual | parts)
        self._made.append(name)

    def composite(self, name: str, rule: str, *actions: str) -> None:
        arn = f"arn:aws:cloudwatch:{EU}:{self.account.id}:alarm:{name}"
        made = {"AlarmName": name, "AlarmArn": arn, "AlarmRule": rule, "AlarmActions": actions, "ActionsEnabled": True}
        self.double.add_seeded(COMPOSITE, self.account.id, EU, [made])

    def clear(self) -> None:
        self.alarms.delete_alarms(AlarmNames=self._made)
        none = {"kind": COMPOSITE, "account": self.account.id, "region": EU, "items": [], "replace": True}
        self.double.control("POST", "seeded", [none])
        for one in self.topics.list_topics()["Topics"]:
            self.topics.delete_topic(TopicArn=one["TopicArn"])


@pytest.fixture
def data(aws: AwsDouble, manifest: dict[str, Any]) -> Iterator[Data]:
    there = Data(aws, manifest["accounts"]["northwind-data"])
    yield there
    there.clear()


def test_each_rule_is_followed_to_whoever_confirmed(gather: Gather, prod: str) -> None:
    (found,) = gather(RULES, only=prod)
    assert found.snapshot.complete, found.snapshot.gaps
    fields = ("covers", "enabled", "destinations", "destination_confirmed")
    elsewhere = f"sns arn:aws:sns:{EU}:"
    rows = {name: tuple(row[field] for field in fields) for name, row in by_name(found).items()}
    (central,) = rows["orders-central metric"][2]
    assert central.startswith(elsewhere)
    assert prod not in central
    assert rows == {
        "new-users identity": (prod, False, [], False),
        "orders-central metric": (None, True, [central], None),
        "orders-errors metric": (None, True, ["https on-call"], True),
        "orders-slow metric": (None, True, [], False),
        # The trail that fills its group of logs is stopped.
        "own-trail logging": (f"{prod} {EU}", False, ["https on-call"], True),
        f"threats-{EU} security": (f"{prod} {EU}", True, ["email threats"], True),
        "threats-eu-west-1 security": (f"{prod} eu-west-1", True, [], False),
    }


def test_what_only_steers_is_left_out_and_counted(gather: Gather, prod: str) -> None:
    (found,) = gather(RULES, only=prod)
    assert "grow metric" not in by_name(found)
    assert (5, 5) in [(total.expected, total.found) for total in found.snapshot.totals]


def test_no_address_of_a_web_hook_is_kept(gather: Gather, prod: str) -> None:
    (found,) = gather(RULES, only=prod)
    listed = [body for body in found.kept.values() if b"<Protocol>https</Protocol>" in body]
    assert listed
    assert not [body for body in found.kept.values() if b"nw-4711" in body]
    assert all(b"<Endpoint>redacted:" in body for body in listed)


def test_log_04_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    found = [*gather(RULES), *gather(TRAILS)]
    outcomes = told("LOG-04", found)
    # The members have no rule for a class: those on the organisation's log see their events too.
    assert {name: outcomes[f"class {name}"][0] for name in CLASSES} == {
        name: "deviation" if name == "key" else "pass" for name in CLASSES
    }
    planted = {place["item"] for place in manifest["deviations"]["LOG-04"]}
    deviating = {item.rpartition(":")[2] for item, (outcome, _) in outcomes.items() if outcome == "deviation"}
    assert {one.rpartition("/")[2] for one in deviating} == planted


def test_log_04_without_the_organisations_own_account_nobody_is_said_to_be_told_nothing(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any], prod: str
) -> None:
    aws.fault("deny", match={"operation": "DescribeMetricFilters", "account": manifest["management"]})
    found = [*gather(RULES), *gather(TRAILS)]
    for account in (prod, manifest["management"]):
        here = told("LOG-04", [one for one in found if one.snapshot.scope.unit_id == account])
        assert {here[f"class {name}"][0] for name in CLASSES} == {"cannot_tell"}
    whole = told("LOG-04", [one for one in found if one.snapshot.evidence_type == TRAILS or one.snapshot.complete])
    assert whole["class key"][0] == "cannot_tell"


@pytest.mark.parametrize(
    ("operation", "row", "field", "seen"),
    [
        ("ListSubscriptionsByTopic", "orders-errors metric", "destination_confirmed", True),
        ("ListTopics", "orders-errors metric", "destination_confirmed", True),
        ("ListTargetsByRule", f"threats-{EU} security", "destination_confirmed", True),
        ("ListTargetsByRule", "threats-eu-west-1 security", "destination_confirmed", False),
        ("GetTrailStatus", "own-trail logging", "enabled", False),
        ("GetEventSelectors", "own-trail logging", "covers", ""),
    ],
)
def test_what_cannot_be_looked_at_is_neither_told_nor_silent(
    gather: Gather, aws: AwsDouble, prod: str, operation: str, row: str, field: str, seen: object
) -> None:
    if seen != "":
        (before,) = gather(RULES, only=prod)
        assert by_name(before)[row][field] is seen
    aws.fault("deny", match={"operation": operation, "account": prod})
    (found,) = gather(RULES, only=prod)
    assert by_name(found)[row][field] is None
    assert set(found.causes) == {"denied"}


@pytest.mark.parametrize("operation", ["DescribeMetricFilters", "DescribeAlarms", "ListRules"])
def test_a_list_that_breaks_off_is_a_gap(gather: Gather, aws: AwsDouble, prod: str, operation: str) -> None:
    aws.fault("throttle", match={"operation": operation, "region": EU})
    (found,) = gather(RULES, only=prod, attempts=1)
    assert found.causes == ["throttled"]
    assert {row["rule"] for row in found.rows} == {"new-users", "threats-eu-west-1"}


def test_a_second_page_that_fails_is_no_list(gather: Gather, aws: AwsDouble, prod: str) -> None:
    match = {"operation": "DescribeAlarms", "region": EU}
    aws.fault(match=match, page_size=2)
    (whole,) = gather(RULES, only=prod)
    assert whole.snapshot.complete
    assert "orders-errors metric" in by_name(whole)
    aws.fault("error500", match=match, skip=1)
    (found,) = gather(RULES, only=prod, attempts=1)
    assert found.causes == ["unavailable"]


def test_an_alarm_whose_topic_is_gone_tells_nobody(gather: Gather, data: Data) -> None:
    topic = data.topic("gone")
    data.alarm("slow", AlarmActions=[topic])
    (before,) = gather(RULES, only=data.account.id)
    assert by_name(before)["slow metric"]["destination_confirmed"] is True
    data.topics.delete_topic(TopicArn=topic)
    (after,) = gather(RULES, only=data.account.id)
    assert after.snapshot.complete
    assert by_name(after)["slow metric"]["destination_confirmed"] is False


def test_an_alarm_may_reach_somebody_through_alarms_made_of_it(gather: Gather, data: Data) -> None:
    topic = data.topic("on-call")
    for name in ("enough", "not-enough", "nobody", "deep", "plans"):
        data.alarm(name)
    data.alarm("by-plan", AlarmActions=[f"arn:aws:ssm-incidents::{data.account.id}:response-plan/page"])
    data.composite("either", 'ALARM("enough") OR ALARM(other)', topic)
    data.composite("both", "ALARM(not-enough) AND ALARM(other)", topic)
    data.composite("silent", "ALARM(deep)")
    data.composite("loud", "ALARM(silent)", topic)
    (found,) = gather(RULES, only=data.account.id)
    assert found.snapshot.complete, found.snapshot.gaps
    confirmed = {row["rule"]: row["destination_confirmed"] for row in found.rows}
    assert confirmed == {
        "by-plan": None,
        "both": True,
        "deep": True,
        "either": True,
        "enough": True,
        "loud": True,
        "nobody": False,
        "not-enough": None,
        "plans": False,
        "silent": True,
    }


def test_where_a_rule_hears_of_alarms_no_alarm_is_said_to_tell_nobody(gather: Gather, data: Data) -> None:
    data.alarm("alone")
    data.events.put_rule(Name="alarms", EventPattern='{"source": ["aws.cloudwatch"]}', State="ENABLED")
    try:
        (found,) = gather(RULES, only=data.account.id)
        assert {row["rule"]: row["destination_confirmed"] for row in found.rows} == {"alone": None}
        data.events.disable_rule(Name="alarms")
        (found,) = gather(RULES, only=data.account.id)
        assert {row["rule"]: row["destination_confirmed"] for row in found.rows} == {"alone": False}
    finally:
        data.events.delete_rule(Name="alarms")
