"""Amazon Inspector: whether it is on in a region, and what it says that it watches there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.answer import UNSEEN
from collector.model import Cause

if TYPE_CHECKING:
    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

STATUS, COVERAGE = "inspector2:BatchGetAccountStatus", "inspector2:ListCoverage"
KIND = "vulnerability_scanning"
PAUSED = frozenset({"EC2_INSTANCE_STOPPED", "RESOURCE_STOPPED", "RESOURCE_TERMINATED"})
"""Why Inspector does not scan what does not run, or is no more; stopping closes no finding."""
_OFF = "DISABLED"
_STATES = {"ENABLED": "enabled", _OFF: "disabled", "SUSPENDED": "disabled"}
_PAGE = 200


def account_status(source: AwsSource) -> Answer:
    """What Inspector says of this account in this region, which it also tells where it is off; unseen with a gap."""
    answered = source.look("inspector2", "BatchGetAccountStatus", "accounts", accountIds=[source.account])
    if not answered.seen:
        return UNSEEN
    for one in answered.parts("accounts"):
        if one["accountId"] == source.account:
            return one
    failed = answered.get("failedAccounts") or ()
    code = next((one["errorCode"] for one in failed if one["accountId"] == source.account), "left out")
    cause = Cause.DENIED if code == "ACCESS_DENIED" else Cause.UNAVAILABLE
    source.gap(cause, f"{STATUS} ({source.place})", f"no status of the account: {code}")
    return UNSEEN


def state(status: Answer, resource: str | None = None) -> str | None:
    """Whether Inspector is on, or one kind of its scans; None while it changes, and where that was not told."""
    told = (status.get("resourceState") or {}).get(resource) if resource else status.get("state")
    return _STATES.get(str((told or {}).get("status")))


def is_off(status: Answer) -> bool:
    """Whether it is proved to be off altogether: then it refuses every other question, as it refuses a stranger."""
    return bool((status.get("state") or {}).get("status") == _OFF)


def covered(source: AwsSource, status: Answer) -> list[Answer] | None:
    """All that Inspector knows of in this account and region; None when it could not be listed, which is a gap.

    An administrator's account is told of all its members: so only its own resources are asked for.
    """
    if is_off(status):
        return []
    own = {"accountId": [{"comparison": "EQUALS", "value": source.account}]}
    asked = source.each(
        [own],
        lambda one: list(
            source.list("inspector2", "ListCoverage", "coveredResources", filterCriteria=one, maxResults=_PAGE)
        ),
    )
    return next((found for _, found in asked), None)
