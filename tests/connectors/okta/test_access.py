"""Who administers, who is in which group, and who may use what."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.model import Window
from tests.connectors.okta.gathering import gather, gathered
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.okta.server import OktaDouble


def test_every_way_to_an_admin_role_is_shown(okta: OktaDouble) -> None:
    roles = okta.org.manifest["roles"]
    found = gather(okta, "okta.admin_roles")
    assert found.snapshot.complete, found.snapshot.gaps
    grants = found.table("access_grant")
    supers = {row["principal_id"] for row in grants if row["role"] == "Super Administrator"}
    assert supers == set(roles["super"])
    through = {row["principal_id"] for row in grants if row["via"] == "group Platform"}
    assert through == set(roles["through_group"])
    assert {row["privileged"] for row in grants if row["via"] == "group Platform"} == {True}
    own = {row["role"]: row["privileged"] for row in grants if row["via"] == "direct"}
    assert own == {
        "Super Administrator": True, "Read-Only Administrator": False, "Watcher": False, "Joiner desk": True
    }  # fmt: skip
    assert {row["resource"] for row in grants} == {"org", "resource set iamset1"}
    assert not any(row["principal_kind"] == "group" for row in grants)


def test_a_group_that_holds_a_role_and_nobody_is_in_stands_for_itself(okta: OktaDouble) -> None:
    group = okta.org.manifest["roles"]["group"]
    okta.org.members[group].clear()
    found = gather(okta, "okta.admin_roles")
    assert [row["principal_id"] for row in found.rows if row["principal_kind"] == "group"] == [group]


def test_members_that_cannot_be_read_are_a_gap_and_the_way_through_them_too(okta: OktaDouble) -> None:
    group = okta.org.manifest["roles"]["group"]
    okta.fault(Given(500, {}), path=f"/groups/{group}/users")
    found = gather(okta, "okta.admin_roles")
    assert found.causes.count("unavailable") == 1
    assert found.causes.count("truncated") == 3, "three people hold a role that no group shows"


def test_a_role_whose_powers_cannot_be_read_may_be_privileged(okta: OktaDouble) -> None:
    okta.fault(Given(403, {"errorCode": "E0000006"}), path="/iam/roles/cr0writes/permissions")
    found = gather(okta, "okta.admin_roles")
    assert found.causes == ["denied"]
    assert [row["privileged"] for row in found.rows if row["role"] == "Joiner desk"] == [None]


def test_administrators_over_several_pages_and_a_full_one_without_links(okta: OktaDouble) -> None:
    group = okta.org.manifest["roles"]["group"]
    okta.org.members[group] = [
        okta.org.add_user(f"op{n}@northwind.example", "ACTIVE", okta.org.end) for n in range(150)
    ]
    found = gather(okta, "okta.admin_roles")
    assert found.snapshot.complete, found.snapshot.gaps
    assert [one.path for one in okta.asked].count("/api/v1/iam/assignees/users") == 2
    okta.fault(Given(200, {"value": [{"id": f"00u{n}"} for n in range(100)]}), path="/assignees/users", times=1)
    assert "truncated" in gather(okta, "okta.admin_roles").causes


def test_assignments_tell_direct_ones_from_those_of_groups(okta: OktaDouble) -> None:
    found = gather(okta, "okta.assignments")
    assert found.snapshot.complete, found.snapshot.gaps
    rows = found.table("access_grant")
    of_app = [row for row in rows if row["resource"] == "app Payroll" and row["principal_kind"] is None]
    assert len(of_app) == 20
    assert {row["via"] for row in of_app} == {"direct", "group"}
    assert not any(row["resource"] == "app Old CRM" for row in rows), "nobody can use what is switched off"
    groups = {row["resource"] for row in rows if row["role"] == "member"}
    assert groups == {"group Engineering", "group Platform"}


def test_what_several_types_need_is_asked_once(okta: OktaDouble) -> None:
    found = gathered(okta, "okta.admin_roles", "okta.assignments", "okta.apps")
    assert all(one.snapshot.complete for one in found)
    for path in ("/api/v1/groups", "/api/v1/apps"):
        assert [one.path for one in okta.asked].count(path) == 1


def test_apps_tokens_and_devices(okta: OktaDouble) -> None:
    apps, tokens, devices = gathered(okta, "okta.apps", "okta.api_tokens", "okta.devices")
    assert {row["app"]: row["status"] for row in apps.rows} == {
        "Payroll": "active", "Wiki": "active", "Old CRM": "inactive"
    }  # fmt: skip
    assert {row["credential_id"] for row in tokens.rows} == {one["id"] for one in okta.org.tokens}
    assert {row["principal_id"] for row in tokens.rows} == {next(iter(okta.org.users))}
    told = {row["platform"]: row["encrypted"] for row in devices.table("endpoint")}
    assert told == {"macos": True, "windows": False, "ios": None}
    assert {row["name"]: row["value"] for row in devices.table("setting")} == {
        "device_assurance.diskEncryptionType": "ALL_INTERNAL_VOLUMES",
        "device_assurance.screenLockType": "BIOMETRIC, PASSCODE",
    }
    assert all(one.snapshot.complete for one in (apps, tokens, devices))


def test_campaigns_with_every_decision(okta: OktaDouble) -> None:
    found = gather(okta, "okta.certifications")
    assert found.snapshot.complete, found.snapshot.gaps
    decisions = [(row["system"], row["decision"], bool(row["decided_at"])) for row in found.rows]
    assert sorted(decisions) == [
        ("Admins Q1", "keep", True), ("Admins Q1", "keep", True), ("Admins Q1", "revoke", True),
        ("Admins Q2", "keep", True), ("Admins Q2", "none", False), ("Admins Q2", "none", False),
    ]  # fmt: skip
    assert {row["system"] for row in found.rows if row["completed_at"]} == {"Admins Q1"}
    assert all(row["reviewer"] == "ada.admin@northwind.example" for row in found.rows)


def test_a_campaign_that_ended_after_a_short_window_began_is_in_it(okta: OktaDouble) -> None:
    """Q1 began 120 days ago and was completed 106 days ago; before that nobody could see its last decisions."""
    now = okta.org.end
    for days, systems in ((110, {"Admins Q1", "Admins Q2"}), (100, {"Admins Q2"})):
        found = gather(okta, "okta.certifications", window=Window(now - timedelta(days=days), now))
        assert {row["system"] for row in found.rows} == systems
