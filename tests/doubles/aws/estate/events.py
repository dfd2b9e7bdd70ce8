"""CloudTrail events of the last 90 days: identity changes, sign-ins, manual changes, and much noise."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, IRELAND, US
from tests.doubles.aws.supplement.cloudtrail import EVENTS

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_IAM, _SIGN_IN = "iam.amazonaws.com", "signin.amazonaws.com"
_OLDEST_DAYS = 89


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: when, who did what."""

    days: float
    name: str
    source: str
    user: str
    resource: str = ""
    kind: str = "AWS::IAM::User"
    reading: bool = False
    extra: tuple[tuple[str, str], ...] = ()


_STORY_IN_US = (
    Happening(60, "CreateUser", _IAM, "eve.martin", "svc-deploy"),
    Happening(59.9, "CreateAccessKey", _IAM, "eve.martin", "svc-deploy"),
    Happening(45, "AttachUserPolicy", _IAM, "anna.keller", "eve.martin"),
    Happening(30, "AddUserToGroup", _IAM, "eve.martin", "ben.ortiz"),
    Happening(20, "CreateAccessKey", _IAM, "anna.keller", "anna.keller"),
    Happening(15, "DeleteUser", _IAM, "eve.martin", "former.colleague"),
    Happening(14, "AttachRolePolicy", _IAM, "carla.nunes", "okta-admin", "AWS::IAM::Role"),
    Happening(12, "ConsoleLogin", _SIGN_IN, "root", extra=(("MFAUsed", "No"),)),
    Happening(2, "ConsoleLogin", _SIGN_IN, "ben.ortiz", extra=(("MFAUsed", "No"),)),
    Happening(1, "ConsoleLogin", _SIGN_IN, "anna.keller", extra=(("MFAUsed", "Yes"),)),
)
_STORY_IN_EU = (
    Happening(
        7,
        "AuthorizeSecurityGroupIngress",
        "ec2.amazonaws.com",
        "ben.ortiz",
        "open-to-the-world",
        "AWS::EC2::SecurityGroup",
    ),
    Happening(5, "ModifyDBInstance", "rds.amazonaws.com", "carla.nunes", "reports-db", "AWS::RDS::DBInstance"),
    Happening(4, "StopLogging", "cloudtrail.amazonaws.com", "ben.ortiz", "prod-own", "AWS::CloudTrail::Trail"),
    Happening(3, "DeleteTrail", "cloudtrail.amazonaws.com", "ben.ortiz", "former-trail", "AWS::CloudTrail::Trail"),
    Happening(3, "DeleteDBInstance", "rds.amazonaws.com", "carla.nunes", "former-db", "AWS::RDS::DBInstance"),
)
# Of all events, how many fall where; the first is more than two pages of 50.
_SHARES = ((US, 0.55), (EU, 0.35), (IRELAND, 0.1))


def seed_events(ground: Ground) -> None:
    """The story in production, a root sign-in in the data account, noise in all three regions of production."""
    for region, happenings in ((US, _STORY_IN_US), (EU, _STORY_IN_EU)):
        for number, happening in enumerate(happenings):
            _happens(ground, ground.prod.id, region, f"story-{number}", happening)
    for region, share in _SHARES:
        count = int(ground.size.events * share)
        for number in range(count):
            days = 0.01 + _OLDEST_DAYS * number / count
            noise = Happening(days, "DescribeInstances", "ec2.amazonaws.com", "svc-deploy", reading=True)
            _happens(ground, ground.prod.id, region, f"noise-{number}", noise)
    entered = Happening(12, "ConsoleLogin", _SIGN_IN, "root", extra=(("MFAUsed", "No"),))
    _happens(ground, ground.data.id, US, "root", entered)
    # Older than the source remembers: must not be answered.
    created = Happening(95, "CreateUser", _IAM, "eve.martin")
    forgotten = event_at(ground.ago(created.days), ground.prod.id, US, "forgotten", created)
    ground.put(EVENTS, ground.prod.id, US, forgotten)
    for account in (ground.prod.id, ground.data.id):
        ground.manifest.deviates("IAM-03", account, US, "root", "root signed in at the console")
    why = "changed by hand, outside the pipeline"
    for region, happenings in ((US, _STORY_IN_US), (EU, _STORY_IN_EU)):
        for happening in happenings:
            if happening.source != _SIGN_IN:
                item = f"{happening.name} of {happening.resource}"
                ground.manifest.deviates("CHG-07", ground.prod.id, region, item, why)
    ground.manifest.deviates("LOG-02", ground.prod.id, EU, "former-trail", "a trail was deleted")


def _happens(ground: Ground, account: str, region: str, label: str, happening: Happening) -> None:
    ground.put(EVENTS, account, region, event_at(ground.ago(happening.days), account, region, label, happening))
    ground.manifest.count(account, region, "cloudtrail.events")
    if not happening.reading:
        ground.manifest.count(account, region, f"cloudtrail.events.{happening.name}")


def event_at(at: str, account: str, region: str, label: str, happening: Happening) -> dict[str, Any]:
    """The event as CloudTrail gives it, at a moment (ISO 8601, UTC); `label` makes its id."""
    moment = at[:19]  # whole seconds, as in CloudTrail
    event_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{account}/{region}/{label}"))
    resources = [{"ResourceType": happening.kind, "ResourceName": happening.resource}]
    detail = {
        "eventVersion": "1.11",
        "userIdentity": _identity(account, happening.user),
        "eventTime": f"{moment}Z",
        "eventSource": happening.source,
        "eventName": happening.name,
        "awsRegion": region,
        "sourceIPAddress": "192.0.2.10",
        "userAgent": "aws-cli/2.30",
        "requestParameters": {"name": happening.resource} if happening.resource else None,
        "responseElements": {"ConsoleLogin": "Success"} if happening.name == "ConsoleLogin" else None,
        "eventID": event_id,
        "readOnly": happening.reading,
        "eventType": "AwsConsoleSignIn" if happening.source == _SIGN_IN else "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    if happening.extra:
        detail["additionalEventData"] = dict(happening.extra)
    return {
        "EventId": event_id,
        "EventName": happening.name,
        "ReadOnly": str(happening.reading).lower(),
        "EventTime": f"{moment}+00:00",
        "EventSource": happening.source,
        "Username": happening.user,
        "Resources": resources if happening.resource else [],
        "CloudTrailEvent": json.dumps(detail),
    }


def _identity(account: str, user: str) -> dict[str, str]:
    if user == "root":
        return {"type": "Root", "principalId": account, "arn": f"arn:aws:iam::{account}:root", "accountId": account}
    arn = f"arn:aws:iam::{account}:user/{user}"
    return {"type": "IAMUser", "principalId": user, "arn": arn, "accountId": account, "userName": user}
