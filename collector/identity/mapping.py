"""The map itself: every account with its person, every person without one, and the people list held against the last.

A pure function of sealed evidence and of the map before it, which remembers what is no longer shown.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.identity.gathered import Account, Place, moment
from collector.identity.links import Link, Links
from collector.records import Headcount, IdentityLink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.identity.gathered import Gathered

_REMEMBERED = timedelta(days=400)
"""How long an account that is gone stays in the map: a year's audit, and some."""
_A_DAY = timedelta(days=1)
"""A first day of work has no hour: a list made in its morning may not have who began on it."""
_ACTIVE = "active"


def rows(found: Gathered, before: Sequence[Mapping[str, Any]], now: datetime) -> Iterator[IdentityLink | Headcount]:
    """Every row of the map. `before` are the rows of the last map."""
    links = Links(found)
    past = {_place(row): row for row in before if row["table"] == "identity_link" and row["account_id"]}
    mapped: set[str] = set()
    for place, account in sorted(found.accounts.items()):
        link = links.of(place, account)
        mapped |= {link.person_id} - {None} if link.state == "linked" else set()  # type: ignore[arg-type]  # no None left
        yield _present(place, account, link, past.get(place), found)
    for place, row in sorted(past.items()):
        if place not in found.accounts and (gone := _gone(place, row, found, links, now)):
            mapped |= {gone.person_id} if gone.person_id and gone.state == "linked" else set()
            yield gone
    for person in sorted(found.people.keys() - mapped):
        because = "no account anywhere is linked to this person"
        yield IdentityLink(
            key=f"person {person}", seen=(), account_id="", person_id=person, state="no_account", because=because
        )
    yield from _headcount(found, before)


def _place(row: Mapping[str, Any]) -> Place:
    return Place(row["account_provider"], row["account_unit"], row["account_id"])


def _lost(place: Place, name: str | None, past: Mapping[str, Any] | None, found: Gathered) -> datetime | None:
    """When its provider's log says that it lost its access: the log's newest stretch, or what an earlier one said.

    What the newest stretch says of it stands, also that it got its access back: then nothing earlier counts.
    """
    said = [found.lost[one] for one in _names(place, name) if one in found.lost]
    if said:
        return None if None in said else max(at for at in said if at)
    return moment(past["disabled_at"]) if past else None


def _back(place: Place, name: str | None, past: Mapping[str, Any] | None, found: Gathered) -> datetime | None:
    """When it got its access back after the lists had shown it without; a list may never have seen it so."""
    inactive = moment(past["inactive_at"]) if past else None
    times = [found.back[one] for one in _names(place, name) if one in found.back]
    return max((at for at in times if inactive and at > inactive), default=None)


def _names(place: Place, name: str | None) -> tuple[Place, Place]:
    return place, place._replace(account_id=name or "")


def _present(
    place: Place, account: Account, link: Link, past: Mapping[str, Any] | None, found: Gathered
) -> IdentityLink:
    """An account that is there, with what is remembered of it."""
    seen = account.seen_at or found.read_at[place.provider, place.unit]
    active = account.status == _ACTIVE
    was_active = past is None or past["inactive_at"] is None
    first = (past and moment(past["first_seen_at"])) or seen
    back = _back(place, account.name, past, found)
    last = seen if active else back or (past and moment(past["last_active_at"]))
    inactive = None if active or account.status is None else seen
    if inactive and past and not was_active and not back:
        inactive = moment(past["inactive_at"])
    return _row(
        place, account, link, present=True, first_seen_at=first, last_active_at=last, inactive_at=inactive,
        disabled_at=None if active else account.disabled_at or _lost(place, account.name, past, found),
    )  # fmt: skip


