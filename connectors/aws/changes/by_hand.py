"""What people changed by hand: from CloudTrail's event history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.model import Kind
from collector.records import ChangeEvent
from connectors.aws import aws
from connectors.aws.changes.events import LATE_MINUTES, full_text, happened, outcome, part, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

WRITING = (("ReadOnly", "false"),)
_ENTERING = frozenset({"signin.amazonaws.com", "sts.amazonaws.com"})
"""To sign in or to take a role changes nothing; `aws.cloudtrail.root_and_console` has the sign-ins."""
_PEOPLE = frozenset({"Root", "IAMUser", "IdentityCenterUser", "SAMLUser"})
_OF_IDENTITY_CENTER = "AWSReservedSSO_"
"""How the names of the roles begin that Identity Center makes for people, and for nobody else."""
_OF_SERVICES = ":role/aws-service-role/"


@aws.evidence(
    "aws.cloudtrail.manual_changes",
    yields=ChangeEvent,
    needs=["ec2:DescribeRegions", "cloudtrail:LookupEvents"],
    kind=Kind.POPULATION,
    per=Per.PLACE,
    keeps_days=90,
    late_minutes=LATE_MINUTES,
    shares=["cloudtrail:LookupEvents"],
)
def manual_changes(source: AwsSource) -> Iterator[ChangeEvent]:
    """Write calls by people outside the pipeline roles.

    Population: every event of the window that CloudTrail's event history marks as writing, in every enabled region, but
    those that a program is known to have made: who did what to which resource, failed attempts included.

    A person (`human`) is the root user, an IAM user, by key as at the console, a user of Identity Center, and whoever
    works in a session of the console. A program is an AWS service, a role in the hands of a machine or a function, and
    a role or user that the configuration names as a pipeline's (`pipelines`). Of any other role CloudTrail does not say
    who took it: it is in the list, and `actor_kind` is null.

    Signing in and taking a role are no changes. Complete when the lookup was read to its last page in every region, and
    the events received are as many as those kept and those left out.

    Not in it: what the history does not hold (changes to data, anything older than 90 days), and events that it does
    not mark at all. An event may appear in the history some time after it happened, so windows overlap by a day; the
    same event has the same id.
    """
    received = kept = other = 0
    for event in happened(source, WRITING):
        received += 1
        told = full_text(event)
        kind = actor_kind(told, source.settings.pipelines)
        if kind == "service" or event.get("EventSource") in _ENTERING:
            other += 1
            continue
        kept += 1
        yield change_event(event, told, kind)
    source.total("events received = kept + left out", expected=received, found=kept + other)


def change_event(event: Answer, told: Mapping[str, Any], kind: str | None) -> ChangeEvent:
    """One event of the history. What only its full text tells stays unknown where that cannot be read."""
    action = event.get("EventName")
    service, _, _ = (event.get("EventSource") or "").partition(".")
    return ChangeEvent(
        key=event["EventId"],
        seen=[event],
        event_id=event["EventId"],
        at=event.get("EventTime"),
        actor=actor(told) or event.get("Username"),
        actor_kind=kind,
        action=f"{service}:{action}" if service and action else action,
        resource=target(event, told),
        outcome=outcome(told),
    )


def actor(told: Mapping[str, Any]) -> str | None:
    """Who did it: of a session by Identity Center the user's name there, which a ticket may have too; else the ARN."""
    identity = part(told, "userIdentity")
    arn = identity.get("arn")
    if not isinstance(arn, str):
        return None
    session = arn.rpartition("/")[2]
    return session if _issuer(identity).startswith(_OF_IDENTITY_CENTER) and "@" in session else arn


def actor_kind(told: Mapping[str, Any], pipelines: tuple[str, ...]) -> str | None:
    """Whether a person did it or a program; None where CloudTrail does not say."""
    identity = part(told, "userIdentity")
    context = part(identity, "sessionContext")
    kind, issuer = identity.get("type"), _issuer(identity)
    if told.get("eventType") == "AwsServiceEvent" or kind == "AWSService" or identity.get("invokedBy"):
        return "service"
    if str(told.get("sessionCredentialFromConsole")).lower() == "true":
        return "human"
    name = issuer or identity.get("userName")
    if name in pipelines or context.get("ec2RoleDelivery") or part(identity, "inScopeOf"):
        return "service"
    if _OF_SERVICES in str(part(context, "sessionIssuer").get("arn")):
        return "service"
    return "human" if kind in _PEOPLE or issuer.startswith(_OF_IDENTITY_CENTER) else None


def _issuer(identity: Mapping[str, Any]) -> str:
    """The name of the role that a session is of."""
    return str(part(part(identity, "sessionContext"), "sessionIssuer").get("userName") or "")
