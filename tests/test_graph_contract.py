"""The connector and the double against Microsoft's own documentation of Graph v1.0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from connectors.entra.api import API
from tests.connectors.entra.gathering import connector, gather
from tests.doubles.graph import examples, grants
from tests.doubles.graph.tenant import running_tenant
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.graph.tenant import Tenant

PAGES = {
    # Paths of which there is no example here, and the page of Microsoft's reference (v1.0) that has them.
    "/admin/sharepoint/settings": "api/sharepointsettings-get",
    "/deviceManagement/deviceCompliancePolicies": "api/intune-deviceconfig-devicecompliancepolicy-list",
    "/deviceManagement/managedDevices": "api/intune-devices-manageddevice-list",
    "/directory/deletedItems/microsoft.graph.user": "api/directory-deleteditems-list",
    "/groupSettings": "api/group-list-settings",
    "/policies/crossTenantAccessPolicy/default": "api/crosstenantaccesspolicyconfigurationdefault-get",
    "/reports/security/getAttackSimulationTrainingUserCoverage": (
        "api/securityreportsroot-getattacksimulationtrainingusercoverage"
    ),
    "/security/subjectRightsRequests": "api/subjectrightsrequest-list",
    "/servicePrincipals/{id}/appRoleAssignedTo": "api/serviceprincipal-list-approleassignedto",
}
_USER = (
    "accountEnabled employeeId employeeHireDate externalUserState userType lastPasswordChangeDateTime sponsors mail "
    "displayName userPrincipalName createdDateTime id"
)
_SIGN_INS = (
    "signInActivity lastSignInDateTime lastSignInRequestId lastNonInteractiveSignInDateTime "
    "lastNonInteractiveSignInRequestId lastSuccessfulSignInDateTime lastSuccessfulSignInRequestId"
)
_SECRETS = "passwordCredentials keyCredentials keyId hint secretText customKeyIdentifier startDateTime endDateTime"
_PRINCIPAL = "principal id displayName userPrincipalName appScopeId"
FIELDS = {
    # Fields that the examples of a path leave out, as Microsoft's reference (v1.0, resources/…) has them.
    "/users": _USER,
    "/directory/deletedItems/microsoft.graph.user": f"{_USER} {_SIGN_INS} deletedDateTime",
    "/groups/{id}/members": "userPrincipalName",
    "/applications": f"{_SECRETS} owners createdDateTime userPrincipalName",
    "/servicePrincipals": f"{_SECRETS} appRoles allowedMemberTypes oauth2PermissionScopes verifiedPublisher",
    "/servicePrincipals/{id}/appRoleAssignedTo": (
        "id appRoleId createdDateTime principalDisplayName principalId principalType resourceDisplayName resourceId"
    ),
    "/domains": "isVerified passwordValidityPeriodInDays passwordNotificationWindowInDays",
    "/groupSettings": "id displayName values name value",
    "/roleManagement/directory/roleAssignments": _PRINCIPAL,
    "/roleManagement/directory/roleEligibilityScheduleInstances": _PRINCIPAL,
    "/policies/authenticationMethodsPolicy": "authenticationMethodConfigurations displayName",
    "/policies/crossTenantAccessPolicy/default": "isServiceDefault b2bCollaborationInbound usersAndGroups accessType",
    "/admin/sharepoint/settings": (
        "sharingCapability sharingDomainRestrictionMode isResharingByExternalUsersEnabled idleSessionSignOut isEnabled "
        "isUnmanagedSyncAppForTenantRestricted isLegacyAuthProtocolsEnabled warnAfterInSeconds signOutAfterInSeconds"
    ),
    "/auditLogs/directoryAudits": "type servicePrincipalId",
    "/identityGovernance/entitlementManagement/assignmentRequests": (
        "requestor objectId principalName email accessPackage displayName"
    ),
    "/deviceManagement/managedDevices": (
        "id deviceName userPrincipalName managedDeviceOwnerType operatingSystem osVersion isEncrypted complianceState "
        "lastSyncDateTime enrolledDateTime"
    ),
    "/deviceManagement/deviceCompliancePolicies": "id displayName",
    "/reports/security/getAttackSimulationTrainingUserCoverage": (
        "attackSimulationUser userId displayName email userTrainings trainingStatus assignedDateTime completionDateTime"
    ),
    "/security/subjectRightsRequests": (
        "id displayName type status dataSubjectType createdDateTime closedDateTime internalDueDateTime"
    ),
}


@pytest.fixture(scope="module")
def known() -> set[str]:
    try:
        return examples.paths()
    except examples.NoExamplesError as error:
        pytest.skip(str(error))


@pytest.fixture
def tenant() -> Iterator[Tenant]:
    with running_tenant(20) as made:
        yield made


def operations() -> list[str]:
    return sorted({need for one in connector().types.values() for need in API.reached(one.needs)})


def path_of(operation: str) -> str:
    return re.sub(r"\{\w+\}", "{id}", operation.split(" ")[1])


def test_every_path_that_is_asked_for_is_one_that_microsoft_documents(known: set[str]) -> None:
    asked = {path_of(one) for one in operations()}
    shown = {one for one in asked if any(path == one or path.startswith((f"{one}/", f"{one}(")) for path in known)}
    assert asked - shown == PAGES.keys(), "each path has an example, or the page that has it"
    assert not [one for one in operations() if not one.startswith("GET ")]


def test_every_field_that_the_double_gives_is_one_that_microsoft_documents(known: set[str], tenant: Tenant) -> None:
    """By the examples of the same path, and by the list of what they leave out, which holds nothing else."""
    assert known
    members = {f"/groups/{group}/members": rows for group, rows in tenant.groups.items()}
    beyond: dict[str, set[str]] = {}
    for path, rows in {**tenant.lists, **members, **tenant.singles}.items():
        template = grants.template(path) or path
        given = {name for name in examples.fields(rows) if not name.startswith("_")}
        beyond.setdefault(template, set()).update(given - examples.fields_of(template))
    left = {path: names - set(FIELDS.get(path, "").split()) for path, names in beyond.items()}
    assert {path: names for path, names in left.items() if names} == {}


def lists() -> list[tuple[str, str]]:
    """Each evidence type with each list it reads, once for each path."""
    found = {
        (kind.id, path_of(need)): need
        for kind in connector().types.values()
        for need in kind.needs
        if API.operation(need).items == "/value" and "{" not in need
    }
    return sorted(found)


@pytest.mark.parametrize(("evidence", "path"), lists())
def test_the_official_examples_are_read_without_a_defect(
    known: set[str], tenant: Tenant, evidence: str, path: str
) -> None:
    """Whatever an example leaves out may be a gap, and never a bug of the reader."""
    answers = [body for one, body in examples.examples() if one == path and "value" in body]
    if not answers:
        pytest.skip(f"no example of {path} that is valid JSON")
    assert known
    for body in answers:
        rows: Any = body["value"] if isinstance(body["value"], list) else [body["value"]]
        tenant.double.faults.clear()
        tenant.double.fault(Given(200, {"value": rows}), path=f"/v1.0{path}", times=1)
        found = gather(tenant, evidence)
        assert "defect" not in found.causes, [gap.detail for gap in found.snapshot.gaps]
