from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

ASSIGNMENTS = "aws.sso.assignments"


def test_users_and_what_they_may_enter(gather: Gather, manifest: dict[str, Any]) -> None:
    (directory,) = gather(ASSIGNMENTS)
    assert directory.snapshot.complete
    users = {row["account_id"]: row for row in directory.table("account")}
    counts = manifest["counts"][f"{manifest['management']}/eu-central-1"]
    assert len(users) == counts["identitystore.users"]
    assert {row["mfa_enrolled"] for row in users.values()} == {None}, "AWS does not tell"
    assert all(row["email"] for row in users.values())
    grants = directory.table("access_grant")
    assert {row["resource"] for row in grants} <= set(manifest["accounts"].values())
    judged = {row["role"]: row["privileged"] for row in grants}
    assert judged == {"AdministratorAccess": True, "PowerUserAccess": True, "ReadOnlyAccess": False}
    direct = [users[row["principal_id"]]["name"] for row in grants if row["via"] == "direct"]
    assert any(name.startswith("eve.martin") for name in direct)
    assert any(row["via"].startswith("group ") for row in grants)


def test_whom_another_provider_keeps_here_has_the_id_there(gather: Gather, aws: AwsDouble) -> None:
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    links = [{"Issuer": "https://scim.aws.com/abc", "Id": "00u1"}]
    users = [
        {"UserId": "u-1", "UserName": "lea", "IdentityStoreId": "d-1", "ExternalIds": links},
        {"UserId": "u-2", "UserName": "ben", "IdentityStoreId": "d-1"},
    ]
    aws.fault("replace_body", match={"operation": "ListUsers"}, body=json.dumps({"Users": users}), headers=kind)
    (directory,) = gather(ASSIGNMENTS)
    (link,) = directory.table("external_identity")
    assert (link["account_id"], link["subject"], link["via"]) == ("u-1", "00u1", "scim")
    assert link["issuer"] == "https://scim.aws.com/abc"


def test_the_same_rows_in_pages_of_one(gather: Gather, aws: AwsDouble) -> None:
    (whole,) = gather(ASSIGNMENTS)
    for operation in (
        "ListUsers",
        "ListGroups",
        "ListGroupMemberships",
        "ListAccountAssignments",
        "ListPermissionSets",
    ):
        aws.fault(match={"operation": operation}, page_size=1)
    (paged,) = gather(ASSIGNMENTS)
    assert paged.snapshot.complete
    assert [row["source_id"] for row in paged.rows] == [row["source_id"] for row in whole.rows]


def test_no_instance_anywhere_is_proved(gather: Gather, aws: AwsDouble) -> None:
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    aws.fault("replace_body", match={"operation": "ListInstances"}, body='{"Instances": []}', headers=kind)
    (none,) = gather(ASSIGNMENTS)
    assert none.snapshot.complete
    assert none.rows == []
    assert [total.found for total in none.snapshot.totals] == [3]


def test_a_region_that_does_not_answer_is_a_gap(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListInstances", "region": "us-east-1"})
    (partial,) = gather(ASSIGNMENTS)
    assert partial.causes == ["denied"]
    assert partial.rows


@pytest.mark.parametrize(
    "operation", ["ListManagedPoliciesInPermissionSet", "GetInlinePolicyForPermissionSet", "GetPolicyVersion"]
)
def test_rights_that_cannot_be_read_are_not_known(gather: Gather, aws: AwsDouble, operation: str) -> None:
    aws.fault("deny", match={"operation": operation})
    (blind,) = gather(ASSIGNMENTS)
    assert set(blind.causes) == {"denied"}
    grants = blind.table("access_grant")
    assert grants
    assert {row["privileged"] for row in grants} == {None}


def test_members_that_cannot_be_read_leave_the_group_as_holder(gather: Gather, aws: AwsDouble) -> None:
    (whole,) = gather(ASSIGNMENTS)
    aws.fault("throttle", match={"operation": "ListGroupMemberships"})
    (partial,) = gather(ASSIGNMENTS, attempts=1)
    assert set(partial.causes) == {"throttled"}
    held = {row["principal_kind"] for row in partial.table("access_grant")}
    assert held == {"group", "human"}
    assert len(partial.table("account")) == len(whole.table("account"))


def test_an_account_that_cannot_be_visited_shows_in_the_total(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListAccountAssignments"}, times=1)
    (partial,) = gather(ASSIGNMENTS)
    assert partial.causes == ["denied"]
    assert not all(total.ties for total in partial.snapshot.totals)
