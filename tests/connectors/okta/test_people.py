"""Users in every status, and by what they prove who they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.connectors.okta.gathering import gather
from tests.doubles.okta.server import Move
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.okta.server import OktaDouble

USERS, FACTORS = "okta.users", "okta.factors"


def test_every_user_is_in_the_list_with_what_became_of_them(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    found = gather(okta, USERS, settings={"guest_user_types": ("Contractor",)})
    assert found.snapshot.complete, found.snapshot.gaps
    accounts = found.by("account_id", "account")
    assert set(accounts) == set(okta.org.users) | set(people["deleted"])
    assert len(accounts) == len(found.rows)
    planted = {"stale": "active", "locked": "active", "pending_only": "active", "invited": "invited"}
    planted |= {"deprovisioned": "disabled", "suspended": "suspended", "deleted": "deleted"}
    for name, status in planted.items():
        assert {accounts[one]["status"] for one in people[name]} == {status}, name
    kinds = {name: accounts[people[name][0]]["kind"] for name in ("stale", "service", "guest", "deleted")}
    assert kinds == {"stale": "human", "service": "service", "guest": "guest", "deleted": None}
    lost = {one for one, row in accounts.items() if row["disabled_at"]}
    assert lost == {*people["deprovisioned"], *people["suspended"], *people["deleted"]}
    stale = accounts[people["stale"][0]]
    assert stale["email"] == stale["name"] == "stan.stale@northwind.example"
    assert stale["created_at"] < stale["last_login_at"]
    (total,) = found.snapshot.totals
    assert total.expected == total.found == len(okta.org.users)


def test_who_is_deactivated_while_the_list_is_read_is_in_it_once(okta: OktaDouble) -> None:
    page = "/api/v1/users"
    one = list(okta.org.users)[-1]
    okta.moves.append(Move(page, 1, lambda org: org.change_status(one, "DEPROVISIONED", datetime.now(UTC))))
    found = gather(okta, USERS)
    assert found.snapshot.complete, found.snapshot.gaps
    assert [row["account_id"] for row in found.rows].count(one) == 1


def test_who_comes_back_between_two_lists_is_in_the_population_and_the_totals_do_not_tie(okta: OktaDouble) -> None:
    one = okta.org.manifest["people"]["deprovisioned"][0]
    okta.moves.append(Move("/api/v1/users", 1, lambda org: org.change_status(one, "ACTIVE", datetime.now(UTC))))
    found = gather(okta, USERS)
    assert found.by("account_id", "account")[one]["status"] == "active"
    assert not found.snapshot.gaps
    assert not found.snapshot.complete, "two lists and the third reading differ, and that is said"


def test_a_user_made_while_the_list_is_read_breaks_no_total(okta: OktaDouble) -> None:
    made = []
    add = Move("/api/v1/users", 2, lambda org: made.append(org.add_user("new@northwind.example", "ACTIVE", org.end)))
    okta.moves.append(add)
    found = gather(okta, USERS)
    assert found.snapshot.complete
    assert made[0] in found.by("account_id", "account")


def test_without_the_log_the_users_stay_and_deletions_are_a_gap(okta: OktaDouble) -> None:
    okta.doors.scopes -= {"okta.logs.read"}
    found = gather(okta, USERS)
    assert found.causes == ["denied"]
    assert set(found.by("account_id", "account")) == set(okta.org.users)


def test_pages_are_followed_to_the_end(okta: OktaDouble) -> None:
    for number in range(450):
        okta.org.add_user(f"many{number}@northwind.example", "ACTIVE", okta.org.end)
    found = gather(okta, USERS)
    assert found.snapshot.complete
    assert len(found.table("account")) == len(okta.org.users) + 1
    pages = [one for one in okta.asked if one.path == "/api/v1/users"]
    assert len(pages) == 3 + 1 + 3, "three of the list, one of the deprovisioned, three of everybody"


def test_factors_of_everybody_who_can_sign_in(okta: OktaDouble) -> None:
    people, org = okta.org.manifest["people"], okta.org
    found = gather(okta, FACTORS)
    assert found.snapshot.complete, found.snapshot.gaps
    rows: dict[str, list[dict[str, object]]] = {}
    for row in found.rows:
        rows.setdefault(str(row["account_id"]), []).append(row)
    able = {one for one, user in org.users.items() if user["status"] in {"ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT"}}
    assert set(rows) == able
    assert [row["factor"] for row in rows[people["no_factor"][0]]] == ["none"]
    assert [row["factor"] for row in rows[people["question_only"][0]]] == ["security_question"]
    assert [row["status"] for row in rows[people["pending_only"][0]]] == ["pending"]
    ada = rows[next(iter(org.users))]
    assert [(row["factor"], row["phishing_resistant"], row["status"]) for row in ada] == [("webauthn", True, "active")]
    asked = [one.path for one in okta.asked if one.path.endswith("/factors")]
    assert len(asked) == len(set(asked)) == len(able), "each is asked for once"


def test_every_user_who_fails_is_one_gap_and_has_no_row(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    broken = [*people["stale"], *people["no_factor"]]
    for one in broken:
        okta.fault(Given(500, {}), path=f"/users/{one}/factors")
    found = gather(okta, FACTORS)
    assert found.causes == ["unavailable", "unavailable"]
    assert {one for one in broken for gap in found.snapshot.gaps if f"userId={one}" in gap.subject} == set(broken)
    assert set(broken).isdisjoint(row["account_id"] for row in found.rows)
    assert len(found.table("authenticator")) > 60


def test_guests_with_their_sponsors_and_numbers_of_the_people_list(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    (guest,), (stale,) = people["guest"], people["stale"]
    okta.org.users[guest]["profile"]["manager"] = "ada.admin@northwind.example"
    okta.org.users[stale]["profile"]["employeeNumber"] = "E7"
    rows = gather(okta, "okta.users", settings={"guest_user_types": ("Contractor",)}).rows
    accounts = {row["account_id"]: row for row in rows if row["table"] == "account"}
    assert {one for one, row in accounts.items() if row["external"]} == {guest}
    assert (accounts[guest]["kind"], accounts[guest]["sponsor"]) == ("guest", "ada.admin@northwind.example")
    assert {row["sponsor"] for one, row in accounts.items() if one != guest} == {None}
    (link,) = (row for row in rows if row["table"] == "external_identity")
    assert (link["account_id"], link["subject"], link["via"]) == (stale, "E7", "employee_number")
    unsaid = gather(okta, "okta.users").rows
    assert {row["external"] for row in unsaid if row["table"] == "account"} == {None}, "nobody said who is one"
