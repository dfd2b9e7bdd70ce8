"""The ways peers turn ignorance into green, over Entra: injected at the wire, read off the archive and the page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.graph.people import text
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.connectors.entra.product import Product
    from tests.doubles.graph.tenant import Tenant

USERS, METHODS = "entra.users", "entra.auth_methods"
REPORT = "/reports/authenticationMethods/userRegistrationDetails"


def test_false_pass_09_entra_a_page_limit_is_not_the_end(product: Product, living: Tenant) -> None:
    """Pages are as small as Graph likes: all are read. Where they never end, the first so many are not the list."""
    living.page = 3
    assert product("snapshot", "--only", METHODS).code == 0
    people = {one["id"] for one in living.lists["/users"]}
    assert set(product.outcomes("IAM-01")) == people
    first = f"{living.double.url}/v1.0/users?$top=1"
    rows = [{"id": one["id"], "userPrincipalName": one["userPrincipalName"]} for one in living.lists["/users"][:2]]
    living.double.fault(Given(200, {"value": rows, "@odata.nextLink": first}), path="/v1.0/users")
    assert product("snapshot", "--only", METHODS).code == 1
    product.assert_untold(METHODS, "IAM-01", "truncated", "GET /users")
    assert "goes in a circle" in product.gaps(METHODS)[0]["detail"]


def test_false_pass_16_entra_a_404_is_not_none(product: Product, living: Tenant) -> None:
    refusal = {"error": {"code": "ResourceNotFound", "message": "Resource not found for the segment."}}
    living.double.fault(Given(404, refusal), path=REPORT)
    assert product("snapshot", "--only", METHODS).code == 1
    product.assert_untold(METHODS, "IAM-01", "denied", "userRegistrationDetails")


def test_false_pass_17_entra_a_field_that_the_licence_lacks_is_unknown(product: Product, living: Tenant) -> None:
    living.licences = frozenset()
    ended = product("snapshot", "--only", USERS, "--only", METHODS, "--only", "entra.apps")
    assert ended.code == 1
    assert "unlicensed" in ended.out
    product.assert_untold(USERS, "IAM-10", "unlicensed", "GET /users signInActivity")
    product.assert_untold(METHODS, "IAM-01", "unlicensed", "userRegistrationDetails")
    rows = [row for row in product.rows(USERS) if row["table"] == "account"]
    assert len(rows) == len(living.lists["/users"]) + 3, "everyone is in the list all the same"
    assert {row["last_login_at"] for row in rows} == {None}
    people = {row["account_id"]: row["mfa_enrolled"] for row in product.rows(METHODS)}
    assert people.keys() == {one["id"] for one in living.lists["/users"]}
    assert set(people.values()) == {None}


def test_false_pass_18_entra_a_report_made_earlier_is_not_now(product: Product, living: Tenant) -> None:
    """Five days old: what it says counts as of then, and of who came since it says nothing."""
    then = living.now - timedelta(days=5)
    for row in living.lists[REPORT]:
        row["lastUpdatedDateTime"] = text(then)
    assert product("snapshot", "--only", METHODS).code == 0
    accounts = [row for row in product.rows(METHODS) if row["table"] == "account"]
    assert {row["observed_at"] for row in accounts} == {f"{then:%Y-%m-%dT%H:%M:%S}Z"}
    (without,) = living.planted["no second factor"]
    assert product.outcomes("IAM-01")[without] == "deviation"
    assert f"No second factor on {then:%Y-%m-%d %H:%M}" in product.page()
    new = {
        **living.lists["/users"][0],
        "id": "ffffffff-0000-4000-8000-000000000000",
        "userPrincipalName": "new@x.example",
    }
    living.lists["/users"].append(new)
    assert product("snapshot", "--only", METHODS).code == 1
    assert product.untied(METHODS)
    product.assert_nothing_passes("IAM-01")
    assert new["id"] in product.outcomes("IAM-01"), "in the list, and not told"


def test_false_pass_21_entra_a_class_that_is_left_out_in_silence_shows(product: Product, living: Tenant) -> None:
    """Disabled, deleted and guest users are asked for; were the list to lack some, the count would not tie."""
    assert product("snapshot", "--only", USERS, "--only", "entra.apps").code == 0
    states = {row["status"] for row in product.rows(USERS) if row["table"] == "account"}
    assert states == {"active", "disabled", "deleted", "invited"}
    shown = [one for one in living.lists["/users"] if one["accountEnabled"]]
    rows = [{name: value for name, value in one.items() if name != "sponsors"} for one in shown]
    living.double.fault(Given(200, {"value": rows}), path="/v1.0/users", times=1)
    assert product("snapshot", "--only", USERS, "--only", "entra.apps").code == 1
    (untied,) = product.untied(USERS)
    assert untied["expected"] == untied["found"] + 1
    product.assert_nothing_passes("IAM-10")
    assert untied["name"] in product.page()


def test_false_pass_20_entra_a_next_page_at_another_host_is_not_asked_for(product: Product, living: Tenant) -> None:
    away = "https://graph.microsoft.com.evil.example/v1.0/users?$skiptoken=x"
    rows = [{"id": living.lists["/users"][0]["id"]}]
    living.double.fault(Given(200, {"value": rows, "@odata.nextLink": away}), path="/v1.0/users")
    assert product("snapshot", "--only", METHODS).code == 1
    product.assert_untold(METHODS, "IAM-01", "truncated", "GET /users")
    assert "leads elsewhere and is not followed" in product.gaps(METHODS)[0]["detail"]
