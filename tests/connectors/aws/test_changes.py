"""What people changed by hand: who counts as a person, that the list is whole, and CHG-07 over these rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answer import Answer
from collector.model import Origin
from collector.records import Approval
from connectors.aws.changes.by_hand import actor, actor_kind, change_event
from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, History
    from tests.doubles.aws.process import AwsDouble

CHANGES, TICKETS = "aws.cloudtrail.manual_changes", "records.change_tickets"
US = "us-east-1"
SSO = "arn:aws:sts::1:assumed-role/AWSReservedSSO_Admin_0a1b/ann@northwind.example"


def role(name: str, context: dict[str, Any] | None = None, arn: str = "", **identity: Any) -> dict[str, Any]:
    issuer = {"type": "Role", "userName": name, "arn": arn or f"arn:aws:iam::1:role/{name}"}
    session = {"sessionContext": {"sessionIssuer": issuer, **(context or {})}}
    return {"userIdentity": {"type": "AssumedRole", **session, **identity}}


def of(kind: str, **identity: Any) -> dict[str, Any]:
    return {"userIdentity": {"type": kind, **identity}}


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (of("Root"), "human"),
        (of("IAMUser", userName="ann"), "human"),
        (of("IAMUser", userName="svc-release"), "service"),
        # A person who signs in with the pipeline's user or role is a person.
        (of("IAMUser", userName="svc-release") | {"sessionCredentialFromConsole": "true"}, "human"),
        (role("release") | {"sessionCredentialFromConsole": "true"}, "human"),
        (of("IdentityCenterUser"), "human"),
        (of("SAMLUser"), "human"),
        (role("AWSReservedSSO_Admin_0a1b"), "human"),
        (role("release"), "service"),
        (role("admin"), None),
        (role("admin", {"ec2RoleDelivery": "2.0"}), "service"),
        (role("admin", inScopeOf={"issuerType": "AWS::Lambda::Function"}), "service"),
        (role("admin", invokedBy="cloudformation.amazonaws.com"), "service"),
        (role("AWSServiceRoleForX", arn="arn:aws:iam::1:role/aws-service-role/x.amazonaws.com/y"), "service"),
        (of("AWSService", invokedBy="ec2.amazonaws.com"), "service"),
        ({"eventType": "AwsServiceEvent", "userIdentity": {"accountId": "1"}}, "service"),
        (of("AWSAccount"), None),
        (of("WebIdentityUser"), None),
        ({}, None),
    ],
)
def test_who_is_a_person(event: dict[str, Any], kind: str | None) -> None:
    assert actor_kind(event, ("release", "svc-release")) == kind


def test_who_it_was() -> None:
    assert actor(role("AWSReservedSSO_Admin_0a1b", arn="x") | {}) is None
    assert actor(role("AWSReservedSSO_Admin_0a1b") | {"userIdentity": {"arn": SSO}}) == SSO
    session = role("AWSReservedSSO_Admin_0a1b")
    session["userIdentity"]["arn"] = SSO
    assert actor(session) == "ann@northwind.example"
    assert actor(of("IAMUser", arn="arn:aws:iam::1:user/ann")) == "arn:aws:iam::1:user/ann"


@given(st.dictionaries(st.sampled_from(["userIdentity", "eventType"]), st.none() | st.integers() | st.text(max_size=3)))
def test_no_event_is_too_strange_to_keep(told_of: dict[str, Any]) -> None:
    fields = {"EventId": "e", "CloudTrailEvent": json.dumps(told_of)}
    answer = Answer(fields, Origin("r", 1, "Events[0]"))
    record = change_event(answer, told_of, actor_kind(told_of, ()))
    assert (record.event_id, record.actor_kind) == ("e", None)


def event(name: str, ago: timedelta, identity: dict[str, Any], **parts: Any) -> dict[str, Any]:
    source = parts.pop("source", "ec2.amazonaws.com")
    text = {"eventName": name, "eventSource": source, **identity, **parts}
    return {
        "EventId": name,
        "EventName": name,
        "EventSource": source,
        "EventTime": (datetime.now(UTC) - ago).replace(microsecond=0).isoformat(),
        "ReadOnly": "false",
        "Resources": [{"ResourceType": "AWS::EC2::SecurityGroup", "ResourceName": f"sg-{name}"}],
        "CloudTrailEvent": json.dumps(text),
    }


def test_what_people_changed_and_what_is_left_out_is_counted(gather: Gather, manifest: dict[str, Any]) -> None:
    (prod,) = gather(CHANGES, only=manifest["accounts"]["northwind-prod"])
    assert prod.snapshot.complete, prod.snapshot.gaps
    planted = {place["item"] for place in manifest["deviations"]["CHG-07"]}
    assert {f"{row['action'].partition(':')[2]} of {row['resource']}" for row in prod.rows} == planted
    assert {row["actor_kind"] for row in prod.rows} == {"human"}
    # Three sign-ins are left out.
    assert len(prod.rows) == len(planted)
    (total,) = prod.snapshot.totals
    assert (total.expected, total.found) == (len(prod.rows) + 3, len(prod.rows) + 3)


@pytest.mark.parametrize("fault", ["deny", "throttle", "truncate"])
def test_a_region_that_cannot_be_asked_is_a_gap(gather: Gather, aws: AwsDouble, fault: str) -> None:
    aws.fault(fault, match={"operation": "LookupEvents", "region": US})
    (found,) = gather(CHANGES, role="", attempts=1)
    assert len(found.causes) == 1
    assert US in found.snapshot.gaps[0].subject


def test_a_second_page_that_fails_is_a_gap(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    match = {"operation": "LookupEvents", "region": US, "account": prod}
    aws.fault(match=match, page_size=4)
    (whole,) = gather(CHANGES, only=prod)
    assert whole.snapshot.complete, whole.snapshot.gaps
    aws.fault("deny", match=match, skip=1)
    (found,) = gather(CHANGES, only=prod)
    assert found.causes == ["denied"]


def test_what_a_change_was_given_in_confidence_is_not_kept(gather: Gather, history: History) -> None:
    task = {"containerDefinitions": [{"name": "shop", "environment": [{"name": "DB", "value": "hunter2-of-ours"}]}]}
    entered = {"credentials": {"accessKeyId": "ASIAX", "sessionToken": "hunter3-of-ours"}}
    made = event(
        "RegisterTaskDefinition",
        timedelta(days=3),
        of("IAMUser", userName="ann"),
        source="ecs.amazonaws.com",
        requestParameters=task,
        responseElements=entered,
    )
    history.happened(made)
    (found,) = gather(CHANGES, only=history.unit)
    assert [row["action"] for row in found.rows] == ["ecs:RegisterTaskDefinition"]
    kept = b"".join(found.kept.values())
    assert b"containerDefinitions" in kept
    assert b"hunter" not in kept


def test_chg_07_of_aws(gather: Gather, history: History) -> None:
    person = role("AWSReservedSSO_Admin_0a1b")
    person["userIdentity"]["arn"] = SSO
    long_ago = timedelta(days=20)
    happened = [
        event("Asked", long_ago, person),
        event("Unasked", timedelta(days=40), person),
        event("Refused", long_ago, person, errorCode="UnauthorizedOperation"),
        event("Piped", long_ago, role("release")),
        event("Who", timedelta(days=40), role("admin")),
        event("Young", timedelta(days=1), of("IAMUser", arn="arn:aws:iam::1:user/ann")),
        event("Entered", long_ago, person, source="sts.amazonaws.com"),
        {**event("Unread", timedelta(days=40), {}), "CloudTrailEvent": "{"},
    ]
    history.happened(*happened)
    ticket = Approval(
        key="CHG-9",
        seen=(),
        request_id="CHG-9",
        requested_by="Ann@northwind.example",
        approved_by="ben@northwind.example",
        approved_at=datetime.now(UTC) - long_ago,
    )
    found = told("CHG-07", gather(CHANGES, only=history.unit, pipelines=("release",)), {TICKETS: [ticket]})
    assert {item.removeprefix("change "): outcome for item, (outcome, _) in found.items()} == {
        "Asked": "pass",
        "Unasked": "deviation",
        "Refused": "not_applicable",
        "Who": "cannot_tell",
        "Young": "cannot_tell",
        "Unread": "cannot_tell",
    }
    assert found["change Asked"][1].startswith("ann@northwind.example: ec2:Asked of sg-Asked on ")
