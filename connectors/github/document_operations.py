"""How files are read, with the change that last touched them."""

from __future__ import annotations

from collector.source.rest.api import Operation

FILE = "POST /graphql repository.object"
FOLDER = "POST /graphql repository.object.entries"
CODE_OWNERS = "POST /graphql repository.codeowners"
_CHANGES = """
fragment change on CommitHistoryConnection {
  nodes {
    oid committedDate
    author { user { login } }
    associatedPullRequests(first: 10) {
      nodes {
        number mergedAt baseRefName headRefOid
        author { __typename login }
        reviews(first: 50) {
          pageInfo { hasNextPage }
          nodes { state submittedAt author { __typename login } commit { oid } }
        }
      }
    }
  }
}
"""
_FILE = (
    """
query($owner: String!, $repo: String!, $expression: String!, $path: String!) {
  repository(owner: $owner, name: $repo) {
    content: object(expression: $expression) { ... on Blob { oid } }
    defaultBranchRef {
      name
      target { ... on Commit { contentChanges: history(first: 1, path: $path) { ...change } } }
    }
  }
}
"""
    + _CHANGES
)
_FOLDER = """
query($owner: String!, $repo: String!, $expression: String!) {
  repository(owner: $owner, name: $repo) {
    content: object(expression: $expression) {
      __typename
      ... on Tree { entries { path type } }
    }
  }
}
"""
_CODE_OWNERS = (
    """
query($owner: String!, $repo: String!) {
  repository(owner: $owner, name: $repo) {
    first: object(expression: "HEAD:.github/CODEOWNERS") { ... on Blob { oid } }
    second: object(expression: "HEAD:CODEOWNERS") { ... on Blob { oid } }
    third: object(expression: "HEAD:docs/CODEOWNERS") { ... on Blob { oid } }
    defaultBranchRef {
      name
      target {
        ... on Commit {
          firstChanges: history(first: 1, path: ".github/CODEOWNERS") { ...change }
          secondChanges: history(first: 1, path: "CODEOWNERS") { ...change }
          thirdChanges: history(first: 1, path: "docs/CODEOWNERS") { ...change }
        }
      }
    }
  }
}
"""
    + _CHANGES
)
_BRANCH = "/data/repository/defaultBranchRef/target"
_READ = "contents: read, pull_requests: read"


def _query(name: str, document: str, needs: str, *has: str) -> Operation:
    return Operation(name, needs=needs, base="graphql", bucket="graphql", document=document, has=has)


DOCUMENTS = (
    _query(
        FILE,
        _FILE,
        _READ,
        "/data/repository/content/oid",
        f"{_BRANCH}/contentChanges/nodes",
    ),
    _query(FOLDER, _FOLDER, "contents: read", "/data/repository/content"),
    _query(
        CODE_OWNERS,
        _CODE_OWNERS,
        _READ,
        *(f"/data/repository/{one}" for one in ("first", "second", "third")),
        *(f"{_BRANCH}/{one}Changes/nodes" for one in ("first", "second", "third")),
    ),
)
