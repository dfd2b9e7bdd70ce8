"""Who the users are: read once for all that names them, and found again by address where a log has nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from connectors.workspace.directory_operations import USERS
from connectors.workspace.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_CLOSE = timedelta(minutes=5)
"""A log may write down another second than the account itself."""
DELETED = {"showDeleted": "true"}
"""Google then lists the deleted ones, and these alone."""


def live(source: RestSource) -> list[Answer]:
    """Every user that there is, suspended and archived ones among them."""
    return list(source.list(USERS))


def deleted(source: RestSource) -> list[Answer]:
    """Every user that was deleted and may still be brought back."""
    return list(source.list(USERS, **DELETED))


def kind(user: Answer | None, source: RestSource) -> str | None:
    """Whose account it is. Google marks guests; programs it does not mark, so the settings name them."""
    if user is None:
        return None
    address = user["primaryEmail"].lower()
    if any(fnmatchcase(address, pattern.lower()) for pattern in source.settings.program_accounts):
        return "service"
    return "guest" if user.get("isGuestUser") else "human"


class Directory:
    """Users by id and by address. An address may pass from one account to a later one."""

    def __init__(self, users: Iterable[Answer], *, whole: bool) -> None:
        """`whole`: whether there are no others, so that who is not in it is no user."""
        self.whole = whole
        self.users = {user["id"]: user for user in users}
        self._holders: dict[str, list[_Holder]] = {}
        for user in self.users.values():
            held = _Holder(user["id"], moment(user.get("creationTime")), moment(user.get("deletionTime")))
            for address in {user["primaryEmail"], *(user.get("aliases") or ())}:
                self._holders.setdefault(address.lower(), []).append(held)

    @property
    def domains(self) -> frozenset[str]:
        """The domains of the users' own addresses."""
        return frozenset(user["primaryEmail"].lower().rpartition("@")[2] for user in self.users.values())

    def account(self, address: str | None, at: datetime | None) -> str | None:
        """Id of the account that had this address then; the address itself where no such account is known any more."""
        if not address:
            return None
        holders = self._holders.get(address.lower(), [])
        # Also one holder alone may be another than then: Google forgets who had it before.
        then = holders if at is None else [one for one in holders if one.had_it(at)]
        return then[0].id if len(then) == 1 else address.lower()


def directory(source: RestSource) -> Directory:
    """The users, live and deleted, for what names them by address; a gap for each part that cannot be read."""
    read = [users for _, users in source.each((live, deleted), lambda part: part(source))]
    return Directory([user for users in read for user in users], whole=len(read) == len((live, deleted)))


@dataclass(frozen=True, slots=True)
class _Holder:
    id: str
    since: datetime | None
    until: datetime | None

    def had_it(self, at: datetime) -> bool:
        begun = self.since is None or self.since - _CLOSE <= at
        return begun and (self.until is None or at <= self.until + _CLOSE)
