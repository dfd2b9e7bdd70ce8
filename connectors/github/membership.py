"""Who came, went, or was given another role: the audit log, where the plan has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector.model import Cause, Kind
from collector.records import AccessEvent
from connectors.github import github
from connectors.github.shared_operations import AUDIT_LOG, ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource

ACTIONS = ("org.add_member", "org.remove_member", "org.update_member", "team.add_member", "repo.add_member")


@github.evidence(
    "github.audit.membership",
    yields=AccessEvent,
    needs=[ORGANISATION, AUDIT_LOG],
    kind=Kind.POPULATION,
    keeps_days=180,
)
def membership(source: RestSource) -> Iterator[AccessEvent]:
    """Membership and role events.

    Every event of the window in which somebody joined or left the organisation, a team or a repository, or had another
    role. Only Enterprise Cloud keeps such a log: on any other plan it is a gap, and not an empty list. Whole when the
    cursor is exhausted; the window is always sent, since GitHub otherwise looks back three months only.
    """
    plan = (source.get(ORGANISATION).get("plan") or {}).get("name")
    if plan is not None and plan != "enterprise":
        source.gap(
            Cause.UNLICENSED, AUDIT_LOG, f"the plan is {plan}: the audit log can be read on Enterprise Cloud only"
        )
        return
    window = source.window
    days = f"created:{window.start:%Y-%m-%dT%H:%M:%SZ}..{window.end:%Y-%m-%dT%H:%M:%SZ}"
    phrase = " ".join([*(f"action:{action}" for action in ACTIONS), days])
    for event in source.list(AUDIT_LOG, phrase=phrase):
        at = datetime.fromtimestamp(event["created_at"] / 1000, UTC)
        if window.start <= at < window.end:
            yield AccessEvent(
                key=event["_document_id"],
                seen=[event],
                event_id=event["_document_id"],
                at=at,
                actor=event.get("actor"),
                action=event.get("action"),
                target=event.get("user"),
                outcome="success",
            )
