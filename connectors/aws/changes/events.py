"""What was done to identities, and who signed in with all rights: from CloudTrail's event history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import AccessEvent
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

IDENTITY_SERVICES = (
    ("EventSource", "iam.amazonaws.com"),
    ("EventSource", "sso.amazonaws.com"),
    ("EventSource", "sso-directory.amazonaws.com"),
    ("EventSource", "identitystore.amazonaws.com"),
)
LATE_MINUTES = 24 * 60
"""CloudTrail has most events within minutes, and promises no time; so each window sees the day before it again."""
ROOT_AND_CONSOLE = (("Username", "root"), ("EventName", "ConsoleLogin"), ("EventName", "AssumeRoot"))
ACTORS = {
    "Root": "root",
    "AssumedRole": "role",
    "Role": "role",
    "AWSService": "service",
    "IdentityCenterUser": "human",
    "SAMLUser": "human",
}
"""By `userIdentity.type`. An IAM user may be a person or a program: CloudTrail does not say which."""
TARGETS = ("userName", "roleName", "groupName", "userId", "principalId", "groupId", "instanceProfileName", "policyArn")
"""Where a request names whom it is about, the identity before what is given to it."""


@aws.evidence(
    "aws.cloudtrail.iam_events",
    yields=AccessEvent,
    needs=["ec2:DescribeRegions", "cloudtrail:LookupEvents"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=90,
    late_minutes=LATE_MINUTES,
)
def iam_events(source: AwsSource) -> Iterator[AccessEvent]:
    """Identity changes: users, roles, groups, policies, keys and assignments made, changed or removed.

    Population: every event of the window that CloudTrail's event history holds, in every enabled region, of IAM, IAM
    Identity Center and its directory, failed attempts included; but without events that only read. IAM is a global
    service: its events are in us-east-1 (or the partition's own).

    An event in the raw answers is left out only where CloudTrail itself marks it as read-only; one without that mark
    stays. Complete when every lookup was read to its last page in every region, and the events received are as many as
    those kept and those left out.

    Not in it: what the history does not hold (data events, anything older than 90 days). An event may appear in the
    history some time after it happened, so windows overlap by a day; the same event has the same id.
    """
    received = kept = reading = 0
    for event in happened(source, IDENTITY_SERVICES):
        received += 1
        if event.get("ReadOnly") == "true":
            reading += 1
            continue
        yield access_event(event)
        kept += 1
    source.total("events received = kept + read-only left out", expected=received, found=kept + reading)


@aws.evidence(
    "aws.cloudtrail.root_and_console",
    yields=AccessEvent,
    needs=["ec2:DescribeRegions", "cloudtrail:LookupEvents"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=90,
    late_minutes=LATE_MINUTES,
)
def root_and_console(source: AwsSource) -> Iterator[AccessEvent]:
    """Root use and console sign-ins.

    Population: every event of the window that CloudTrail's event history holds, in every enabled region, of three
    kinds: anything done by the root user, reading included; every sign-in at the console (`ConsoleLogin`), failed ones
    included, by IAM users, federated people and root; every root session taken for a member account (`AssumeRoot`).
    An event of two kinds is one row.

    Complete when every lookup was read to its last page in every region. No rows means that CloudTrail, asked in every
    region, answered that there were none; those answers are kept. Not in it: sign-ins at the Identity Center portal
    itself, and what the history does not hold (data events, anything older than 90 days). An event may appear in the
    history some time after it happened, so windows overlap by a day; the same event has the same id.
    """
    for event in happened(source, ROOT_AND_CONSOLE):
        yield access_event(event)


def access_event(event: Answer) -> AccessEvent:
    """One event of the history. What only its full text tells stays unknown where that cannot be read."""
    told = full_text(event)
    identity = part(told, "userIdentity")
    action = event.get("EventName")
    service, _, _ = (event.get("EventSource") or "").partition(".")
    return AccessEvent(
        key=event["EventId"],
        seen=[event],
        event_id=event["EventId"],
        at=event.get("EventTime"),
        actor=identity.get("arn") or event.get("Username"),
        actor_kind=_actor_kind(identity, action),
        action=f"{service}:{action}" if service and action else action,
        target=target(event, told),
        mfa_used=_mfa_used(told, identity),
        outcome=outcome(told),
        request_ref=told.get("requestID"),
    )


def full_text(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event as CloudTrail wrote it down; empty when it is missing or cannot be read."""
    try:
        told = json.loads(event.get("CloudTrailEvent") or "")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def happened(source: AwsSource, lookups: tuple[tuple[str, str], ...]) -> Iterator[Answer]:
    """The events of all lookups (CloudTrail takes one attribute at a time), each event of several lookups once."""
    earlier: set[str] = set()
    for name, value in lookups:
        current: set[str] = set()
        for event in source.list(
            "cloudtrail",
            "LookupEvents",
            "Events",
            LookupAttributes=[{"AttributeKey": name, "AttributeValue": value}],
            StartTime=source.window.start,
            EndTime=source.window.end,
        ):
            current.add(event["EventId"])
            if event["EventId"] not in earlier:
                yield event
        earlier |= current


def _actor_kind(identity: Mapping[str, Any], action: str | None) -> str | None:
    kind = identity.get("type")
    if kind == "IAMUser" and action == "ConsoleLogin":
        return "human"
    return ACTORS.get(kind or "")


def target(event: Answer, told: Mapping[str, Any]) -> str | None:
    """Whom it was done to: as the request says, otherwise the first resource that CloudTrail names."""
    asked = part(told, "requestParameters")
    named = next((asked[name] for name in TARGETS if isinstance(asked.get(name), str)), None)
    return named or next((one["ResourceName"] for one in event.get("Resources", ()) if one.get("ResourceName")), None)


def _mfa_used(told: Mapping[str, Any], identity: Mapping[str, Any]) -> bool | None:
    """What a sign-in says about itself; otherwise what the session says about the sign-in it came from."""
    used = part(told, "additionalEventData").get("MFAUsed")
    session = part(part(identity, "sessionContext"), "attributes").get("mfaAuthenticated")
    return {"Yes": True, "No": False, "true": True, "false": False}.get(str(session if used is None else used))


def outcome(told: Mapping[str, Any]) -> str | None:
    """A refused sign-in has no error code: its answer says so."""
    if not told:
        return None
    signed_in = part(told, "responseElements").get("ConsoleLogin", "Success")
    return "failure" if told.get("errorCode") or signed_in != "Success" else "success"


def part(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of the event that is an object; CloudTrail writes null where there is nothing to say."""
    found = told.get(name)
    return found if isinstance(found, dict) else {}
