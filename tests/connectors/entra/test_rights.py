"""Roles, conditional access, applications: who may do what, by which way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.entra.gathering import gather, gathered
from tests.connectors.entra.judging import judged
from tests.doubles.graph.ids import TENANT
from tests.doubles.graph.rights import ADMINS, EMPTY, SECRET

if TYPE_CHECKING:
    from tests.doubles.graph.tenant import Tenant

ROLES, POLICIES, APPS = "entra.role_assignments", "entra.ca_policies", "entra.apps"


def test_everyone_who_administers_is_found_by_every_way(tenant: Tenant) -> None:
    found = gather(tenant, ROLES)
    assert found.snapshot.complete
    grants = found.table("access_grant")
    admins = {
        row["principal_id"]: row["via"]
        for row in grants
        if row["role"] == "Global Administrator" and not row["via"].startswith("eligible")
    }
    direct, in_group, nested = tenant.planted["administrators"]
    assert admins == {
        direct: "direct",
        in_group: "group Admins",
        nested: "group Admins > Inner admins",
    }, "the empty group gives it to nobody"
    assert {row["resource"] for row in grants} == {TENANT}
    (eligible,) = (row for row in grants if row["via"] == "eligible")
    assert [eligible["principal_id"]] == tenant.planted["eligible"]
    (activated,) = (row for row in grants if row["via"] == "activated")
    assert (activated["principal_id"], activated["expires_at"]) == (eligible["principal_id"], "2026-11-23T16:00:00Z")
    assert {row["role"]: row["privileged"] for row in grants} == {
        "Global Administrator": True,
        "Helpdesk Administrator": True,
        "Global Reader": False,
    }


def test_a_group_that_cannot_be_expanded_stays_in_the_list_as_itself(tenant: Tenant) -> None:
    tenant.granted = frozenset({"Organization.Read.All", "RoleManagement.Read.Directory"})
    found = gather(tenant, ROLES)
    assert set(found.causes) == {"denied"}
    assert [row["principal_kind"] for row in found.table("access_grant") if row["principal_id"] == ADMINS] == ["group"]
    assert [row for row in found.table("access_grant") if row["principal_id"] == EMPTY], "not proved empty"


def test_administrators_are_judged_by_the_same_rule_as_everywhere(tenant: Tenant) -> None:
    found = judged(gathered(tenant, ROLES, "entra.users"), "IAM-04")
    outcome, because = found["number of permanent administrators"]
    assert outcome == "pass", because
    assert because.startswith("3 people hold privileged rights for good"), "not who is eligible, nor who activated"
    grants = [because for item, (_, because) in found.items() if item != "number of permanent administrators"]
    assert len(grants) == 5
    assert all("held by a person" in one for one in grants)


def test_without_privileged_identity_management_nobody_is_left_out(tenant: Tenant) -> None:
    tenant.licences = frozenset({"p1"})
    found = gather(tenant, ROLES)
    assert found.causes == ["unlicensed", "unlicensed"]
    holders = {row["principal_id"] for row in found.table("access_grant") if row["privileged"]}
    assert set(tenant.planted["administrators"]) <= holders
    assert {row["expires_at"] for row in found.table("access_grant")} == {None}
    assert (
        judged([found, gather(tenant, "entra.users")], "IAM-04")["number of permanent administrators"][0]
        == "cannot_tell"
    )


def test_policies_and_who_is_excluded_from_them(tenant: Tenant) -> None:
    found = gather(tenant, POLICIES)
    assert found.snapshot.complete
    rows = found.table("setting")
    states = {row["applies_to"]: row["value"] for row in rows if row["name"] == "conditional_access.state"}
    assert states == {
        "Second factor for everyone": "enabled",
        "Block old protocols": "enabledForReportingButNotEnforced",
    }
    (rescue,) = tenant.planted["break glass"]
    excluded = [row["value"] for row in rows if row["name"] == "conditional_access.excluded"]
    assert [one.startswith(rescue) for one in excluded] == [True, True], "by name, and by group"
    values = {(row["name"], row["applies_to"]): row["value"] for row in rows}
    assert values["security_defaults", None] == "false"
    assert values["authentication_method.Sms", None] == "disabled"
    assert values["conditional_access.demands", "Second factor for everyone"] == "mfa"
    assert values["conditional_access.sign_in_frequency", "Block old protocols"] == "12 hours"
    assert values["named_location", "Office"] == "trusted"


SIGN_ON = (POLICIES, "entra.sign_ins", "entra.password_policy", "entra.auth_methods", ROLES)
FACTOR = "sign_on.second_factor"
ALL, CONTROLS = "/identity/conditionalAccess/policies", "grantControls"


def test_what_all_policies_come_to_is_judged(tenant: Tenant) -> None:
    found = judged(gathered(tenant, *SIGN_ON), "IAM-02")
    assert found["sign_on.second_factor"] == ("pass", "everybody: A second factor is required.")
    assert found["session.idle_minutes"][1].startswith("everybody: A session ends after 720 idle minutes")
    assert found["sign_on.administrators_resistant"][0] == "deviation"
    admins = {item for item in found if item.startswith("administrator ")}
    assert {f"administrator {one}" for one in tenant.planted["administrators"]} <= admins
    assert not {found[one][0] for one in admins} & {"pass"}, "none of them carries such a factor"


@pytest.mark.parametrize(
    ("change", "item", "outcome"),
    [
        ({"state": "enabledForReportingButNotEnforced"}, FACTOR, "deviation"),
        ({CONTROLS: {"operator": "OR", "builtInControls": ["mfa", "compliantDevice"]}}, FACTOR, "deviation"),
        ({CONTROLS: {"operator": "AND", "builtInControls": ["mfa", "compliantDevice"]}}, FACTOR, "pass"),
        ({"locations": {"excludeLocations": ["AllTrusted"]}}, FACTOR, "deviation"),
        ({"sessionControls": None}, "session.idle_minutes", "deviation"),
        ({CONTROLS: {"operator": "OR", "authenticationStrength": {"allowedCombinations": ["fido2"]}}},
         "sign_on.administrators_resistant", "pass"),
        ({CONTROLS: {"operator": "OR", "authenticationStrength": {"allowedCombinations": ["fido2", "password,sms"]}}},
         "sign_on.administrators_resistant", "deviation"),
        ({CONTROLS: {"operator": "OR", "authenticationStrength": {"allowedCombinations": ["password,sms"]}}},
         FACTOR, "pass"),
    ],
)  # fmt: skip
def test_a_policy_that_is_not_for_everybody_demands_nothing_of_everybody(
    tenant: Tenant, change: dict[str, Any], item: str, outcome: str
) -> None:
    policy = tenant.lists[ALL][0]
    if "locations" in change:
        policy["conditions"]["locations"] = change["locations"]
    else:
        policy.update(change)
    assert judged(gathered(tenant, *SIGN_ON), "IAM-02")[item][0] == outcome


def test_whom_the_rules_leave_out_is_judged_by_name_and_by_number(tenant: Tenant) -> None:
    (rescue,) = tenant.planted["break glass"]
    read = (POLICIES, ROLES, "entra.auth_methods")
    found = judged(gathered(tenant, *read), "IAM-03")
    assert found[f"left out of sign-on rules: {rescue}"] == ("deviation", "Left out by a group that it is in.")
    number = found["number of accounts left out of sign-on rules"]
    assert number == ("pass", "1 accounts are left out; at most 2 may be.")
    assert not [item for item in found if item.startswith("root")], "there is no root"
    tenant.lists[ALL][0]["conditions"]["users"]["excludeGroups"] = []
    assert judged(gathered(tenant, *read), "IAM-03")[f"left out of sign-on rules: {rescue}"][0] == "pass"


def test_global_administrators_are_few_and_cannot_be_phished(tenant: Tenant) -> None:
    reports = tenant.lists["/reports/authenticationMethods/userRegistrationDetails"]
    direct, in_group, nested = tenant.planted["administrators"]
    (eligible,) = tenant.planted["eligible"]
    for one in reports:
        if one["id"] in {direct, in_group, nested, eligible}:
            one["methodsRegistered"] = ["passKeyDeviceBound" if one["id"] == direct else "microsoftAuthenticatorPush"]
    found = judged(gathered(tenant, POLICIES, ROLES, "entra.auth_methods"), "IAM-03")
    holders = {item: outcome for item, (outcome, _) in found.items() if item.startswith("all-powerful: ")}
    assert holders == {
        f"all-powerful: {direct}": "pass",
        f"all-powerful: {in_group}": "deviation",
        f"all-powerful: {nested}": "deviation",
        f"all-powerful: {eligible}": "deviation",
    }, "and nobody who holds a lesser role"
    # Who must first activate it does not count, and whoever holds it to an end.
    assert found["number of permanent all-powerful accounts"][1].startswith("3 hold the widest role for good")


def test_with_whom_files_may_be_shared_is_judged(tenant: Tenant) -> None:
    item = "sharing outside: the whole tenant"
    assert judged([gather(tenant, "entra.sharing")], "IAM-15")[item][0] == "deviation"


def test_without_conditional_access_the_rest_is_still_read(tenant: Tenant) -> None:
    tenant.licences = frozenset()
    found = gather(tenant, POLICIES)
    assert found.causes == ["unlicensed"]
    names = {row["name"] for row in found.table("setting")}
    assert {"security_defaults", "named_location"} <= names
    assert not any(one.startswith("conditional_access") for one in names)


def test_secrets_consents_and_rights_of_applications(tenant: Tenant) -> None:
    found = gather(tenant, APPS)
    assert found.snapshot.complete
    owners = {row["credential_id"].split()[0]: row["owner"] for row in found.table("credential")}
    assert owners["Ownerless"] is None
    assert owners["Old"] == "person00007@northwind.example"
    grants = found.by("source_id", "app_grant")
    assert set(grants) == {"grant-1", "grant-2", "held-1"}, "a person's role in an application is no right of one"
    assert (grants["grant-1"]["everything"], grants["grant-1"]["access"]) == (True, "write")
    assert grants["grant-1"]["permissions"] == ["Mail.ReadWrite:write", "openid:read"]
    assert (grants["grant-2"]["everything"], grants["grant-2"]["access"]) == (False, "read")
    assert (grants["held-1"]["access"], grants["held-1"]["publisher"]) == ("admin", "Vendor Ltd")
    assert SECRET.encode() not in b"".join(found.kept.values()), "should Graph ever give one, it is not kept"


@pytest.mark.parametrize(
    ("kind", "outcome"), [("Managed", None), ("Federated", "cannot_tell"), ("Unheard", "cannot_tell")]
)
def test_a_domain_whose_people_another_provider_signs_in_is_told(
    tenant: Tenant, kind: str, outcome: str | None
) -> None:
    tenant.lists["/domains"][0]["authenticationType"] = kind
    found = judged(gathered(tenant, "entra.auth_methods", "entra.password_policy"), "IAM-01")
    item = "signed in by another provider: northwind.example"
    assert found.get(item, (None,))[0] == outcome
    assert "pass" in {verdict for verdict, _ in found.values()}, "and whoever has an account here is judged"


def test_passwords_and_sharing(tenant: Tenant) -> None:
    password, sharing = gathered(tenant, "entra.password_policy", "entra.sharing")
    assert password.snapshot.complete
    assert sharing.snapshot.complete
    rows = {(row["name"], row["applies_to"]): row["value"] for row in password.table("setting")}
    assert rows == {
        ("password.expires_after_days", "northwind.example"): "never",
        ("password.warned_before_days", "northwind.example"): "14",
        ("sign_in.federated", "northwind.example"): "false",
        ("Password Rule Settings.LockoutThreshold", None): "10",
    }
    shared = {row["name"]: row["value"] for row in sharing.table("setting")}
    assert shared["sharing.sharingCapability"] == "externalUserAndGuestSharing"
    assert shared["sharing.idle_sign_out_seconds"] == "3600"
