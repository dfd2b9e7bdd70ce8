"""The operations that read the directory: users, groups, roles, applications, domains and their policies.

Everything is in Graph v1.0. `$select` names each field that is used, since the defaults leave most of them out.
"""

from __future__ import annotations

from connectors.entra.listing import counted, listed, single

ORGANISATION = "GET /organization"
USERS = "GET /users"
USERS_SIGN_IN = "GET /users signInActivity"
GUESTS = "GET /users guests"
USER_COUNT = "GET /users count"
DELETED_USERS = "GET /directory/deletedItems/microsoft.graph.user"
DELETED_COUNT = "GET /directory/deletedItems/microsoft.graph.user count"
REGISTRATION = "GET /reports/authenticationMethods/userRegistrationDetails"
GROUP_MEMBERS = "GET /groups/{group_id}/members"
GROUP_MEMBER_COUNT = "GET /groups/{group_id}/transitiveMembers count"
ROLE_DEFINITIONS = "GET /roleManagement/directory/roleDefinitions"
ROLE_ASSIGNMENTS = "GET /roleManagement/directory/roleAssignments"
ROLE_ELIGIBILITIES = "GET /roleManagement/directory/roleEligibilityScheduleInstances"
ROLE_SCHEDULES = "GET /roleManagement/directory/roleAssignmentScheduleInstances"
CONDITIONAL_ACCESS = "GET /identity/conditionalAccess/policies"
NAMED_LOCATIONS = "GET /identity/conditionalAccess/namedLocations"
SECURITY_DEFAULTS = "GET /policies/identitySecurityDefaultsEnforcementPolicy"
AUTHENTICATION_METHODS = "GET /policies/authenticationMethodsPolicy"
AUTHORIZATION_POLICY = "GET /policies/authorizationPolicy"
CROSS_TENANT = "GET /policies/crossTenantAccessPolicy/default"
DOMAINS = "GET /domains"
GROUP_SETTINGS = "GET /groupSettings"
APPLICATIONS = "GET /applications"
APPLICATION_COUNT = "GET /applications count"
SERVICE_PRINCIPALS = "GET /servicePrincipals"
SERVICE_PRINCIPAL_COUNT = "GET /servicePrincipals count"
CONSENTS = "GET /oauth2PermissionGrants"
APP_ROLE_HOLDERS = "GET /servicePrincipals/{principal_id}/appRoleAssignedTo"
SHARING = "GET /admin/sharepoint/settings"

_USER = (
    "id,userPrincipalName,mail,displayName,accountEnabled,userType,externalUserState,createdDateTime,employeeId,"
    "employeeHireDate,lastPasswordChangeDateTime"
)
_APPLICATION = "id,appId,displayName,createdDateTime,passwordCredentials,keyCredentials"
_PRINCIPAL = (
    "id,appId,displayName,accountEnabled,appOwnerOrganizationId,servicePrincipalType,createdDateTime,verifiedPublisher,"
    "passwordCredentials,keyCredentials,appRoles,oauth2PermissionScopes"
)

DIRECTORY = (
    # Also says which licences the tenant has, by its plans.
    single(ORGANISATION, "Organization.Read.All", "/value/0/id", select="id,displayName,assignedPlans"),
    listed(USERS, "User.Read.All", select=_USER, top=999),
    # Graph gives at most 500 to a page when it looks up sign-ins, and asks for a second permission.
    listed(USERS_SIGN_IN, "User.Read.All, AuditLog.Read.All", select=f"{_USER},signInActivity", top=500),
    listed(
        GUESTS,
        "User.Read.All",
        filter="userType eq 'Guest'",
        select="id",
        expand="sponsors($select=id,userPrincipalName)",
        top=100,
    ),
    counted(USER_COUNT, "User.Read.All"),
    listed(DELETED_USERS, "User.Read.All", select=f"{_USER},deletedDateTime", top=999),
    counted(DELETED_COUNT, "User.Read.All"),
    # Takes no $select, $top or $count.
    listed(REGISTRATION, "AuditLog.Read.All"),
    listed(GROUP_MEMBERS, "GroupMember.Read.All, User.Read.All", select="id,displayName,userPrincipalName", top=999),
    counted(GROUP_MEMBER_COUNT, "GroupMember.Read.All"),
    listed(ROLE_DEFINITIONS, "RoleManagement.Read.Directory"),
    listed(ROLE_ASSIGNMENTS, "RoleManagement.Read.Directory", expand="principal"),
    listed(ROLE_ELIGIBILITIES, "RoleEligibilitySchedule.Read.Directory", expand="principal"),
    listed(ROLE_SCHEDULES, "RoleAssignmentSchedule.Read.Directory"),
    listed(CONDITIONAL_ACCESS, "Policy.Read.All"),
    listed(NAMED_LOCATIONS, "Policy.Read.All"),
    single(SECURITY_DEFAULTS, "Policy.Read.All", "/isEnabled"),
    single(AUTHENTICATION_METHODS, "Policy.Read.All", "/authenticationMethodConfigurations"),
    single(AUTHORIZATION_POLICY, "Policy.Read.All", "/allowInvitesFrom"),
    single(CROSS_TENANT, "Policy.Read.All", "/b2bCollaborationInbound"),
    listed(DOMAINS, "Domain.Read.All"),
    listed(GROUP_SETTINGS, "Directory.Read.All"),
    listed(
        APPLICATIONS,
        "Application.Read.All",
        select=_APPLICATION,
        expand="owners($select=id,displayName,userPrincipalName)",
        top=100,
    ),
    counted(APPLICATION_COUNT, "Application.Read.All"),
    listed(SERVICE_PRINCIPALS, "Application.Read.All", select=_PRINCIPAL, top=999),
    counted(SERVICE_PRINCIPAL_COUNT, "Application.Read.All"),
    listed(CONSENTS, "Directory.Read.All", top=999),
    listed(APP_ROLE_HOLDERS, "Application.Read.All", top=999),
    single(SHARING, "SharePointTenantSettings.Read.All", "/sharingCapability"),
)
