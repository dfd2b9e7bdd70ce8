"""What raises an alert, and who is told: alarms on the organisation's log and of production, rules of EventBridge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND, US
from tests.doubles.aws.supplement.alarms import HISTORY

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

STREAM, OWN_STREAM = "/nw/org-trail", "/nw/audit"
_MADE = "NorthwindAudit"
_WATCHED = {
    "root-use": '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }',
    "policy-changes": "{ ($.eventName = PutRolePolicy) || ($.eventName = CreatePolicyVersion) }",
    "network-changes": "{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = CreateNetworkAclEntry) }",
    "key-changes": "{ ($.eventSource = kms.amazonaws.com) && ($.eventName = ScheduleKeyDeletion) }",
    "trail-changes": "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) || ($.eventName = UpdateTrail) }",
}


def seed_streams(ground: Ground) -> None:
    """The organisation's trail fills a group of logs in management; the stopped one of production fills one there."""
    management, prod = ground.management, ground.prod
    management.client("logs", EU).create_log_group(logGroupName=STREAM)
    management.client("logs", EU).put_retention_policy(logGroupName=STREAM, retentionInDays=400)
    ground.manifest.count(management.id, EU, "logs.groups")
    for account, trail, group in ((management, "org-trail", STREAM), (prod, "prod-own", OWN_STREAM)):
        arn = f"arn:aws:logs:{EU}:{account.id}:log-group:{group}:*"
        ground.edit("cloudtrail", account.id, EU, ["trails", trail, "cw_log_group_arn"], arn)


def seed_alarms(ground: Ground) -> None:
    """Five classes on the organisation's log, one told to nobody; in production healthy, silent and steering alarms."""
    management, prod = ground.management, ground.prod
    told = _topic(ground, management, EU, "security-alerts")
    waiting = _topic(ground, management, EU, "key-custodians", confirmed=False)
    for name, pattern in _WATCHED.items():
        topic = waiting if name == "key-changes" else told
        _filter(management, STREAM, name, pattern)
        _alarm(management, name, AlarmActions=[topic], Namespace=_MADE, MetricName=name)
    ground.manifest.deviates("LOG-04", management.id, EU, "key-changes", "the only subscription is not confirmed")
    for account in ground.accounts:
        ground.manifest.deviates("LOG-04", account.id, EU, "class key", "its only alarm tells nobody")
    on_call = _topic(ground, prod, EU, "on-call", protocol="https", endpoint="https://pager.example/hook/nw-4711")
    orders: dict[str, Any] = {"Namespace": "AWS/ApplicationELB", "MetricName": "HTTPCode_Target_5XX_Count"}
    _alarm(prod, "orders-errors", AlarmActions=[on_call], **orders)
    _alarm(prod, "orders-slow", AlarmActions=[on_call], ActionsEnabled=False, **orders)
    ground.manifest.deviates("LOG-04", prod.id, EU, "orders-slow", "its actions are switched off")
    _alarm(prod, "orders-central", AlarmActions=[told], **orders)
    steering = f"arn:aws:autoscaling:{EU}:{prod.id}:scalingPolicy:1:autoScalingGroupName/shop:policyName/grow"
    _alarm(prod, "grow", AlarmActions=[steering], **orders)
    _filter(prod, OWN_STREAM, "own-trail", _WATCHED["trail-changes"])
    _alarm(prod, "own-trail", AlarmActions=[on_call], Namespace=_MADE, MetricName="own-trail")


def seed_event_rules(ground: Ground) -> None:
    """Threats told in one region, in another by a rule without a target; what is no alert stands beside them."""
    prod = ground.prod
    threats = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]})
    for region in (EU, IRELAND):
        prod.client("events", region).put_rule(Name=f"threats-{region}", EventPattern=threats, State="ENABLED")
    topic = _topic(ground, prod, EU, "threats")
    _targets(prod, f"threats-{EU}", topic)
    ground.manifest.deviates("LOG-04", prod.id, IRELAND, f"threats-{IRELAND}", "it has no target")
    events = prod.client("events", EU)
    uploads = json.dumps({"source": ["aws.s3"], "detail-type": ["Object Created"]})
    events.put_rule(Name="uploads", EventPattern=uploads, State="ENABLED")
    _targets(prod, "uploads", f"arn:aws:lambda:{EU}:{prod.id}:function:thumbnails")
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)", State="ENABLED")
    users = json.dumps({"source": ["aws.iam"], "detail": {"eventName": ["CreateUser"]}})
    prod.client("events", US).put_rule(Name="new-users", EventPattern=users, State="DISABLED")


def seed_history(ground: Ground) -> None:
    """Alarms that fired: over, not over, steering, composite and deleted by now, forgotten."""
    account = ground.prod.id
    for name, kind, days, minutes in (
        ("orders-errors", "MetricAlarm", 3, 20),
        ("orders-errors", "MetricAlarm", 0.1, None),
        ("grow", "MetricAlarm", 2, 5),
        ("shop-down", "CompositeAlarm", 1, 90),
        ("orders-errors", "MetricAlarm", 20, 20),
    ):
        ground.put(HISTORY, account, EU, changed(ground.ago(days), name, kind, "OK", "ALARM"))
        if minutes:
            ground.put(HISTORY, account, EU, changed(ground.ago(days - minutes / 1440), name, kind, "ALARM", "OK"))


def changed(at: str, name: str, kind: str, before: str, after: str) -> dict[str, Any]:
    """A change of an alarm's state, as CloudWatch notes it."""
    states = {"version": "1.0", "oldState": {"stateValue": before}, "newState": {"stateValue": after}}
    return {
        "AlarmName": name,
        "AlarmType": kind,
        "Timestamp": at,
        "HistoryItemType": "StateUpdate",
        "HistorySummary": f"Alarm updated from {before} to {after}",
        "HistoryData": json.dumps(states),
    }


def _topic(
    ground: Ground,
    account: Account,
    region: str,
    name: str,
    *,
    confirmed: bool = True,
    protocol: str = "email",
    endpoint: str = "on-call@northwind.example",
) -> str:
    sns = account.client("sns", region)
    arn = str(sns.create_topic(Name=name)["TopicArn"])
    made = sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint, ReturnSubscriptionArn=True)
    if not confirmed:
        path: list[str | int] = ["subscriptions", made["SubscriptionArn"], "arn"]
        ground.edit("sns", account.id, region, path, "PendingConfirmation")
    return arn


def _filter(account: Account, group: str, name: str, pattern: str) -> None:
    made = [{"metricName": name, "metricNamespace": _MADE, "metricValue": "1"}]
    account.client("logs", EU).put_metric_filter(
        logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=made
    )


def _alarm(account: Account, name: str, **parts: Any) -> None:
    usual: dict[str, Any] = {"ActionsEnabled": True, "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 1}
    usual |= {"Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    account.client("cloudwatch", EU).put_metric_alarm(AlarmName=name, **usual | parts)


def _targets(account: Account, rule: str, arn: str) -> None:
    account.client("events", EU).put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": arn}])
