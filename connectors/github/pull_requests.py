"""What was merged: the population that change management is tested on."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Change, ChangeReview
from connectors.github import github
from connectors.github.actors import actor
from connectors.github.branches import is_deployable
from connectors.github.change_operations import CHECKS, CLOSED_PULLS, ISSUE, PULLS, REVIEWS
from connectors.github.checks import at_merge, checks_of, settled
from connectors.github.number_sequence import tie_out
from connectors.github.repositories import LISTED, at, in_scope, moment, pushed_since
from connectors.github.shared_operations import ISSUES, KEPT_FOR_GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.records import Record
    from collector.source.rest.source import RestSource

PAGE_SIZE = 50
"""GitHub gives up on a query after ten seconds; a page of 100 with all its reviews and checks often takes longer."""
_NO_REPLY = re.compile(r"(?:[0-9]+\+)?([^@+]+)@users\.noreply\.github\.com")
_WEB = "web-flow"
"""Who commits what is made in GitHub's own pages."""


@github.evidence(
    "github.pulls.merged",
    yields=(Change, ChangeReview),
    needs=[*LISTED, PULLS, REVIEWS, CHECKS, ISSUES, ISSUE, CLOSED_PULLS],
    kind=Kind.POPULATION,
    keeps_days=KEPT_FOR_GOOD,
)
def merged(source: RestSource) -> Iterator[Record]:
    """Merged pull requests with reviews and CI result.

    Population: every pull request of the organisation's repositories, archived ones included, that was merged within
    the window, to whatever branch; `deployable` says whether that branch is deployed. With each, what every reviewer
    said of which commit, pending reviews left out. A repository that nobody has pushed to since the window began has
    none: a merge is a push.

    `checks` is about the last commit. It is read off the checks that the branch requires today where it requires any,
    and off all of them otherwise; where a check is run again, GitHub shows its last run alone. `last_committer` is who
    made that commit: who pushed it, GitHub does not tell.

    The list is paged through the repository, newest update first, until updates are older than the window; where that
    took several pages, its beginning is read again, since what is updated meanwhile moves to the front. Complete when
    every page was had, and two counts tie for each repository: as many merged as a second listing has (issues and pull
    requests together), and the numbers that were given out in the window without a hole, but for those that GitHub
    says were deleted. Where discussions are on, these share the numbers, and holes are not counted.
    """
    start = source.window.start
    active = (one for one in in_scope(source, archived=True) if pushed_since(one, start))
    counted: list[tuple[Answer, set[int]]] = []
    for repository, pulls in source.each(list(active), lambda one: _merged(source, one)):
        counted.append((repository, {one["number"] for one in pulls}))
        for pull, (reviews, checks) in source.each(pulls, partial(_details, source, repository)):
            yield _change(source, repository, pull, checks)
            for review in reviews:
                if review["state"] != "PENDING":
                    yield _review(source, repository, pull, review)
    # A repository whose second listing cannot be had keeps its changes; the gap says that they were not counted again.
    for _ in source.each(counted, lambda one: tie_out(source, *one)):
        pass


def _merged(source: RestSource, repository: Answer) -> list[Answer]:
    """The pull requests of one repository that were merged in the window."""
    window, found, newest, read = source.window, {}, None, 0
    for pull in source.list(PULLS, **at(repository), size=PAGE_SIZE):
        read += 1
        newest = newest or pull["updatedAt"]
        if moment(pull["updatedAt"]) < window.start:
            break
        found[pull["number"]] = pull
    if read > PAGE_SIZE:
        for pull in source.list(PULLS, **at(repository), size=PAGE_SIZE // 5):
            if pull["updatedAt"] <= newest:
                break
            found.setdefault(pull["number"], pull)
    return [one for one in found.values() if window.start <= moment(one["mergedAt"]) < window.end]


def _details(source: RestSource, repository: Answer, pull: Answer) -> tuple[list[Answer], list[Answer] | None]:
    """Every review, and every check where the first page does not settle what they said."""
    place = {**at(repository), "number": pull["number"]}
    page = pull["reviews"]["pageInfo"]
    reviews = pull.parts("reviews", "nodes")
    if page["hasNextPage"]:
        reviews += source.list(REVIEWS, **place, after=page["endCursor"])
    return reviews, None if settled(pull) else list(source.list(CHECKS, **place))


def _change(source: RestSource, repository: Answer, pull: Answer, checks: list[Answer] | None) -> Change:
    settings, name = source.settings, repository["full_name"]
    author, commit = actor(pull["author"], settings), pull["commits"]["nodes"][0]["commit"]
    labels = tuple(sorted(one["name"] for one in pull["labels"]["nodes"]))
    said = at_merge(checks_of(pull) if checks is None else checks)
    emergency = {one.lower() for one in settings.emergency_labels}
    return Change(
        key=f"{name}#{pull['number']}",
        seen=[pull, *(checks or ())],
        change_id=f"{name}#{pull['number']}",
        repo=name,
        base_branch=pull["baseRefName"],
        deployable=is_deployable(pull["baseRefName"], repository["default_branch"], settings),
        title=pull["title"],
        author=author.login,
        author_kind=author.kind,
        last_committer=_committer(commit),
        opened_at=moment(pull["createdAt"]),
        merged_at=moment(pull["mergedAt"]),
        merged_by=actor(pull["mergedBy"], settings).login,
        head_sha=pull["headRefOid"],
        merge_sha=(pull["mergeCommit"] or {}).get("oid"),
        checks=said.state,
        checks_ended_at=said.ended_at,
        failed_checks=said.failed,
        labels=labels,
        emergency=not emergency.isdisjoint(one.lower() for one in labels),
        tickets=tuple(
            f"{one['repository']['nameWithOwner']}#{one['number']}" for one in pull["closingIssuesReferences"]["nodes"]
        ),
    )


def _review(source: RestSource, repository: Answer, pull: Answer, review: Answer) -> ChangeReview:
    reviewer = actor(review["author"], source.settings)
    return ChangeReview(
        key=review["id"],
        seen=[review],
        review_id=review["id"],
        change_id=f"{repository['full_name']}#{pull['number']}",
        reviewer=reviewer.login,
        reviewer_kind=reviewer.kind,
        state=review["state"].lower(),
        submitted_at=moment(review["submittedAt"]),
        sha=(review["commit"] or {}).get("oid"),
    )


def _committer(commit: Mapping[str, Any]) -> str | None:
    """Who made a commit; its author where GitHub itself wrote it down for them.

    Only people's accounts are connected with commits. A program is known by the address that GitHub gives it.
    """
    for role in ("committer", "author"):
        told = commit[role] or {}
        of_github = _NO_REPLY.fullmatch(told.get("email") or "")
        login = told["user"]["login"] if told.get("user") else of_github and of_github[1]
        if login and login != _WEB:
            return str(login)
    return None
