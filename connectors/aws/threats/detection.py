"""GuardDuty: whether threats are looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.answer import UNSEEN
from collector.connector import Per
from collector.records import Monitor
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.aws.source import AwsSource


@aws.evidence(
    "aws.guardduty.coverage",
    yields=Monitor,
    needs=["guardduty:ListDetectors", "guardduty:GetDetector"],
    per=Per.PLACE,
)
def coverage(source: AwsSource) -> Iterator[Monitor]:
    """Threat detection by region.

    Population: every enabled region of the account; one row each. `state` is `enabled` or `disabled` (suspended) as
    the detector says, and `absent` where the region has none. `covers` is the region. A detector that is listed but
    cannot be read stays, with a null state and a gap. Which kinds of source it watches is in the raw answer (Features).

    Complete when there is a row for every enabled region.

    Not asked: what the administrator's account says of its members and of new accounts. Each account is asked itself,
    which shows more than the relationship does; and GuardDuty refuses those two questions to everyone else with the
    same code as a malformed request (BadRequestException), so a refusal could not be told from a fault.
    """
    listed = source.get("guardduty", "ListDetectors", "DetectorIds")
    for detector_id in listed["DetectorIds"] or [None]:
        detector = source.look("guardduty", "GetDetector", "Status", DetectorId=detector_id) if detector_id else UNSEEN
        yield Monitor(
            key=source.place,
            seen=[listed, detector],
            monitor=f"GuardDuty in {source.place}",
            kind="threat_detection",
            covers=source.place,
            state=detector.tell(lambda one: str(one["Status"]).lower()) if detector_id else "absent",
        )
