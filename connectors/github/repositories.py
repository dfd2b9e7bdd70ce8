"""Where the source code is."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, overload

from collector.records import Repository
from connectors.github import github
from connectors.github.shared_operations import ORGANISATION, REPOSITORIES, REPOSITORY_HEADS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

LISTED = (REPOSITORIES, REPOSITORY_HEADS)
"""What `in_scope` reads."""


@github.evidence("github.repos", yields=Repository, needs=[*LISTED, ORGANISATION])
def repositories(source: RestSource) -> Iterator[Repository]:
    """Repositories, visibility and default branch.

    Every repository of the organisation, archived ones included, but for those that the configuration leaves out with
    a reason. One that nobody has pushed to yet has no default branch.

    Complete when the list was read to its end, and two other counts agree with it: the organisation's own (public and
    private together) and that of the GraphQL API. An App that is installed in chosen repositories alone does not see
    the others, and then the organisation's own count is higher.
    """
    listed = list(source.list(REPOSITORIES))
    heads = _heads(source)
    for one in listed:
        if not excluded(source, one):
            head = heads.get(one["full_name"])
            empty = head is not None and head["isEmpty"]
            yield Repository(
                key=str(one["id"]),
                seen=[one] if head is None else [one, head],
                repo=one["full_name"],
                visibility=one.get("visibility"),
                archived=one.get("archived"),
                default_branch=None if empty else one.get("default_branch"),
                created_at=moment(one.get("created_at")),
                pushed_at=moment(one.get("pushed_at")),
            )
    source.total("repositories listed = of the GraphQL API", expected=len(heads), found=len(listed))
    counted = source.get(ORGANISATION)
    if (private := counted.get("total_private_repos")) is not None:
        own = counted["public_repos"] + private
        source.total("repositories listed = the organisation's own count", expected=own, found=len(listed))


def in_scope(source: RestSource, *, archived: bool = False) -> Iterator[Answer]:
    """The repositories that hold code and are collected from; those that are archived only where they are asked for.

    Nothing can change in an archived one.
    """
    heads = _heads(source)
    for one in source.list(REPOSITORIES):
        empty = one["full_name"] in heads and heads[one["full_name"]]["isEmpty"]
        if not excluded(source, one) and not empty and (archived or not one.get("archived")):
            yield one


def pushed_since(repository: Answer, start: datetime) -> bool:
    """Whether anything can have been merged or pushed since; True where GitHub does not say."""
    pushed = moment(repository.get("pushed_at"))
    return pushed is None or pushed >= start


def excluded(source: RestSource, repository: Answer) -> bool:
    """Whether the configuration leaves it out."""
    left_out = {name.lower() for name in source.settings.excluded_repositories}
    return repository["full_name"].lower() in left_out


def at(repository: Answer) -> dict[str, str]:
    """The names by which operations ask for a repository."""
    owner, _, name = repository["full_name"].partition("/")
    return {"owner": owner, "repo": name}


@overload
def moment(text: str) -> datetime: ...
@overload
def moment(text: str | None) -> datetime | None: ...
def moment(text: str | None) -> datetime | None:
    """A time as GitHub writes it."""
    return None if text is None else datetime.fromisoformat(text)


def _heads(source: RestSource) -> dict[str, Answer]:
    """What only the GraphQL API tells of each repository: whether it is empty."""
    return {one["nameWithOwner"]: one for one in source.list(REPOSITORY_HEADS, org=source.scope.unit_id)}
