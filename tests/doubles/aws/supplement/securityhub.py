"""Security Hub: findings by filter, and none for who is not subscribed: moto knows neither filter nor subscription."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.securityhub.models import securityhub_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

MEMBERS = "securityhub:members"
_MOST = 100
_UNAUTHORIZED = 401
_FILTERS = ("AwsAccountId", "Region")


def get_findings(asked: Asked) -> Mapping[str, Any]:
    """The findings that fit: of the caller, and of those it administers."""
    here = asked.call.region
    if not securityhub_backends[asked.call.account][here].enabled:
        message = f"Account {asked.call.account} is not subscribed to AWS Security Hub"
        raise RefusedError("InvalidAccessException", message, _UNAUTHORIZED)
    if not 1 <= int(asked.input.get("MaxResults", _MOST)) <= _MOST:
        raise RefusedError("InvalidInputException", f"MaxResults must be a number between 1 and {_MOST}")
    wanted = asked.input.get("Filters") or {}
    if set(wanted) - set(_FILTERS):
        raise RefusedError("DoubleCannotFilter", f"not by {sorted(wanted)}", 500)
    accounts = [asked.call.account, *(str(one["accountId"]) for one in asked.items(MEMBERS))]
    held = [one.data for account in accounts for one in securityhub_backends[account][here].findings]
    fitting = [one for one in held if all(_fits(one.get(name), tests) for name, tests in wanted.items())]
    return asked.page("Findings", fitting, "NextToken", "MaxResults", _MOST)


def _fits(value: object, tests: list[dict[str, str]]) -> bool:
    return any(test["Comparison"] == "EQUALS" and test["Value"] == value for test in tests)
