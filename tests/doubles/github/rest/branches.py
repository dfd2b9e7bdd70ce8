"""Branches, and the older kind of protection on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.commits import commit
from tests.doubles.github.rest.people import user
from tests.doubles.github.routes import get
from tests.doubles.github.wire import RefusedError
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.rules import Protection
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/repos/{owner}/{repo}/branches", "contents:read")
def branches(world: World, request: Request) -> Page:
    repo = world.repo(request)
    url = f"{request.base}/repos/{world.org.login}/{repo.name}"
    return page_of(request, sorted(repo.branches.items())).each(
        lambda one: {
            "name": one[0],
            "commit": {"sha": one[1], "url": f"{url}/commits/{one[1]}"},
            "protected": is_protected(world, repo, one[0]),
        }
    )


@get("/repos/{owner}/{repo}/branches/{branch}/protection", "administration:read", plan="private_rules")
def protection(world: World, request: Request) -> dict[str, Any]:
    """404 says "Branch not protected", which is not the 404 of one who may not ask."""
    repo = _with_branch(world, request)
    rule = repo.protections.get(request.arguments["branch"])
    if rule is None:
        url = "https://docs.github.com/rest/branches/branch-protection#get-branch-protection"
        raise RefusedError(404, "Branch not protected", url=url)
    return _protection(world, request, rule)


@get("/repos/{owner}/{repo}/branches/{branch}", "contents:read")
def branch(world: World, request: Request) -> dict[str, Any]:
    repo, name = _with_branch(world, request), request.arguments["branch"]
    rule = repo.protections.get(name)
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/branches/{name}"
    checks = {
        "enforcement_level": "non_admins" if rule else "off",
        "contexts": list(rule.checks) if rule else [],
        "checks": [],
    }
    return {
        "name": name,
        "commit": commit(world, request, repo, repo.commits[repo.branches[name]]),
        "_links": {"self": url, "html": f"{WEB}/{world.org.login}/{repo.name}/tree/{name}"},
        "protected": is_protected(world, repo, name),
        "protection": {"enabled": rule is not None, "required_status_checks": checks},
        "protection_url": f"{url}/protection",
    }


def is_protected(world: World, repo: Repo, name: str) -> bool:
    """Whether any rule in force is about a branch."""
    rulesets = [*repo.rulesets, *world.org.rulesets]
    ruled = any(one.enforcement == "active" and one.covers(repo.name, name, repo.default_branch) for one in rulesets)
    return ruled or name in repo.protections


def _with_branch(world: World, request: Request) -> Repo:
    repo = world.repo(request)
    if request.arguments["branch"] not in repo.branches:
        raise RefusedError(404, "Branch not found")
    return repo


def _protection(world: World, request: Request, rule: Protection) -> dict[str, Any]:
    url = f"{request.base}{request.path}"
    told: dict[str, Any] = {
        "url": url,
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": rule.admins},
        "required_signatures": {"url": f"{url}/required_signatures", "enabled": False},
        "required_linear_history": {"enabled": rule.linear},
        "allow_force_pushes": {"enabled": rule.force_push},
        "allow_deletions": {"enabled": rule.deletion},
        "block_creations": {"enabled": False},
        "required_conversation_resolution": {"enabled": False},
        "lock_branch": {"enabled": False},
        "allow_fork_syncing": {"enabled": False},
    }
    if rule.approvals is not None:
        reviews: dict[str, Any] = {
            "url": f"{url}/required_pull_request_reviews",
            "dismiss_stale_reviews": rule.dismiss_stale,
            "require_code_owner_reviews": rule.code_owners,
            "require_last_push_approval": rule.last_push,
            "required_approving_review_count": rule.approvals,
        }
        if rule.bypass_users:
            users = [user(world, request, login) for login in rule.bypass_users]
            reviews["bypass_pull_request_allowances"] = {"users": users, "teams": [], "apps": []}
        told["required_pull_request_reviews"] = reviews
    if rule.checks:
        told["required_status_checks"] = {
            "url": f"{url}/required_status_checks",
            "strict": rule.strict,
            "contexts": list(rule.checks),
            "contexts_url": f"{url}/required_status_checks/contexts",
            "checks": [{"context": name, "app_id": 15368} for name in rule.checks],
        }
    return told
