"""What sealed evidence says of people and accounts, put together: one entry for each account, whatever lists it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_TABLES = {"person", "account", "account_claim", "external_identity"}
_LOST = frozenset({"user_deactivated", "user_suspended", "user_deleted", "DeleteUser"})
_GAINED = frozenset({"user_reactivated", "user_created", "CreateUser"})
"""Actions of a log of identities, and a cloud's own names for them, as `iam:DeleteUser`; IAM-07 has the same."""
_NOBODYS = frozenset({"role"})
"""Kinds that are no account of anybody: who may take a role is another question."""


class Place(NamedTuple):
    """Where an account is, and which one it is there."""

    provider: str
    unit: str
    account_id: str


@dataclass(slots=True)
class Account:
    """An account as its lists show it now."""

    name: str | None = None
    email: str | None = None
    kind: str | None = None
    status: str | None = None
    sponsor: str | None = None
    disabled_at: datetime | None = None
    seen_at: datetime | None = None
    subjects: list[tuple[str, str]] = field(default_factory=list)
    """Identities of other systems that its provider proved it to be linked to, and by what."""


@dataclass(slots=True)
class Gathered:
    """All of it."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Rows of the people list by person_id."""
    roster_at: datetime | None = None
    """What time the people list speaks of."""
    accounts: dict[Place, Account] = field(default_factory=dict)
    claims: list[dict[str, Any]] = field(default_factory=list)
    read_at: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When the accounts of a provider's unit were last read."""
    unread: set[tuple[str, str]] = field(default_factory=set)
    """Units of which a list of accounts is not whole: what is not in it may be there."""
    lost: dict[Place, datetime | None] = field(default_factory=dict)
    """Since when the provider's own log says an account, by its id or name, is without access; None: it got it back."""
    back: dict[Place, datetime] = field(default_factory=dict)
    """When that log last says that it got its access."""


def gather(bodies: Iterable[Mapping[str, Any]], content: Callable[[str], bytes], lists: frozenset[str]) -> Gathered:
    """Read the rows of evidence leaves. `lists` are the evidence types that list accounts."""
    found, links = Gathered(), defaultdict[Place, list[tuple[str, str]]](list)
    events: list[tuple[datetime, bool, Place]] = []
    for body in sorted(bodies, key=lambda body: (body["type"], body["provider"], body["unit"])):
        unit, ended = (body["provider"], body["unit"]), datetime.fromisoformat(body["ended"])
        if body["type"] in lists:
            found.read_at[unit] = max(found.read_at.get(unit, ended), ended)
            if not body["complete"]:
                found.unread.add(unit)
        for line in content(body["records"]["sha256"]).splitlines():
            row = canonical.decode(line)
            if row["table"] == "access_event":
                events += _turned(unit, row)
            elif row["table"] in _TABLES:
                _take(found, links, unit, ended, row)
    found.lost = _lost(events)
    found.back = {place: at for at, gained, place in sorted(events) if gained}
    for place, subjects in links.items():
        if place in found.accounts:
            found.accounts[place].subjects = sorted(subjects)
    return found


def _lost(events: Iterable[tuple[datetime, bool, Place]]) -> dict[Place, datetime | None]:
    """Since when each account that the log names is without access; None for one that has got it back."""
    lost: dict[Place, datetime | None] = {}
    for at, gained, place in sorted(events):
        lost[place] = None if gained else lost.get(place) or at
    return lost


def _turned(unit: tuple[str, str], row: Mapping[str, Any]) -> Iterator[tuple[datetime, bool, Place]]:
    """An event by which an account lost its access, or got it."""
    action, at = (row["action"] or "").rpartition(":")[2], moment(row["at"])
    if at and row["target"] and action in _LOST | _GAINED and row["outcome"] in {None, "success"}:
        yield at, action in _GAINED, Place(*unit, row["target"])


def _take(
    found: Gathered,
    links: defaultdict[Place, list[tuple[str, str]]],
    unit: tuple[str, str],
    ended: datetime,
    row: dict[str, Any],
) -> None:
    match row["table"]:
        case "person":
            found.people[row["person_id"]] = row
            speaks = moment(row["observed_at"]) or ended
            found.roster_at = max(found.roster_at or speaks, speaks)
        case "account_claim":
            found.claims.append(row)
        case "external_identity":
            links[Place(*unit, row["account_id"])].append((row["subject"] or "", row["via"] or "linked"))
        case _:
            if row["kind"] not in _NOBODYS:
                _merge(found.accounts.setdefault(Place(*unit, row["account_id"]), Account()), row, ended)


def _merge(account: Account, row: Mapping[str, Any], ended: datetime) -> None:
    """Several lists may have the same account; what one does not give, another may. Active anywhere is active."""
    for name in ("name", "email", "kind", "sponsor"):
        if getattr(account, name) is None:
            setattr(account, name, row[name])
    if account.status is None or row["status"] == "active":
        account.status = row["status"]
    account.disabled_at = account.disabled_at or moment(row["disabled_at"])
    seen = moment(row["observed_at"]) or ended
    account.seen_at = max(account.seen_at or seen, seen)


def moment(text: str | None) -> datetime | None:
    """A time of a sealed row."""
    return datetime.fromisoformat(text) if text else None
