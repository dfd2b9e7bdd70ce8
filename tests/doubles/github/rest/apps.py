"""The App and its installation, its tokens, and what is left of the caller's quota."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import node_id, user
from tests.doubles.github.routes import get, post
from tests.doubles.github.tokens import CLIENT_ID
from tests.doubles.github.wire import RefusedError, absent, moment, shown
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_SLUG = "evidence-collector"


@get("/app", "app")
def app(world: World, request: Request) -> dict[str, Any]:
    tokens = world.tokens
    return {
        "id": tokens.app_id,
        "slug": _SLUG,
        "client_id": CLIENT_ID,
        "node_id": node_id("Integration", tokens.app_id),
        "owner": user(world, request, world.org.login),
        "name": "Evidence Collector",
        "description": "",
        "external_url": "https://northwind.example",
        "html_url": f"{WEB}/apps/{_SLUG}",
        "created_at": moment(world.org.start),
        "updated_at": moment(world.org.start),
        "permissions": tokens.permissions,
        "events": [],
        "installations_count": 1,
    }


@get("/app/installations", "app")
def installations(world: World, request: Request) -> Page:
    held = [] if world.tokens.revoked else [world.tokens.installation_id]
    return page_of(request, held).each(lambda _: _installation(world, request))


@get("/app/installations/{installation_id}", "app")
def installation(world: World, request: Request) -> dict[str, Any]:
    _check(world, request)
    return _installation(world, request)


@get("/orgs/{org}/installation", "app")
def organisation_installation(world: World, request: Request) -> dict[str, Any]:
    world.check_org(request)
    if world.tokens.revoked:
        raise absent()
    return _installation(world, request)


@post("/app/installations/{installation_id}/access_tokens", "app")
def access_token(world: World, request: Request) -> Any:
    _check(world, request)
    try:
        asked = json.loads(request.body or b"{}")
    except ValueError as error:
        raise RefusedError(400, "Problems parsing JSON") from error
    token, ends, caller = world.tokens.give(asked)
    selection = "all" if caller.repositories is None else "selected"
    until = moment(datetime.fromtimestamp(ends, UTC))
    told = {"token": token, "expires_at": until, "permissions": caller.permissions, "repository_selection": selection}
    return shown(told, 201)


@get("/rate_limit", "")
def rate_limit(world: World, request: Request) -> dict[str, Any]:
    caller = f"{request.caller.kind} {request.caller.name}" if request.caller else "127.0.0.1"
    resources = {}
    for name in world.limits.limits:
        bucket = world.limits.bucket(caller, name)
        resources[name] = {
            "limit": bucket.limit,
            "used": bucket.used,
            "remaining": bucket.remaining,
            "reset": bucket.reset,
        }
    return {"resources": resources, "rate": resources["core"]}


@get("/user", "")
def present_user(world: World, request: Request) -> Any:
    """The owner of a personal token, with the token's scopes in a header; an installation is no user."""
    if request.caller is None:
        raise RefusedError(401, "Requires authentication")
    if request.caller.kind != "user":
        raise RefusedError(403, "Resource not accessible by integration")
    owner = world.org.with_role("admin")[0]
    at = moment(owner.joined_at)
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    told = user(world, request, owner.login) | {"name": owner.name, "company": None, "blog": "", "location": None}
    told |= {"email": None, "hireable": None, "bio": None, "created_at": at, "updated_at": at} | counts
    return shown(told).having(("X-OAuth-Scopes", ", ".join(request.caller.scopes)))


def _check(world: World, request: Request) -> None:
    if world.tokens.revoked or request.arguments["installation_id"] != str(world.tokens.installation_id):
        raise absent()


def _installation(world: World, request: Request) -> dict[str, Any]:
    tokens = world.tokens
    url = f"{request.base}/app/installations/{tokens.installation_id}"
    owner = world.org.with_role("admin")[0].login
    return {
        "id": tokens.installation_id,
        "client_id": CLIENT_ID,
        "account": user(world, request, world.org.login),
        "repository_selection": "all",
        "access_tokens_url": f"{url}/access_tokens",
        "repositories_url": f"{request.base}/installation/repositories",
        "html_url": f"{WEB}/organizations/{world.org.login}/settings/installations/{tokens.installation_id}",
        "app_id": tokens.app_id,
        "app_slug": _SLUG,
        "target_id": world.org.id,
        "target_type": "Organization",
        "permissions": tokens.permissions,
        "events": [],
        "created_at": moment(world.org.start),
        "updated_at": moment(world.org.start),
        "single_file_name": None,
        "suspended_by": user(world, request, owner) if tokens.suspended else None,
        "suspended_at": moment(world.org.end) if tokens.suspended else None,
    }
