"""Roles, groups, settings, applications, devices and alerts: what may be done, by whom, with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.workspace.gathering import gather, gathered
from tests.doubles.rest import Given
from tests.doubles.workspace.estate import CUSTOMER, DOMAIN

if TYPE_CHECKING:
    from tests.doubles.workspace.server import WorkspaceDouble

EVIDENCE = (
    "gws.users",
    "gws.admin_roles",
    "gws.policies",
    "gws.audit.admin",
    "gws.audit.login",
    "gws.tokens",
    "gws.groups",
    "gws.audit.sharing",
    "gws.devices",
    "gws.alerts",
    "gws.sso_apps",
)


def test_everything_is_whole_where_everything_may_be_read_and_users_are_read_once(google: WorkspaceDouble) -> None:
    google.most = 7
    found = gathered(google, *EVIDENCE)
    assert [(one.snapshot.evidence_type, str(gap)) for one in found for gap in one.snapshot.gaps] == []
    assert all(one.snapshot.complete for one in found)
    assert all(one.rows for one in found)
    pages = [one for one in google.called if one.method == "directory.users.list" and "query" not in one.query]
    # Each page once: of the live ones and the deleted ones, however many evidence types name users.
    assert len({one.query.get("pageToken", one.query.get("showDeleted")) for one in pages}) == len(pages)


def test_a_role_is_followed_through_nested_groups_to_the_people(google: WorkspaceDouble) -> None:
    rows = gather(google, "gws.admin_roles").rows
    address = {one["id"]: one["email"] for one in google.estate.groups}
    by_group = {row["principal_id"]: row["via"] for row in rows if row["via"] != "direct"}
    assert by_group == {
        user: f"group {' > '.join(address[group] for group in way)}"
        for user, way in google.manifest["by_group"].items()
    }
    direct = {(row["principal_id"], row["resource"]): row for row in rows if row["via"] == "direct"}
    assert direct[google.estate.id("ada"), CUSTOMER]["privileged"] is True
    assert direct[google.estate.id("helper"), "unit /Engineering"]["privileged"] is True
    assert direct[google.estate.id("never"), CUSTOMER]["privileged"] is False, "a role that only reads"
    assert direct[google.manifest["empty_role_group"], CUSTOMER]["principal_kind"] == "group"
    assert len(direct) == 5


def test_a_nested_group_that_cannot_be_read_is_a_gap_and_its_grant_stays(google: WorkspaceDouble) -> None:
    nested = next(one["id"] for one in google.estate.groups if one["email"] == f"oncall@{DOMAIN}")
    del google.estate.members[nested]
    found = gather(google, "gws.admin_roles")
    assert found.causes == ["denied"]
    assert f"groupKey={nested}" in found.snapshot.gaps[0].subject
    held = {row["principal_id"]: row["principal_kind"] for row in found.rows if row["role"] == "_HELP_DESK_ADMIN_ROLE"}
    assert held[google.manifest["role_group"]] == "group", "somebody who is not shown may hold it"
    assert google.estate.id("dormant") in held


def test_groups_show_outsiders_and_who_may_let_them_in(google: WorkspaceDouble) -> None:
    found = gather(google, "gws.groups")
    kinds = {(row["principal_id"], row["resource"]): row["principal_kind"] for row in found.table("access_grant")}
    assert kinds[google.manifest["outsider"], f"group partners@{DOMAIN}"] == "guest"
    assert [pair for pair, kind in kinds.items() if kind == "guest"] == [
        (google.manifest["outsider"], f"group partners@{DOMAIN}")
    ]
    assert kinds[CUSTOMER, f"group all-hands@{DOMAIN}"] == "group"
    told = {(row["name"], row["applies_to"]): row["value"] for row in found.table("setting")}
    assert told["group.who_can_join", f"group all-hands@{DOMAIN}"] == "ALL_IN_DOMAIN_CAN_JOIN"
    assert told["group.allow_external_members", f"group partners@{DOMAIN}"] == "true"
    some = gather(google, "gws.groups", settings={"access_groups": ("part*@*",)})
    assert {row["resource"] for row in some.table("access_grant")} == {f"group partners@{DOMAIN}"}


def test_nobody_is_called_a_guest_where_the_users_are_unknown(google: WorkspaceDouble) -> None:
    google.rest.fault(Given(403, {"error": {"code": 403, "message": "no"}}), path="/v1/users", skip=2)
    found = gather(google, "gws.groups")
    assert set(found.causes) == {"denied"}
    outsider = found.by("principal_id", "access_grant")[google.manifest["outsider"]]
    assert outsider["principal_kind"] is None


def test_policies_are_told_unit_by_unit_and_the_shortest_password_is_found(google: WorkspaceDouble) -> None:
    rows = gather(google, "gws.policies").rows
    told = {(row["name"], row["applies_to"]): row["value"] for row in rows}
    assert told["security.two_step_verification_enforcement.enforcedFrom", "unit /"] == "2025-01-01T00:00:00Z"
    assert told["drive_and_docs.external_sharing.externalSharingMode", "unit /Engineering"] == "ALLOWED"
    assert ("security.password.minimumLength", "unit /Contractors") in told
    (shortest,) = [row for row in rows if row["name"] == "password_policy.minimum_length"]
    assert (shortest["value"], shortest["applies_to"]) == google.manifest["shortest_password"]


def test_googles_default_does_not_count_where_an_administrator_set_another(google: WorkspaceDouble) -> None:
    google.estate.policies = [one for one in google.estate.policies if "03con" not in one["policyQuery"]["orgUnit"]]
    (shortest,) = [
        row for row in gather(google, "gws.policies").rows if row["name"] == "password_policy.minimum_length"
    ]
    assert (shortest["value"], shortest["applies_to"]) == ("14", "unit /")


def test_applications_are_asked_for_user_by_user_and_each_failure_is_one_gap(google: WorkspaceDouble) -> None:
    lost = [google.estate.id(name) for name in ("dormant", "ben")]
    for user in lost:
        del google.estate.tokens[user]
    found = gather(google, "gws.tokens")
    assert sorted(gap.subject.partition("userKey=")[2].split()[0] for gap in found.snapshot.gaps) == sorted(lost)
    assert not found.snapshot.complete
    rows = {(row["app"], row["granted_to"]): row for row in found.rows}
    ada = rows["Zippy Notes", f"ada@{DOMAIN}"]
    assert (ada["access"], ada["permissions"]) == ("read", ["drive.readonly:read", "openid:read"])
    assert ada["granted_at"] == google.estate.ago(days=3).replace(".000", "")
    assert rows["Zippy Notes", f"contractor@{DOMAIN}"]["granted_at"] is None
    asked = {one.path for one in google.called if one.method == "directory.tokens.list"}
    assert not any(google.estate.id(name) in path for name in ("suspended", "archived") for path in asked)


def test_each_device_is_in_the_list_once_for_each_user(google: WorkspaceDouble) -> None:
    rows = gather(google, "gws.devices").rows
    assert sorted((row["platform"], row["owner"] or "") for row in rows) == [
        ("android", f"ada@{DOMAIN}"),
        ("chromeos", f"contractor@{DOMAIN}"),
        ("macos", f"ada@{DOMAIN}"),
        ("macos", f"contractor@{DOMAIN}"),
        ("windows", ""),  # only the company's inventory has it
    ]
    encrypted = {row["platform"]: row["encrypted"] for row in rows}
    assert encrypted == {"android": True, "chromeos": None, "macos": False, "windows": True}


def test_alerts_show_how_far_their_handling_has_come(google: WorkspaceDouble) -> None:
    rows = gather(google, "gws.alerts").by("alert_id", "alert")
    assert [(rows[f"0000-{index}"]["status"], rows[f"0000-{index}"]["severity"]) for index in range(3)] == [
        ("open", "high"),
        ("acknowledged", "medium"),
        ("closed", "low"),
    ]
    assert rows["0000-2"]["closed_at"] == google.estate.ago(days=20).replace(".000", "")


def test_sign_on_shows_who_signs_people_in_and_what_they_use(google: WorkspaceDouble) -> None:
    rows = gather(google, "gws.sso_apps").by("app", "app_grant")
    assert set(rows) == {"Okta", "Payroll"}
    assert rows["Payroll"]["last_used_at"] == google.estate.ago(days=4).replace(".000", "")


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_a_probe_asks_little_and_finds_no_gap(google: WorkspaceDouble, evidence: str) -> None:
    google.most = 3
    found = gather(google, evidence, probe=True)
    assert found.snapshot.gaps == ()
    assert len(google.called) <= 25
