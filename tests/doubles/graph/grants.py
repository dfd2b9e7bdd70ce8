"""Which application permission each path takes: from Microsoft's documentation, apart from the connector's table."""

from __future__ import annotations

import re

ROLE, GOVERNANCE = "/roleManagement/directory", "/identityGovernance"
PERMISSIONS = {
    "/organization": {"Organization.Read.All"},
    "/users": {"User.Read.All"},
    "/directory/deletedItems/microsoft.graph.user": {"User.Read.All"},
    "/reports/authenticationMethods/userRegistrationDetails": {"AuditLog.Read.All"},
    "/groups/{id}/members": {"GroupMember.Read.All"},
    "/groups/{id}/transitiveMembers": {"GroupMember.Read.All"},
    f"{ROLE}/roleDefinitions": {"RoleManagement.Read.Directory"},
    f"{ROLE}/roleAssignments": {"RoleManagement.Read.Directory"},
    f"{ROLE}/roleEligibilityScheduleInstances": {"RoleEligibilitySchedule.Read.Directory"},
    f"{ROLE}/roleAssignmentScheduleInstances": {"RoleAssignmentSchedule.Read.Directory"},
    f"{ROLE}/roleAssignmentScheduleRequests": {"RoleAssignmentSchedule.Read.Directory"},
    "/identity/conditionalAccess/policies": {"Policy.Read.All"},
    "/identity/conditionalAccess/namedLocations": {"Policy.Read.All"},
    "/policies/identitySecurityDefaultsEnforcementPolicy": {"Policy.Read.All"},
    "/policies/authenticationMethodsPolicy": {"Policy.Read.All"},
    "/policies/authorizationPolicy": {"Policy.Read.All"},
    "/policies/crossTenantAccessPolicy/default": {"Policy.Read.All"},
    "/domains": {"Domain.Read.All"},
    "/groupSettings": {"Directory.Read.All"},
    "/applications": {"Application.Read.All"},
    "/servicePrincipals": {"Application.Read.All"},
    "/servicePrincipals/{id}/appRoleAssignedTo": {"Application.Read.All"},
    "/oauth2PermissionGrants": {"Directory.Read.All"},
    "/admin/sharepoint/settings": {"SharePointTenantSettings.Read.All"},
    "/auditLogs/directoryAudits": {"AuditLog.Read.All"},
    "/auditLogs/signIns": {"AuditLog.Read.All", "Directory.Read.All"},
    f"{GOVERNANCE}/accessReviews/definitions": {"AccessReview.Read.All"},
    f"{GOVERNANCE}/accessReviews/definitions/{{id}}/instances": {"AccessReview.Read.All"},
    f"{GOVERNANCE}/accessReviews/definitions/{{id}}/instances/{{id}}/decisions": {"AccessReview.Read.All"},
    f"{GOVERNANCE}/lifecycleWorkflows/workflows": {"LifecycleWorkflows.Read.All"},
    f"{GOVERNANCE}/lifecycleWorkflows/workflows/{{id}}/runs": {"LifecycleWorkflows.Read.All"},
    f"{GOVERNANCE}/lifecycleWorkflows/workflows/{{id}}/runs/{{id}}/userProcessingResults": {
        "LifecycleWorkflows.Read.All"
    },
    f"{GOVERNANCE}/entitlementManagement/assignmentRequests": {"EntitlementManagement.Read.All"},
    f"{GOVERNANCE}/termsOfUse/agreements": {"Agreement.Read.All"},
    f"{GOVERNANCE}/termsOfUse/agreements/{{id}}/acceptances": {"AgreementAcceptance.Read.All"},
    "/identityProtection/riskDetections": {"IdentityRiskEvent.Read.All"},
    "/security/incidents": {"SecurityIncident.Read.All"},
    "/security/alerts_v2": {"SecurityAlert.Read.All"},
    "/deviceManagement/managedDevices": {"DeviceManagementManagedDevices.Read.All"},
    "/deviceManagement/deviceCompliancePolicies": {"DeviceManagementConfiguration.Read.All"},
    "/reports/security/getAttackSimulationTrainingUserCoverage": {"AttackSimulation.Read.All"},
    "/security/attackSimulation/simulations": {"AttackSimulation.Read.All"},
    "/security/subjectRightsRequests": {"SubjectRightsRequest.Read.All"},
    "/security/labels/retentionLabels": {"RecordsManagement.Read.All"},
}
_PATTERNS = {template: re.compile(re.escape(template).replace(re.escape("{id}"), "[^/]+")) for template in PERMISSIONS}

UNLICENSED = {
    # code, message and status as Graph gives them, and the lowest licence that opens the path
    "/reports/authenticationMethods/userRegistrationDetails": (
        "p1",
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    "/auditLogs/signIns": (
        "p1",
        403,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant",
        "Neither tenant is B2C or tenant doesn't have premium license",
    ),
    "/identity/conditionalAccess/policies": (
        "p1",
        403,
        "AccessDenied",
        "Your tenant is not licensed for this feature. Please upgrade your subscription to access it.",
    ),
    "/identityProtection/riskDetections": ("p2", 403, "Forbidden", "Your tenant is not licensed for this feature."),
    f"{ROLE}/roleEligibilityScheduleInstances": (
        "p2",
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    ),
    f"{ROLE}/roleAssignmentScheduleInstances": (
        "p2",
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    ),
    f"{ROLE}/roleAssignmentScheduleRequests": (
        "p2",
        400,
        "AadPremiumLicenseRequired",
        "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license.",
    ),
    "/deviceManagement/managedDevices": ("intune", 400, "BadRequest", "Request not applicable to target tenant."),
    "/admin/sharepoint/settings": ("sharepoint", 400, "BadRequest", "Tenant does not have a SPO license."),
}


def template(path: str) -> str | None:
    """The documented path that an address is one of; None where there is none."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.fullmatch(path)), None)
