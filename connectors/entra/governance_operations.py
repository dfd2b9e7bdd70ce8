"""The operations that read what people decided about access, and the logs of what was done to it. Graph v1.0."""

from __future__ import annotations

from connectors.entra.listing import listed

DIRECTORY_AUDITS = "GET /auditLogs/directoryAudits"
SIGN_INS = "GET /auditLogs/signIns"
ROLE_REQUESTS = "GET /roleManagement/directory/roleAssignmentScheduleRequests"
REVIEWS = "GET /identityGovernance/accessReviews/definitions"
REVIEW_INSTANCES = "GET /identityGovernance/accessReviews/definitions/{review_id}/instances"
REVIEW_DECISIONS = "GET /identityGovernance/accessReviews/definitions/{review_id}/instances/{instance_id}/decisions"
WORKFLOWS = "GET /identityGovernance/lifecycleWorkflows/workflows"
WORKFLOW_RUNS = "GET /identityGovernance/lifecycleWorkflows/workflows/{workflow_id}/runs"
WORKFLOW_PEOPLE = (
    "GET /identityGovernance/lifecycleWorkflows/workflows/{workflow_id}/runs/{run_id}/userProcessingResults"
)
PACKAGE_REQUESTS = "GET /identityGovernance/entitlementManagement/assignmentRequests"
AGREEMENTS = "GET /identityGovernance/termsOfUse/agreements"
ACCEPTANCES = "GET /identityGovernance/termsOfUse/agreements/{agreement_id}/acceptances"

GOVERNANCE = (
    listed(DIRECTORY_AUDITS, "AuditLog.Read.All", top=1000),
    # By a known issue of Graph this takes both.
    listed(SIGN_INS, "AuditLog.Read.All, Directory.Read.All", top=1000),
    listed(ROLE_REQUESTS, "RoleAssignmentSchedule.Read.Directory"),
    listed(REVIEWS, "AccessReview.Read.All", top=100),
    listed(REVIEW_INSTANCES, "AccessReview.Read.All", top=100),
    listed(REVIEW_DECISIONS, "AccessReview.Read.All", top=100),
    listed(WORKFLOWS, "LifecycleWorkflows.Read.All"),
    listed(WORKFLOW_RUNS, "LifecycleWorkflows.Read.All"),
    listed(WORKFLOW_PEOPLE, "LifecycleWorkflows.Read.All"),
    listed(PACKAGE_REQUESTS, "EntitlementManagement.Read.All", expand="requestor,accessPackage"),
    listed(AGREEMENTS, "Agreement.Read.All"),
    listed(ACCEPTANCES, "AgreementAcceptance.Read.All"),
)
UNDOCUMENTED = frozenset({"Agreement.Read.All", "AgreementAcceptance.Read.All"})
"""Application permissions that exist, but of which the documentation of the operation says nothing."""
