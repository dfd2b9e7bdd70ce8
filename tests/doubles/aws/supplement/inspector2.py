"""Amazon Inspector: whether it is on, what it covers and what it found; moto has none of it as AWS answers it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

STATUS = "inspector2:status"
COVERED = "inspector2:covered"
FOUND = "inspector2:findings"
MEMBERS = "inspector2:members"
_RESOURCES = ("ec2", "ecr", "lambda", "lambdaCode")
_FORBIDDEN = 403
_MOST_COVERED, _MOST_FOUND = 200, 100
_MOMENTS = {"lastScannedAt", "firstObservedAt", "lastObservedAt", "updatedAt"}


def batch_get_account_status(asked: Asked) -> Mapping[str, Any]:
    """The caller's own status, on or off; of other accounts only its administrator is told."""
    wanted = asked.input.get("accountIds") or [asked.call.account]
    visible = {asked.call.account, *_members(asked)}
    return {
        "accounts": [_status(asked, account) for account in wanted if account in visible],
        "failedAccounts": [
            {"accountId": account, "errorCode": "ACCESS_DENIED", "errorMessage": "not an account of yours"}
            for account in wanted
            if account not in visible
        ],
    }


def list_coverage(asked: Asked) -> Mapping[str, Any]:
    """What is covered, of the caller and, if it administers others, of them too."""
    items = _listed(asked, COVERED, "accountId", _MOST_COVERED)
    return _page(asked, "coveredResources", items, _MOST_COVERED)


def list_findings(asked: Asked) -> Mapping[str, Any]:
    """Every finding that is still held, in whatever state."""
    items = _listed(asked, FOUND, "awsAccountId", _MOST_FOUND)
    return _page(asked, "findings", items, _MOST_FOUND)


def _members(asked: Asked) -> list[str]:
    return [str(one["accountId"]) for one in asked.items(MEMBERS)]


def _status(asked: Asked, account: str) -> dict[str, Any]:
    given = dict.fromkeys(_RESOURCES, "DISABLED")
    for item in asked.seeded.of(STATUS, account, asked.call.region):
        given |= item
    whole = "ENABLED" if "ENABLED" in given.values() else "DISABLED"
    return {
        "accountId": account,
        "state": _state(whole),
        "resourceState": {name: _state(status) for name, status in given.items()},
    }


def _state(status: str) -> dict[str, str]:
    return {"status": status, "errorCode": "ALREADY_ENABLED", "errorMessage": "-"}


def _listed(asked: Asked, kind: str, account: str, most: int) -> list[dict[str, Any]]:
    """The items that fit; whoever has not switched Inspector on is refused as a stranger is."""
    if _status(asked, asked.call.account)["state"]["status"] != "ENABLED":
        raise RefusedError("AccessDeniedException", "Invoking account does not have access", _FORBIDDEN)
    if not 1 <= int(asked.input.get("maxResults", most)) <= most:
        raise RefusedError("ValidationException", f"maxResults must be between 1 and {most}")
    criteria = asked.input.get("filterCriteria") or {}
    if set(criteria) - {account}:
        raise RefusedError("DoubleCannotFilter", f"not by {sorted(criteria)}", 500)
    wanted = {one["value"] for one in criteria.get(account, ()) if one["comparison"] == "EQUALS"}
    return [
        _read(item)
        for owner in (asked.call.account, *_members(asked))
        for item in asked.seeded.of(kind, owner, asked.call.region)
        if not wanted or item[account] in wanted
    ]


def _page(asked: Asked, name: str, items: list[dict[str, Any]], most: int) -> dict[str, Any]:
    """Inspector writes its tokens in small letters."""
    page = asked.page(name, items, "nextToken", "maxResults", most)
    return {{"NextToken": "nextToken"}.get(member, member): value for member, value in page.items()}


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _MOMENTS else value for name, value in item.items()}
