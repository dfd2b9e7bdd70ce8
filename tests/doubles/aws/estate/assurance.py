"""AWS Artifact: AWS's own reports, a letter that bridges, one that was withdrawn, and a vendor's of the marketplace."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.supplement.artifact import HOME, REPORTS

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground


def seed_reports(ground: Ground) -> None:
    """Every account sees AWS's; production sees a vendor's too, which it has bought from."""
    for account in ground.accounts:
        for one in (
            _report(ground, "soc2", "SOC 2 Report - Current", "SOC", 400, 36),
            _report(ground, "iso1", "ISO 27001-2022 Certification", "ISO", 500, -595),
            _report(ground, "cont", "SOC Continued Operations Letter", "SOC", None, None),
            _report(ground, "gone", "SOC 2 Report - Previous", "SOC", 765, 401) | {"state": "UNPUBLISHED"},
            _report(ground, "late", "PCI DSS Attestation of Compliance", "PCI", 30, -335)
            | {"uploadState": "PROCESSING"},
        ):
            ground.put(REPORTS, account.id, HOME, one)
    vendor = {"companyName": "Postbox GmbH", "productName": "Postbox for Teams", "category": "Marketplace"}
    ground.put(REPORTS, ground.prod.id, HOME, _report(ground, "mail", "SOC 2 Type 2", "SOC 2", 380, 16) | vendor)


def _report(ground: Ground, name: str, title: str, series: str, since: int | None, until: int | None) -> dict[str, Any]:
    """A report on a period from so many days ago to so many days ago, both days included."""
    days = ground.now.replace(hour=0, minute=0, second=0)
    period = {"periodStart": since, "periodEnd": until}
    known = {key: (days - timedelta(days=ago)).isoformat() for key, ago in period.items() if ago is not None}
    return {
        "id": f"report-abcdefgh1234{name}",
        "arn": f"arn:aws:artifact:{HOME}::report/report-abcdefgh1234{name}:2",
        "name": title,
        "series": series,
        "category": "Certifications and Attestations",
        "companyName": "AWS",
        "state": "PUBLISHED",
        "uploadState": "COMPLETE",
        "acceptanceType": "EXPLICIT",
        "version": 2,
        **known,
    }
