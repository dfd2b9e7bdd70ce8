"""The operations of the Alert Center, Cloud Identity (policies, devices, sign-on by others) and Groups Settings APIs.

The first two answer an empty list with an empty object.
"""

from __future__ import annotations

from typing import Any

from collector.source.rest.api import Operation
from connectors.workspace import scopes
from connectors.workspace.directory_operations import PAGES

ALERTS = "GET /v1beta1/alerts"
POLICIES = "GET /v1/policies"
DEVICES = "GET /v1/devices"
DEVICE_USERS = "GET /v1/devices/{device}/deviceUsers"
SAML_PROFILES = "GET /v1/inboundSamlSsoProfiles"
OIDC_PROFILES = "GET /v1/inboundOidcSsoProfiles"
GROUP_SETTINGS = "GET /groups/v1/groups/{groupUniqueId}"
_OURS = {"customer": "customers/my_customer"}
_ALERT = (
    "alertId,createTime,startTime,endTime,updateTime,type,source,deleted,data/email,"
    "metadata(status,severity,assignee,updateTime)"
)
_DEVICE = (
    "name,deviceId,serialNumber,deviceType,ownerType,model,osVersion,encryptionState,compromisedState,managementState,"
    "createTime,lastSyncTime"
)


def _listed(
    name: str,
    needs: str,
    items: str,
    fields: str,
    key: str = "/name",
    **parameters: Any,  # noqa: ANN401 - any parameter
) -> Operation:
    base = "alerts" if items == "alerts" else "identity"
    mask = f"nextPageToken,{items}({fields})"
    return Operation(
        name,
        needs=needs,
        base=base,
        bucket=base,
        items=f"/{items}",
        key=key,
        pages=PAGES,
        omits_empty=True,
        parameters={**parameters, "fields": mask},
    )


CLOUD = (
    _listed(ALERTS, scopes.ALERTS, "alerts", _ALERT, "/alertId", pageSize=100, orderBy="create_time asc"),
    _listed(POLICIES, scopes.POLICIES, "policies", "name,type,policyQuery,setting", pageSize=100),
    _listed(DEVICES, scopes.DEVICES, "devices", _DEVICE, pageSize=100, **_OURS),
    _listed(
        DEVICE_USERS,
        scopes.DEVICES,
        "deviceUsers",
        "name,userEmail,managementState,passwordState,compromisedState,lastSyncTime",
        pageSize=20,
        **_OURS,
    ),
    _listed(SAML_PROFILES, scopes.SSO, "inboundSamlSsoProfiles", "name,displayName,idpConfig", pageSize=100),
    _listed(OIDC_PROFILES, scopes.SSO, "inboundOidcSsoProfiles", "name,displayName,idpConfig/issuerUri", pageSize=100),
    Operation(
        GROUP_SETTINGS,
        needs=scopes.GROUP_SETTINGS,
        base="groups",
        bucket="groups",
        has=("/email", "/whoCanJoin", "/allowExternalMembers"),
        # Without it the answer is Atom, which nothing here reads.
        parameters={"alt": "json", "fields": "email,whoCanJoin,whoCanInvite,allowExternalMembers"},
    ),
)
