"""The operations that the evidence of an organisation is read by: its people, its settings, what was found in its code.

Alerts are numbered in their repository, so an alert is known by its address. Cursor pages do not shift.
"""

from __future__ import annotations

from typing import Any

from collector.source.rest.api import Operation, Proof
from collector.source.rest.paging import Connection, LinkHeader, Numbered

SIGN_ON = "POST /graphql organization.samlIdentityProvider"
SIGNED_ON = "POST /graphql organization.samlIdentityProvider.externalIdentities"
_SIGN_ON = """
query($org: String!) {
  organization(login: $org) { samlIdentityProvider { id issuer } }
}
"""
_SIGNED_ON = """
query($org: String!, $after: String) {
  organization(login: $org) {
    samlIdentityProvider {
      externalIdentities(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { guid user { login } samlIdentity { nameId username } scimIdentity { username } }
      }
    }
  }
}
"""
_IDENTITIES = "/data/organization/samlIdentityProvider/externalIdentities"
_FULL = {"per_page": 100}
_CURSOR = LinkHeader(shifts=False)
_OLDEST_FIRST = {**_FULL, "sort": "created", "direction": "asc"}


def _listed(name: str, needs: str, *, key: str = "/id", **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    """A list whose pages are positions."""
    return Operation(name, needs=needs, items="", pages=LinkHeader(), key=key, parameters={**_FULL, **parameters})


def _counted(name: str, needs: str, items: str, key: str = "/id") -> Operation:
    """A list that says on every page how many items it has."""
    return Operation(name, needs=needs, items=items, pages=Numbered(total="/total_count"), key=key)


def _alerts(name: str, needs: str, **parameters: Any) -> Operation:  # noqa: ANN401 - any parameter
    """Alerts of every state, oldest first."""
    return Operation(name, needs=needs, items="", pages=_CURSOR, key="/url", parameters={**_OLDEST_FIRST, **parameters})


ORGANISATION = (
    Operation(
        "GET /orgs/{org}/actions/permissions",
        needs="organization_administration: read",
        has=("/enabled_repositories",),
    ),
    Operation(
        "GET /orgs/{org}/actions/permissions/workflow",
        needs="organization_administration: read",
        has=("/default_workflow_permissions",),
    ),
    _listed("GET /orgs/{org}/members", "members: read"),
    _listed("GET /orgs/{org}/invitations", "members: read"),
    Operation(
        SIGN_ON,
        needs="members: read",
        base="graphql",
        bucket="graphql",
        document=_SIGN_ON,
        has=("/data/organization",),
    ),
    Operation(
        SIGNED_ON,
        needs="members: read",
        base="graphql",
        bucket="graphql",
        document=_SIGNED_ON,
        items=f"{_IDENTITIES}/nodes",
        key="/guid",
        pages=Connection(at=_IDENTITIES),
    ),
    _listed("GET /orgs/{org}/outside_collaborators", "members: read"),
    _listed("GET /orgs/{org}/teams", "members: read"),
    _listed("GET /orgs/{org}/teams/{team_slug}/members", "members: read"),
    Operation("GET /repos/{owner}/{repo}", needs="administration: read", has=("/full_name",)),
    _listed("GET /repos/{owner}/{repo}/collaborators", "metadata: read"),
    _listed("GET /repos/{owner}/{repo}/teams", "administration: read"),
    # Opened by the permission that opens vulnerability-alerts: an answer shows that we may look.
    Operation("GET /repos/{owner}/{repo}/actions/permissions", needs="administration: read", has=("/enabled",)),
    Operation(
        "GET /repos/{owner}/{repo}/vulnerability-alerts",
        needs="administration: read",
        no_content=True,
        absent=Proof("GET /repos/{owner}/{repo}/actions/permissions"),
    ),
    Operation("GET /repos/{owner}/{repo}/code-scanning/default-setup", needs="administration: read", has=("/state",)),
    _alerts("GET /orgs/{org}/dependabot/alerts", "vulnerability_alerts: read"),
    _alerts("GET /orgs/{org}/code-scanning/alerts", "security_events: read"),
    _alerts("GET /orgs/{org}/secret-scanning/alerts", "secret_scanning_alerts: read", hide_secret=True),
    _counted("GET /orgs/{org}/installations", "organization_administration: read", "/installations"),
    _listed("GET /orgs/{org}/personal-access-tokens", "organization_personal_access_tokens: read"),
    _counted("GET /orgs/{org}/actions/secrets", "organization_secrets: read", "/secrets", "/name"),
    _counted("GET /repos/{owner}/{repo}/actions/secrets", "secrets: read", "/secrets", "/name"),
    _listed("GET /repos/{owner}/{repo}/keys", "administration: read"),
    _listed("GET /orgs/{org}/hooks", "organization_hooks: read"),
)
