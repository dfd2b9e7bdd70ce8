"""Issues, which pull requests are too, with comments and timelines; and the search that stops at 1,000."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Comment, Happening, Issue, Pull
from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import association, maybe_user, node_id, user
from tests.doubles.github.rest.pulls import label
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, invalid, moment, shown
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Answer, Request
    from tests.doubles.github.world import World

_ORDERS = {"created": "created_at", "updated": "updated_at"}
_MOST_FOUND = 1000


@get("/repos/{owner}/{repo}/issues", "issues:read")
def issues(world: World, request: Request) -> Page:
    """Pull requests are among them, marked by `pull_request`. Open ones unless `state` says otherwise."""
    repo, query = world.repo(request), request.query
    chosen: list[Issue | Pull] = [*repo.issues.values(), *repo.pulls.values()]
    state = query.get("state", "open")
    chosen = [one for one in chosen if state == "all" or (one.closed_at is None) == (state == "open")]
    if labels := query.get("labels"):
        chosen = [one for one in chosen if set(labels.split(",")) <= set(one.labels)]
    if since := query.get("since"):
        chosen = [one for one in chosen if (moment(one.updated_at) or "") >= since]
    if creator := query.get("creator"):
        chosen = [one for one in chosen if one.author == creator]
    key = _ORDERS.get(query.get("sort", "created"), "created_at")
    chosen.sort(key=lambda one: (getattr(one, key), one.number), reverse=query.get("direction", "desc") == "desc")
    return page_of(request, chosen).each(lambda one: _issue(world, request, repo, one))


@get("/repos/{owner}/{repo}/issues/{issue_number}", "issues:read")
def one_issue(world: World, request: Request) -> dict[str, Any]:
    """A deleted number is gone; one that never was is absent."""
    repo, one = _named(world, request)
    return _issue(world, request, repo, one)


@get("/repos/{owner}/{repo}/issues/{issue_number}/comments", "issues:read")
def comments(world: World, request: Request) -> Page:
    repo, one = _named(world, request)
    held = one.comments if isinstance(one, Issue) else []
    return page_of(request, held).each(lambda each: _comment(world, request, repo, one.number, each))


@get("/repos/{owner}/{repo}/issues/{issue_number}/timeline", "issues:read")
def timeline(world: World, request: Request) -> Page:
    repo, one = _named(world, request)
    held: list[Comment | Happening] = [*one.timeline, *one.comments] if isinstance(one, Issue) else []
    held.sort(key=lambda each: each.created_at if isinstance(each, Comment) else each.at)
    return page_of(request, held).each(lambda each: _line(world, request, repo, one.number, each))


@get("/search/issues", "")
def search(world: World, request: Request) -> Answer:
    """Qualifiers `repo:`, `is:`; the total is true, and 1,000 are shown at most."""
    words = dict(part.split(":", 1) for part in request.query.get("q", "").split() if ":" in part)
    if not request.query.get("q"):
        raise invalid("Validation Failed")
    kinds = [part.removeprefix("is:") for part in request.query["q"].split() if part.startswith("is:")]
    found: list[tuple[Repo, Issue | Pull]] = []
    for repo in world.org.repos.values():
        if (
            not world.sees(repo, request.caller)
            or words.get("repo", f"{world.org.login}/{repo.name}") != f"{world.org.login}/{repo.name}"
        ):
            continue
        if "issue" not in kinds:
            found += [(repo, one) for one in repo.pulls.values() if "merged" not in kinds or one.merged_at]
        if "pr" not in kinds and "merged" not in kinds:
            found += [(repo, one) for one in repo.issues.values()]
    found.sort(key=lambda one: (one[1].created_at, one[1].number), reverse=True)
    page = page_of(request, found, limit=_MOST_FOUND)
    if not page.items and found and int(request.query.get("page", "1")) > 1:
        raise invalid("Only the first 1000 search results are available")
    items = page.each(lambda one: _issue(world, request, *one) | {"score": 1.0}).items
    answer = shown({"total_count": len(found), "incomplete_results": False, "search_type": "lexical", "items": items})
    return answer.having(("Link", page.link)) if page.link else answer


def _named(world: World, request: Request) -> tuple[Repo, Issue | Pull]:
    repo, text = world.repo(request), request.arguments["issue_number"]
    number = int(text) if text.isdigit() else 0
    one = repo.issues.get(number) or repo.pulls.get(number)
    if one is None:
        if 0 < number < max([0, *repo.pulls, *repo.issues]):
            raise _deleted()
        raise absent()
    return repo, one


def _deleted() -> Exception:
    from tests.doubles.github.wire import RefusedError  # noqa: PLC0415 - nothing else here refuses so

    return RefusedError(410, "This issue was deleted")


def _issue(world: World, request: Request, repo: Repo, one: Issue | Pull) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}"
    url = f"{base}/issues/{one.number}"
    web = f"{WEB}/{world.org.login}/{repo.name}"
    told = {
        "id": one.id,
        "node_id": node_id(type(one).__name__, one.id),
        "url": url,
        "repository_url": base,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": f"{web}/issues/{one.number}",
        "number": one.number,
        "state": "closed" if one.closed_at else "open",
        "state_reason": "completed" if one.closed_at else None,
        "title": one.title,
        "body": one.body,
        "user": user(world, request, one.author),
        "labels": [label(world, request, repo, name) for name in one.labels],
        "assignee": None,
        "assignees": [],
        "milestone": None,
        "locked": False,
        "active_lock_reason": None,
        "comments": 0,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "closed_at": moment(one.closed_at),
        "author_association": association(world, one.author),
    }
    if isinstance(one, Pull):
        pull = f"{web}/pull/{one.number}"
        links = {
            "url": f"{base}/pulls/{one.number}",
            "html_url": pull,
            "diff_url": f"{pull}.diff",
            "patch_url": f"{pull}.patch",
        }
        return told | {
            "html_url": pull,
            "draft": one.draft,
            "pull_request": links | {"merged_at": moment(one.merged_at)},
        }
    people = [user(world, request, login) for login in one.assignees]
    told |= {"assignees": people, "assignee": people[0] if people else None, "comments": len(one.comments)}
    return told | {"closed_by": maybe_user(world, request, one.closed_by)}


def _comment(world: World, request: Request, repo: Repo, number: int, one: Comment) -> dict[str, Any]:
    base = f"{request.base}/repos/{world.org.login}/{repo.name}/issues"
    return {
        "id": one.id,
        "node_id": node_id("IssueComment", one.id),
        "url": f"{base}/comments/{one.id}",
        "html_url": f"{WEB}/{world.org.login}/{repo.name}/issues/{number}#issuecomment-{one.id}",
        "issue_url": f"{base}/{number}",
        "user": user(world, request, one.author),
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "body": one.body,
        "author_association": association(world, one.author),
        "performed_via_github_app": None,
    }


def _line(world: World, request: Request, repo: Repo, number: int, one: Comment | Happening) -> dict[str, Any]:
    if isinstance(one, Comment):
        person = user(world, request, one.author)
        return _comment(world, request, repo, number, one) | {"event": "commented", "actor": person}
    told: dict[str, Any] = {
        "id": one.id,
        "node_id": node_id("Event", one.id),
        "url": f"{request.base}/repos/{world.org.login}/{repo.name}/issues/events/{one.id}",
        "actor": user(world, request, one.actor),
        "event": one.event,
        "commit_id": None,
        "commit_url": None,
        "created_at": moment(one.at),
        "performed_via_github_app": None,
    }
    if one.event == "labeled":
        told["label"] = {"name": one.subject, "color": "d73a4a"}
    if one.event == "assigned":
        told["assignee"] = user(world, request, one.subject)
    return told
