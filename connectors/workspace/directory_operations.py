"""The operations of the Directory API: users, units, roles, groups, grants to applications, phones and Chromebooks.

Google leaves out a list that is empty, but says what it would be a list of: an answer without its `kind` is no list.
Each mask names the fields that are read, and so what of a person is kept at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.source.rest.api import Operation
from collector.source.rest.paging import Token
from connectors.workspace import scopes

if TYPE_CHECKING:
    from collector.source.rest.paging import Paging

PAGES = Token(parameter="pageToken", at="/nextPageToken")
WHO = "GET /admin/directory/v1/users/{userKey}"
USERS = "GET /admin/directory/v1/users"
USER_IDS = "GET /admin/directory/v1/users ids"
UNITS = "GET /admin/directory/v1/customer/{customerId}/orgunits"
ROLES = "GET /admin/directory/v1/customer/{customer}/roles"
ROLE_ASSIGNMENTS = "GET /admin/directory/v1/customer/{customer}/roleassignments"
GROUPS = "GET /admin/directory/v1/groups"
MEMBERS = "GET /admin/directory/v1/groups/{groupKey}/members"
TOKENS = "GET /admin/directory/v1/users/{userKey}/tokens"
MOBILE = "GET /admin/directory/v1/customer/{customerId}/devices/mobile"
CHROME = "GET /admin/directory/v1/customer/{customerId}/devices/chromeos"
_OURS: dict[str, Any] = {"customer": "my_customer"}
_USER = (
    "id,primaryEmail,aliases,suspended,suspensionTime,archived,archivalTime,isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,"
    "isEnforcedIn2Sv,isGuestUser,lastLoginTime,creationTime,deletionTime,orgUnitPath,"
    "externalIds(type,value),relations(type,value)"
)
_MOBILE = (
    "resourceId,deviceId,serialNumber,email,type,model,os,status,encryptionStatus,devicePasswordStatus,"
    "deviceCompromisedStatus,firstSync,lastSync"
)
_CHROME = (
    "deviceId,serialNumber,annotatedUser,recentUsers(type,email),model,osVersion,status,lastEnrollmentTime,lastSync"
)


def _listed(
    name: str,
    needs: str,
    items: str,
    fields: str,
    key: str = "/id",
    pages: Paging | None = PAGES,
    **parameters: Any,  # noqa: ANN401 - any parameter
) -> Operation:
    mask = f"kind,{'nextPageToken,' if pages else ''}{items}({fields})"
    return Operation(
        name,
        needs=needs,
        base="admin",
        bucket="directory",
        items=f"/{items}",
        key=key,
        pages=pages,
        omits_empty=True,
        has=("/kind",),
        parameters={**parameters, "fields": mask},
    )


DIRECTORY = (
    Operation(
        WHO,
        needs=scopes.USERS,
        base="admin",
        bucket="directory",
        has=("/id", "/primaryEmail", "/customerId"),
        parameters={"fields": "id,primaryEmail,customerId"},
    ),
    _listed(USERS, scopes.USERS, "users", _USER, maxResults=500, **_OURS),
    _listed(USER_IDS, scopes.USERS, "users", "id,creationTime", maxResults=500, **_OURS),
    _listed(
        UNITS,
        scopes.UNITS,
        "organizationUnits",
        "orgUnitId,orgUnitPath",
        "/orgUnitId",
        pages=None,
        type="allIncludingParent",
    ),
    _listed(
        ROLES,
        scopes.ROLES,
        "items",
        "roleId,roleName,isSuperAdminRole,isSystemRole,rolePrivileges",
        "/roleId",
        maxResults=100,
    ),
    _listed(
        ROLE_ASSIGNMENTS,
        scopes.ROLES,
        "items",
        "roleAssignmentId,roleId,assignedTo,assigneeType,scopeType,orgUnitId,condition,expirationDetails",
        "/roleAssignmentId",
        maxResults=200,
    ),
    _listed(GROUPS, scopes.GROUPS, "groups", "id,email", maxResults=200, **_OURS),
    _listed(MEMBERS, scopes.GROUPS, "members", "id,email,role,type,status", maxResults=200),
    _listed(TOKENS, scopes.TOKENS, "items", "clientId,displayText,anonymous,scopes", "/clientId", pages=None),
    _listed(MOBILE, scopes.MOBILE, "mobiledevices", _MOBILE, "/resourceId", maxResults=100, projection="FULL"),
    _listed(CHROME, scopes.CHROME, "chromeosdevices", _CHROME, "/deviceId", maxResults=200, projection="FULL"),
)
