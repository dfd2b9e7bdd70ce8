"""The operations that the connection itself and most evidence types read: who we are, which repositories there are."""

from __future__ import annotations

from collector.source.rest.api import Operation
from collector.source.rest.paging import Connection, LinkHeader

PAGE = {"per_page": 100}
KEPT_FOR_GOOD = 365
"""Days that a snapshot out of schedule covers of what GitHub never forgets."""
WHO = "POST /graphql viewer"
APP = "GET /app"
INSTALLATIONS = "GET /app/installations"
MEMBERSHIPS = "GET /user/orgs"
ORGANISATION = "GET /orgs/{org}"
AUDIT_LOG = "GET /orgs/{org}/audit-log"
ISSUES = "GET /repos/{owner}/{repo}/issues"
REPOSITORIES = "GET /orgs/{org}/repos"
REPOSITORY_HEADS = "POST /graphql organization.repositories"

_REPOSITORY_HEADS = """
query($org: String!, $after: String) {
  organization(login: $org) {
    repositories(first: 100, after: $after) {
      totalCount
      pageInfo { hasNextPage endCursor }
      nodes { nameWithOwner isEmpty }
    }
  }
}
"""

SHARED = (
    Operation(
        WHO, base="graphql", bucket="graphql", document="query { viewer { login } }", has=("/data/viewer/login",)
    ),
    Operation(APP, has=("/slug",)),
    Operation(INSTALLATIONS, items="", pages=LinkHeader(), parameters=PAGE),
    Operation(MEMBERSHIPS, items="", key="/login", pages=LinkHeader(), parameters=PAGE),
    Operation(ORGANISATION, needs="organization_administration: read", has=("/login",)),
    Operation(
        REPOSITORIES,
        needs="metadata: read",
        items="",
        pages=LinkHeader(),
        # Repositories that are made while the list is read then come last, and none moves.
        parameters=PAGE | {"type": "all", "sort": "created", "direction": "asc"},
    ),
    Operation(
        REPOSITORY_HEADS,
        needs="metadata: read",
        base="graphql",
        bucket="graphql",
        document=_REPOSITORY_HEADS,
        items="/data/organization/repositories/nodes",
        key="/nameWithOwner",
        pages=Connection(at="/data/organization/repositories"),
    ),
    Operation(
        ISSUES,
        needs="issues: read",
        items="",
        key="/number",
        pages=LinkHeader(),
        parameters=PAGE | {"state": "all", "sort": "created", "direction": "asc"},
    ),
    Operation(
        AUDIT_LOG,
        needs="organization_administration: read",
        items="",
        key="/_document_id",
        pages=LinkHeader(shifts=False),
        parameters=PAGE | {"include": "web", "order": "asc"},
    ),
)
