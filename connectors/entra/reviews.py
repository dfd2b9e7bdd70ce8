"""Reviews of access, and requests for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import AccessEvent, AccessReview, Approval
from connectors.entra import entra
from connectors.entra.governance_operations import (
    PACKAGE_REQUESTS,
    REVIEW_DECISIONS,
    REVIEW_INSTANCES,
    REVIEWS,
    WORKFLOW_PEOPLE,
    WORKFLOW_RUNS,
    WORKFLOWS,
)
from connectors.entra.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_NOBODY = "00000000-0000-0000-0000-000000000000"
_DECISIONS = {"Approve": "keep", "Deny": "revoke", "DontKnow": "unsure", "NotReviewed": "none"}
_STATES = {"Completed": "completed", "AutoReviewed": "completed", "Applied": "applied"}
"""Every other state that Graph gives to a review is one of those before its end."""
_RUNS = {"completed": "success", "completedWithErrors": "failure", "failed": "failure", "canceled": "failure"}
_REQUESTS = {"delivered": "approved", "partiallyDelivered": "approved", "denied": "closed", "canceled": "closed"}


@entra.evidence(
    "entra.access_reviews",
    yields=AccessReview,
    needs=[REVIEWS, REVIEW_INSTANCES, REVIEW_DECISIONS],
    kind=Kind.POPULATION,
    keeps_days=365,
)
def access_reviews(source: RestSource) -> Iterator[AccessReview]:
    """Access review instances and decisions.

    Every instance of every access review that ran in the window, with one row for each access under review: what was
    decided, by whom, when, and whether that was applied. Access that nobody has reviewed is in the list with the
    decision `none`. An instance without any access under review is one row without an item. It needs a P2 or Governance
    licence.

    Whole when the instances of every review, and the decisions of every instance, were read to their end.
    """
    reviews = source.each(source.list(REVIEWS), lambda one: list(source.list(REVIEW_INSTANCES, review_id=one["id"])))
    instances = [(review, one) for review, found in reviews for one in found if _within(source, one)]
    for (review, instance), decisions in source.each(
        instances,
        lambda one: list(source.list(REVIEW_DECISIONS, review_id=one[0]["id"], instance_id=one[1]["id"])),
    ):
        for decision in decisions or [None]:
            yield _review(review, instance, decision)


@entra.evidence(
    "entra.access_requests",
    yields=Approval,
    needs=[PACKAGE_REQUESTS],
    kind=Kind.POPULATION,
    keeps_days=365,
)
def access_requests(source: RestSource) -> Iterator[Approval]:
    """Access package requests and approvals.

    Every request for an access package that was made or decided in the window: who asked, for what, and what became of
    it. Graph shows who approved to people alone, never to an application: that is unknown in every row. It needs a P2
    or Governance licence.

    Whole when the list was read to its end.
    """
    window = source.window
    for request in source.list(PACKAGE_REQUESTS):
        made, ended = moment(request.get("createdDateTime")), moment(request.get("completedDateTime"))
        if not any(at is not None and window.start <= at < window.end for at in (made, ended)):
            continue
        by = request.get("requestor") or {}
        package = request.get("accessPackage") or {}
        status = _REQUESTS.get(request.get("state") or "", "open")
        yield Approval(
            key=request["id"],
            seen=[request],
            request_id=request["id"],
            type="access",
            title=" ".join(one for one in (request.get("requestType"), package.get("displayName")) if one) or None,
            requested_by=by.get("principalName") or by.get("email") or by.get("objectId"),
            requested_at=made,
            approved_at=ended if status == "approved" else None,
            status=status,
            closed_at=ended,
            refers_to=(by["objectId"],) if by.get("objectId") else None,
        )


@entra.evidence(
    "entra.lifecycle_runs",
    yields=AccessEvent,
    needs=[WORKFLOWS, WORKFLOW_RUNS, WORKFLOW_PEOPLE],
    kind=Kind.POPULATION,
    keeps_days=30,
)
def lifecycle_runs(source: RestSource) -> Iterator[AccessEvent]:
    """Joiner/leaver workflow runs.

    For every run of a lifecycle workflow that started in the window, one row for each person it was for, and whether
    all of its tasks ended well. It needs an Entra ID Governance licence.

    Whole when the runs of every workflow, and the people of every run, were read to their end.
    """
    workflows = source.each(source.list(WORKFLOWS), lambda one: list(source.list(WORKFLOW_RUNS, workflow_id=one["id"])))
    runs = [(workflow, one) for workflow, found in workflows for one in found if _started(source, one)]
    for (workflow, run), people in source.each(
        runs,
        lambda one: list(source.list(WORKFLOW_PEOPLE, workflow_id=one[0]["id"], run_id=one[1]["id"])),
    ):
        for person in people:
            yield AccessEvent(
                key=person["id"],
                seen=[person, run, workflow],
                event_id=person["id"],
                at=moment(person.get("completedDateTime") or person.get("startedDateTime") or run["startedDateTime"]),
                actor=workflow.get("displayName"),
                actor_kind="service",
                action="other",
                target=(person.get("subject") or {}).get("id"),
                outcome=_RUNS.get(person.get("processingStatus") or ""),
                request_ref=workflow.get("category"),
            )


def _review(review: Answer, instance: Answer, decision: Answer | None) -> AccessReview:
    said = decision if decision is not None else {}
    by, resource = said.get("reviewedBy") or {}, said.get("resource") or {}
    state = instance.get("status")
    return AccessReview(
        key=said.get("id") or instance["id"],
        seen=[review, instance, *([decision] if decision is not None else [])],
        review_id=instance["id"],
        system=resource.get("displayName") or review.get("displayName"),
        started_at=moment(instance.get("startDateTime")),
        due_at=moment(instance.get("endDateTime")),
        status=None if state is None else _STATES.get(state, "open"),
        reviewer=None if by.get("id") == _NOBODY else by.get("userPrincipalName") or by.get("id"),
        item=(said.get("principal") or {}).get("id"),
        decision=_DECISIONS.get(said.get("decision") or ""),
        decided_at=moment(said.get("reviewedDateTime")),
        applied_at=moment(said.get("appliedDateTime")),
        apply_result=said.get("applyResult"),
    )


def _within(source: RestSource, instance: Answer) -> bool:
    """Whether an instance ran at any time of the window; one that does not say when counts as running."""
    started, ended = moment(instance.get("startDateTime")), moment(instance.get("endDateTime"))
    before = started is None or started < source.window.end
    return before and (ended is None or ended >= source.window.start)


def _started(source: RestSource, run: Answer) -> bool:
    at = moment(run.get("startedDateTime"))
    return at is not None and source.window.start <= at < source.window.end
