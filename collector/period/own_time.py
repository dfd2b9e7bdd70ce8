"""When what a row tells of happened, by the row's own word: what puts an item of a population inside a period. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.ledger import moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

OWN_TIME: Mapping[str, tuple[str, ...]] = {
    "access_event": ("at",),
    "access_review": ("completed_at", "started_at"),
    "acknowledgement": ("accepted_at",),
    "alert": ("opened_at",),
    "approval": ("requested_at",),
    "assessment": ("reviewed_at",),
    "backup_job": ("started_at",),
    "breach": ("aware_at",),
    "bypass": ("at",),
    "change": ("merged_at",),
    "change_review": ("submitted_at",),
    "commit": ("committed_at",),
    "communication": ("sent_at",),
    "deployment": ("deployed_at",),
    "disclosure": ("at",),
    "disposal": ("disposed_at",),
    "dsar": ("received_at",),
    "exercise": ("held_at",),
    "incident": ("opened_at",),
    "job_run": ("started_at",),
    "leaked_secret": ("first_seen_at",),
    "meeting": ("held_at",),
    "person_change": ("effective_date",),
    "reconciliation": ("run_at",),
    "restore_test": ("tested_at",),
    "review": ("performed_at",),
    "training": ("completed_at", "assigned_at"),
    "vulnerability": ("first_seen_at",),
}
"""By table: the columns that tell it, the first that is given. Rows of other tables are of states and have none."""

AT_ONCE = frozenset(
    {"access_event", "backup_job", "bypass", "change", "commit", "deployment", "disclosure", "disposal", "job_run"}
)
"""Tables of what is over when it has happened: that time says to which period it belongs. Others, such as a weakness
that was found, go on, and may become a deviation long afterwards."""


def own_time(row: Mapping[str, Any]) -> datetime | None:
    """When it happened; None where the source did not say, or it is of a state."""
    for column in OWN_TIME.get(row["table"], ()):
        if said := row.get(column):
            return moment(said)
    return None
