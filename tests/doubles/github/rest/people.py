"""How an account is shown, wherever it stands."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


def node_id(kind: str, identity: object) -> str:
    """A global id as GraphQL has it."""
    return base64.b64encode(f"{kind}:{identity}".encode()).decode()


def user(world: World, request: Request, login: str) -> dict[str, Any]:
    """A simple-user, of a person, a bot or the organisation."""
    person = world.org.people.get(login)
    kind, identity = (person.kind, person.id) if person else ("Organization", world.org.id)
    url = f"{request.base}/users/{quote(login)}"
    app = login.removesuffix("[bot]")
    return {
        "login": login,
        "id": identity,
        "node_id": node_id(kind, identity),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{identity}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{WEB}/{login}" if app == login else f"{WEB}/apps/{app}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def maybe_user(world: World, request: Request, login: str | None) -> dict[str, Any] | None:
    """A simple-user, or null where nobody is known."""
    return user(world, request, login) if login else None


def association(world: World, login: str) -> str:
    """How an author belongs to the organisation."""
    role = world.org.people[login].role
    return {"admin": "MEMBER", "member": "MEMBER", "outside": "COLLABORATOR"}.get(role, "NONE")


def actions_app(world: World, request: Request) -> dict[str, Any]:
    """GitHub's own app, under which workflows report their checks."""
    return {
        "id": 15368,
        "slug": "github-actions",
        "node_id": node_id("Integration", 15368),
        "owner": user(world, request, world.org.login),
        "name": "GitHub Actions",
        "description": "Automate your workflow from idea to production",
        "external_url": "https://help.github.com/en/actions",
        "html_url": f"{WEB}/apps/github-actions",
        "created_at": "2018-07-30T09:30:17Z",
        "updated_at": "2024-04-10T20:33:16Z",
        "permissions": {"checks": "write", "contents": "write", "metadata": "read"},
        "events": ["push"],
    }
