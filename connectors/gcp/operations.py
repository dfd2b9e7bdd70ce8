"""Every operation that is read of the whole hierarchy: Resource Manager, Cloud Asset Inventory, logs, findings.

`needs` are the permissions of a role. Google answers an empty list with an object that leaves it out.
"""

from __future__ import annotations

from typing import Any

from collector.source.rest.api import Operation
from collector.source.rest.paging import Token

PAGES = Token(parameter="pageToken", at="/nextPageToken")
WHO = "GET /oauth2/v2/userinfo"
ORGANISATIONS = "GET /v3/organizations:search"
FOLDERS = "GET /v3/folders:search"
PROJECTS = "GET /v3/projects:search"
ANYTHING = "GET /v1/{kind}/{unit}:searchAllResources"
SEARCH_POLICIES = "GET /v1/{kind}/{unit}:searchAllIamPolicies"
ENTRIES = "POST /v2/entries:list"
LAST_ENTRY = "POST /v2/entries:list last"
FINDINGS = "GET /v1/{kind}/{unit}/sources/-/findings"


def listed(
    name: str,
    base: str,
    items: str,
    *,
    needs: str,
    key: str = "/name",
    has: tuple[str, ...] = (),
    **parameters: Any,  # noqa: ANN401 - any parameter
) -> Operation:
    """A list of Google's, at one of its services; each service has a quota of its own."""
    return Operation(
        name,
        needs=needs,
        base=base,
        bucket=base,
        items=items,
        key=key,
        pages=PAGES,
        omits_empty=True,
        has=has,
        parameters=parameters,
    )


HIERARCHY = (
    Operation(WHO, base="oauth", bucket="oauth", has=("/email",)),
    listed(ORGANISATIONS, "manager", "/organizations", needs="resourcemanager.organizations.get"),
    listed(FOLDERS, "manager", "/folders", needs="resourcemanager.folders.get resourcemanager.folders.list"),
    listed(PROJECTS, "manager", "/projects", needs="resourcemanager.projects.get resourcemanager.projects.list"),
    listed(ANYTHING, "asset", "/results", needs="cloudasset.assets.searchAllResources", pageSize=500),
    listed(
        SEARCH_POLICIES,
        "asset",
        "/results",
        needs="cloudasset.assets.searchAllIamPolicies",
        key="/resource",
        pageSize=500,
    ),
    listed(
        ENTRIES,
        "logging",
        "/entries",
        needs="logging.logEntries.list",
        key="",
        pageSize=1000,
        orderBy="timestamp asc",
    ),
    Operation(
        LAST_ENTRY,
        needs="logging.logEntries.list",
        base="logging",
        bucket="logging",
        items="/entries",
        key="",
        omits_empty=True,
        first=True,
        parameters={"pageSize": 1, "orderBy": "timestamp desc"},
    ),
    listed(
        FINDINGS,
        "findings",
        "/listFindingsResults",
        needs="securitycenter.findings.list",
        key="/finding/name",
        pageSize=1000,
    ),
)
