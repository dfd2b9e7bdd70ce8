"""Deployment and the states it was in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.graphql.registry import PERMISSIONS, Asked, Of, field, paged, plainly
from tests.doubles.github.rest.people import node_id
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.nouns import Person
    from tests.doubles.github.graphql.registry import Connection

PERMISSIONS["Repository", "deployments"] = "deployments:read"


@field("Repository", "deployments")
def deployments(_asked: Asked, repo: Repo, arguments: dict[str, Any]) -> Connection:
    """Oldest first unless ordered otherwise; `environments` chooses."""
    wanted = arguments.get("environments")
    chosen = [Of(repo, one) for one in repo.deployments if not wanted or one.environment in wanted]
    newest_first = (arguments.get("orderBy") or {}).get("direction") == "DESC"
    return paged(chosen[::-1] if newest_first else chosen, arguments)


@field("Deployment", "creator")
def creator(asked: Asked, one: Of, _arguments: dict[str, Any]) -> Person:
    return asked.world.org.people[one.it.creator]


@field("Deployment", "ref")
def ref(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> Of | None:
    """None where the branch is gone, or it was deployed by its commit."""
    return Of(one.repo, one.it.ref) if one.it.ref in one.repo.branches else None


@field("Deployment", "statuses")
def statuses(asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    """Newest first."""
    run = f"{WEB}/{asked.world.org.login}/{one.repo.name}/actions/runs/{one.it.run}/job/{one.it.run}"
    return paged([(said, run) for said in one.it.statuses[::-1]], arguments)


plainly(
    "Deployment",
    id=lambda one: node_id("Deployment", one.it.id),
    databaseId=lambda one: one.it.id,
    commitOid=lambda one: one.it.sha,
    environment=lambda one: one.it.environment,
    originalEnvironment=lambda one: one.it.environment,
    createdAt=lambda one: one.it.created_at,
    commit=lambda one: Of(one.repo, one.repo.commits[one.it.sha]),
)
plainly(
    "DeploymentStatus",
    state=lambda one: one[0].state.upper(),
    createdAt=lambda one: one[0].at,
    logUrl=lambda one: one[1],
)
