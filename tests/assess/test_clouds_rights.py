"""One rule, three clouds: what rules on rights and what proves them say of rows as each connector makes them.

Where a cloud does not tell something, its rows lack it, and the rule must say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.assess.clouds import CASE, FIRST, azure, google, listed, outcomes, path, shown, told
from tests.connectors.azure.gathering import gathered as of_azure
from tests.connectors.gcp.gathering import gathered as of_google
from tests.doubles.gcp.server import error

if TYPE_CHECKING:
    from tests.doubles.arm.tenant import Tenant
    from tests.doubles.gcp.server import GcpDouble

# IAM-10: old and unused credentials.

VAULT = "resourceGroups/rg-app/providers/Microsoft.KeyVault/vaults"
STORAGE = ("azure.keyvault", "azure.storage.accounts")


def test_iam_10_of_azure_secrets_of_a_vault() -> None:
    with azure() as tenant:
        now = int(tenant.now.timestamp())
    day = 86400
    cases: list[CASE] = [
        ({}, "pass"),
        ({"created": now - 91 * day}, "deviation"),
        # A tag that changed is no new secret.
        ({"created": now - 91 * day, "updated": now}, "deviation"),
        ({"created": now - 91 * day, "enabled": False}, "not_applicable"),
        ({"created": now - 91 * day, "exp": now - day}, "not_applicable"),
        ({"created": None}, "cannot_tell"),
        ({"enabled": None}, "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, _) in enumerate(cases):
            (mailer, _) = listed(tenant, number, f"{VAULT}/kv{number}/secrets")
            mailer["properties"]["attributes"].update(changed)
        gathered = of_azure(tenant, *STORAGE)
        found = told("IAM-10", gathered)
    items = [f"{path(number)}/{VAULT}/kv{number}/secrets/mailer" for number in range(len(cases))]
    assert outcomes(found, items) == [outcome for _, outcome in cases]
    rows = [row for one in gathered for row in one.table("credential") if row["credential_id"].endswith("/secrets/web")]
    assert {(row["kind"], row["owner"]) for row in rows} == {("certificate", "platform")}


def test_iam_10_of_azure_keys_of_a_storage_account() -> None:
    old = {"key1": "2026-11-20T12:00:00Z", "key2": "2025-01-01T12:00:00Z"}
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "pass", "pass"),
        ({"keyCreationTime": old}, "pass", "deviation"),
        ({"keyCreationTime": old, "allowSharedKeyAccess": None}, "pass", "deviation"),
        ({"keyCreationTime": old, "allowSharedKeyAccess": False}, "not_applicable", "not_applicable"),
        # Azure does not know it of accounts that are old.
        ({"keyCreationTime": None}, "cannot_tell", "cannot_tell"),
        ({"keyCreationTime": {"key1": None, "key2": None}}, "cannot_tell", "cannot_tell"),
    ]
    with azure(cases) as tenant:
        for number, (changed, *_) in enumerate(cases):
            shown(tenant, number, f"/stlogs{number}").update(changed)
        found = told("IAM-10", of_azure(tenant, *STORAGE))
    for number, (changed, first, second) in enumerate(cases):
        assert outcomes(found, [f"/stlogs{number} key1", f"/stlogs{number} key2"]) == [first, second], changed


def test_iam_10_of_azure_a_vault_whose_secrets_are_refused_leaves_nothing_told() -> None:
    with azure() as tenant:
        tenant.refused.add(f"{path(0)}/{VAULT}/kv0/secrets".lower())
        found = told("IAM-10", of_azure(tenant, *STORAGE))
    assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}
    assert "denied" in found[f"the whole of azure {path(0)[15:]}"][1]


# VEN-05: whom the organisation trusts.

POOL = "principalSet://iam.googleapis.com/projects/5000/locations/global/workloadIdentityPools/forge"
PROGRAM = "iam.gserviceaccount.com"


def trusting(members: list[str], condition: str = "", **parameters: Any) -> dict[str, tuple[str, str]]:
    """What is said of a role on the first project that these hold besides those who do anyway."""
    with google() as double:
        binding: dict[str, Any] = {"role": "roles/editor", "members": members}
        binding |= {"condition": {"expression": condition, "title": "limit"}} if condition else {}
        policy = double.estate.asset(f"projects/{FIRST}").policy
        assert policy is not None
        policy["bindings"].append(binding)
        found = told("VEN-05", of_google(double, "gcp.iam.policies"), parameters=parameters)
    return {item.partition(" trusts ")[2]: outcome for item, outcome in found.items()}


def test_ven_05_of_google_who_is_outside() -> None:
    ours = [
        "user:ada@northwind.example",
        f"serviceAccount:app@northwind-0001.{PROGRAM}",
        "serviceAccount:northwind-0001@appspot.gserviceaccount.com",
        "serviceAccount:5001-compute@developer.gserviceaccount.com",
        f"serviceAccount:service-5001@compute-system.{PROGRAM}",
        "serviceAccount:northwind-0001.svc.id.goog[web/app]",
        "serviceAccount:cloud-logs@system.gserviceaccount.com",
        f"deleted:serviceAccount:app@vendor.{PROGRAM}?uid=1",
        "projectOwner:northwind-0000",
    ]
    others = {
        f"serviceAccount:app@vendor.{PROGRAM}": "deviation",
        "serviceAccount:vendor@appspot.gserviceaccount.com": "deviation",
        "serviceAccount:7001@cloudbuild.gserviceaccount.com": "deviation",
        f"serviceAccount:service-7001@compute-system.{PROGRAM}": "deviation",
        "serviceAccount:vendor.svc.id.goog[web/app]": "deviation",
        "user:somebody@gmail.com": "deviation",
        "allAuthenticatedUsers": "deviation",
        # Google does not say which other domains are the company's.
        "group:people@another.example": "cannot_tell",
        "domain:another.example": "cannot_tell",
        # Called like Google's own, where nobody knows Google to be.
        f"serviceAccount:service-5001@unheard.{PROGRAM}": "cannot_tell",
        "serviceAccount:app@unheard.example": "cannot_tell",
        f"{POOL}/attribute.repository/northwind/shop": "pass",
        f"{POOL}/*": "cannot_tell",
        "principal://iam.googleapis.com/unheard": "cannot_tell",
    }
    found = trusting([*ours, *others])
    assert {who: outcome for who, (outcome, _) in found.items()} == others
    assert "all of forge" in found[f"{POOL}/*"][1]


def test_ven_05_of_google_what_is_approved_and_what_is_limited() -> None:
    vendor, person = f"serviceAccount:app@vendor.{PROGRAM}", "user:eva@second.example"
    found = trusting([vendor, person], approved=["vendor", "second.example"])
    assert {outcome for outcome, _ in found.values()} == {"pass"}
    limited = trusting([vendor], 'request.time < timestamp("2027-01-01T00:00:00Z")')
    outcome, because = limited[vendor]
    assert outcome == "cannot_tell"
    assert "request.time" in because


def test_ven_05_of_google_projects_that_cannot_be_listed_leave_it_untold() -> None:
    with google() as double:
        denied = error(403, "PERMISSION_DENIED", "The caller does not have permission")
        double.answers.append(("/v3/projects:search", denied))
        found = told("VEN-05", of_google(double, "gcp.iam.policies", settings={"roots": ["organizations/100"]}))
    assert {outcome for outcome, _ in found.values()} <= {"cannot_tell"}
    assert found


TENANT, DEFINED = "99999999-0000-4000-8000-000000000000", "providers/Microsoft.ManagedServices/registrationDefinitions"


def delegated(tenant: Tenant, number: int, part: str = "", **known: Any) -> None:
    """A delegation of a subscription, or a part of it, and what defines it."""
    for kind, name, properties in (
        ("registrationDefinitions", "d", {"managedByTenantId": TENANT, "registrationDefinitionName": "Backup"}),
        ("registrationAssignments", "a", {"registrationDefinitionId": f"{path(number)}/{DEFINED}/D", **known}),
    ):
        row = {
            "id": f"{path(number)}{part if name == 'a' else ''}/providers/Microsoft.ManagedServices/{kind}/{name}",
            "name": name,
            "type": f"Microsoft.ManagedServices/{kind}",
            "subscriptionId": path(number)[15:],
            "properties": properties,
        }
        tenant.estate.tables["managedservicesresources"].append(row)


def test_ven_05_of_azure_delegations_to_other_tenants() -> None:
    group = "/resourceGroups/rg-app"
    with azure(range(5)) as tenant:
        delegated(tenant, 0, provisioningState="Succeeded")
        delegated(tenant, 1, group, provisioningState="Succeeded")
        delegated(tenant, 2, provisioningState="Deleted")
        delegated(tenant, 3, registrationDefinitionId="elsewhere")
        gathered = of_azure(tenant, "azure.rbac.assignments")
        found = told("VEN-05", gathered)
        approved = told("VEN-05", gathered, parameters={"approved": [TENANT]})
    first, second = f"Backup on {path(0)} trusts {TENANT}", f"Backup on {path(1)}{group} trusts {TENANT}".lower()
    unknown = f"a on {path(3)} trusts a tenant that is not named"
    assert {item.lower(): outcome for item, (outcome, _) in found.items()} == {
        first.lower(): "deviation",
        second: "deviation",
        unknown: "cannot_tell",
    }
    assert approved[first] == ("pass", "The principal is outside, as was approved.")


def test_ven_05_of_azure_a_group_of_another_tenant() -> None:
    partner = "77777777-0000-4000-8000-000000000000"
    with azure() as tenant:
        grants = listed(tenant, 0, "providers/Microsoft.Authorization/roleAssignments")
        grants[1]["properties"] |= {"principalType": "ForeignGroup", "principalId": partner}
        found = told("VEN-05", of_azure(tenant, "azure.rbac.assignments"))
    (item,) = found
    assert item.startswith("Reader on /providers/Microsoft.Management/managementGroups/")
    assert item.endswith(f" trusts {partner}")
    assert found[item][0] == "deviation"


def test_ven_05_of_azure_what_resource_graph_does_not_show_is_not_none() -> None:
    with azure() as tenant:
        tenant.hidden.add(path(0)[15:])
        found = told("VEN-05", of_azure(tenant, "azure.rbac.assignments"))
    assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}
    assert found


# IAM-03: who is all-powerful.

NUMBER = "number of permanent all-powerful accounts"


def powerful(double: GcpDouble, *bindings: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """What is said where these hold these roles on the organisation, and nobody else holds any."""
    top = double.estate.asset("organizations/100")
    top.policy = {"bindings": [{"role": role, "members": [who]} for role, who in bindings]}
    return told("IAM-03", of_google(double, "gcp.iam.policies", "gcp.iam.service_accounts"))


def test_iam_03_of_google_people_and_programs_over_the_organisation() -> None:
    program = "app@northwind-{:04d}.iam.gserviceaccount.com"
    owner, admin = "roles/owner", "roles/resourcemanager.organizationAdmin"
    with google(range(7)) as double:
        found = powerful(
            double,
            (admin, "user:ada@northwind.example"),
            ("organizations/100/roles/breakGlass", "user:grace@northwind.example"),
            (owner, f"serviceAccount:{program.format(0)}"),
            # Every second one has a key that somebody holds.
            (owner, f"serviceAccount:{program.format(1)}"),
            (owner, f"serviceAccount:app@vendor.{PROGRAM}"),
            (admin, "group:platform@northwind.example"),
            (admin, "allAuthenticatedUsers"),
            ("roles/editor", "user:linus@northwind.example"),
            ("roles/viewer", "user:eva@northwind.example"),
            ("organizations/100/roles/reader", "user:max@northwind.example"),
            (admin, "deleted:user:left@northwind.example?uid=1"),
        )
    assert {item.removeprefix("all-powerful: "): outcome for item, (outcome, _) in found.items() if item != NUMBER} == {
        # Google Cloud does not keep the accounts of people: their factors are told where they are.
        "ada@northwind.example": "cannot_tell",
        "grace@northwind.example": "cannot_tell",
        program.format(0): "pass",
        program.format(1): "deviation",
        f"app@vendor.{PROGRAM}": "cannot_tell",
        "platform@northwind.example": "cannot_tell",
        "allAuthenticatedUsers": "deviation",
    }
    assert found[NUMBER] == ("deviation", "7 hold the widest role for good; at most 4 may.")


def test_iam_03_of_google_how_many() -> None:
    admin = "roles/resourcemanager.organizationAdmin"
    with google() as double:
        few = powerful(double, *((admin, f"user:p{number}@northwind.example") for number in range(4)))
        group = powerful(double, (admin, "group:platform@northwind.example"))
        # A custom role that could not be read may be of any width.
        unread = powerful(double, ("organizations/100/roles/gone", "user:ada@northwind.example"))
    assert few[NUMBER][0] == "pass"
    assert group[NUMBER][0] == "cannot_tell"
    assert (unread[NUMBER][0], unread["all-powerful: ada@northwind.example"][0]) == ("cannot_tell", "cannot_tell")


def test_iam_03_of_azure_owners_and_elevated_access() -> None:
    people = [f"000000e1-0000-4000-8000-{number:012d}" for number in range(6)]
    with azure() as tenant:
        grants = listed(tenant, 0, "providers/Microsoft.Authorization/roleAssignments")
        definitions = listed(tenant, 0, "providers/Microsoft.Authorization/roleDefinitions")
        given = definitions[0]
        for name, actions, refused in (
            ("Contributor", ["*"], ["Microsoft.Authorization/*/Write"]),
            ("User Access Administrator", ["*/read", "Microsoft.Authorization/*"], []),
        ):
            own = {
                **given["properties"],
                "roleName": name,
                "permissions": [{"actions": actions, "notActions": refused}],
            }
            definitions.append({"id": f"{given['id']}-{name}", "name": name, "properties": own})
        for number, (who, role, scope) in enumerate(
            (
                (people[0], given["id"], path(0)),
                # What a global administrator took by elevating access.
                (people[1], f"{given['id']}-User Access Administrator", "/"),
                (people[2], f"{given['id']}-Contributor", path(0)),
                (people[3], given["id"], f"{path(0)}/resourceGroups/rg-app"),
                (people[4], "unheard", path(0)),
            )
        ):
            known = {"principalId": who, "principalType": "User", "roleDefinitionId": role, "scope": scope}
            name = f"00000000-0000-4000-8000-{number:012d}"
            grants.append({"id": f"{path(0)}/{name}", "name": name, "properties": known})
        found = told("IAM-03", of_azure(tenant, "azure.rbac.assignments"))
    assert {people[number] for number in (0, 1, 4)} == {
        item.removeprefix("all-powerful: ") for item in found if item.removeprefix("all-powerful: ") in people
    }
    assert "User Access Administrator on /:" in found[f"all-powerful: {people[1]}"][1]
    assert "whether that makes all-powerful is not given" in found[f"all-powerful: {people[4]}"][1]
    assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}
    assert found[NUMBER][1].startswith("2 hold the widest role for good")
    assert not [item for item in found if item.startswith("root")]
