"""Apps and tokens that were let in, deploy keys, and webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import maybe_user, node_id, user
from tests.doubles.github.routes import get
from tests.doubles.github.wire import moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import DeployKey
    from tests.doubles.github.estate.nouns import Hook, Installation, TokenGrant
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


@get("/orgs/{org}/installations", "organization_administration:read")
def installations(world: World, request: Request) -> Any:
    page = page_of(request, world.org.installations)
    return page.each(lambda one: _installation(world, request, one)).within("installations")


@get("/orgs/{org}/personal-access-tokens", "organization_personal_access_tokens:read")
def token_grants(world: World, request: Request) -> Page:
    """For apps alone at GitHub; this double lets an owner's token ask too."""
    return page_of(request, world.org.grants).each(lambda one: _grant(world, request, one))


@get("/repos/{owner}/{repo}/keys", "administration:read")
def deploy_keys(world: World, request: Request) -> Page:
    repo = world.repo(request)
    url = f"{request.base}/repos/{world.org.login}/{repo.name}/keys"
    return page_of(request, repo.keys).each(lambda one: _key(one, url))


@get("/orgs/{org}/hooks", "organization_hooks:read")
def hooks(world: World, request: Request) -> Page:
    url = f"{request.base}/orgs/{world.org.login}/hooks"
    return page_of(request, world.org.hooks).each(lambda one: _hook(one, url))


def _installation(world: World, request: Request, one: Installation) -> dict[str, Any]:
    return {
        "id": one.id,
        "account": user(world, request, world.org.login),
        "repository_selection": one.selection,
        "access_tokens_url": f"{request.base}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{request.base}/installation/repositories",
        "html_url": f"{WEB}/organizations/{world.org.login}/settings/installations/{one.id}",
        "app_id": one.app_id,
        "app_slug": one.slug,
        "target_id": world.org.id,
        "target_type": "Organization",
        "permissions": one.permissions,
        "events": one.events,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "single_file_name": None,
        "suspended_by": maybe_user(world, request, one.suspended_by),
        "suspended_at": moment(one.suspended_at),
    }


def _grant(world: World, request: Request, one: TokenGrant) -> dict[str, Any]:
    ended = one.expires_at is not None and one.expires_at <= world.org.end
    return {
        "id": one.id,
        "owner": user(world, request, one.owner),
        "repository_selection": one.selection,
        "repositories_url": f"{request.base}/orgs/{world.org.login}/personal-access-tokens/{one.id}/repositories",
        "permissions": one.permissions,
        "access_granted_at": moment(one.granted_at),
        "token_id": one.id + 50_000,
        "token_name": one.name,
        "token_expired": ended,
        "token_expires_at": moment(one.expires_at),
        "token_last_used_at": moment(one.last_used_at),
    }


def _key(one: DeployKey, url: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "key": f"ssh-ed25519 {node_id('Key', one.id)}",
        "url": f"{url}/{one.id}",
        "title": one.title,
        "verified": True,
        "created_at": moment(one.created_at),
        "read_only": one.read_only,
        "added_by": one.added_by,
        "last_used": moment(one.last_used),
        "enabled": True,
    }


def _hook(one: Hook, url: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": "Organization",
        "url": f"{url}/{one.id}",
        "ping_url": f"{url}/{one.id}/pings",
        "deliveries_url": f"{url}/{one.id}/deliveries",
        "name": "web",
        "events": one.events,
        "active": one.active,
        "config": {"url": one.url, "content_type": "json", "insecure_ssl": "0", "secret": "********"},
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
    }
