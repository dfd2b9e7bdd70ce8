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

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

ACTIONS = {
    "org.add_member": "user_created",
    "org.remove_member": "user_deactivated",
    "org.remove_outside_collaborator": "user_deactivated",
    "org.update_member": "",
    "team.add_member": "group_added",
    "team.remove_member": "group_removed",
    "repo.add_member": "role_granted",
    "repo.remove_member": "role_revoked",
}
"""GitHub's names in the collector's words. Whether another role in the organisation is more or less, its rights say."""


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
    role. To leave the organisation is to lose access; another role there is `role_granted` where it is that of an
    owner, and `other` where GitHub does not say which. Only Enterprise Cloud keeps such a log: on any other plan it is
    a gap, and not an empty list. Whole when the cursor is exhausted; the window is always sent, since GitHub otherwise
    looks back three months only.
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
                action=_word(event),
                target=event.get("user"),
                granted=event.get("team") or event.get("repo") or event.get("permission"),
                outcome="success",
                within=event.get("repo"),
            )


def _word(event: Answer) -> str:
    """The word that all providers share."""
    if event.get("action") == "org.update_member":
        role = event.get("permission")
        return "other" if role is None else "role_granted" if role == "admin" else "role_revoked"
    return ACTIONS.get(event.get("action") or "", "other")
