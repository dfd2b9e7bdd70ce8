"""Who has an account, whatever became of it; and what each can sign in with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.workspace.gathering import gather
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.workspace.server import WorkspaceDouble

USERS = "gws.users"


def accounts(double: WorkspaceDouble, **how: Any) -> dict[str, dict[str, Any]]:
    found = gather(double, USERS, **how)
    assert found.snapshot.gaps == ()
    assert found.snapshot.complete
    return found.by("account_id", "account")


def test_everyone_is_in_the_list_whatever_became_of_them(google: WorkspaceDouble) -> None:
    rows = accounts(google)
    estate = google.estate
    assert set(rows) == {one["id"] for one in (*estate.users, *estate.deleted)}
    told = {name: rows[estate.id(name)] for name in ("ada", "suspended", "archived", "guest1", "svc-backup", "never")}
    assert {name: (row["status"], row["kind"]) for name, row in told.items()} == {
        "ada": ("active", "human"),
        "suspended": ("suspended", "human"),
        "archived": ("disabled", "human"),
        "guest1": ("active", "guest"),
        "svc-backup": ("active", "service"),
        "never": ("active", "human"),
    }
    assert told["suspended"]["disabled_at"] == estate.user("suspended")["suspensionTime"].replace(".000", "")
    assert told["archived"]["disabled_at"] == estate.user("archived")["archivalTime"].replace(".000", "")
    assert (told["ada"]["disabled_at"], told["never"]["last_login_at"]) == (None, None)
    for gone in estate.deleted:
        row = rows[gone["id"]]
        assert (row["status"], row["disabled_at"]) == ("deleted", gone["suspensionTime"].replace(".000", ""))


def test_login_and_address_are_told_apart(google: WorkspaceDouble) -> None:
    row = accounts(google)[google.estate.id("Bertha.Root")]
    assert (row["name"], row["email"]) == ("Bertha.Root@northwind.example", "bertha.root@northwind.example")
    assert row["privileged"] is True


def test_no_page_is_lost(google: WorkspaceDouble) -> None:
    google.most = 4
    assert len(accounts(google)) == len(google.estate.users) + len(google.estate.deleted)


def test_who_comes_while_the_list_is_read_does_not_break_it_and_who_is_old_must_be_in_it(
    google: WorkspaceDouble,
) -> None:
    """Two searches count the users again: one that the list passed over shows there."""
    google.most = 4
    newcomer = {**google.estate.user("ada"), "id": "1", "primaryEmail": "x@northwind.example", "isAdmin": False}
    newcomer["creationTime"] = google.estate.ago(seconds=0)
    google.move("directory.users.list", 2, lambda estate: estate.users.append(newcomer))
    assert "1" not in accounts(google), "its place was on a page that had gone by"
    hidden = {**newcomer, "id": "0", "creationTime": google.estate.ago(days=50)}
    google.move("directory.users.list", 2, lambda estate: estate.users.append(hidden))
    found = gather(google, USERS)
    assert not found.snapshot.complete
    assert [one.name for one in found.snapshot.totals if not one.ties] == ["users = suspended and other users"]


def test_what_is_kept_of_a_person_is_what_the_mask_names(google: WorkspaceDouble) -> None:
    kept = b"".join(gather(google, USERS).kept.values())
    assert b"primaryEmail" in kept
    assert b"givenName" not in kept


def test_factors_come_from_the_report_of_all_users_at_once(google: WorkspaceDouble) -> None:
    found = gather(google, USERS)
    rows = found.table("authenticator")
    ada = google.estate.id("ada")
    assert {(row["account_id"], row["factor"], row["number"]) for row in rows} == {
        (ada, "security_key", 2),
        (ada, "passkey", 1),
    }
    assert sum("/usage/users/all/" in one["operation"] for one in found.exchanges) == 1


def test_false_pass_18_gws_a_report_of_days_ago_is_not_taken_as_now(google: WorkspaceDouble) -> None:
    found = gather(google, USERS)
    (as_of,) = {row["observed_at"] for row in found.table("authenticator")}
    age = datetime.now(UTC) - datetime.fromisoformat(as_of)
    assert timedelta(days=2) < age < timedelta(days=5)
    assert {row["observed_at"] for row in found.table("account")} == {None}, "these are as of the read"


def test_false_pass_18_gws_a_report_that_is_not_there_yet_is_a_gap(google: WorkspaceDouble) -> None:
    google.ahead = timedelta(days=-4)
    found = gather(google, USERS)
    assert found.causes == ["unavailable"]
    assert found.table("account"), "the users stay"


def test_false_pass_18_gws_a_report_with_warnings_is_a_gap(google: WorkspaceDouble) -> None:
    warnings = [{"code": "200", "message": "Data for date 2026-11-20 for application accounts is not available."}]
    body = {"kind": "admin#reports#usageReports", "warnings": warnings, "usageReports": []}
    google.rest.fault(Given(200, body), path="/usage/users/all/")
    found = gather(google, USERS)
    assert found.causes == ["unavailable"]
    assert found.table("authenticator") == []


@pytest.mark.parametrize(
    ("field", "column", "cause"),
    [
        ("isEnrolledIn2Sv", "mfa_enrolled", "unlicensed"),
        ("suspended", "status", "denied"),
        ("isAdmin", "privileged", "denied"),
    ],
)
def test_false_pass_17_gws_a_field_that_is_left_out_is_unknown_and_a_gap(
    google: WorkspaceDouble, field: str, column: str, cause: str
) -> None:
    ben = google.estate.user("ben")
    del ben[field]
    found = gather(google, USERS)
    assert found.by("account_id", "account")[ben["id"]][column] is None
    assert [gap.cause.value for gap in found.snapshot.gaps if field in gap.subject] == [cause]


def test_guests_are_outsiders_and_numbers_of_the_people_list_are_rows(google: WorkspaceDouble) -> None:
    google.estate.user("guest1")["relations"] = [{"type": "manager", "value": "ada@northwind.example"}]
    found = gather(google, USERS)
    rows = found.by("account_id", "account")
    guest = google.estate.id("guest1")
    assert (rows[guest]["external"], rows[guest]["sponsor"]) == (True, "ada@northwind.example")
    assert not [one for one, row in rows.items() if row["external"] and one != google.estate.id("guest1")]
    links = {row["account_id"]: row["subject"] for row in found.rows if row["table"] == "external_identity"}
    assert links == {one["id"]: one["externalIds"][0]["value"] for one in google.estate.users}
    assert {row["via"] for row in found.rows if row["table"] == "external_identity"} == {"employee_number"}
