"""Pull requests, their commits and their reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.commits import commit, found
from tests.doubles.github.rest.people import association, maybe_user, node_id, user
from tests.doubles.github.rest.repositories import minimal
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Pull, Repo, Review
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_ORDERS = {"created": "created_at", "updated": "updated_at", "popularity": "number", "long-running": "created_at"}


@get("/repos/{owner}/{repo}/pulls", "pull_requests:read")
def pulls(world: World, request: Request) -> Page:
    """Open ones unless `state` says otherwise; the newest first unless sorted otherwise."""
    repo, query = world.repo(request), request.query
    state = query.get("state", "open")
    chosen = [one for one in repo.pulls.values() if state == "all" or one.open == (state == "open")]
    if base := query.get("base"):
        chosen = [one for one in chosen if one.base == base]
    if head := query.get("head"):
        chosen = [one for one in chosen if f"{world.org.login}:{one.branch}" == head]
    by = query.get("sort", "created")
    downwards = query.get("direction", "desc" if by == "created" else "asc") == "desc"
    chosen.sort(key=lambda one: (getattr(one, _ORDERS.get(by, "created_at")), one.number), reverse=downwards)
    return page_of(request, chosen).each(lambda one: pull(world, request, repo, one))


@get("/repos/{owner}/{repo}/pulls/{pull_number}", "pull_requests:read")
def one_pull(world: World, request: Request) -> dict[str, Any]:
    repo, one = _named(world, request)
    return pull(world, request, repo, one) | {
        "merged": one.merged_at is not None,
        "mergeable": None if one.merged_at else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if one.merged_at else "clean",
        "merged_by": maybe_user(world, request, one.merged_by),
        "comments": 0,
        "review_comments": 0,
        "maintainer_can_modify": False,
        "commits": len(one.commits),
        "additions": 10 * len(one.commits),
        "deletions": 3,
        "changed_files": len({name for sha in one.commits for name in repo.commits[sha].files}),
    }


@get("/repos/{owner}/{repo}/pulls/{pull_number}/reviews", "pull_requests:read")
def reviews(world: World, request: Request) -> Page:
    repo, one = _named(world, request)
    return page_of(request, one.reviews).each(lambda said: _review(world, request, repo, one, said))


@get("/repos/{owner}/{repo}/pulls/{pull_number}/commits", "pull_requests:read")
def pull_commits(world: World, request: Request) -> Page:
    """250 at most, as GitHub has it."""
    repo, one = _named(world, request)
    chosen = [repo.commits[sha] for sha in one.commits]
    return page_of(request, chosen, limit=250).each(lambda each: commit(world, request, repo, each))


@get("/repos/{owner}/{repo}/pulls/{pull_number}/files", "pull_requests:read")
def pull_files(world: World, request: Request) -> Page:
    repo, one = _named(world, request)
    names = sorted({name for sha in one.commits for name in repo.commits[sha].files})
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/contents"
    web = f"{WEB}/{world.org.login}/{repo.name}"
    return page_of(request, names, limit=3000).each(
        lambda name: {
            "sha": world.ground.sha("blob", repo.name, name),
            "filename": name,
            "status": "modified",
            "additions": 10,
            "deletions": 3,
            "changes": 13,
            "blob_url": f"{web}/blob/{one.head}/{name}",
            "raw_url": f"{web}/raw/{one.head}/{name}",
            "contents_url": f"{url}/{name}?ref={one.head}",
            "patch": "@@ -1 +1 @@",
        }
    )


@get("/repos/{owner}/{repo}/commits/{commit_sha}/pulls", "pull_requests:read")
def pulls_of_commit(world: World, request: Request) -> Page:
    """The merged change that brought it to the default branch; for others the changes it is a part of."""
    repo, one = found(world, request, "commit_sha")
    return page_of(request, pulls_with(repo, one.sha)).each(lambda each: pull(world, request, repo, each))


def pulls_with(repo: Repo, sha: str) -> list[Pull]:
    """The pull requests associated with a commit."""
    brought = repo.commits[sha].pull
    if brought is not None:
        return [repo.pulls[brought]]
    return [one for one in repo.pulls.values() if sha in one.commits]


def pull(world: World, request: Request, repo: Repo, one: Pull) -> dict[str, Any]:
    """A pull-request-simple."""
    url = f"{request.base}/repos/{world.org.login}/{repo.name}"
    web = f"{WEB}/{world.org.login}/{repo.name}/pull/{one.number}"
    links = {
        "url": f"{url}/pulls/{one.number}",
        "html_url": web,
        "issue_url": f"{url}/issues/{one.number}",
        "commits_url": f"{url}/pulls/{one.number}/commits",
        "review_comments_url": f"{url}/pulls/{one.number}/comments",
        "review_comment_url": f"{url}/pulls/comments{{/number}}",
        "comments_url": f"{url}/issues/{one.number}/comments",
        "statuses_url": f"{url}/statuses/{one.head}",
    }
    hrefs = {name.removesuffix("_url"): {"href": where} for name, where in links.items()}
    hrefs["self"] = hrefs.pop("url")
    return links | {
        "id": one.id,
        "node_id": node_id("PullRequest", one.id),
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "number": one.number,
        "state": "open" if one.open else "closed",
        "locked": False,
        "title": one.title,
        "user": user(world, request, one.author),
        "body": one.body,
        "labels": [label(world, request, repo, name) for name in one.labels],
        "milestone": None,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "closed_at": moment(one.closed_at),
        "merged_at": moment(one.merged_at),
        "merge_commit_sha": one.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(world, request, repo, one.branch, one.head),
        "base": _end(world, request, repo, one.base, one.base_sha),
        "_links": hrefs,
        "author_association": association(world, one.author),
        "auto_merge": None,
        "draft": one.draft,
    }


def label(world: World, request: Request, repo: Repo, name: str) -> dict[str, Any]:
    """A label of a repository."""
    identity = sum(name.encode()) + 1000 * repo.id
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/labels/{name}"
    return {
        "id": identity,
        "node_id": node_id("Label", identity),
        "url": url,
        "name": name,
        "description": "",
        "color": "d73a4a",
        "default": False,
    }


def _named(world: World, request: Request) -> tuple[Repo, Pull]:
    repo = world.repo(request)
    number = request.arguments["pull_number"]
    one = repo.pulls.get(int(number)) if number.isdigit() else None
    if one is None:
        raise absent()
    return repo, one


def _end(world: World, request: Request, repo: Repo, ref: str, sha: str) -> dict[str, Any]:
    owner = world.org.login
    return {
        "label": f"{owner}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": user(world, request, owner),
        "repo": minimal(world, request, repo),
    }


def _review(world: World, request: Request, repo: Repo, one: Pull, said: Review) -> dict[str, Any]:
    web = f"{WEB}/{world.org.login}/{repo.name}/pull/{one.number}#pullrequestreview-{said.id}"
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/pulls/{one.number}"
    return {
        "id": said.id,
        "node_id": node_id("PullRequestReview", said.id),
        "user": user(world, request, said.author),
        "body": said.body,
        "state": said.state,
        "html_url": web,
        "pull_request_url": url,
        "_links": {"html": {"href": web}, "pull_request": {"href": url}},
        "submitted_at": moment(said.submitted_at),
        "commit_id": said.sha,
        "author_association": association(world, said.author),
    }
