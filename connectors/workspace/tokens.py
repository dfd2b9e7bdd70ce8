"""Which applications people let in, and how far."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.records import AppGrant
from connectors.workspace import people, workspace
from connectors.workspace.activities import events
from connectors.workspace.directory_operations import TOKENS, USERS
from connectors.workspace.moments import written
from connectors.workspace.report_operations import TOKEN_LOG
from connectors.workspace.scopes import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_IDENTITY = frozenset({"openid", "email", "profile", "userinfo.email", "userinfo.profile"})
"""Scopes that show who somebody is, and nothing that is the company's."""


@workspace.evidence("gws.tokens", yields=AppGrant, needs=[USERS, TOKENS, TOKEN_LOG])
def tokens(source: RestSource) -> Iterator[AppGrant]:
    """Third-party app grants.

    For every active user, each application that may act in their name, with its scopes. Google has no list of all: one
    call is made for each user, and one that fails is a gap that names the user. When it was last let in is taken from
    the log of the last days (`token_log_days`); it is unknown for what is older. A scope that does not say that it only
    reads counts as one to write. Google does not say who publishes an application, nor when it was last used.

    Whole when every active user was asked about.
    """
    active = [one for one in people.live(source) if not one.get("suspended") and not one.get("archived")]
    granted = _granted(source)
    answered = 0
    for user, found in source.each(active, lambda one: list(source.list(TOKENS, userKey=one["id"]))):
        answered += 1
        for token in found:
            yield _grant(user, token, granted)
    source.total("active users asked about", expected=len(active), found=answered)


def _granted(source: RestSource) -> Mapping[tuple[str, str], datetime]:
    """When each user last let each application in, as far back as the log was read; empty where it could not be."""
    found: dict[tuple[str, str], datetime] = {}
    span = {"startTime": written(source.now - timedelta(days=source.settings.token_log_days)), "eventName": "authorize"}
    for _, activities in source.each((TOKEN_LOG,), lambda log: list(source.list(log, **span))):
        for event in (one for activity in activities for one in events(activity)):
            client = event.text("client_id")
            if event.name == "authorize" and event.actor_id and client and event.at:
                place = (event.actor_id, client)
                found[place] = max(event.at, found.get(place, event.at))
    return found


def _grant(user: Answer, token: Answer, granted: Mapping[tuple[str, str], datetime]) -> AppGrant:
    scopes = {scope.removeprefix(PREFIX): _level(scope) for scope in token.get("scopes") or ()}
    return AppGrant(
        key=f"{user['id']} {token['clientId']}",
        seen=[token, user],
        app=token.get("displayText") or token["clientId"],
        kind="app",
        permissions=tuple(f"{scope}:{level}" for scope, level in sorted(scopes.items())) if scopes else None,
        access=None if not scopes else "write" if "write" in scopes.values() else "read",
        granted_to=user["primaryEmail"],
        granted_at=granted.get((user["id"], token["clientId"])),
        status="active",
    )


def _level(scope: str) -> str:
    name = scope.removeprefix(PREFIX)
    return "read" if name.endswith(".readonly") or name in _IDENTITY else "write"
