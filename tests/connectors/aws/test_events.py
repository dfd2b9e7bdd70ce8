from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answer import Answer
from collector.model import Origin
from connectors.aws.changes.events import access_event

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

CHANGES, SIGN_INS = "aws.cloudtrail.iam_events", "aws.cloudtrail.root_and_console"


def event(name: str = "CreateUser", told: Any = None, **parts: Any) -> Answer:
    text = {} if told is None else {"CloudTrailEvent": told if isinstance(told, str) else json.dumps(told)}
    fields = {"EventId": "e-1", "EventName": name, "EventSource": "iam.amazonaws.com", "Username": "ann"}
    return Answer(fields | text | parts, Origin("r", 1, "Events[0]"))


def seeded(event_id: str, name: str, source: str, **parts: Any) -> dict[str, Any]:
    moment = (datetime.now(UTC) - timedelta(days=3)).replace(microsecond=0).isoformat()
    return {"EventId": event_id, "EventName": name, "EventSource": source, "EventTime": moment, "Resources": []} | parts


def test_changes_of_identities(gather: Gather, manifest: dict[str, Any]) -> None:
    prod = manifest["accounts"]["northwind-prod"]
    found = {one.snapshot.scope.unit_id: one for one in gather(CHANGES)}
    assert all(one.snapshot.complete for one in found.values())
    assert found[manifest["management"]].rows == []
    counts = manifest["counts"][f"{prod}/us-east-1"]
    wanted = {name.rsplit(".", 1)[1]: number for name, number in counts.items() if name.count(".") == 2}
    del wanted["ConsoleLogin"]
    actions = [row["action"] for row in found[prod].rows]
    assert {action.split(":")[1]: actions.count(action) for action in actions} == wanted
    (deleted,) = [row for row in found[prod].rows if row["action"] == "iam:DeleteUser"]
    assert deleted["actor"].endswith(":user/eve.martin")
    assert deleted["target"] == "former.colleague"
    assert deleted["outcome"] == "success"


def test_read_only_events_are_left_out_but_counted(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    data, iam = manifest["accounts"]["northwind-data"], "iam.amazonaws.com"
    reading = [seeded(f"r-{number}", "GetUser", iam, ReadOnly="true") for number in range(120)]
    unmarked = seeded("unmarked", "GetUser", iam)
    written = seeded("written", "CreateUser", "identitystore.amazonaws.com", ReadOnly="false")
    aws.add_seeded("cloudtrail:events", data, "eu-west-1", [*reading, unmarked, written])
    (found,) = gather(CHANGES, only=data)
    assert found.snapshot.complete
    assert {row["event_id"] for row in found.rows} == {"unmarked", "written"}
    (total,) = found.snapshot.totals
    assert (total.expected, total.found) == (122, 122)


def test_an_event_of_two_kinds_is_one_row(gather: Gather, manifest: dict[str, Any]) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(SIGN_INS)}
    assert all(one.snapshot.complete for one in found.values())
    rows = found[manifest["accounts"]["northwind-prod"]].rows
    assert sorted((row["actor_kind"], row["mfa_used"]) for row in rows) == [
        ("human", False),
        ("human", True),
        ("root", False),
    ]


@pytest.mark.parametrize("fault", ["deny", "throttle", "error500", "empty", "html", "truncate"])
def test_a_region_that_cannot_be_asked_is_a_gap(gather: Gather, aws: AwsDouble, fault: str) -> None:
    aws.fault(fault, match={"operation": "LookupEvents", "region": "us-east-1"})
    (found,) = gather(SIGN_INS, role="", attempts=1)
    assert len(found.causes) == 1
    assert "us-east-1" in found.snapshot.gaps[0].subject


def test_root() -> None:
    record = access_event(event("ConsoleLogin", {"userIdentity": {"type": "Root", "arn": "arn:aws:iam::1:root"}}))
    assert (record.actor, record.actor_kind) == ("arn:aws:iam::1:root", "root")


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        ({"eventName": "x"}, "success"),
        ({"errorCode": "AccessDenied"}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Success"}}, "success"),
        ({}, None),
        ("not JSON", None),
        (None, None),
    ],
)
def test_outcome(told: Any, outcome: str | None) -> None:
    assert access_event(event(told=told)).outcome == outcome


@pytest.mark.parametrize(
    ("told", "used"),
    [
        ({"additionalEventData": {"MFAUsed": "Yes"}}, True),
        ({"additionalEventData": {"MFAUsed": "No"}}, False),
        ({"userIdentity": {"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}}}, True),
        ({"userIdentity": {"sessionContext": {"attributes": {"mfaAuthenticated": "false"}}}}, False),
        ({"userIdentity": {"sessionContext": None}, "additionalEventData": None}, None),
        ({}, None),
    ],
)
def test_second_factor(told: Any, *, used: bool | None) -> None:
    assert access_event(event(told=told)).mfa_used is used


def test_the_target_is_whom_the_request_names() -> None:
    told = {"requestParameters": {"policyArn": "arn:p", "userName": "ben"}}
    assert access_event(event(told=told)).target == "ben"
    resources = [{"ResourceType": "AWS::IAM::User", "ResourceName": "carla"}]
    assert access_event(event(Resources=resources)).target == "carla"
    assert access_event(event()).target is None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
)
PARTS = st.sampled_from(
    ["userIdentity", "requestParameters", "responseElements", "additionalEventData", "errorCode", "requestID"]
)


@given(st.dictionaries(PARTS, VALUES))
def test_no_event_is_too_strange_to_keep(told: dict[str, Any]) -> None:
    assert access_event(event(told=told)).event_id == "e-1"


@given(st.text(max_size=20))
def test_nor_any_text(text: str) -> None:
    assert access_event(event(told=text)).event_id == "e-1"
