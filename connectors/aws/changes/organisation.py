"""Which accounts there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from collector.connector import Per
from collector.records import ScopeUnit
from connectors.aws import aws
from connectors.aws.connection import NO_ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource


class Place(NamedTuple):
    """Where something hangs in the organisation: the names from the root down, and the answers that say so."""

    path: str
    seen: tuple[Answer, ...]


@aws.evidence(
    "aws.org.accounts",
    yields=ScopeUnit,
    needs=[
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
        "organizations:ListRoots",
        "organizations:ListOrganizationalUnitsForParent",
        "organizations:ListAccountsForParent",
    ],
    per=Per.ESTATE,
)
def accounts(source: AwsSource) -> Iterator[ScopeUnit]:
    """Accounts in the AWS organisation.

    Population: every account that AWS Organizations lists, in whatever state it is: active, suspended, being closed.
    The account signed in to is the only item where AWS says that it belongs to no organisation; that answer is kept.
    Each account has the path of its organisational units, from the root down.

    Complete when the list's last page was read, and two totals tie. The units are walked from the root, and the
    accounts found in them must be as many as the list has. And every active account must be one that this run collects
    from, or one that the configuration excludes with a reason.

    Not told by AWS: accounts that have left the organisation, and accounts closed more than 90 days ago. The
    environment of an account is the configuration's word, not AWS's.
    """
    organisation = source.get("organizations", "DescribeOrganization", "Organization", absent=(NO_ORGANISATION,))
    if organisation.absent:
        yield _alone(source, organisation)
        return
    places = _places(source)
    listed = list(source.list("organizations", "ListAccounts", "Accounts"))
    for account in listed:
        place = places.get(account["Id"])
        yield ScopeUnit(
            key=account["Id"],
            seen=[account, *(place.seen if place else ())],
            unit_id=account["Id"],
            name=account.get("Name"),
            status=status(account),
            parent=place and place.path,
            environment=source.settings.environments.get(account["Id"]),
            joined_at=account.get("JoinedTimestamp"),
        )
    source.total(
        "accounts listed = accounts found in the organisation's units", expected=len(listed), found=len(places)
    )
    active = [account["Id"] for account in listed if status(account) == "active"]
    _account_for(source, active)


def status(account: Answer) -> str | None:
    """An account's state in lower case. AWS is replacing `Status` by `State`; either may be missing."""
    state = account.get("State") or account.get("Status")
    return state and state.lower()


def _alone(source: AwsSource, organisation: Answer) -> ScopeUnit:
    """The one account outside any organisation; of its state AWS says nothing."""
    _account_for(source, [source.account])
    return ScopeUnit(
        key=source.account,
        seen=[organisation],
        unit_id=source.account,
        environment=source.settings.environments.get(source.account),
    )


def _account_for(source: AwsSource, active: list[str]) -> None:
    excluded = source.settings.excluded_accounts
    known = [account for account in active if account in source.in_scope or excluded.get(account)]
    source.total("active accounts = collected + excluded with a reason", expected=len(active), found=len(known))


def _places(source: AwsSource) -> dict[str, Place]:
    """Where each account is, found from the roots down, one level after the other."""
    level = [(root["Id"], Place(root.get("Name") or root["Id"], ())) for root in _roots(source)]
    found: dict[str, Place] = {}
    while level:
        below: list[tuple[str, Place]] = []
        for (_, place), (units, members) in source.each(level, lambda parent: _children(source, parent[0])):
            below += [
                (unit["Id"], Place(f"{place.path}/{unit.get('Name') or unit['Id']}", (*place.seen, unit)))
                for unit in units
            ]
            found |= {member["Id"]: Place(place.path, (*place.seen, member)) for member in members}
        level = below
    return found


def _roots(source: AwsSource) -> list[Answer]:
    """An organisation has one root. Where it cannot be read, accounts are listed without their place."""
    return [
        root for _, roots in source.each(["roots"], lambda _: _list(source, "ListRoots", "Roots")) for root in roots
    ]


def _children(source: AwsSource, parent: str) -> tuple[list[Answer], list[Answer]]:
    units = _list(source, "ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
    return units, _list(source, "ListAccountsForParent", "Accounts", ParentId=parent)


def _list(source: AwsSource, operation: str, key: str, **parameters: str) -> list[Answer]:
    return list(source.list("organizations", operation, key, **parameters))
