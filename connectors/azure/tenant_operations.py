"""The operations that find what there is: the tenant, its subscriptions, and who may do what in each."""

from __future__ import annotations

from collector.source.rest.api import Operation
from connectors.azure.listing import listed
from connectors.azure.packages import RESOURCES, SUBSCRIPTIONS

TENANTS = "GET /tenants"
DESCENDANTS = "GET /providers/Microsoft.Management/managementGroups/{tenant}/descendants"
_AUTHORIZATION = "/subscriptions/{subscription}/providers/Microsoft.Authorization"
ROLE_ASSIGNMENTS = f"GET {_AUTHORIZATION}/roleAssignments"
ROLE_DEFINITIONS = f"GET {_AUTHORIZATION}/roleDefinitions"
ROLE_ELIGIBILITIES = f"GET {_AUTHORIZATION}/roleEligibilityScheduleInstances"
ROLE_SCHEDULES = f"GET {_AUTHORIZATION}/roleAssignmentScheduleInstances"
ACTIVITY = "GET /subscriptions/{subscription}/providers/Microsoft.Insights/eventtypes/management/values"

TENANT = (
    Operation(TENANTS, has=("/value/0/tenantId",), parameters={"api-version": "2022-12-01"}),
    # Read through azure-mgmt-resource, in the versions that it documents.
    listed(SUBSCRIPTIONS, "Microsoft.Resources/subscriptions/read", "2022-12-01"),
    listed(RESOURCES, "Microsoft.Resources/subscriptions/resources/read", "2021-04-01", expand="createdTime"),
    listed(DESCENDANTS, "Microsoft.Management/managementGroups/descendants/read", "2021-04-01"),
    listed(ROLE_ASSIGNMENTS, "Microsoft.Authorization/roleAssignments/read", "2022-04-01"),
    listed(ROLE_DEFINITIONS, "Microsoft.Authorization/roleDefinitions/read", "2022-04-01"),
    listed(ROLE_ELIGIBILITIES, "Microsoft.Authorization/roleEligibilityScheduleInstances/read", "2020-10-01"),
    listed(ROLE_SCHEDULES, "Microsoft.Authorization/roleAssignmentScheduleInstances/read", "2020-10-01"),
    listed(ACTIVITY, "Microsoft.Insights/eventtypes/values/read", "2015-04-01", key="/eventDataId"),
)
