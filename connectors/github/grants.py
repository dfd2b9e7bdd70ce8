"""What acts in the organisation besides people: Apps, tokens, keys, stored secrets; and where its events are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import AppGrant, Credential, LogSource
from connectors.github import github
from connectors.github.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

INSTALLATIONS = "GET /orgs/{org}/installations"
TOKENS = "GET /orgs/{org}/personal-access-tokens"
REPOSITORIES = "GET /orgs/{org}/repos"
DEPLOY_KEYS = "GET /repos/{owner}/{repo}/keys"
ORGANISATION_SECRETS = "GET /orgs/{org}/actions/secrets"
REPOSITORY_SECRETS = "GET /repos/{owner}/{repo}/actions/secrets"
HOOKS = "GET /orgs/{org}/hooks"
_WIDTH = ("read", "write", "admin")


@github.evidence("github.installations", yields=AppGrant, needs=[INSTALLATIONS, TOKENS])
def installations(source: RestSource) -> Iterator[AppGrant]:
    """Installed apps and fine-grained tokens.

    Every App installed in the organisation and every fine-grained personal token that may act on its resources, with
    permissions and reach. GitHub does not say when an App was last used. Tokens are shown to Apps only: for any other
    caller they are a gap. Whole when there are as many Apps as the total that each page names.
    """
    for one in source.list(INSTALLATIONS):
        permissions = one.get("permissions")
        yield AppGrant(
            key=f"app {one['id']}",
            seen=[one],
            app=one.get("app_slug") or f"app {one['id']}",
            kind="app",
            permissions=_named(permissions),
            access=_widest(permissions),
            everything=_all(one),
            granted_at=moment(one.get("created_at")),
            status="suspended" if one.get("suspended_at") else "active",
        )
    for _, found in source.each((TOKENS,), lambda operation: list(source.list(operation))):
        for one in found:
            yield _token(one)


@github.evidence(
    "github.keys", yields=Credential, needs=[REPOSITORIES, DEPLOY_KEYS, ORGANISATION_SECRETS, REPOSITORY_SECRETS]
)
def keys(source: RestSource) -> Iterator[Credential]:
    """Deploy keys and Actions secret ages.

    For every repository that is not archived, its deploy keys and the names of its Actions secrets; and the secrets of
    the organisation. Only names and ages are read: GitHub never shows a value. Whole when every repository was visited
    and there are as many secrets as each list counts.
    """
    for one in source.list(ORGANISATION_SECRETS):
        yield _secret(one, source.scope.unit_id)
    live = [one for one in source.list(REPOSITORIES) if not one["archived"]]
    for repository, found in source.each(
        live, lambda one: list(source.list(DEPLOY_KEYS, owner=source.scope.unit_id, repo=one["name"]))
    ):
        for one in found:
            yield Credential(
                key=f"deploy key {one['id']}",
                seen=[one, repository],
                credential_id=f"deploy key {one['title']} of {repository['full_name']}",
                principal_id=repository["full_name"],
                kind="access_key",
                status="active",
                created_at=moment(one.get("created_at")),
                last_used_at=moment(one.get("last_used")),
                owner=one.get("added_by"),
                writes=None if one.get("read_only") is None else not one["read_only"],
            )
    for repository, found in source.each(
        live, lambda one: list(source.list(REPOSITORY_SECRETS, owner=source.scope.unit_id, repo=one["name"]))
    ):
        for one in found:
            yield _secret(one, repository["full_name"])


@github.evidence("github.webhooks_streams", yields=LogSource, needs=[HOOKS])
def hooks(source: RestSource) -> Iterator[LogSource]:
    """Event export from GitHub.

    Every webhook of the organisation, and whether it is on. Streams of the audit log are set for the enterprise, which
    an organisation cannot see: they are not in the list. Whole when the Link header is exhausted.
    """
    for hook in source.list(HOOKS):
        yield LogSource(
            key=str(hook["id"]),
            seen=[hook],
            source=f"webhook {hook['id']}",
            kind="webhook",
            enabled=hook.get("active"),
            covers="organisation",
            destination=(hook.get("config") or {}).get("url"),
            events=None if hook.get("events") is None else tuple(sorted(hook["events"])),
        )


def _token(one: Answer) -> AppGrant:
    permissions = {
        name: level for part in (one.get("permissions") or {}).values() for name, level in (part or {}).items()
    }
    owner = (one.get("owner") or {}).get("login")
    return AppGrant(
        key=f"token {one['id']}",
        seen=[one],
        app=f"token {one.get('token_name') or one['id']} of {owner}",
        kind="token",
        permissions=_named(permissions),
        access=_widest(permissions),
        everything=_all(one),
        granted_to=owner,
        granted_at=moment(one.get("access_granted_at")),
        last_used_at=moment(one.get("token_last_used_at")),
        never_used=one["token_last_used_at"] is None if "token_last_used_at" in one else None,
        expires_at=moment(one.get("token_expires_at")),
        status="active",
    )


def _secret(one: Answer, place: str) -> Credential:
    return Credential(
        key=f"secret {one['name']} of {place}",
        seen=[one],
        credential_id=f"secret {one['name']} of {place}",
        principal_id=place,
        kind="secret",
        status="active",
        created_at=moment(one.get("created_at")),
        rotated_at=moment(one.get("updated_at")),
    )


def _named(permissions: Mapping[str, Any] | None) -> tuple[str, ...] | None:
    return None if permissions is None else tuple(f"{name}:{level}" for name, level in sorted(permissions.items()))


def _widest(permissions: Mapping[str, Any] | None) -> str | None:
    """The widest level; None when one of them is not known, or there is none."""
    levels = set((permissions or {}).values())
    return None if not levels or levels - set(_WIDTH) else max(levels, key=_WIDTH.index)


def _all(one: Answer) -> bool | None:
    """Whether it reaches every repository; None where GitHub does not say."""
    selection = one.get("repository_selection")
    return None if selection is None else selection == "all"
