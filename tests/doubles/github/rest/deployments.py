"""Deployments, the states they were in, and the environments they went to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.rest.teams import team
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Deployment, DeploymentStatus, Environment, Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/repos/{owner}/{repo}/deployments", "deployments:read")
def deployments(world: World, request: Request) -> Page:
    """Newest first."""
    repo = world.repo(request)
    chosen = repo.deployments[::-1]
    for name in ("sha", "ref", "environment"):
        if wanted := request.query.get(name):
            chosen = [one for one in chosen if getattr(one, name) == wanted]
    return page_of(request, chosen).each(lambda one: _deployment(world, request, repo, one))


@get("/repos/{owner}/{repo}/deployments/{deployment_id}", "deployments:read")
def one_deployment(world: World, request: Request) -> dict[str, Any]:
    repo, one = _named(world, request)
    return _deployment(world, request, repo, one)


@get("/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "deployments:read")
def statuses(world: World, request: Request) -> Page:
    """Newest first."""
    repo, one = _named(world, request)
    return page_of(request, one.statuses[::-1]).each(lambda said: _status(world, request, repo, one, said))


@get("/repos/{owner}/{repo}/environments", "actions:read", plan="environments")
def environments(world: World, request: Request) -> Any:
    repo = world.repo(request)
    return (
        page_of(request, repo.environments)
        .each(lambda one: _environment(world, request, repo, one))
        .within("environments")
    )


@get("/repos/{owner}/{repo}/environments/{environment_name}", "actions:read", plan="environments")
def one_environment(world: World, request: Request) -> dict[str, Any]:
    repo = world.repo(request)
    for one in repo.environments:
        if one.name == request.arguments["environment_name"]:
            return _environment(world, request, repo, one)
    raise absent()


def _named(world: World, request: Request) -> tuple[Repo, Deployment]:
    repo = world.repo(request)
    for one in repo.deployments:
        if str(one.id) == request.arguments["deployment_id"]:
            return repo, one
    raise absent()


def _deployment(world: World, request: Request, repo: Repo, one: Deployment) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}"
    return {
        "url": f"{base}/deployments/{one.id}",
        "id": one.id,
        "node_id": node_id("Deployment", one.id),
        "sha": one.sha,
        "ref": one.ref,
        "task": "deploy",
        "payload": {},
        "original_environment": one.environment,
        "environment": one.environment,
        "description": None,
        "creator": user(world, request, one.creator),
        "created_at": moment(one.created_at),
        "updated_at": moment(one.statuses[-1].at if one.statuses else one.created_at),
        "statuses_url": f"{base}/deployments/{one.id}/statuses",
        "repository_url": base,
        "transient_environment": False,
        "production_environment": one.environment == "production",
    }


def _status(world: World, request: Request, repo: Repo, one: Deployment, said: DeploymentStatus) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}"
    run = f"{WEB}/{world.org.login}/{repo.name}/actions/runs/{one.run}/job/{one.run}"
    return {
        "url": f"{base}/deployments/{one.id}/statuses/{said.id}",
        "id": said.id,
        "node_id": node_id("DeploymentStatus", said.id),
        "state": said.state,
        "creator": user(world, request, said.creator),
        "description": "",
        "environment": one.environment,
        "target_url": run,
        "log_url": run,
        "environment_url": "https://northwind.example",
        "created_at": moment(said.at),
        "updated_at": moment(said.at),
        "deployment_url": f"{base}/deployments/{one.id}",
        "repository_url": base,
    }


def _environment(world: World, request: Request, repo: Repo, one: Environment) -> dict[str, Any]:
    rules: list[dict[str, Any]] = []
    if one.reviewers:
        reviewers = [
            {
                "type": kind,
                "reviewer": user(world, request, name)
                if kind == "User"
                else team(world, request, world.org.teams[name]),
            }
            for kind, name in one.reviewers
        ]
        asked = {"id": one.id, "node_id": node_id("GateRule", one.id), "type": "required_reviewers"}
        rules.append(asked | {"prevent_self_review": one.prevent_self_review, "reviewers": reviewers})
    policy = None
    if one.policy:
        policy = {"protected_branches": one.policy == "protected", "custom_branch_policies": one.policy == "custom"}
        rules.append({"id": one.id + 100_000, "node_id": node_id("BranchPolicy", one.id), "type": "branch_policy"})
    return {
        "id": one.id,
        "node_id": node_id("Environment", one.id),
        "name": one.name,
        "url": f"{request.base}/repos/{world.org.login}/{repo.name}/environments/{one.name}",
        "html_url": f"{WEB}/{world.org.login}/{repo.name}/deployments/activity_log?environments_filter={one.name}",
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "can_admins_bypass": one.admins_bypass,
        "protection_rules": rules,
        "deployment_branch_policy": policy,
    }
