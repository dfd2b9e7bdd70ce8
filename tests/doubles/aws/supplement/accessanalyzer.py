"""IAM Access Analyzer, which moto does not have: its analyzers and their findings, all of them seeded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.doubles.aws.supplement.asked import Asked

ANALYZERS = "accessanalyzer:analyzers"
FINDINGS = "accessanalyzer:findings"
"""Each with its `analyzer`, the ARN of one."""
_MOST = 100
_NOT_FOUND = 404
_MOMENTS = {"createdAt", "updatedAt", "analyzedAt", "lastResourceAnalyzedAt"}


def list_analyzers(asked: Asked) -> Mapping[str, Any]:
    """The analyzers of one account and region, of every type unless one is asked for."""
    kind = asked.input.get("type")
    return _page(asked, "analyzers", [one for one in asked.items(ANALYZERS) if kind in {None, one["type"]}])


def list_findings_v2(asked: Asked) -> Mapping[str, Any]:
    """The findings of one analyzer, of every status: filters are refused, since nobody here asks for any."""
    arn = asked.input["analyzerArn"]
    if arn not in {one["arn"] for one in asked.items(ANALYZERS)}:
        raise RefusedError("ResourceNotFoundException", f"Analyzer not found: {arn}", _NOT_FOUND)
    if asked.input.get("filter"):
        raise RefusedError("ValidationException", "this double does not filter findings")
    found = [one for one in asked.items(FINDINGS) if one["analyzer"] == arn]
    return _page(asked, "findings", [{key: value for key, value in one.items() if key != "analyzer"} for one in found])


def _page(asked: Asked, name: str, items: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    page = asked.page(name, [_read(one) for one in items], "nextToken", "maxResults", _MOST)
    return {("nextToken" if key == "NextToken" else key): value for key, value in page.items()}


def _read(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(value) if name in _MOMENTS else value for name, value in item.items()}
