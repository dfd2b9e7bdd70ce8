"""AWS Artifact: its list of reports, which moto has nothing of; it answers in two regions and in no other."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

REPORTS = "artifact:reports"
HOME = "us-east-1"
_REGIONS = frozenset({HOME, "us-west-2"})
_MOST = 300
_TIMES = ("periodStart", "periodEnd")


def list_reports(asked: Asked) -> Mapping[str, Any]:
    """The reports of the account, the same in either region."""
    if asked.call.region not in _REGIONS:
        raise RefusedError("DoubleHasNoEndpoint", f"Artifact has no endpoint in {asked.call.region}", 500)
    if not 1 <= int(asked.input.get("maxResults", _MOST)) <= _MOST:
        raise RefusedError("ValidationException", f"maxResults must be between 1 and {_MOST}")
    known = [
        {name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in one.items()}
        for one in asked.seeded.of(REPORTS, asked.call.account, HOME)
    ]
    page = asked.page("reports", known, "nextToken", "maxResults", _MOST)
    return {("nextToken" if name == "NextToken" else name): value for name, value in page.items()}
