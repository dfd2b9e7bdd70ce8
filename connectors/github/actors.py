"""Who did something, as GitHub names people and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.github.settings import GithubSettings

_KINDS = {"User": "human", "EnterpriseUserAccount": "human", "Bot": "bot"}
_BOT = "[bot]"


class Actor(NamedTuple):
    """An account; nothing is known of one that was deleted."""

    login: str | None
    kind: str | None
    """human, bot."""


def actor(told: Mapping[str, Any] | None, settings: GithubSettings) -> Actor:
    """From REST (`type`) or GraphQL (`__typename`), which alone leaves `[bot]` out of an App's login."""
    if not told:
        return Actor(None, None)
    login, kind = str(told["login"]), _KINDS.get(told.get("__typename") or told.get("type") or "")
    if kind == "bot" and not login.endswith(_BOT):
        login += _BOT
    return Actor(login, "bot" if login in settings.machine_users else kind)
