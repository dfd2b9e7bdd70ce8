"""Who the provider knows."""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collector.records import Account
from connectors.scim import scim
from connectors.scim.api import USERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource
    from connectors.scim.settings import ScimSettings

_STATUS = {True: "active", False: "disabled"}


@scim.evidence("scim.users", yields=Account, needs=[USERS])
def users(source: RestSource) -> Iterator[Account]:
    """Users of any status.

    Every user that the provider lists, also those who are not active. SCIM tells neither when a user last signed in,
    nor since when one is not active, nor whether there is a second factor. Services and guests are told apart by the
    configuration alone; who was deleted is not in the list.

    Whole when there are as many users as the first page says, and no page changed while the list was read.
    """
    expected, listed = source.counted(USERS)
    found = 0
    for user in listed:
        found += 1
        active = user.get("active")
        yield Account(
            key=user["id"],
            seen=[user],
            account_id=user["id"],
            name=user.get("userName"),
            email=_email(user),
            kind=_kind(user, source.settings),
            status=_STATUS.get(active) if isinstance(active, bool) else None,
            created_at=_moment((user.get("meta") or {}).get("created")),
        )
    source.total("users", expected=expected, found=found)


def _email(user: Answer) -> str | None:
    """The address that is marked as the main one; without such a mark the only one."""
    told: list[Mapping[str, Any]] = list(user.get("emails") or ())
    main = [one for one in told if one.get("primary") is True] or (told if len(told) == 1 else [])
    address = main[0].get("value") if main else None
    return address.lower() if isinstance(address, str) else None


def _kind(user: Answer, settings: ScimSettings) -> str:
    login = str(user.get("userName") or "").lower()
    if any(fnmatchcase(login, pattern.lower()) for pattern in settings.service_users):
        return "service"
    return "guest" if user.get("userType") in settings.guest_user_types else "human"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)
