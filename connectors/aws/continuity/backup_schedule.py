"""From a schedule in AWS's own words to hours between backups."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
_PART = re.compile(r"(?:(?P<any>[*?])|(?P<first>\d+)(?:-(?P<last>\d+))?)(?:/(?P<step>[1-9]\d*))?")
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_MINUTES = {"minute": 1, "hour": 60, "day": 1440}
_HOUR, _DAY = 60, 1440
_FIELDS = 6
# Four years have a leap day; the fifth shows the gap that lies across their end.
_FROM, _SPAN = date(2023, 1, 1), 5 * 366


def frequency_hours(schedule: str) -> int | None:
    """The longest time between two runs of `cron(…)` or `rate(…)`, in hours, begun ones counted; None when unknown.

    Unknown are schedules for certain years, and ones with L, W or #. Changes to and from summer time do not count.
    """
    if rate := _RATE.fullmatch(schedule):
        return _hours(int(rate[1]) * _MINUTES[rate[2]])
    words = schedule.removeprefix("cron(").removesuffix(")").split()
    if not schedule.startswith("cron(") or len(words) != _FIELDS or words[5] not in {"*", "?"}:
        return None
    minutes, hours = _numbers(words[0], 0, 59), _numbers(words[1], 0, 23)
    days = _days(words[2], words[3], words[4])
    if not minutes or not hours or not days:
        return None
    times = sorted(hour * _HOUR + minute for hour in hours for minute in minutes)
    within = [later - earlier for earlier, later in pairwise(times)]
    over_night = max(((later - earlier).days for earlier, later in pairwise(days)), default=0) * _DAY
    return _hours(max([*within, over_night - times[-1] + times[0]])) if over_night else None


def _days(of_month: str, months: str, of_week: str) -> list[date] | None:
    """The days of the span on which it runs; None when that cannot be told."""
    wanted = (
        _numbers(months, 1, 12, _MONTHS),
        _numbers(of_month, 1, 31),
        _numbers(of_week, 1, 7, _WEEKDAYS),
    )
    if None in wanted:
        return None
    month, day, weekday = (frozenset(numbers or ()) for numbers in wanted)
    every = (_FROM + timedelta(days=number) for number in range(_SPAN))
    return [one for one in every if one.month in month and one.day in day and one.isoweekday() % 7 + 1 in weekday]


def _numbers(field: str, lowest: int, highest: int, names: list[str] | None = None) -> list[int] | None:
    """The numbers a cron field stands for; None when it says more than numbers can."""
    for number, name in enumerate(names or (), start=1):
        field = re.sub(rf"\b{name}\b", str(number), field, flags=re.IGNORECASE)
    found: set[int] = set()
    for text in field.split(","):
        part = _PART.fullmatch(text)
        if part is None:
            return None
        first = lowest if part["any"] else int(part["first"])
        open_ended = part["any"] or (part["step"] and not part["last"])
        last = highest if open_ended else int(part["last"] or first)
        if not lowest <= first <= last <= highest:
            return None
        found.update(range(first, last + 1, int(part["step"] or 1)))
    return sorted(found)


def _hours(minutes: int) -> int | None:
    return -(-minutes // _HOUR) or None
