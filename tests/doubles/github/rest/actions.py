"""Workflow runs, who approved them, and the names of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import page_of
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.rest.repositories import minimal
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo, Run
    from tests.doubles.github.estate.nouns import Secret
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_SEARCHED = ("actor", "branch", "check_suite_id", "created", "event", "head_sha", "status")
_MOST = 1000


@get("/repos/{owner}/{repo}/actions/runs", "actions:read")
def runs(world: World, request: Request) -> Any:
    """Newest first. A search shows 1,000 at most, whatever its total says."""
    repo, query = world.repo(request), request.query
    chosen = repo.runs[::-1]
    for name, read in (("event", "event"), ("branch", "branch"), ("head_sha", "sha"), ("actor", "actor")):
        if wanted := query.get(name):
            chosen = [one for one in chosen if getattr(one, read) == wanted]
    if status := query.get("status"):
        chosen = [one for one in chosen if status in {one.status, one.conclusion}]
    if created := query.get("created"):
        chosen = [one for one in chosen if _within(moment(one.created_at) or "", created)]
    limit = _MOST if any(name in query for name in _SEARCHED) else None
    return (
        page_of(request, chosen, limit=limit).each(lambda one: _run(world, request, repo, one)).within("workflow_runs")
    )


@get("/repos/{owner}/{repo}/actions/runs/{run_id}", "actions:read")
def one_run(world: World, request: Request) -> dict[str, Any]:
    repo, one = _named(world, request)
    return _run(world, request, repo, one)


@get("/repos/{owner}/{repo}/actions/runs/{run_id}/approvals", "actions:read")
def approvals(world: World, request: Request) -> list[dict[str, Any]]:
    repo, one = _named(world, request)
    told = []
    for name, login in one.approvals:
        place = next(each for each in repo.environments if each.name == name)
        shown = {
            "id": place.id, "node_id": node_id("Environment", place.id), "name": name,
            "url": f"{request.base}/repos/{world.org.login}/{repo.name}/environments/{name}",
            "html_url": f"{WEB}/{world.org.login}/{repo.name}/deployments/activity_log?environments_filter={name}",
            "created_at": moment(place.created_at), "updated_at": moment(place.created_at),
        }  # fmt: skip
        told.append({"environments": [shown], "state": "approved", "user": user(world, request, login), "comment": ""})
    return told


@get("/repos/{owner}/{repo}/actions/permissions", "administration:read")
def repository_permissions(world: World, request: Request) -> dict[str, Any]:
    world.repo(request)
    return {"enabled": True, "allowed_actions": world.org.settings["allowed_actions"], "sha_pinning_required": False}


@get("/orgs/{org}/actions/secrets", "organization_secrets:read")
def organisation_secrets(world: World, request: Request) -> Any:
    return (
        page_of(request, world.org.secrets)
        .each(lambda one: _secret(one) | {"visibility": one.visibility})
        .within("secrets")
    )


@get("/repos/{owner}/{repo}/actions/secrets", "secrets:read")
def repository_secrets(world: World, request: Request) -> Any:
    return page_of(request, world.repo(request).secrets).each(_secret).within("secrets")


def _within(at: str, asked: str) -> bool:
    """`a..b`, `>=a`, `<=b`, `>a`, `<b`, or a day; each end a day or a moment."""
    if ".." in asked:
        start, _, end = asked.partition("..")
        return (start == "*" or at >= start) and (end == "*" or at <= _ending(end))
    for sign, holds in (
        (">=", lambda end: at >= end), ("<=", lambda end: at <= _ending(end)),
        (">", lambda end: at > _ending(end)), ("<", lambda end: at < end),
    ):  # fmt: skip
        if asked.startswith(sign):
            return bool(holds(asked.removeprefix(sign)))
    return at.startswith(asked)


def _ending(end: str) -> str:
    return end if "T" in end else f"{end}T23:59:59Z"


def _secret(one: Secret) -> dict[str, Any]:
    return {"name": one.name, "created_at": moment(one.created_at), "updated_at": moment(one.updated_at)}


def _named(world: World, request: Request) -> tuple[Repo, Run]:
    repo = world.repo(request)
    for one in repo.runs:
        if str(one.id) == request.arguments["run_id"]:
            return repo, one
    raise absent()


def _run(world: World, request: Request, repo: Repo, one: Run) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}"
    url = f"{base}/actions/runs/{one.id}"
    commit = repo.commits[one.sha]
    person = {"name": commit.author or "Unknown", "email": "someone@northwind.example"}
    head = {
        "id": one.sha,
        "tree_id": one.sha[::-1],
        "message": commit.message,
        "timestamp": moment(commit.committed_at),
    }
    names = ("jobs", "logs", "artifacts", "cancel", "rerun")
    return {f"{name}_url": f"{url}/{name}" for name in names} | {
        "id": one.id,
        "name": one.workflow,
        "node_id": node_id("WorkflowRun", one.id),
        "check_suite_id": one.id,
        "check_suite_node_id": node_id("CheckSuite", one.id),
        "check_suite_url": f"{base}/check-suites/{one.id}",
        "head_branch": one.branch,
        "head_sha": one.sha,
        "path": f".github/workflows/{one.workflow}.yml",
        "run_number": one.number,
        "run_attempt": one.attempt,
        "event": one.event,
        "display_title": commit.message.splitlines()[0],
        "status": one.status,
        "conclusion": one.conclusion,
        "workflow_id": 100 + len(one.workflow),
        "workflow_url": f"{base}/actions/workflows/{100 + len(one.workflow)}",
        "url": url,
        "html_url": f"{WEB}/{world.org.login}/{repo.name}/actions/runs/{one.id}",
        "pull_requests": [],
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "run_started_at": moment(one.created_at),
        "previous_attempt_url": None,
        "actor": user(world, request, one.actor),
        "triggering_actor": user(world, request, one.actor),
        "head_commit": head | {"author": person, "committer": person},
        "repository": minimal(world, request, repo),
        "head_repository": minimal(world, request, repo),
    }