def _gone(place: Place, past: Mapping[str, Any], found: Gathered, links: Links, now: datetime) -> IdentityLink | None:
    """An account that no list has any more; where a list was not whole, nobody knows whether it is there."""
    unit = (place.provider, place.unit)
    whole = unit in found.read_at and unit not in found.unread
    back = _back(place, past["account_name"], past, found)
    inactive = None if back else moment(past["inactive_at"])
    if whole and inactive is None:
        inactive = found.read_at[unit]
    if inactive and inactive < now - _REMEMBERED:
        return None
    account = Account(past["account_name"], past["account_email"], past["account_kind"], "gone" if whole else None)
    link = links.of(place, account)
    # What proved the link went with the account, and a weaker one that is left must not take its place.
    if past["person_id"] and (link.person_id is None or past["method"] == "verified"):
        link = Link(state=past["state"], because=past["because"], person_id=past["person_id"], method=past["method"])
    if not whole:
        link = replace(link, because=f"{link.because}; the list it was in was not read whole, so it may be there still")
    return _row(
        place, account, link, present=False if whole else None, first_seen_at=moment(past["first_seen_at"]),
        last_active_at=back or moment(past["last_active_at"]), inactive_at=inactive,
        disabled_at=_lost(place, account.name, past, found),
    )  # fmt: skip


def _row(place: Place, account: Account, link: Link, **history: Any) -> IdentityLink:  # noqa: ANN401 - fields of the row
    confirmed = link.confirmed_at
    return IdentityLink(
        key=f"{place.provider} {place.unit} {place.account_id}",
        seen=(),
        account_id=place.account_id,
        account_provider=place.provider,
        account_unit=place.unit,
        account_name=account.name,
        account_email=account.email,
        account_kind=account.kind,
        person_id=link.person_id,
        method=link.method,
        state=link.state,
        because=link.because,
        confirmed_by=link.confirmed_by,
        confirmed_at=moment(confirmed) if isinstance(confirmed, str) else confirmed,
        status=account.status,
        **history,
    )


def _headcount(found: Gathered, before: Sequence[Mapping[str, Any]]) -> Iterator[Headcount]:
    """Opening and joiners less leavers are the closing count, between two lists; who breaks it is named."""
    if found.roster_at is None:
        return
    at = found.roster_at
    past = next((row for row in before if row["table"] == "headcount"), None)
    active = {person for person, row in found.people.items() if _works(row, at)}
    if past is not None and moment(past["as_of"]) == at and set(past["active"]) == active:
        since, opening = moment(past["since"]), past["opening"]
        yield Headcount(
            key="people", seen=(), as_of=at, since=since, opening=opening, joiners=past["joiners"],
            leavers=past["leavers"], closing=past["closing"], unexplained=tuple(past["unexplained"]),
            active=tuple(sorted(active)),
        )  # fmt: skip
        return
    since = moment(past["as_of"]) if past else None
    opening = set(past["active"]) if past else set[str]()
    begun = since - _A_DAY if since else None
    joined = {one for one in active - opening if begun and _between(found.people[one]["start_date"], begun, at)}
    left = {
        one
        for one in opening - active
        if one in found.people and since and _between(found.people[one]["end_date"], since, at)
    }
    through = {
        one
        for one, row in found.people.items()
        if one not in opening | active and since and begun
        and _between(row["start_date"], begun, at) and _between(row["end_date"], since, at)
    }  # fmt: skip
    joined, left = joined | through, left | through
    unexplained = (active - opening - joined) | (opening - active - left) if past else set[str]()
    yield Headcount(
        key="people",
        seen=(),
        as_of=at,
        since=since,
        opening=len(opening) if past else None,
        joiners=len(joined) if past else None,
        leavers=len(left) if past else None,
        closing=len(active),
        unexplained=tuple(sorted(unexplained)),
        active=tuple(sorted(active)),
    )


def _works(row: Mapping[str, Any], at: datetime) -> bool:
    start, end = moment(row["start_date"]), moment(row["end_date"])
    return start is not None and start <= at and (end is None or end > at)


def _between(text: str | None, since: datetime, at: datetime) -> bool:
    when = moment(text)
    return when is not None and since < when <= at
