"""Teams, their members, and what they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.access import PERMISSIONS, team_permission
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.rest.repositories import minimal
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.nouns import Team
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/orgs/{org}/teams", "members:read")
def teams(world: World, request: Request) -> Page:
    return page_of(request, list(world.org.teams.values())).each(lambda one: team(world, request, one))


@get("/orgs/{org}/teams/{team_slug}/members", "members:read")
def team_members(world: World, request: Request) -> Page:
    """Those of its child teams are members too, as at GitHub."""
    wanted = request.query.get("role", "all")
    held = _all_members(world, _team(world, request))
    logins = [login for login, role in held.items() if wanted in {"all", role}]
    return page_of(request, logins).each(lambda login: user(world, request, login))


@get("/orgs/{org}/teams/{team_slug}/teams", "members:read")
def child_teams(world: World, request: Request) -> Page:
    parent = _team(world, request).slug
    children = [one for one in world.org.teams.values() if one.parent == parent]
    return page_of(request, children).each(lambda one: team(world, request, one))


@get("/orgs/{org}/teams/{team_slug}/repos", "members:read")
def team_repositories(world: World, request: Request) -> Page:
    slug = _team(world, request).slug
    reached = [one for one in world.org.repos.values() if slug in one.teams]
    return page_of(request, reached).each(
        lambda one: (
            minimal(world, request, one) | {"permissions": PERMISSIONS[one.teams[slug]], "role_name": one.teams[slug]}
        )
    )


@get("/repos/{owner}/{repo}/teams", "administration:read")
def repository_teams(world: World, request: Request) -> Page:
    repo = world.repo(request)
    return page_of(request, list(repo.teams.items())).each(
        lambda one: (
            team(world, request, world.org.teams[one[0]])
            | {"permission": team_permission(one[1]), "permissions": PERMISSIONS[one[1]]}
        )
    )


def team(world: World, request: Request, one: Team) -> dict[str, Any]:
    """A team with its parent."""
    parent = world.org.teams[one.parent] if one.parent else None
    return _simple(world, request, one) | {"parent": _simple(world, request, parent) if parent else None}


def _simple(world: World, request: Request, one: Team) -> dict[str, Any]:
    url = f"{request.base}/organizations/{world.org.id}/team/{one.id}"
    return {
        "id": one.id,
        "node_id": node_id("Team", one.id),
        "name": one.name,
        "slug": one.slug,
        "description": f"{one.name} of Northwind",
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "url": url,
        "html_url": f"{WEB}/orgs/{world.org.login}/teams/{one.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": world.org.id,
    }


def _team(world: World, request: Request) -> Team:
    found = world.org.teams.get(request.arguments["team_slug"])
    if found is None:
        raise absent()
    return found


def _all_members(world: World, one: Team) -> dict[str, str]:
    held = dict(one.members)
    for child in world.org.teams.values():
        if child.parent == one.slug:
            held = dict.fromkeys(_all_members(world, child), "member") | held
    return held
