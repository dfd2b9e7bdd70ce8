"""Repositories, as lists and whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.routes import get
from tests.doubles.github.wire import RefusedError, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_TEMPLATES = {
    "archive": "{/archive_format}{/ref}", "assignees": "{/user}", "git/blobs": "{/sha}", "branches": "{/branch}",
    "collaborators": "{/collaborator}", "comments": "{/number}", "commits": "{/sha}", "compare": "/{base}...{head}",
    "contents": "/{+path}", "contributors": "", "deployments": "", "downloads": "", "events": "", "forks": "",
    "git/commits": "{/sha}", "git/refs": "{/sha}", "git/tags": "{/sha}", "issues/comments": "{/number}",
    "issues/events": "{/number}", "issues": "{/number}", "keys": "{/key_id}", "labels": "{/name}", "languages": "",
    "merges": "", "milestones": "{/number}", "notifications": "{?since,all,participating}", "pulls": "{/number}",
    "releases": "{/id}", "stargazers": "", "statuses": "/{sha}", "subscribers": "", "subscription": "", "tags": "",
    "teams": "", "git/trees": "{/sha}", "hooks": "",
}  # fmt: skip
_NAMES = {
    "archive": "archive_url", "issues/comments": "issue_comment_url", "issues/events": "issue_events_url",
    "git/blobs": "blobs_url", "git/trees": "trees_url",
}  # fmt: skip


@get("/orgs/{org}/repos")
def repositories(world: World, request: Request) -> Page:
    chosen = [one for one in world.org.repos.values() if world.sees(one, request.caller)]
    kind = request.query.get("type", "all")
    if kind in {"public", "private"}:
        chosen = [one for one in chosen if (one.visibility == "public") == (kind == "public")]
    orders = {"created": "created_at", "pushed": "pushed_at", "updated": "pushed_at", "full_name": "name"}
    by = request.query.get("sort", "created")
    downwards = request.query.get("direction", "asc" if by == "full_name" else "desc") == "desc"
    chosen.sort(key=lambda one: (getattr(one, orders.get(by, "created_at")), one.id), reverse=downwards)
    return page_of(request, chosen).each(lambda one: minimal(world, request, one))


@get("/repos/{owner}/{repo}")
def repository(world: World, request: Request) -> dict[str, Any]:
    return full(world, request, world.repo(request))


@get("/installation/repositories")
def installation_repositories(world: World, request: Request) -> Any:
    if request.caller is None or request.caller.kind != "installation":
        raise RefusedError(
            403,
            "You must authenticate with an installation access token to list its repositories.",
        )
    chosen = [one for one in world.org.repos.values() if request.caller.sees(one.name)]
    return (
        page_of(request, chosen)
        .each(lambda one: minimal(world, request, one))
        .within("repositories", repository_selection="all" if request.caller.repositories is None else "selected")
    )


def simple(world: World, request: Request, repo: Repo) -> dict[str, Any]:
    """A simple-repository: what other things show of theirs."""
    full_name = f"{world.org.login}/{repo.name}"
    url = f"{request.base}/repos/{full_name}"
    links = {
        _NAMES.get(name, name.replace("/", "_") + "_url"): f"{url}/{name}{rest}" for name, rest in _TEMPLATES.items()
    }
    links["archive_url"] = f"{url}/{{archive_format}}{{/ref}}"
    return links | {
        "id": repo.id,
        "node_id": node_id("Repository", repo.id),
        "name": repo.name,
        "full_name": full_name,
        "owner": user(world, request, world.org.login),
        "private": repo.visibility != "public",
        "html_url": f"{WEB}/{full_name}",
        "description": repo.description,
        "fork": False,
        "url": url,
    }


def minimal(world: World, request: Request, repo: Repo) -> dict[str, Any]:
    """A minimal-repository, as lists have it; also good as a repository of a pull request."""
    counts = dict.fromkeys(("forks_count", "stargazers_count", "watchers_count", "forks", "watchers"), 0)
    waiting = sum(one.open for one in repo.pulls.values()) + sum(one.closed_at is None for one in repo.issues.values())
    web = f"{WEB}/{world.org.login}/{repo.name}"
    return simple(world, request, repo) | counts | {
        "git_url": f"git://github.com/{world.org.login}/{repo.name}.git",
        "ssh_url": f"git@github.com:{world.org.login}/{repo.name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None if repo.empty else repo.language,
        "size": 0 if repo.empty else 420,
        "default_branch": repo.default_branch,
        "open_issues_count": waiting,
        "open_issues": waiting,
        "is_template": False,
        "topics": [],
        "has_issues": True,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": False,
        "has_downloads": True,
        "has_discussions": False,
        "archived": repo.archived,
        "disabled": False,
        "visibility": repo.visibility,
        "pushed_at": moment(repo.pushed_at),
        "created_at": moment(repo.created_at),
        "updated_at": moment(repo.pushed_at),
        "license": None,
        "allow_forking": False,
        "web_commit_signoff_required": False,
        "custom_properties": {"environment": "production" if repo.deployments else "none"},
        "security_and_analysis": _security(repo),
        "permissions": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
    }  # fmt: skip


def full(world: World, request: Request, repo: Repo) -> dict[str, Any]:
    """A full-repository. What is only the administrators' is left out for a token without Administration."""
    whole = minimal(world, request, repo) | {
        "subscribers_count": 3,
        "network_count": 0,
        "allow_squash_merge": True,
        "allow_merge_commit": True,
        "allow_rebase_merge": True,
        "allow_auto_merge": False,
        "delete_branch_on_merge": True,
        "organization": user(world, request, world.org.login),
    }
    if request.caller is None or not request.caller.may("administration:read"):
        del whole["security_and_analysis"]
    return whole


def _security(repo: Repo) -> dict[str, Any]:
    names = {
        "secret_scanning": "secret_scanning",
        "secret_scanning_push_protection": "push_protection",
        "dependabot_security_updates": "dependabot_updates",
    }
    states = {name: repo.features.get(feature, False) for name, feature in names.items()}
    return {name: {"status": "enabled" if on else "disabled"} for name, on in states.items()}
