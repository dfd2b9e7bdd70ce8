"""What is on the branches that are deployed: a second source for what was merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import Commit
from connectors.github import github
from connectors.github.branches import deployable
from connectors.github.change_operations import BRANCHES, HISTORY
from connectors.github.repositories import LISTED, at, in_scope, moment, pushed_since
from connectors.github.shared_operations import KEPT_FOR_GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_OLDER = 100
"""After so many commits in a row from before the window, no more are read."""


@github.evidence(
    "github.commits.default",
    yields=Commit,
    needs=[*LISTED, BRANCHES, HISTORY],
    kind=Kind.POPULATION,
    keeps_days=KEPT_FOR_GOOD,
)
def commits(source: RestSource) -> Iterator[Commit]:
    """Commits on the default branch and their PR.

    Population: every commit that is on a deployable branch now and was made within the window: on the default branch of
    every repository, archived ones included, and on the branches that the configuration names. `first_parent` tells
    the branch's own line from commits that came with a merge. `change_id` is the merged pull request into this branch
    that GitHub connects with the commit; with none, it reached the branch without one.

    History is read from the branch's head backwards, whatever the commits' dates, until 100 in a row are older than
    the window, or to its beginning. Complete when that was reached for every branch. A commit says itself when it was
    made: one that was dated back by its maker before it was pushed is shown if any commit below it is of the window.
    History that was rewritten shows in the changes whose commit is on no branch any more.
    """
    start = source.window.start
    active = (one for one in in_scope(source, archived=True) if pushed_since(one, start))
    places = [
        (repository, branch)
        for repository, branches in source.each(list(active), lambda one: deployable(source, one))
        for branch in branches
    ]
    for (repository, branch), history in source.each(places, lambda place: _history(source, *place)):
        line = _line(history)
        for commit in history:
            if commit["oid"] in _of_window(source, history, line):
                yield _commit(repository["full_name"], branch, commit, first_parent=commit["oid"] in line)


def _history(source: RestSource, repository: Answer, branch: str) -> list[Answer]:
    found: list[Answer] = []
    older = 0
    for commit in source.list(HISTORY, **at(repository), ref=f"refs/heads/{branch}"):
        older = older + 1 if moment(commit["committedDate"]) < source.window.start else 0
        if older > _OLDER:
            break
        found.append(commit)
    return found


def _line(history: list[Answer]) -> dict[str, Answer]:
    """The commits on the branch's own line, from its head: the first parent of each."""
    known = {one["oid"]: one for one in history}
    line: dict[str, Answer] = {}
    commit = history[0] if history else None
    while commit is not None:
        line[commit["oid"]] = commit
        parents = commit["parents"]["nodes"]
        commit = known.get(parents[0]["oid"]) if parents else None
    return line


def _of_window(source: RestSource, history: list[Answer], line: dict[str, Answer]) -> set[str]:
    """By their dates; and those on the line that stand above one of the window: they cannot have come before it."""
    window = source.window
    dated = {one["oid"]: moment(one["committedDate"]) for one in history}
    inside = {sha for sha, at_last in dated.items() if window.start <= at_last < window.end}
    above: list[str] = []
    for sha in line:
        if sha in inside:
            inside.update(one for one in above if dated[one] < window.start)
        above.append(sha)
    return inside


def _commit(repo: str, branch: str, commit: Answer, *, first_parent: bool) -> Commit:
    user = (commit["author"] or {}).get("user")
    brought = [
        one for one in commit["associatedPullRequests"]["nodes"] if one["mergedAt"] and one["baseRefName"] == branch
    ]
    change = min(brought, key=lambda one: (one["mergedAt"], one["number"]), default=None)
    signature = commit["signature"]
    return Commit(
        key=f"{repo}@{branch}@{commit['oid']}",
        seen=[commit],
        sha=commit["oid"],
        repo=repo,
        branch=branch,
        authored_at=moment(commit["authoredDate"]),
        committed_at=moment(commit["committedDate"]),
        author=user["login"] if user else None,
        change_id=None if change is None else f"{repo}#{change['number']}",
        first_parent=first_parent,
        verified=signature["isValid"] if signature else False,
    )
