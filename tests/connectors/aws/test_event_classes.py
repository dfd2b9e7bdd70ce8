"""What a rule waits for, by the patterns that AWS's own guides and benchmarks write, and by those that say less."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.aws.monitoring.event_classes import of_event_pattern, of_filter


@pytest.mark.parametrize(
    ("pattern", "classes", "whole"),
    [
        ('{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS }', ["identity"], True),
        ('{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }', ["identity"], True),
        ("{ ($.eventName = CreateUser) || ($.eventName = PutBucketPolicy) }", ["identity", "policy"], True),
        ("{ ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteRouteTable) }", ["network"], True),
        ("{ ($.eventName = CreateVpc) && ($.eventSource = ec2.amazonaws.com) }", ["network"], True),
        ("{ $.eventSource = kms.amazonaws.com }", ["key"], True),
        ("{ ($.eventSource = config.amazonaws.com) && ($.eventName = StopConfigurationRecorder) }", ["logging"], True),
        # What is shut out is not waited for, and a user pool of customers is no identity of the account.
        ("{ $.eventSource != kms.amazonaws.com }", [None], False),
        ("{ ($.eventSource = kms.amazonaws.com) && ($.eventName != ScheduleKeyDeletion) }", ["key"], False),
        ("{ ($.eventSource = kms.amazonaws.com) && ($.eventName != DescribeKey) }", ["key"], True),
        ("{ $.eventName = CreateUserPool }", ["other"], True),
        ("{ ($.eventSource = rds.amazonaws.com) && ($.eventName = CreateDBSecurityGroup) }", ["other"], True),
        ("{ $.eventName = GetBucketPolicy }", ["other"], True),
        ('{ $.errorCode = "*UnauthorizedOperation" }', ["other"], True),
        ("{ $.eventName = %Delete.*% }", [None], True),
        ('{ $.eventName = "Delete*" }', [None], True),
        ('{ $.eventName = "*SecurityGroup*" }', ["network"], True),
        # Only some of them: of one user, or of all but one.
        ('{ ($.eventName = DeleteTrail) && ($.userIdentity.userName = "bob") }', ["logging"], False),
        ('{ ($.eventName = DeleteTrail) && ($.userIdentity.arn != "*deploy*") }', ["logging"], False),
        # Only where it failed, or where root did it.
        ("{ ($.eventName = DeleteTrail) && ($.errorCode = AccessDenied) }", ["logging"], False),
        ('{ ($.eventName = DeleteTrail) && ($.userIdentity.type = "Root") }', ["identity", "logging"], False),
        ("{ ($.eventName = DeleteTrail) && ($.requestParameters.names[0] = other) }", ["logging"], False),
        ("{ $.eventSource = *.amazonaws.com }", [None], True),
        ("", [None], True),
        ("DeleteTrail", [None], False),
    ],
)
def test_a_metric_filter(pattern: str, classes: list[str | None], *, whole: bool) -> None:
    waits = of_filter(pattern)
    assert (list(waits.classes), waits.whole) == (classes, whole)


@pytest.mark.parametrize(
    ("pattern", "classes", "whole"),
    [
        ({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}, ["security"], True),
        (
            {"source": ["aws.iam"], "detail": {"eventName": ["CreateUser", "DeletePolicy"]}},
            ["identity", "policy"],
            True,
        ),
        ({"source": ["aws.kms"]}, ["key"], True),
        ({"detail-type": ["AWS Console Sign In via CloudTrail"]}, ["identity"], True),
        ({"source": ["aws.ec2"], "detail": {"eventName": [{"prefix": "Delete"}]}}, [None], True),
        ({"source": ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"]}, ["other"], True),
        ({"source": ["aws.kms"], "detail": {"eventName": [{"anything-but": "Decrypt"}]}}, ["key"], False),
        ({"source": ["aws.kms"], "detail": {"userIdentity": {"type": ["Root"]}}}, ["key"], False),
        ({"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 7]}]}}, ["security"], False),
        ({"source": [{"anything-but": ["aws.kms"]}]}, [None], False),
        ({"source": [{"prefix": "aws."}]}, [None], True),
        (
            {"source": ["aws.iam", "aws.kms"], "detail": {"eventSource": [{"anything-but": "kms.amazonaws.com"}]}},
            ["identity", "key", "policy"],
            False,
        ),
        ({"account": ["111111111111"]}, [None], False),
        ([], [None], False),
    ],
)
def test_an_event_pattern(pattern: Any, classes: list[str | None], *, whole: bool) -> None:
    waits = of_event_pattern(json.dumps(pattern))
    assert (list(waits.classes), waits.whole) == (classes, whole)


def test_a_pattern_that_cannot_be_read_may_wait_for_anything() -> None:
    assert of_event_pattern("{") == of_event_pattern('"text"')
    assert of_event_pattern("{").classes == (None,)
