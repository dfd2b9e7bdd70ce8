from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.answer import UNSEEN, Answer
from collector.model import Origin
from connectors.aws.data.buckets import Exposure, is_public, opens, shut

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

_ORIGIN = Origin("r", 1, "")
_KNOWN = (True, False)


def _answer(fields: dict[str, Any]) -> Answer:
    return Answer(fields, _ORIGIN)


_NONE = Answer(None, _ORIGIN, absent=True)
_EVERYTHING = _answer({"PublicAccessBlockConfiguration": {"IgnorePublicAcls": True, "RestrictPublicBuckets": True}})
_LISTS_ONLY = _answer({"PublicAccessBlockConfiguration": {"IgnorePublicAcls": True, "RestrictPublicBuckets": False}})
_SILENT = _answer({"PublicAccessBlockConfiguration": {}})
_OPEN = _answer({"PolicyStatus": {"IsPublic": True}})
_CLOSED = _answer({"PolicyStatus": {"IsPublic": False}})
_FOR_ALL = _answer({"Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]})
_FOR_CUSTOMERS = _answer(
    {"Grants": [{"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"}}]}
)
_FOR_OWNER = _answer({"Grants": [{"Grantee": {"ID": "owner"}}]})


@pytest.mark.parametrize(
    ("account", "block", "policy", "acl", "public"),
    [
        (_NONE, _NONE, _NONE, _FOR_OWNER, False),
        (_NONE, _NONE, _OPEN, _FOR_OWNER, True),
        (_NONE, _NONE, _CLOSED, _FOR_ALL, True),
        (_NONE, _NONE, _NONE, _FOR_CUSTOMERS, True),
        (_EVERYTHING, UNSEEN, UNSEEN, UNSEEN, False),
        (UNSEEN, _EVERYTHING, UNSEEN, UNSEEN, False),
        (_NONE, _EVERYTHING, _OPEN, _FOR_ALL, False),
        (_NONE, _LISTS_ONLY, _OPEN, _FOR_ALL, True),
        (_NONE, _LISTS_ONLY, _CLOSED, _FOR_ALL, False),
        (UNSEEN, _LISTS_ONLY, _CLOSED, UNSEEN, False),
        (UNSEEN, _NONE, _CLOSED, _FOR_OWNER, False),
        (UNSEEN, _NONE, _OPEN, _FOR_OWNER, None),
        (_NONE, UNSEEN, _OPEN, _FOR_OWNER, None),
        (_NONE, _NONE, UNSEEN, _FOR_OWNER, None),
        (_NONE, _NONE, _CLOSED, UNSEEN, None),
        (_NONE, _NONE, UNSEEN, _FOR_ALL, True),
        (_NONE, _NONE, _OPEN, UNSEEN, True),
        (_NONE, _SILENT, _OPEN, _FOR_OWNER, None),
    ],
)
def test_a_bucket_is_public_when_a_door_is_open_and_unknown_when_it_may_be(
    *, account: Answer, block: Answer, policy: Answer, acl: Answer, public: bool | None
) -> None:
    assert is_public(account, Exposure(block, policy, acl)) is public


@given(public=st.sampled_from([True, False, None]), blocked=st.lists(st.sampled_from([True, False, None]), max_size=3))
def test_what_is_decided_without_a_part_stays_so_whatever_the_part_is(
    *, public: bool | None, blocked: list[bool | None]
) -> None:
    choices = [(part,) if part is not None else _KNOWN for part in (public, *blocked)]
    outcomes = {opens(first, *rest) for first, *rest in product(*choices)}
    assert opens(public, *blocked) is (outcomes.pop() if len(outcomes) == 1 else None)


def test_account_and_bucket_can_shut_one_door_each() -> None:
    policies = _answer({"PublicAccessBlockConfiguration": {"IgnorePublicAcls": False, "RestrictPublicBuckets": True}})
    assert shut(_LISTS_ONLY, policies) is True
    assert shut(_LISTS_ONLY, UNSEEN) is None
    assert shut(_NONE, _NONE) is False


def test_every_bucket_has_a_row_and_the_public_ones_are_found(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.s3.public_access")
    rows = [row for one in found for row in one.table("resource")]
    assert all(one.snapshot.complete for one in found)
    assert len(rows) == sum(place.get("s3.buckets", 0) for place in manifest["counts"].values())
    assert {row["resource_id"] for row in rows if row["public"]} == {
        item["item"] for item in manifest["deviations"]["IAM-15"]
    }
    assert {row["resource_id"] for row in rows if row["data_class"] == "confidential"} >= {"nw-prod-orders"}


def test_a_bucket_that_cannot_be_read_stays_and_is_unknown(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "s3", "operation": "GetBucketPolicyStatus", "contains": "nw-prod-website"})
    (found,) = [one for one in gather("aws.s3.public_access") if one.causes]
    by_name = {row["resource_id"]: row["public"] for row in found.rows}
    assert found.causes == ["denied"]
    assert by_name["nw-prod-website"] is None
    assert by_name["nw-prod-exports"] is True


def test_tags_that_cannot_be_read_leave_the_environment_unknown(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"service": "resourcegroupstaggingapi", "region": "eu-west-1"})
    accounts = dict.fromkeys((one.snapshot.scope.unit_id for one in gather("aws.logs.retention")), "staging")
    rows = [row for one in gather("aws.s3.public_access", environments=accounts) for row in one.rows]
    environments = {row["resource_id"]: row["environment"] for row in rows}
    assert environments["nw-prod-exports"] is None
    assert environments["nw-prod-orders"] == "production"
    assert environments["nw-prod-own-trail"] == "staging"


def test_an_account_that_blocks_everything_is_not_asked_about_each_bucket(
    gather: Gather, aws: AwsDouble, manifest: dict[str, Any]
) -> None:
    aws.clear_requests()
    gather("aws.s3.public_access")
    data = manifest["accounts"]["northwind-data"]
    assert not [one for one in aws.requests() if one["operation"] == "GetBucketAcl" and one["account"] == data]
