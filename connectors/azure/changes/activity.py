"""What was changed in each subscription: from its activity log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import ChangeEvent
from connectors.azure import azure
from connectors.azure.moments import moment, written
from connectors.azure.tenant_operations import ACTIVITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_LATE = 60
_ENDS = {"Succeeded": "success", "Failed": "failure"}
"""An operation is written down when it begins, when it is accepted, and when it ends: the end is the change."""
_CHANGES = ("/write", "/delete", "/action")
_WRITTEN = frozenset({"Administrative", "Policy", "Security"})


@azure.evidence(
    "azure.activity_log", yields=ChangeEvent, needs=[ACTIVITY], kind=Kind.POPULATION, keeps_days=90, late_minutes=_LATE
)
def activity(source: AzureSource) -> Iterator[ChangeEvent]:
    """Control-plane operations (changes, role grants, deletions).

    Population: every operation of the window that changed something in the subscription (it writes, deletes or acts)
    and that has ended, failed ones included: who did it, what it was, to what. Whoever has an address as a name counts
    as a person, and whoever has an id alone as a program.

    Complete when the log was read to its end, and the entries received are as many as those kept and those left out:
    entries that say that an operation began, and those of service health, alerts and scaling.

    Not in it: what only reads, and what is done inside a resource, to the data in it.
    """
    window, received, kept, other = source.window, 0, 0, 0
    span = f"eventTimestamp ge '{written(window.start)}' and eventTimestamp le '{written(window.end)}'"
    for event in source.list(ACTIVITY, **{"$filter": span}):
        received += 1
        if event.get("eventDataId") is None:
            continue  # the list is broken, and says so itself
        at = moment(event.get("eventTimestamp"))
        if at is None or not window.start <= at < window.end or not _is_change(event):
            other += 1
            continue
        kept += 1
        yield ChangeEvent(
            key=event["eventDataId"],
            seen=[event],
            event_id=event["eventDataId"],
            at=at,
            actor=event.get("caller") or None,
            actor_kind=_kind(event),
            action=_value(event, "operationName"),
            resource=event.get("resourceId") or None,
            outcome=_ENDS.get(str(_value(event, "status"))),
        )
    source.total("entries received = kept + left out", expected=received, found=kept + other)


def _is_change(event: Answer) -> bool:
    action, category = str(_value(event, "operationName")).lower(), _value(event, "category")
    ended = _value(event, "status") in _ENDS
    return ended and action.endswith(_CHANGES) and (category is None or category in _WRITTEN)


def _kind(event: Answer) -> str | None:
    claims: dict[str, Any] = event.get("claims") or {}
    if claims.get("idtyp") == "app":
        return "service"
    caller = event.get("caller")
    return None if not caller else "human" if "@" in caller else "service"


def _value(event: Answer, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Azure gives words as `{"value": …, "localizedValue": …}`."""
    found = event.get(name)
    return found.get("value") if isinstance(found, dict) else found
