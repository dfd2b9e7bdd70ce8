"""A second count of what was merged, and the sequence of numbers that pull requests share with issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.github.change_operations import CLOSED_PULLS, ISSUE
from connectors.github.repositories import at, moment
from connectors.github.shared_operations import ISSUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource


def tie_out(source: RestSource, repository: Answer, merged: set[int]) -> None:
    """Hold the numbers that were found merged against a second listing, and the numbers of the window among each other.

    A number that was given out and is on no list is asked for by itself: GitHub says when it was deleted.
    """
    window, name = source.window, repository["full_name"]
    listed = list(_listed(source, repository))
    again = {
        one["number"]
        for one in listed
        if (at_last := moment(_merged_at(one))) is not None and window.start <= at_last < window.end
    }
    source.total(f"{name}: merged, by two listings", expected=len(again | merged), found=len(merged & again))
    given = {one["number"] for one in listed if moment(one["created_at"]) >= window.start}
    if not given or not repository.get("has_issues", True) or repository.get("has_discussions"):
        return
    span = range(min(given), max(given) + 1)
    missing = [number for number in span if number not in given]
    asked = source.each(missing, lambda number: source.look(ISSUE, **at(repository), issue_number=number))
    deleted = sum(one.absent for _, one in asked)
    source.total(f"{name}: numbers given out = listed + deleted", expected=len(span), found=len(given) + deleted)


def _listed(source: RestSource, repository: Answer) -> Iterator[Answer]:
    """Issues and pull requests that were updated in the window; without issues, closed pull requests alone."""
    start = source.window.start
    if repository.get("has_issues", True):
        yield from source.list(ISSUES, **at(repository), since=f"{start:%Y-%m-%dT%H:%M:%SZ}")
        return
    for one in source.list(CLOSED_PULLS, **at(repository)):
        if moment(one["updated_at"]) < start:
            break
        yield one


def _merged_at(one: Answer) -> str | None:
    merged: str | None = one["merged_at"] if "merged_at" in one else (one.get("pull_request") or {}).get("merged_at")
    return merged
