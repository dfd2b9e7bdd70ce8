"""What the logs hold: activities of one or more events, each with its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.workspace.moments import moment, written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_KINDS = {"USER": "human", "KEY": "service"}
_VALUES = ("value", "boolValue", "intValue", "multiValue")
_OUTCOMES = {"SUCCEEDED": "success", "SUCCEEDED_WITH_WARNINGS": "success", "FAILED": "failure"}


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one activity."""

    id: str
    at: datetime | None
    name: str
    type: str
    actor: str | None
    """Address of who acted, or the name of the key that did."""
    actor_id: str | None
    actor_kind: str | None
    outcome: str | None
    """None where the log does not say: then the event is something that was done."""
    parameters: Mapping[str, Any] = field(repr=False)
    seen: Answer = field(repr=False)

    def text(self, *names: str) -> str | None:
        """The first of these parameters that has a value, as text."""
        found = next((self.parameters[name] for name in names if self.parameters.get(name) not in (None, "", [])), None)
        return None if found is None else ", ".join(found) if isinstance(found, list) else str(found)


def of_window(source: RestSource, log: str, names: Collection[str] = ()) -> Iterator[Event]:
    """The events of the window, those of these names alone where there are any.

    Each name is asked for by itself, side by side, and one that cannot be read is a gap.
    """
    window = source.window
    span = {"startTime": written(window.start), "endTime": written(window.end)}
    if not names:
        yield from _inside(source, source.list(log, **span))
        return
    for name, found in source.each(names, lambda one: list(source.list(log, eventName=one, **span))):
        # Google gives the whole activity, in which there may be events of other names, too.
        yield from (event for event in _inside(source, found) if event.name == name)


def events(activity: Answer) -> Iterator[Event]:
    """Each event of an activity."""
    identity, actor = activity["id"], activity.get("actor") or {}
    for index, event in enumerate(activity.get("events") or ()):
        status = (event.get("status") or {}).get("eventStatus")
        yield Event(
            id=f"{identity['time']} {identity['uniqueQualifier']} {index}",
            at=moment(identity["time"]),
            name=event["name"],
            type=event.get("type") or "",
            actor=actor.get("email") or actor.get("key"),
            actor_id=actor.get("profileId"),
            actor_kind=_KINDS.get(str(actor.get("callerType") or ("USER" if actor.get("email") else ""))),
            outcome=_OUTCOMES.get(status or ""),
            parameters={one["name"]: _value(one) for one in event.get("parameters") or ()},
            seen=activity,
        )


def _inside(source: RestSource, activities: Any) -> Iterator[Event]:  # noqa: ANN401 - any iterable of answers
    window = source.window
    for activity in activities:
        for event in events(activity):
            if event.at is None or window.start <= event.at < window.end:
                yield event


def _value(parameter: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    """The value under whichever name its type gives it."""
    return next(
        (parameter[name] for name in ("value", "boolValue", "intValue", "multiValue") if name in parameter), None
    )
