"""Commits: lists, one, a comparison, and the pull requests that brought one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import maybe_user, node_id
from tests.doubles.github.routes import get
from tests.doubles.github.wire import RefusedError, absent, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Commit, Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/repos/{owner}/{repo}/commits", "contents:read")
def commits(world: World, request: Request) -> Page:
    """All history from `sha`, not the first parents alone; `since` and `until` are about the committer's date."""
    repo = world.repo(request)
    if repo.empty:
        raise RefusedError(409, "Git Repository is empty.")
    query = request.query
    chosen = repo.history(resolved(repo, query.get("sha") or repo.default_branch))
    if path := query.get("path"):
        chosen = [one for one in chosen if any(name == path or name.startswith(f"{path}/") for name in one.files)]
    if author := query.get("author"):
        chosen = [one for one in chosen if one.author == author]
    if since := query.get("since"):
        chosen = [one for one in chosen if (moment(one.committed_at) or "") >= since]
    if until := query.get("until"):
        chosen = [one for one in chosen if (moment(one.committed_at) or "") <= until]
    return page_of(request, chosen).each(lambda one: commit(world, request, repo, one))


@get("/repos/{owner}/{repo}/compare/{basehead}", "contents:read")
def comparison(world: World, request: Request) -> dict[str, Any]:
    repo = world.repo(request)
    old, _, new = request.arguments["basehead"].partition("...")
    base, head = repo.commits[resolved(repo, old)], repo.commits[resolved(repo, new)]
    behind = {one.sha for one in repo.history(base.sha)}
    ahead = {one.sha for one in repo.history(head.sha)}
    shared = [one for one in repo.history(base.sha) if one.sha in ahead]
    if not shared:
        raise RefusedError(404, "No common ancestor between the two.")
    news = [one for one in repo.history(head.sha) if one.sha not in behind]
    lost = len(behind - ahead)
    status = ("diverged" if lost else "ahead") if news else ("behind" if lost else "identical")
    web = f"{WEB}/{world.org.login}/{repo.name}/compare/{old}...{new}"
    page = page_of(request, news[::-1]).each(lambda one: commit(world, request, repo, one))
    return {
        "url": f"{request.base}{request.path}",
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": commit(world, request, repo, base),
        "merge_base_commit": commit(world, request, repo, shared[0]),
        "status": status,
        "ahead_by": len(news),
        "behind_by": lost,
        "total_commits": len(news),
        "commits": page.items,
        "files": [],
    }


def commit(world: World, request: Request, repo: Repo, one: Commit) -> dict[str, Any]:
    """A commit; author and committer are null where no account is known."""
    url = f"{request.base}/repos/{world.org.login}/{repo.name}"
    web = f"{WEB}/{world.org.login}/{repo.name}/commit"
    return {
        "url": f"{url}/commits/{one.sha}",
        "sha": one.sha,
        "node_id": node_id("Commit", f"{repo.id}:{one.sha}"),
        "html_url": f"{web}/{one.sha}",
        "comments_url": f"{url}/commits/{one.sha}/comments",
        "commit": {
            "url": f"{url}/git/commits/{one.sha}",
            "author": _signature(world, one.author, moment(one.authored_at)),
            "committer": _signature(world, one.committer, moment(one.committed_at)),
            "message": one.message,
            "comment_count": 0,
            "tree": {"sha": one.sha[::-1], "url": f"{url}/git/trees/{one.sha[::-1]}"},
            "verification": _verification(one),
        },
        "author": maybe_user(world, request, one.author),
        "committer": maybe_user(world, request, one.committer),
        "parents": [{"sha": sha, "url": f"{url}/commits/{sha}", "html_url": f"{web}/{sha}"} for sha in one.parents],
    }


def resolved(repo: Repo, ref: str) -> str:
    """The commit that a branch's name or a commit's own name means."""
    name = ref.removeprefix("refs/heads/").removeprefix("heads/")
    sha = repo.branches.get(name, name)
    if sha not in repo.commits:
        raise RefusedError(422, f"No commit found for SHA: {ref}")
    return sha


def found(world: World, request: Request, name: str = "ref") -> tuple[Repo, Commit]:
    """The commit that an address names; 404 when it is none."""
    repo = world.repo(request)
    try:
        return repo, repo.commits[resolved(repo, request.arguments[name])]
    except RefusedError:
        if name == "ref":
            raise
        raise absent() from None


def _signature(world: World, login: str | None, at: str | None) -> dict[str, Any]:
    person = world.org.people.get(login or "")
    mail = (person.email if person else "") or f"{login or 'unknown'}@users.noreply.github.com"
    return {"name": person.name if person else "Unknown", "email": mail, "date": at}


def _verification(one: Commit) -> dict[str, Any]:
    if not one.verified:
        return {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    signature = "-----BEGIN PGP SIGNATURE-----\n\nsimulated\n-----END PGP SIGNATURE-----\n"
    at = moment(one.committed_at)
    return {
        "verified": True,
        "reason": "valid",
        "signature": signature,
        "payload": f"tree {one.sha[::-1]}\n",
        "verified_at": at,
    }
