"""AWS Artifact: which reports of auditors AWS has to offer, on itself and on those who sell on its marketplace."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from collector.model import Cause
from collector.records import AssuranceReport
from connectors.aws import aws
from connectors.aws.data.buckets import partition
from connectors.aws.hosts import ONLY_IN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

_PAGE = 300
_WITHDRAWN = "UNPUBLISHED"
_NOT_THERE = frozenset({"PROCESSING", "FAILED", "FAULT"})


@aws.evidence("aws.artifact.reports", yields=AssuranceReport, needs=["artifact:ListReports"])
def reports(source: AwsSource) -> Iterator[AssuranceReport]:
    """Provider's own SOC and ISO reports.

    Population: every report that AWS Artifact has for the account to fetch, on AWS itself and on vendors of its
    marketplace; of each its newest version. Who it is on, its name and series are Artifact's words; which product a
    vendor's report is on stands in `services`. A report that was withdrawn, or whose file is not there, is in the raw
    answer only.

    A report that is listed was not fetched, and nobody has read it for that: what its auditor noted, who reviewed it
    and what was decided are in what the company uploads of it, and null here. Nor does this list tell who the auditor
    is, when it was issued, or which criteria it covers. Letters that bridge to the next report have whatever name
    AWS gives them.

    `period_end` is the end of the day, in UTC, that Artifact names as the period's last. Complete when the list was
    read to its last page. Artifact is asked in one region, since it has the same list for all.
    """
    # In the other partitions Artifact has no endpoint that botocore knows of: asked there, it shows.
    there = source.at(ONLY_IN["artifact"]) if partition(source) == "aws" else source
    for one in there.list("artifact", "ListReports", "reports", maxResults=_PAGE):
        if one.get("state") == _WITHDRAWN or one.get("uploadState") in _NOT_THERE:
            continue
        company = one.get("companyName")
        if not company:
            source.gap(Cause.TRUNCATED, f"artifact:ListReports {one['id']}", "it does not say whom the report is on")
            continue
        yield _report(one, company)


def _report(one: Answer, company: str) -> AssuranceReport:
    product = one.get("productName")
    return AssuranceReport(
        key=one["id"],
        seen=[one],
        organisation=company,
        report_type=one.get("name"),
        series=one.get("series"),
        period_start=one.get("periodStart"),
        period_end=_end(one.get("periodEnd")),
        services=(product,) if product else None,
    )


def _end(last: datetime | None) -> datetime | None:
    """The end of the day, in UTC, in which a moment lies."""
    if last is None:
        return None
    return last.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
