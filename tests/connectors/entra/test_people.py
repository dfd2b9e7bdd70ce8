"""Users, guests and second factors: what is planted is found, and nothing else; what Entra does not say is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.entra.moments import moment
from tests.connectors.entra.gathering import gather, gathered
from tests.connectors.entra.judging import items, judged
from tests.doubles.graph.tenant import NOW

if TYPE_CHECKING:
    from tests.doubles.graph.tenant import Tenant

USERS, METHODS, GUESTS = "entra.users", "entra.auth_methods", "entra.guests"


def test_every_user_is_there_disabled_invited_and_deleted_ones_too(tenant: Tenant) -> None:
    tenant.page = 7
    found = gather(tenant, USERS)
    assert found.snapshot.complete
    accounts = found.by("account_id", "account")
    assert len(accounts) == len(tenant.lists["/users"]) + 3
    planted = tenant.planted
    assert {one for one, row in accounts.items() if row["status"] == "deleted"} == set(planted["deleted"])
    assert {one for one, row in accounts.items() if row["status"] == "disabled"} == set(planted["disabled"])
    assert {one for one, row in accounts.items() if row["status"] == "invited"} == set(planted["invited"])
    assert {one for one, row in accounts.items() if row["kind"] == "guest"} == set(planted["guest"])
    assert {one for one, row in accounts.items() if row["kind"] == "service"} == set(planted["service"])
    assert all(accounts[one]["disabled_at"] for one in planted["deleted"])
    assert all(accounts[one]["disabled_at"] is None for one in planted["disabled"]), "Graph does not say when"
    first = accounts[tenant.lists["/users"][0]["id"]]
    assert (first["name"], first["email"]) == ("person00000@northwind.example", "person00000@northwind.example")
    assert first["mfa_enrolled"] is None
    assert {total.name for total in found.snapshot.totals} == {
        "users listed = users counted",
        "deleted users listed = deleted users counted",
    }


def test_a_failed_sign_in_is_no_use_of_an_account(tenant: Tenant) -> None:
    """Graph's last sign-in is the last attempt; who only fails, or has only failed, has not used the account."""
    accounts = gather(tenant, USERS).by("account_id", "account")
    (only_failed,) = tenant.planted["only failed sign-ins"]
    assert accounts[only_failed]["last_login_at"] is None
    long_ago, before_2024 = (accounts[one]["last_login_at"] for one in tenant.planted["dormant"])
    assert long_ago == "2026-05-07T12:00:00Z"
    assert before_2024 < "2023-12-01", "an attempt before successes were kept apart is the latest it can have been"


def test_unused_accounts_are_deviations_and_no_others(tenant: Tenant) -> None:
    found = judged([gather(tenant, USERS), gather(tenant, "entra.apps")], "IAM-10")
    secrets = {item for item in found if " secret " in item}
    assert items(found, "deviation") - secrets == set(tenant.planted["dormant"])
    assert items(found, "cannot_tell") == set(tenant.planted["only failed sign-ins"])
    assert found[tenant.planted["deleted"][0]] == ("not_applicable", "The account is deleted.")
    by_name = {item.split()[0]: found[item][0] for item in secrets}
    assert by_name == {"Fresh": "pass", "Old": "deviation", "Ownerless": "pass", "Expired": "not_applicable"}


def test_people_without_a_second_factor_are_deviations_and_no_others(tenant: Tenant) -> None:
    gathered = gather(tenant, METHODS)
    assert gathered.snapshot.complete
    found = judged([gathered], "IAM-01")
    assert items(found, "deviation") == set(tenant.planted["no second factor"])
    (new,) = tenant.planted["new without second factor"]
    assert found[new][0] == "pass"
    assert "No second factor yet" in found[new][1]
    guests = {row["account_id"] for row in gathered.table("account") if row["kind"] == "guest"}
    assert items(found, "cannot_tell") <= guests, "they may have one where they come from"
    assert not items(found, "pass") & set(tenant.planted["disabled"])


def test_the_report_on_factors_counts_as_of_its_own_time(tenant: Tenant) -> None:
    rows = gather(tenant, METHODS)
    assert {row["observed_at"] for row in rows.table("account")} == {"2026-11-23T07:00:00Z"}
    factors = rows.table("authenticator")
    assert {row["factor"] for row in factors} == {"microsoftAuthenticatorPush", "mobilePhone", "fido2"}, "no e-mail"
    assert {row["phishing_resistant"] for row in factors if row["factor"] == "fido2"} == {True}
    assert {row["phishing_resistant"] for row in factors if row["factor"] != "fido2"} == {False}


