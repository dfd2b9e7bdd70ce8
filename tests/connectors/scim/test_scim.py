"""A SCIM provider, read over HTTP from a real SCIM server."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.collect import collect
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.errors import UsageError
from collector.plan import plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.scim.settings import ScimSettings
from tests.conftest import Program
from tests.connectors.okta.gathering import Gathered
from tests.doubles.rest import Given
from tests.doubles.scim import TOKEN, ScimDouble, running_scim

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.connector import Connector

USERS, GROUPS = "scim.users", "scim.groups"


@pytest.fixture
def scim() -> Iterator[ScimDouble]:
    with running_scim() as double:
        yield double


def connector() -> Connector:
    found, broken = load(["scim"])
    assert not broken
    return found["scim"]


def gather(double: ScimDouble, evidence: str, *, token: str = TOKEN, **settings: Any) -> Gathered:
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    of = connector()
    chosen = [of.types[evidence]]
    outside = Outside(lambda: datetime.now(UTC), lambda *_: time.sleep(0.001), {"SCIM_TOKEN": token})
    made = ScimSettings(**{"base_url": double.url, "name": "northwind", "attempts": 2, "page_size": 3, **settings})
    with Pool(4) as pool:
        around = Surroundings(outside.clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen))
        connection = of.sign_in(made, outside)(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"scim": connection.home()}, outside.clock())
            (snapshot,) = collect(tasks, {"scim": connection}, pool, keep, outside.clock, lambda *_: None)
        finally:
            connection.close()
    rows = [canonical.decode(line) for line in kept[snapshot.records.sha256].splitlines()]
    exchanges = [canonical.decode(line) for line in kept[snapshot.exchanges.sha256].splitlines()]
    return Gathered(snapshot, rows, exchanges, kept)


def test_users_over_several_pages_with_their_total(scim: ScimDouble) -> None:
    made = [scim.person(f"user{number}") for number in range(7)]
    gone = scim.person("gone", active=False)
    service = scim.person("svc-sync")
    guest = scim.person("greta", userType="Contractor")
    found = gather(scim, USERS, service_users=("SVC-*",), guest_user_types=("Contractor",))
    assert found.snapshot.complete, found.snapshot.gaps
    assert [(one.expected, one.found) for one in found.snapshot.totals] == [(10, 10)]
    accounts = found.by("account_id", "account")
    assert set(accounts) == {*made, gone, service, guest}
    assert {accounts[one]["status"] for one in made} == {"active"}
    assert accounts[gone]["status"] == "disabled"
    assert (accounts[service]["kind"], accounts[guest]["kind"], accounts[gone]["kind"]) == ("service", "guest", "human")
    first = accounts[made[0]]
    assert (first["name"], first["email"]) == ("user0", "user0@northwind.example")
    assert first["created_at"].endswith("Z")
    assert first["mfa_enrolled"] is None
    assert (found.snapshot.scope.unit_id, found.snapshot.caller) == ("northwind", "the holder of the token")
    assert TOKEN.encode() not in b"".join(found.kept.values())


@pytest.mark.parametrize("without_members", [False, True])
def test_members_by_every_way_also_where_lists_leave_them_out(scim: ScimDouble, *, without_members: bool) -> None:
    ana, ben, cleo = (scim.person(name) for name in ("ana", "ben", "cleo"))
    deep = scim.group("Operators", users=[cleo])
    inner = scim.group("Platform", users=[ben], groups=[deep])
    scim.group("Admins", users=[ana, ben], groups=[inner])
    scim.group("Empty")
    scim.without_members = without_members
    found = gather(scim, GROUPS, admin_groups=("admin*",))
    assert found.snapshot.complete, found.snapshot.gaps
    of_admins = {row["principal_id"]: row["via"] for row in found.rows if row["resource"] == "group Admins"}
    assert of_admins == {ana: "direct", ben: "direct", cleo: "group Platform > group Operators"}
    assert {row["resource"] for row in found.rows if row["privileged"]} == {"group Admins"}
    assert {row["privileged"] for row in gather(scim, GROUPS).rows} == {None}, "nobody said which administer"


def test_groups_in_a_circle_end(scim: ScimDouble) -> None:
    one = scim.person("ana")
    first = scim.group("First", users=[one])
    second = scim.group("Second", groups=[first])
    scim.without_members = True
    scim.fault(
        Given(200, {"id": first, "displayName": "First", "members": [{"value": one}, {"value": second}]}),
        path=f"/Groups/{first}",
    )
    found = gather(scim, GROUPS)
    assert {(row["resource"], row["via"]) for row in found.rows} == {
        ("group First", "direct"), ("group Second", "group First")
    }  # fmt: skip


def test_an_empty_provider_is_proved_to_be_empty(scim: ScimDouble) -> None:
    found = gather(scim, USERS)
    assert found.snapshot.complete
    assert found.rows == []
    assert [(one.expected, one.found) for one in found.snapshot.totals] == [(0, 0)]


def test_who_is_deleted_while_pages_are_read_hides_nobody_unseen(scim: ScimDouble) -> None:
    """Pages are positions: without the second look the fourth user would be missing, and nothing would show it."""
    made = [scim.person(f"user{number}") for number in range(7)]
    order = sorted(made)
    scim.happens[2] = lambda: scim.remove("Users", order[0])
    found = gather(scim, USERS)
    assert not found.snapshot.complete
    assert "truncated" in found.causes


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (Given(403, {"status": "403"}), "denied"),
        (Given(404, {"status": "404"}), "denied"),
        (Given(429, {}, {"Retry-After": "0"}), "throttled"),
        (Given(500, {}), "unavailable"),
        (Given(504, {}), "timeout"),
        (Given(200, b'{"totalResults": 5, "Resour'), "truncated"),
        (Given(200, b""), "truncated"),
        (Given(200, {"totalResults": 5, "Resources": []}), "truncated"),
        (Given(200, {"totalResults": 5}), "truncated"),
        (Given(200, {"Resources": []}), "truncated"),
        (Given(400, {"status": "400", "scimType": "tooMany"}), "truncated"),
    ],
)
def test_aq_12_scim_what_could_not_be_read_is_a_gap(scim: ScimDouble, given: Given, cause: str) -> None:
    scim.person("ana")
    scim.fault(given, path="count=3")
    found = gather(scim, USERS)
    assert found.causes == [cause]
    assert found.rows == []


def test_aq_12_scim_a_429_and_then_an_answer_is_complete(scim: ScimDouble) -> None:
    scim.person("ana")
    scim.fault(Given(429, {}, {"Retry-After": "0"}), path="count=3", times=1)
    found = gather(scim, USERS)
    assert found.snapshot.complete
    assert max(one["attempts"] for one in found.exchanges) == 2


def test_a_status_that_is_not_given_is_not_active(scim: ScimDouble) -> None:
    scim.fault(Given(200, {"totalResults": 1, "Resources": [{"id": "1", "userName": "ana"}]}), path="count=3")
    (row,) = gather(scim, USERS).rows
    assert (row["status"], row["email"], row["created_at"]) == (None, None, None)


def test_a_group_that_cannot_be_read_alone_is_one_gap(scim: ScimDouble) -> None:
    ana = scim.person("ana")
    broken = scim.group("Broken")
    scim.group("Well", users=[ana])
    scim.fault(Given(404, {}), path=f"/Groups/{broken}")
    found = gather(scim, GROUPS)
    assert found.causes == ["denied"]
    assert [row["principal_id"] for row in found.rows] == [ana]


def test_a_token_that_is_refused_is_told_before_anything_is_read(scim: ScimDouble) -> None:
    with pytest.raises(UsageError, match="did not accept the token"):
        gather(scim, USERS, token="wrong")  # noqa: S106 - that is the point


def test_permissions_are_what_the_server_saw_called(scim: ScimDouble) -> None:
    scim.group("Empty")
    gather(scim, USERS)
    gather(scim, GROUPS)
    identity = scim.asked[-1].rpartition("/")[2].partition("?")[0]
    seen = {one.partition("?")[0].replace("/v2", "").replace(identity, "{id}") for one in scim.asked}
    of = connector()
    assert set(of.policy(of.types.values())["requests"]) == seen
    assert of.policy([of.types[USERS]]) == {"requests": ["GET /Users"], "may": ["read users"]}


def test_doctor(scim: ScimDouble, tmp_path: Path) -> None:
    scim.person("ana")
    tmp_path.joinpath("collector.toml").write_text(f'[scim]\nbase_url = "{scim.url}"\nattempts = 1\n')
    program = Program(tmp_path, {"SCIM_TOKEN": TOKEN})
    scim.fault(Given(403, {}), path="/Groups")
    ended = program("doctor")
    assert ended.code == 1, ended.text
    assert "1 of 2 snapshots can be read" in ended.out
