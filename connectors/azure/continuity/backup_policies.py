"""How often a policy of Azure Backup runs, and how long it keeps what it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOURS = {"Daily": 24, "Weekly": 24 * 7}
_DAYS = {"Days": 1, "Weeks": 7, "Months": 30, "Years": 365}
_WEEK = 7


def frequency_hours(schedule: Mapping[str, Any]) -> int | None:
    """The longest time between two runs; None where the schedule is of a form that is not known."""
    run = schedule.get("scheduleRunFrequency")
    if run == "Hourly":
        interval = (schedule.get("hourlySchedule") or {}).get("interval")
        return interval if isinstance(interval, int) else None
    if run == "Weekly":
        on = (schedule.get("weeklySchedule") or schedule).get("scheduleRunDays") or []
        return 24 if len(on) == _WEEK else _HOURS["Weekly"]
    return _HOURS.get(str(run))


def retention_days(retention: Mapping[str, Any]) -> int | None:
    """How long each copy is kept at least: the shortest of the daily, or else of the weekly copies."""
    for held in (retention.get("dailySchedule"), retention.get("weeklySchedule"), retention):
        duration = (held or {}).get("retentionDuration") or {}
        count, unit = duration.get("count"), _DAYS.get(str(duration.get("durationType")))
        if isinstance(count, int) and unit is not None:
            return count * unit
    return None
