"""Who stands behind the groups that hold roles, where Entra is connected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.connectors.azure.gathering import gathered
from tests.doubles.arm.ids import guid
from tests.doubles.arm.tenant import TOKEN
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.connectors.azure.gathering import Gathered
    from tests.doubles.arm.tenant import Tenant

ROLES = "azure.rbac.assignments"
TEAMS = [guid(0xB2, 0), guid(0xB2, 1)]
MEMBERS = [
    {"@odata.type": "#microsoft.graph.user", "id": guid(0xE1, 1), "userPrincipalName": "one@example.com"},
    {"@odata.type": "#microsoft.graph.servicePrincipal", "id": guid(0xE1, 2), "displayName": "robot"},
    {"@odata.type": "#microsoft.graph.group", "id": guid(0xE1, 3), "displayName": "a group in it"},
]


def read(tenant: Tenant) -> list[Gathered]:
    settings = {"entra_connected": True, "graph_url": tenant.double.url}
    return gathered(tenant, ROLES, settings=settings, environment={"AZURE_GRAPH_TOKEN": TOKEN})


def test_without_entra_a_group_is_told_as_itself(tenant: Tenant) -> None:
    for one in gathered(tenant, ROLES):
        assert one.snapshot.complete
        assert next(row["principal_id"] for row in one.rows if row["principal_kind"] == "group") in TEAMS
    assert not [path for _, path in tenant.answered if "groups/" in path and "resourcegroups" not in path]


def test_members_hold_what_their_group_holds(tenant: Tenant) -> None:
    tenant.groups = dict.fromkeys(TEAMS, MEMBERS)
    for one in read(tenant):
        assert one.snapshot.complete
        rows = [row for row in one.rows if row["via"].startswith("group ")]
        assert {(row["principal_id"], row["principal_kind"]) for row in rows} == {
            (guid(0xE1, 1), "human"),
            (guid(0xE1, 2), "service"),
        }
        assert "group" not in {row["principal_kind"] for row in one.rows}
        assert {row["role"] for row in rows} == {"Reader"}
        assert len({row["source_id"] for row in one.rows}) == len(one.rows)


def test_a_group_that_may_not_be_read_stays_and_a_gap_names_it(tenant: Tenant) -> None:
    tenant.groups = dict.fromkeys(TEAMS, MEMBERS)
    tenant.closed.add(TEAMS[0])
    one, other = read(tenant)
    assert [gap.cause.value for gap in one.snapshot.gaps] == ["denied"]
    assert "transitiveMembers" in one.snapshot.gaps[0].subject
    assert TEAMS[0] in {row["principal_id"] for row in one.rows}
    assert other.snapshot.complete


def test_a_member_that_the_list_lacks_shows_in_the_count(tenant: Tenant) -> None:
    tenant.groups = dict.fromkeys(TEAMS, MEMBERS)
    tenant.double.route(
        f"GET /v1.0/groups/{TEAMS[0]}/transitiveMembers",
        lambda asked: Given(
            200, {"@odata.count": 4, "value": MEMBERS[:1]} if "$count" in asked.query else {"value": MEMBERS}
        ),
    )
    one, _ = read(tenant)
    assert [(total.expected, total.found) for total in one.snapshot.totals if not total.ties] == [(4, 3)]