def test_a_user_that_the_report_lacks_stays_in_the_list_unknown(tenant: Tenant) -> None:
    report = tenant.lists["/reports/authenticationMethods/userRegistrationDetails"]
    lost = report.pop(20)
    found = gather(tenant, METHODS)
    assert not found.snapshot.complete
    assert not next(one for one in found.snapshot.totals if "report" in one.name).ties
    assert found.by("account_id", "account")[lost["id"]]["mfa_enrolled"] is None
    assert set(judged([found], "IAM-01")[lost["id"]]) & {"cannot_tell"}


def test_guests_with_their_sponsors_and_who_may_invite(tenant: Tenant) -> None:
    found = gather(tenant, GUESTS)
    assert found.snapshot.complete
    guests = found.by("account_id", "account")
    assert set(guests) == set(tenant.planted["guest"])
    assert [guests[one]["sponsor"] for one in sorted(guests)] == [
        "person00000@northwind.example",
        None,
        "person00000@northwind.example",
    ]
    settings = {row["name"]: row["value"] for row in found.table("setting")}
    assert settings == {
        "guests.invited_by": "everyone",
        "guests.role": "10dae51f-b6af-4016-8d66-8c2a99b929b3",
        "cross_tenant.inbound": "allowed",
        "outsiders_invited_by": "everyone",
    }


def test_a_user_who_comes_while_the_list_is_read_shows_as_a_total_that_does_not_tie(tenant: Tenant) -> None:
    tenant.page = 20

    def comes() -> None:
        users = tenant.lists["/users"]
        users.append(
            {**users[0], "id": "00000000-0000-4000-8000-000000000000", "userPrincipalName": "new@northwind.example"}
        )

    tenant.meanwhile = {3: comes}
    found = gather(tenant, USERS)
    assert not found.snapshot.complete
    assert [(one.expected, one.found) for one in found.snapshot.totals if not one.ties] == [(66, 65)]


def test_a_user_who_is_deleted_while_the_list_is_read_hides_nobody(tenant: Tenant) -> None:
    """A page begins behind the last one's last user, wherever that is by then."""
    tenant.page = 20
    gone = tenant.lists["/users"][2]
    tenant.meanwhile = {3: lambda: tenant.lists["/users"].remove(gone)}
    found = gather(tenant, USERS)
    rest = {one["id"] for one in tenant.lists["/users"]}
    assert rest <= found.by("account_id", "account").keys()
    assert not found.snapshot.complete, "counted after it was gone"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2022-08-24T23:28:11.1348863Z", "2022-08-24T23:28:11.134886+00:00"),
        ("2020-01-01T00:00:00+02:00", "2019-12-31T22:00:00+00:00"),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_times_as_graph_writes_them(text: str | None, at: str | None) -> None:
    read = moment(text)
    assert (read and read.isoformat()) == at


def test_nothing_that_is_read_depends_on_when_it_is_read(tenant: Tenant) -> None:
    assert gather(tenant, USERS).snapshot.records == gather(tenant, USERS).snapshot.records
    assert tenant.now == NOW


def test_numbers_of_the_people_list_are_rows_and_guests_are_outsiders(tenant: Tenant) -> None:
    found = gather(tenant, "entra.users")
    links = {row["account_id"]: row["subject"] for row in found.table("external_identity")}
    numbered = {one["id"]: one["employeeId"] for one in tenant.lists["/users"] if one.get("employeeId")}
    assert numbered
    assert links == numbered
    outsiders = {row["account_id"] for row in found.table("account") if row["external"]}
    assert set(tenant.planted["guest"]) <= outsiders


def test_iam_12_guests_are_judged_by_sponsor_use_and_rights(tenant: Tenant) -> None:
    found = judged(gathered(tenant, GUESTS, "entra.role_assignments"), "IAM-12")
    first, unsponsored, third = sorted(tenant.planted["guest"])
    assert found[f"{first}: sponsor"][0] == "pass"
    assert found[f"{unsponsored}: sponsor"][0] in {"cannot_tell", "not_applicable"}
    assert {found[f"{one}: rights"][0] for one in (first, third)} <= {"pass", "not_applicable"}
    assert found["who may invite outsiders"] == ("deviation", "Invited by: everyone.")


def test_ven_05_applications_are_judged_by_the_widest_of_their_grants(tenant: Tenant) -> None:
    found = judged([gather(tenant, "entra.apps")], "VEN-05")
    rights = {item: outcome for item, (outcome, _) in found.items() if item.endswith(": rights")}
    assert set(rights.values()) == {"deviation"}, "one may write everyone's mail, one may administer"
