"""The organisation, its members, invitations and settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, moment, not_accessible
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.nouns import Invitation, Person
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_SEEN_BY_OWNERS = (
    "two_factor_requirement_enabled", "billing_email", "default_repository_permission", "plan",
    "members_can_create_public_repositories", "members_can_create_private_repositories",
    "members_can_create_internal_repositories", "members_can_create_repositories",
)  # fmt: skip


@get("/orgs/{org}", "")
def organisation(world: World, request: Request) -> dict[str, Any]:
    """Settings are shown to owners and to apps with Administration; anybody else sees the rest."""
    whole = _organisation(world, request)
    if request.caller is None or not request.caller.may("organization_administration:read"):
        return {name: value for name, value in whole.items() if name not in _SEEN_BY_OWNERS}
    return whole


@get("/orgs/{org}/actions/permissions", "organization_administration:read")
def actions_permissions(world: World, request: Request) -> dict[str, Any]:
    allowed = world.org.settings["allowed_actions"]
    told = {"enabled_repositories": "all", "allowed_actions": allowed, "sha_pinning_required": False}
    if allowed == "selected":
        told["selected_actions_url"] = f"{request.base}/orgs/{world.org.login}/actions/permissions/selected-actions"
    return told


@get("/orgs/{org}/actions/permissions/selected-actions", "organization_administration:read")
def selected_actions(world: World, _request: Request) -> dict[str, Any]:
    patterns = world.org.settings["patterns_allowed"]
    return {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": patterns}


@get("/orgs/{org}/actions/permissions/workflow", "organization_administration:read")
def workflow_permissions(world: World, _request: Request) -> dict[str, Any]:
    names = ("default_workflow_permissions", "can_approve_pull_request_reviews")
    return {name: world.org.settings[name] for name in names}


@get("/orgs/{org}/members", "members:read")
def members(world: World, request: Request) -> Page:
    roles = {"admin": ("admin",), "member": ("member",)}.get(request.query.get("role", "all"), ("admin", "member"))
    return _filtered(world, request, world.org.with_role(*roles))


@get("/orgs/{org}/memberships/{username}", "members:read")
def membership(world: World, request: Request) -> dict[str, Any]:
    login = request.arguments["username"]
    person = world.org.people.get(login)
    if person is None or person.role not in {"admin", "member"}:
        raise absent()
    url = f"{request.base}/orgs/{world.org.login}"
    return {
        "url": f"{url}/memberships/{login}",
        "state": "active",
        "role": person.role,
        "organization_url": url,
        "organization": simple_organisation(world, request),
        "user": user(world, request, login),
    }


@get("/orgs/{org}/outside_collaborators", "members:read")
def outside_collaborators(world: World, request: Request) -> Page:
    return _filtered(world, request, world.org.with_role("outside"))


@get("/orgs/{org}/invitations", "members:read")
def invitations(world: World, request: Request) -> Page:
    return page_of(request, world.org.invitations).each(lambda one: _invitation(world, request, one))


@get("/orgs/{org}/failed_invitations", "members:read")
def failed_invitations(_world: World, request: Request) -> Page:
    return page_of(request, [])


@get("/users/{username}", "")
def account(world: World, request: Request) -> dict[str, Any]:
    login = request.arguments["username"]
    person = world.org.people.get(login)
    if person is None:
        raise absent()
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    born = moment(person.joined_at or world.org.start)
    about = {"name": person.name, "company": None, "blog": "", "location": None, "email": None, "hireable": None}
    return user(world, request, login) | about | {"bio": None, "created_at": born, "updated_at": born} | counts


def simple_organisation(world: World, request: Request) -> dict[str, Any]:
    """An organization-simple."""
    url = f"{request.base}/orgs/{world.org.login}"
    return {
        "login": world.org.login,
        "id": world.org.id,
        "node_id": node_id("Organization", world.org.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{world.org.id}?v=4",
        "description": "Simulated",
    }


def _organisation(world: World, request: Request) -> dict[str, Any]:
    org = world.org
    public = sum(one.visibility == "public" for one in org.repos.values())
    private = len(org.repos) - public
    plan = {
        "name": org.plan,
        "space": 976562499,
        "private_repos": 999999,
        "filled_seats": len(org.with_role("admin", "member")),
    }
    return simple_organisation(world, request) | {
        "name": org.name,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": public,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{WEB}/{org.login}",
        "type": "Organization",
        "created_at": "2019-05-02T08:00:00Z",
        "updated_at": moment(org.start),
        "archived_at": None,
        "total_private_repos": private,
        "owned_private_repos": private,
        "billing_email": "billing@northwind.example",
        "plan": plan | {"seats": 100},
        "default_repository_permission": org.settings["default_repository_permission"],
        "two_factor_requirement_enabled": org.settings["two_factor_requirement_enabled"],
        "members_can_create_repositories": True,
        "members_can_create_public_repositories": org.settings["members_can_create_public_repositories"],
        "members_can_create_private_repositories": True,
        "members_can_create_internal_repositories": True,
        "web_commit_signoff_required": False,
    }


def _filtered(world: World, request: Request, people: list[Person]) -> Page:
    chosen = request.query.get("filter", "all")
    if chosen == "2fa_disabled":
        if request.caller is None or not request.caller.may("organization_administration:read"):
            raise not_accessible("organization_administration=read")
        people = [one for one in people if not one.two_factor]
    return page_of(request, people).each(lambda one: user(world, request, one.login))


def _invitation(world: World, request: Request, one: Invitation) -> dict[str, Any]:
    return {
        "id": one.id,
        "node_id": node_id("OrganizationInvitation", one.id),
        "login": one.login,
        "email": one.email,
        "role": one.role,
        "created_at": moment(one.created_at),
        "failed_at": None,
        "failed_reason": None,
        "inviter": user(world, request, one.inviter),
        "team_count": 0,
        "invitation_teams_url": f"{request.base}/orgs/{world.org.login}/invitations/{one.id}/teams",
        "invitation_source": "member",
    }
