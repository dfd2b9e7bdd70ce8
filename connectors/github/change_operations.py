"""The operations that show how code changes, each with the permission it takes."""

from __future__ import annotations

from collector.source.rest.api import Operation
from collector.source.rest.paging import Connection, LinkHeader, Numbered
from connectors.github import change_queries as queries
from connectors.github.shared_operations import PAGE

BRANCHES = "GET /repos/{owner}/{repo}/branches"
BRANCH = "GET /repos/{owner}/{repo}/branches/{branch}"
PROTECTION = "GET /repos/{owner}/{repo}/branches/{branch}/protection"
RULES = "GET /repos/{owner}/{repo}/rules/branches/{branch}"
RULESET = "GET /repos/{owner}/{repo}/rulesets/{ruleset_id}"
PULLS = "POST /graphql repository.pullRequests"
REVIEWS = "POST /graphql repository.pullRequest.reviews"
CHECKS = "POST /graphql repository.pullRequest.commits.statusCheckRollup"
ISSUE = "GET /repos/{owner}/{repo}/issues/{issue_number}"
CLOSED_PULLS = "GET /repos/{owner}/{repo}/pulls"
HISTORY = "POST /graphql repository.ref.history"
DEPLOYMENTS = "POST /graphql repository.deployments"
APPROVALS = "GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals"
RUNS = "GET /repos/{owner}/{repo}/actions/runs"
ENVIRONMENTS = "GET /repos/{owner}/{repo}/environments"
TIMELINE = "GET /repos/{owner}/{repo}/issues/{issue_number}/timeline"
RULE_SUITES = "GET /orgs/{org}/rulesets/rule-suites"


def _query(name: str, document: str, at: str, needs: str, key: str = "/id") -> Operation:
    """A list in the GraphQL API, which stands at this place in the answer."""
    return Operation(
        name,
        needs=needs,
        base="graphql",
        bucket="graphql",
        document=document,
        items=f"{at}/nodes",
        key=key,
        pages=Connection(at=at),
    )


_PULL = "/data/repository/pullRequest"
_LAST_COMMIT = f"{_PULL}/commits/nodes/0/commit"
_CHECKED = "pull_requests: read, contents: read, checks: read, statuses: read"

CHANGES = (
    Operation(BRANCHES, needs="contents: read", items="", key="/name", pages=LinkHeader(), parameters=PAGE),
    Operation(BRANCH, needs="contents: read", has=("/protection/enabled",)),
    Operation(PROTECTION, needs="administration: read", has=("/allow_force_pushes/enabled",)),
    # A branch may have several rules of one type, which only the whole rule tells apart.
    Operation(RULES, needs="metadata: read", items="", key="", pages=LinkHeader(), parameters=PAGE),
    Operation(RULESET, needs="metadata: read", has=("/rules",)),
    _query(PULLS, queries.PULLS, "/data/repository/pullRequests", f"{_CHECKED}, issues: read", "/number"),
    _query(REVIEWS, queries.REVIEWS, f"{_PULL}/reviews", "pull_requests: read"),
    _query(CHECKS, queries.CHECKS, f"{_LAST_COMMIT}/statusCheckRollup/contexts", _CHECKED),
    Operation(ISSUE, needs="issues: read", has=("/number",), gone=True),
    # Not everything that happens to an issue has a number: the whole line is its identity.
    Operation(TIMELINE, needs="issues: read", items="", key="", pages=LinkHeader(), parameters=PAGE),
    Operation(
        CLOSED_PULLS,
        needs="pull_requests: read",
        items="",
        key="/number",
        pages=LinkHeader(),
        parameters=PAGE | {"state": "closed", "sort": "updated", "direction": "desc"},
    ),
    _query(
        HISTORY,
        queries.HISTORY,
        "/data/repository/ref/target/history",
        "contents: read, pull_requests: read",
        "/oid",
    ),
    _query(DEPLOYMENTS, queries.DEPLOYMENTS, "/data/repository/deployments", "deployments: read", "/databaseId"),
    # One for each time that somebody was asked; the answer is whole.
    Operation(APPROVALS, needs="actions: read", items="", key=""),
    Operation(RUNS, needs="actions: read", items="/workflow_runs", pages=Numbered(total="/total_count")),
    Operation(ENVIRONMENTS, needs="actions: read", items="/environments", pages=Numbered(total="/total_count")),
    Operation(
        RULE_SUITES,
        needs="organization_administration: write",
        items="",
        pages=LinkHeader(),
        parameters=PAGE | {"time_period": "month", "rule_suite_result": "bypass"},
    ),
)
