"""PullRequest and PullRequestReview, with the labels and issues beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.graphql.registry import Asked, Of, field, paged, plainly
from tests.doubles.github.rest.people import node_id
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Pull, Repo
    from tests.doubles.github.estate.nouns import Person
    from tests.doubles.github.graphql.registry import Connection

_ORDERS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at"}


@field("Repository", "pullRequests")
def pulls(_asked: Asked, repo: Repo, arguments: dict[str, Any]) -> Connection:
    """By creation unless ordered otherwise; `states`, `baseRefName`, `headRefName` and `labels` choose."""
    chosen = list(repo.pulls.values())
    if states := arguments.get("states"):
        chosen = [one for one in chosen if _state(one) in states]
    if base := arguments.get("baseRefName"):
        chosen = [one for one in chosen if one.base == base]
    if head := arguments.get("headRefName"):
        chosen = [one for one in chosen if one.branch == head]
    if labels := arguments.get("labels"):
        chosen = [one for one in chosen if set(labels) & set(one.labels)]
    order = arguments.get("orderBy") or {"field": "CREATED_AT", "direction": "ASC"}
    key = _ORDERS[order["field"]]
    chosen.sort(key=lambda one: (getattr(one, key), one.number), reverse=order["direction"] == "DESC")
    return paged([Of(repo, one) for one in chosen], arguments)


@field("Repository", "pullRequest")
def one_pull(_asked: Asked, repo: Repo, arguments: dict[str, Any]) -> Of | None:
    one = repo.pulls.get(arguments["number"])
    return Of(repo, one) if one else None


@field("PullRequest", "author")
@field("PullRequestReview", "author")
def author(asked: Asked, one: Of, _arguments: dict[str, Any]) -> Person:
    return asked.world.org.people[one.it.author]


@field("PullRequest", "mergedBy")
def merged_by(asked: Asked, one: Of, _arguments: dict[str, Any]) -> Person | None:
    return asked.world.org.people.get(one.it.merged_by or "")


@field("PullRequest", "url")
def web(asked: Asked, one: Of, _arguments: dict[str, Any]) -> str:
    return f"{WEB}/{asked.world.org.login}/{one.repo.name}/pull/{one.it.number}"


@field("PullRequest", "reviews")
def reviews(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    chosen = one.it.reviews
    if states := arguments.get("states"):
        chosen = [said for said in chosen if said.state in states]
    return paged([Of(one.repo, said) for said in chosen], arguments)


@field("PullRequest", "commits")
def commits(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    """250 at most, as GitHub has it."""
    return paged([Of(one.repo, one.repo.commits[sha]) for sha in one.it.commits[:250]], arguments)


@field("PullRequest", "labels")
def labels(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    return paged([Of(one.repo, name) for name in one.it.labels], arguments)


@field("PullRequest", "closingIssuesReferences")
def closing(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    return paged([Of(one.repo, one.repo.issues[number]) for number in one.it.closes], arguments)


@field("PullRequest", "statusCheckRollup")
def rollup(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> Of | None:
    head = one.repo.commits[one.it.head]
    return Of(one.repo, head) if head.checks or head.statuses else None


def _state(one: Pull) -> str:
    return "MERGED" if one.merged_at else "OPEN" if one.open else "CLOSED"


def _landed(one: Of) -> Of | None:
    return Of(one.repo, one.repo.commits[one.it.merge_sha]) if one.it.merge_sha else None


plainly(
    "PullRequest",
    id=lambda one: node_id("PullRequest", one.it.id),
    databaseId=lambda one: one.it.id,
    fullDatabaseId=lambda one: str(one.it.id),
    number=lambda one: one.it.number,
    title=lambda one: one.it.title,
    body=lambda one: one.it.body,
    state=lambda one: _state(one.it),
    merged=lambda one: one.it.merged_at is not None,
    closed=lambda one: not one.it.open,
    isDraft=lambda one: one.it.draft,
    isCrossRepository=lambda _: False,
    createdAt=lambda one: one.it.created_at,
    updatedAt=lambda one: one.it.updated_at,
    closedAt=lambda one: one.it.closed_at,
    mergedAt=lambda one: one.it.merged_at,
    baseRefName=lambda one: one.it.base,
    baseRefOid=lambda one: one.it.base_sha,
    headRefName=lambda one: one.it.branch,
    headRefOid=lambda one: one.it.head,
    mergeCommit=_landed,
    repository=lambda one: one.repo,
)
plainly("PullRequestCommit", id=lambda one: node_id("PullRequestCommit", one.it.sha), commit=lambda one: one)
plainly(
    "PullRequestReview",
    id=lambda one: node_id("PullRequestReview", one.it.id),
    databaseId=lambda one: one.it.id,
    fullDatabaseId=lambda one: str(one.it.id),
    state=lambda one: one.it.state,
    submittedAt=lambda one: one.it.submitted_at,
    createdAt=lambda one: one.it.submitted_at,
    body=lambda one: one.it.body,
    commit=lambda one: Of(one.repo, one.repo.commits[one.it.sha]),
)
plainly("Label", id=lambda one: node_id("Label", f"{one.repo.id}:{one.it}"), name=lambda one: one.it)
plainly(
    "Issue",
    id=lambda one: node_id("Issue", one.it.id),
    databaseId=lambda one: one.it.id,
    number=lambda one: one.it.number,
    title=lambda one: one.it.title,
    state=lambda one: "CLOSED" if one.it.closed_at else "OPEN",
    createdAt=lambda one: one.it.created_at,
    closedAt=lambda one: one.it.closed_at,
    repository=lambda one: one.repo,
)
