"""Who reaches a repository: collaborators in every way that GitHub adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import user
from tests.doubles.github.routes import get

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_ROLES = ("read", "triage", "write", "maintain", "admin")
_NAMES = ("pull", "triage", "push", "maintain", "admin")
PERMISSIONS = {role: {name: place <= rank for place, name in enumerate(_NAMES)} for rank, role in enumerate(_ROLES)}
"""What each role may do, in the names of the interface."""


@get("/repos/{owner}/{repo}/collaborators", "metadata:read")
def collaborators(world: World, request: Request) -> Page:
    """`affiliation`: outside, direct, or all, which counts teams, the base permission and owners too."""
    repo = world.repo(request)
    held = _held(world, repo, request.query.get("affiliation", "all"))
    return page_of(request, sorted(held.items())).each(
        lambda one: user(world, request, one[0]) | {"permissions": PERMISSIONS[one[1]], "role_name": one[1]}
    )


def team_permission(role: str) -> str:
    """A role in the older names that teams are shown with."""
    return _NAMES[_ROLES.index(role)]


def _held(world: World, repo: Repo, affiliation: str) -> dict[str, str]:
    org = world.org
    if affiliation == "outside":
        return {login: role for login, role in repo.collaborators.items() if org.people[login].role == "outside"}
    if affiliation == "direct":
        return dict(repo.collaborators)
    held: dict[str, str] = {}
    base = org.settings["default_repository_permission"]
    grants = [(login, role) for login, role in repo.collaborators.items()]
    grants += [(login, role) for slug, role in repo.teams.items() for login in org.teams[slug].members]
    grants += [(one.login, "admin") for one in org.with_role("admin")]
    if base != "none":
        grants += [(one.login, base) for one in org.with_role("member")]
    for login, role in grants:
        held[login] = max(held.get(login, "read"), role, key=_ROLES.index)
    return held
