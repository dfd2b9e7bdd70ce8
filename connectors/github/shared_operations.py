"""The operations that the connection itself and most evidence types read: who we are, which repositories there are."""

from __future__ import annotations

from collector.source.rest.api import Operation
from collector.source.rest.paging import Connection, LinkHeader

PAGE = {"per_page": 100}
WHO = "POST /graphql viewer"
APP = "GET /app"
INSTALLATIONS = "GET /app/installations"
MEMBERSHIPS = "GET /user/orgs"
ORGANISATION = "GET /orgs/{org}"
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
)
