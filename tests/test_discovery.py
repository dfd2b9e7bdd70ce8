"""The judge of requests and answers, on faults that were put there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doubles.discovery import Discovery, mask, masked

USERS = "/admin/directory/v1/users"
ADMIN = "/admin/reports/v1/activity/users/all/applications"
MEMBERS = "/admin/directory/v1/groups/a@b.example/members"
MASK = "kind,nextPageToken,users(id,name/fullName)"
GOOGLE = Discovery(
    "admin.directory_v1", "admin.reports_v1", "cloudidentity.v1", "groupssettings.v1", "iamcredentials.v1"
)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (
            USERS,
            {
                "customer": ["my_customer"],
                "maxResults": ["500"],
                "fields": [MASK],
            },
        ),
        ("/admin/directory/v1/customer/C1/orgunits", {"type": ["allIncludingParent"]}),
        ("/v1/devices/-/deviceUsers", {"pageSize": ["20"]}),
        ("/groups/v1/groups/a@b.example", {"alt": ["json"]}),
        (f"{ADMIN}/admin", {"startTime": ["2026-11-01T00:00:00Z"]}),
    ],
)
def test_what_google_describes_is_right(path: str, query: dict[str, list[str]]) -> None:
    assert GOOGLE.wrong_request("GET", path, query) == []


@pytest.mark.parametrize(
    ("path", "query", "says"),
    [
        ("/admin/directory/v1/people", {}, "no such method"),
        (USERS, {"size": ["3"]}, "takes no size"),
        (USERS, {"maxResults": ["501"]}, "outside its limits"),
        (MEMBERS, {"includeDerivedMembership": ["yes"]}, "is no boolean"),
        (USERS, {"showDeleted": ["true", "true"]}, "2 times"),
        (USERS, {"projection": ["all"]}, "is none of"),
        (USERS, {"fields": ["users(id)"]}, "cuts off every page but the first"),
        (USERS, {"fields": ["nextPageToken,users(id,mfa)"]}, "asks for /users/mfa"),
        (USERS, {"fields": ["nextPageToken,users(id"]}, "left open"),
        (f"{ADMIN}/payroll", {}, "applicationName=payroll"),
        (f"{ADMIN}/admin", {"startTime": ["yesterday"]}, "is not written as"),
    ],
)
def test_what_google_does_not_describe_is_told(path: str, query: dict[str, list[str]], says: str) -> None:
    assert says in GOOGLE.wrong_request("GET", path, query)[0]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"users": [{"id": "1", "mfa": True}]}, "/users/0/mfa is not described"),
        ({"users": [{"isAdmin": "true"}]}, "no boolean"),
        ({"users": {}}, "no array"),
        ([], "no object"),
    ],
)
def test_an_answer_of_another_shape_is_told(body: Any, says: str) -> None:
    assert says in GOOGLE.wrong_answer("GET", USERS, 200, body)[0]


def test_numbers_are_told_from_text_and_from_truth() -> None:
    roles = "/admin/directory/v1/customer/C1/roles"
    assert GOOGLE.wrong_answer("GET", roles, 200, {"items": [{"roleId": "77"}]}) == []
    assert "no number" in GOOGLE.wrong_answer("GET", roles, 200, {"items": [{"roleId": "seven"}]})[0]
    policies = {"policies": [{"policyQuery": {"sortOrder": True}}]}
    assert "no number" in GOOGLE.wrong_answer("GET", "/v1/policies", 200, policies)[0]


def test_errors_have_googles_shape() -> None:
    right = {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}}
    assert GOOGLE.wrong_answer("GET", USERS, 403, right) == []
    assert GOOGLE.wrong_answer("GET", USERS, 404, right)
    assert GOOGLE.wrong_answer("GET", USERS, 403, {"message": "no"})


def test_what_is_posted_is_judged_too() -> None:
    path = "/v1/projects/-/serviceAccounts/a@b.example:signJwt"
    assert GOOGLE.wrong_request("POST", path, {}, {"payload": "{}", "delegates": []}) == []
    assert "is not described" in GOOGLE.wrong_request("POST", path, {}, {"claims": "{}"})[0]


def test_a_mask_leaves_what_it_names() -> None:
    body = {"kind": "k", "users": [{"id": "1", "name": {"fullName": "Ada", "givenName": "A"}, "suspended": False}]}
    assert masked(body, mask("users(id,name/fullName)")) == {"users": [{"id": "1", "name": {"fullName": "Ada"}}]}
