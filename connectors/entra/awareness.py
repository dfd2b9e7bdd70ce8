"""What people were taught, what they agreed to, and how long data about them is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Acknowledgement, Dsar, RetentionRule, Training
from connectors.entra import entra
from connectors.entra.governance_operations import ACCEPTANCES, AGREEMENTS
from connectors.entra.moments import moment
from connectors.entra.security_operations import RETENTION_LABELS, SIMULATIONS, SUBJECT_REQUESTS, TRAINING_COVERAGE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.source.rest.source import RestSource

_TRAINING = {"assigned": "assigned", "inProgress": "started", "completed": "completed", "overdue": "overdue"}
_FOREVER = "#microsoft.graph.security.retentionDurationForever"


@entra.evidence(
    "entra.training", yields=Training, needs=[TRAINING_COVERAGE, SIMULATIONS], kind=Kind.POPULATION, keeps_days=365
)
def training(source: RestSource) -> Iterator[Training]:
    """Training and phishing simulation results.

    Every course that attack simulation training gave to somebody, with where they stand now, and every simulation that
    was launched in the window. Graph gives the present state of all courses, also of those from before the window. It
    needs Defender for Office 365 plan 2.

    Whole when both lists were read to their end.
    """
    for person in source.list(TRAINING_COVERAGE):
        who = person["attackSimulationUser"]
        for number, course in enumerate(person.parts("userTrainings")):
            yield Training(
                key=f"{who['userId']} {course.get('displayName')} {course.get('assignedDateTime') or number}",
                seen=[course, person],
                person_id=who["userId"],
                email=(who.get("email") or "").lower() or None,
                course=course.get("displayName"),
                status=_TRAINING.get(course.get("trainingStatus") or ""),
                assigned_at=moment(course.get("assignedDateTime")),
                completed_at=moment(course.get("completionDateTime")),
            )
    for simulation in source.list(SIMULATIONS):
        launched = moment(simulation.get("launchDateTime"))
        if launched is not None and source.window.start <= launched < source.window.end:
            yield Training(
                key=f"simulation {simulation['id']}",
                seen=[simulation],
                course=f"phishing simulation: {simulation.get('displayName')}",
                assigned_at=launched,
                completed_at=moment(simulation.get("completionDateTime")),
            )


@entra.evidence(
    "entra.terms_acceptance",
    yields=Acknowledgement,
    needs=[AGREEMENTS, ACCEPTANCES],
    kind=Kind.POPULATION,
    keeps_days=365,
)
def terms_acceptance(source: RestSource) -> Iterator[Acknowledgement]:
    """Terms-of-use acceptances.

    Who accepted or declined which version of which terms of use in the window. Microsoft's documentation has these
    lists for people only; where an application is refused, that is a gap. It needs a P1 licence.

    Whole when the acceptances of every agreement were read to their end.
    """
    agreements = source.list(AGREEMENTS)
    for agreement, found in source.each(agreements, lambda one: list(source.list(ACCEPTANCES, agreement_id=one["id"]))):
        for one in found:
            at = moment(one.get("recordedDateTime"))
            if at is not None and source.window.start <= at < source.window.end:
                yield Acknowledgement(
                    key=one["id"],
                    seen=[one, agreement],
                    person_id=one.get("userId"),
                    email=(one.get("userEmail") or "").lower() or None,
                    document=agreement.get("displayName"),
                    version=one.get("agreementFileId"),
                    status=one.get("state"),
                    accepted_at=at if one.get("state") == "accepted" else None,
                    expires_at=moment(one.get("expirationDateTime")),
                )


@entra.evidence("entra.subject_requests", yields=Dsar, needs=[SUBJECT_REQUESTS], kind=Kind.POPULATION, keeps_days=365)
def subject_requests(source: RestSource) -> Iterator[Dsar]:
    """Subject rights requests.

    Every request of a data subject that was made or closed in the window, as far as Microsoft Priva has them; whose it
    is stays in the raw answer. A register that is kept by hand is not in here.

    Whole when the list was read to its end.
    """
    window = source.window
    for one in source.list(SUBJECT_REQUESTS):
        made, closed = moment(one.get("createdDateTime")), moment(one.get("closedDateTime"))
        if any(at is not None and window.start <= at < window.end for at in (made, closed)):
            status = one.get("status")
            yield Dsar(
                key=one["id"],
                seen=[one],
                request_id=one["id"],
                type=one.get("type"),
                subject_kind=one.get("dataSubjectType"),
                status=None if status is None else "closed" if status == "closed" else "open",
                received_at=made,
                due_at=moment(one.get("internalDueDateTime")),
                answered_at=closed,
            )


@entra.evidence("entra.retention_labels", yields=RetentionRule, needs=[RETENTION_LABELS])
def retention_labels(source: RestSource) -> Iterator[RetentionRule]:
    """Retention labels.

    Every retention label: for how many days what carries it is kept, what is done then, and whether it is in use.

    Whole when the list was read to its end.
    """
    for one in source.list(RETENTION_LABELS):
        kept = one.get("retentionDuration") or {}
        yield RetentionRule(
            key=one["id"],
            seen=[one],
            rule=one.get("displayName") or one["id"],
            store="Microsoft 365",
            action=one.get("actionAfterRetentionPeriod"),
            after_days=_days(kept),
            keeps_forever=None if not kept else kept.get("@odata.type", "").lstrip("#") == _FOREVER.lstrip("#"),
            enabled=one.get("isInUse"),
        )


def _days(kept: Mapping[str, Any]) -> int | None:
    """Graph writes the number of days as text."""
    text = str(kept.get("days") or "")
    return int(text) if text.isdecimal() else None
