"""What was checked on a commit: check runs, and the older statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.commits import commit, found
from tests.doubles.github.rest.people import actions_app, node_id, user
from tests.doubles.github.rest.repositories import minimal
from tests.doubles.github.routes import get
from tests.doubles.github.wire import moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Check, Commit, Repo, Status
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/repos/{owner}/{repo}/commits/{ref}/check-runs", "checks:read")
def check_runs(world: World, request: Request) -> Any:
    """The latest run of each name, unless `filter` is all."""
    repo, one = found(world, request)
    chosen = one.checks if request.query.get("filter", "latest") == "all" else latest(one)
    if name := request.query.get("check_name"):
        chosen = [each for each in chosen if each.name == name]
    return page_of(request, chosen).each(lambda each: _check(world, request, repo, each)).within("check_runs")


@get("/repos/{owner}/{repo}/commits/{ref}/status", "statuses:read")
def combined_status(world: World, request: Request) -> Any:
    repo, one = found(world, request)
    newest = {each.context: each for each in one.statuses}
    states = {each.state for each in newest.values()}
    state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/commits/{one.sha}"
    page = page_of(request, list(newest.values()))
    more = {"state": state, "sha": one.sha, "repository": minimal(world, request, repo)}
    more |= {"commit_url": url, "url": f"{url}/status"}
    shown = page.each(
        lambda each: {k: v for k, v in _status(world, request, repo, one, each).items() if k != "creator"}
    )
    return shown.within("statuses", **more)


@get("/repos/{owner}/{repo}/commits/{ref}/statuses", "statuses:read")
def statuses(world: World, request: Request) -> Page:
    repo, one = found(world, request)
    return page_of(request, one.statuses[::-1]).each(lambda each: _status(world, request, repo, one, each))


@get("/repos/{owner}/{repo}/commits/{ref}", "contents:read")
def one_commit(world: World, request: Request) -> dict[str, Any]:
    """Declared after what is under it: a ref may hold slashes."""
    repo, one = found(world, request)
    web = f"{WEB}/{world.org.login}/{repo.name}"
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/contents"
    files = [
        {
            "sha": world.ground.sha("blob", repo.name, name),
            "filename": name,
            "status": "modified",
            "additions": 10,
            "deletions": 3,
            "changes": 13,
            "blob_url": f"{web}/blob/{one.sha}/{name}",
            "raw_url": f"{web}/raw/{one.sha}/{name}",
            "contents_url": f"{url}/{name}?ref={one.sha}",
        }
        for name in one.files
    ]
    return commit(world, request, repo, one) | {"stats": {"total": 13, "additions": 10, "deletions": 3}, "files": files}


def latest(one: Commit) -> list[Check]:
    """The newest check run of each name."""
    return list({each.name: each for each in one.checks}.values())


def _check(world: World, request: Request, repo: Repo, each: Check) -> dict[str, Any]:
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/check-runs/{each.id}"
    web = f"{WEB}/{world.org.login}/{repo.name}/runs/{each.id}"
    output = dict.fromkeys(("title", "summary", "text"))
    return {
        "id": each.id,
        "name": each.name,
        "node_id": node_id("CheckRun", each.id),
        "head_sha": each.sha,
        "external_id": "",
        "url": url,
        "html_url": web,
        "details_url": web,
        "status": "completed" if each.ended_at else "in_progress",
        "conclusion": each.conclusion if each.ended_at else None,
        "started_at": moment(each.started_at),
        "completed_at": moment(each.ended_at),
        "output": output | {"annotations_count": 0, "annotations_url": f"{url}/annotations"},
        "check_suite": {"id": each.id},
        "app": actions_app(world, request),
        "pull_requests": [],
    }


def _status(world: World, request: Request, repo: Repo, one: Commit, each: Status) -> dict[str, Any]:
    person = user(world, request, each.creator)
    return {
        "url": f"{request.base}/repos/{world.org.login}/{repo.name}/statuses/{one.sha}",
        "avatar_url": person["avatar_url"],
        "id": each.id,
        "node_id": node_id("StatusContext", each.id),
        "state": each.state,
        "description": "",
        "target_url": "https://ci.northwind.example/",
        "context": each.context,
        "created_at": moment(each.created_at),
        "updated_at": moment(each.created_at),
        "creator": person,
    }
