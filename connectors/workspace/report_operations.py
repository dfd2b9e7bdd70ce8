"""The operations of the Reports API: logs of what was done, and the daily report on accounts.

An activity has no id of its own: it is known by its time and a qualifier, which the mask always asks for.
"""

from __future__ import annotations

from collector.source.rest.api import Operation
from connectors.workspace import scopes
from connectors.workspace.directory_operations import PAGES

_LOG = "GET /admin/reports/v1/activity/users/all/applications"
ADMIN_LOG = f"{_LOG}/admin"
LOGIN_LOG = f"{_LOG}/login"
DRIVE_LOG = f"{_LOG}/drive"
TOKEN_LOG = f"{_LOG}/token"
SAML_LOG = f"{_LOG}/saml"
USAGE = "GET /admin/reports/v1/usage/users/all/dates/{date}"
KEPT = 180
"""Days that Google keeps each of the logs."""
FACTORS = {
    "accounts:num_security_keys": "security_key",
    "accounts:num_passkeys_enrolled": "passkey",
}
"""What the report counts of each account, and which factor that is."""


def _log(name: str, *, addresses: bool = False) -> Operation:
    """A log; with the addresses of machines only where the evidence is about sign-ins."""
    event = "events(type,name,parameters,status)"
    mask = f"id,actor(email,profileId,callerType,key),{event}{',ipAddress' if addresses else ''}"
    return Operation(
        name,
        needs=scopes.LOGS,
        base="admin",
        bucket="reports",
        items="/items",
        key="",
        pages=PAGES,
        omits_empty=True,
        has=("/kind",),
        parameters={"maxResults": 1000, "fields": f"kind,nextPageToken,items({mask})"},
    )


REPORTS = (
    _log(ADMIN_LOG),
    _log(LOGIN_LOG, addresses=True),
    _log(DRIVE_LOG),
    _log(TOKEN_LOG),
    _log(SAML_LOG),
    Operation(
        USAGE,
        needs=scopes.USAGE,
        base="admin",
        bucket="reports",
        items="/usageReports",
        key="/entity/profileId",
        pages=PAGES,
        omits_empty=True,
        has=("/kind",),
        parameters={
            "maxResults": 1000,
            "parameters": ",".join(FACTORS),
            "fields": "kind,nextPageToken,warnings,usageReports(date,entity(profileId,userEmail),parameters)",
        },
    ),
)
