"""How often something is due: the text of a cadence, and the slots it has. Pure; FORMAT.md has the same arithmetic.

A cadence names local times of day on certain days in one time zone. Its **slot** for such a time is the first instant
at which the clocks of the zone show that time or a later one. So a time that a clock change leaves out has its slot
where the clocks go on, one that comes twice has it the first time, and two times with the same instant are one slot.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache, partial
from itertools import count, pairwise, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ALLOWED = (
    "hourly; every N minutes; daily, weekly on monday, monthly on 1 or quarterly, each with `at HH:MM` and a time zone "
    "if wanted; or `cron` with five fields and a time zone if wanted"
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_EVERY_MONTH = frozenset(range(1, 13))
_EVERY_DAY = frozenset(range(1, 32))
_EVERY_WEEKDAY = frozenset(range(7))
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_NUMBER = re.compile(r"[0-9]{1,2}")
_LEAP_YEAR = 2000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cadence:
    """Local times of day, on the days that match, in a zone. `str` gives the text it was made from."""

    text: str
    zone: str
    times: tuple[tuple[int, int], ...]
    """Hour and minute, ascending."""
    months: frozenset[int] = _EVERY_MONTH
    days: frozenset[int] = _EVERY_DAY
    """Days of the month."""
    weekdays: frozenset[int] = _EVERY_WEEKDAY
    """0 is Monday."""
    either: bool = False
    """Whether a day of the month or a weekday is enough, as cron has it where both are given."""
    last: bool = False
    """Whether a day that a month does not have stands for its last one."""

    def __str__(self) -> str:
        return self.text

    def on(self, day: date) -> bool:
        """Whether it has slots on this day of its zone."""
        dated = day.day in self.days or (self.last and day.day == monthrange(day.year, day.month)[1] < max(self.days))
        named = day.weekday() in self.weekdays
        return day.month in self.months and (dated or named if self.either else dated and named)


@lru_cache(maxsize=256)
def parse(text: str) -> Cadence:  # noqa: PLR0911 - one for each form
    """The cadence that a text describes; ValueError names the word that is wrong, and what is allowed."""
    words = text.split()
    match [word.lower() for word in words]:
        case ["cron", *fields] if len(fields) in {5, 6}:
            return _cron(words)
        case ["hourly"]:
            return Cadence("hourly", "UTC", tuple((hour, 0) for hour in range(24)))
        case ["every", number, "minutes"]:
            return _every(number)
        case ["daily", *rest]:
            return Cadence(_spelled(words), *_at(words, len(rest)))
        case ["weekly", "on", day, *rest]:
            return Cadence(_spelled(words), *_at(words, len(rest)), weekdays=frozenset({_weekday(day)}))
        case ["monthly", "on", day, *rest]:
            return Cadence(_spelled(words), *_at(words, len(rest)), days=frozenset({_day(day)}), last=True)
        case ["quarterly", *rest]:
            quarters = frozenset({1, 4, 7, 10})
            return Cadence(_spelled(words), *_at(words, len(rest)), months=quarters, days=frozenset({1}))
    raise ValueError(f"{text!r} is no cadence; allowed are: {ALLOWED}")


def slots(cadence: Cadence, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every slot from `start` up to, but without, `end` (both with a time zone), in order; UTC."""
    return takewhile(lambda slot: slot < end, _from(cadence, start))


def following(cadence: Cadence, instant: datetime) -> datetime:
    """The first slot after an instant, UTC."""
    return next(slot for slot in _from(cadence, instant) if slot > instant)


def slot_of(cadence: Cadence, instant: datetime) -> datetime:
    """The slot that an instant belongs to, UTC: the last one that is not after it."""
    zone = ZoneInfo(cadence.zone)
    newest = instant.astimezone(zone).date() + _DAY  # clocks that go back over midnight have shown tomorrow already
    for back in count():
        day = newest - back * _DAY
        if cadence.on(day):
            upto = bisect_right(cadence.times, instant, key=partial(_at_time, zone, day))
            if upto:
                return _at_time(zone, day, cadence.times[upto - 1])
    raise AssertionError  # the count has no end


@lru_cache(maxsize=256)
def longest_wait(cadence: Cadence) -> timedelta:
    """The longest time from one slot to the next, over the years in which February goes longest without a 29th."""
    every_day = cadence.months == _EVERY_MONTH and cadence.days == _EVERY_DAY and cadence.weekdays == _EVERY_WEEKDAY
    found = slots(cadence, datetime(2096, 1, 1, tzinfo=UTC), datetime(2097 if every_day else 2106, 1, 1, tzinfo=UTC))
    return max((later - earlier for earlier, later in pairwise(found)), default=timedelta(days=3653))


def _from(cadence: Cadence, start: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(cadence.zone)
    first = start.astimezone(zone).date() - _DAY  # where a whole day was left out, its slot is in the next one
    before = None
    for ahead in count():
        day = first + ahead * _DAY
        if not cadence.on(day):
            continue
        # Later times of a day never have earlier slots, so whatever lies before the start is passed over at once.
        begin = 0 if before else bisect_left(cadence.times, start, key=partial(_at_time, zone, day))
        for time in cadence.times[begin:]:
            slot = _at_time(zone, day, time)
            if slot != before:
                yield slot
                before = slot


def _at_time(zone: ZoneInfo, day: date, time: tuple[int, int]) -> datetime:
    return _instant(zone, day, *time)


def _instant(zone: ZoneInfo, day: date, hour: int, minute: int) -> datetime:
    """The first instant at which the clocks of the zone show this time of this day or a later one."""
    local = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - what a clock on the wall shows
    late = local.replace(tzinfo=zone).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == local:
        return late
    early = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while (apart := (late - early) // timedelta(seconds=1)) > 1:
        middle = early + timedelta(seconds=apart // 2)
        if middle.astimezone(zone).replace(tzinfo=None) < local:
            early = middle
        else:
            late = middle
    return late


def _at(words: Sequence[str], given: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Zone and time from the last `given` words: `at HH:MM ZONE`, `at HH:MM`, or nothing, which is 00:00 UTC."""
    rest = words[len(words) - given :]
    if not rest:
        return "UTC", ((0, 0),)
    if rest[0].lower() != "at" or len(rest) not in {2, 3}:
        raise ValueError(f"{' '.join(words)!r}: what follows may be `at HH:MM` and a time zone, not {' '.join(rest)!r}")
    time = _TIME.fullmatch(rest[1])
    if time is None:
        raise ValueError(f"{' '.join(words)!r}: {rest[1]!r} is no time of day; write HH:MM, from 00:00 to 23:59")
    return _zone(rest[2] if len(rest) > 2 else "UTC"), ((int(time[1]), int(time[2])),)  # noqa: PLR2004 - the third word


def _zone(name: str) -> str:
    if name != "UTC" and name not in (known := available_timezones()):
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else "write it as in Europe/Berlin, or UTC"
        raise ValueError(f"{name!r} is no time zone of the tz database; {hint}")
    return name


def _every(number: str) -> Cadence:
    if not _NUMBER.fullmatch(number) or int(number) == 0 or 60 % int(number):
        raise ValueError(f"'every {number} minutes': the number must divide 60, so that each hour is the same")
    minutes = range(0, 60, int(number))
    times = tuple((hour, minute) for hour in range(24) for minute in minutes)
    return Cadence(f"every {int(number)} minutes", "UTC", times)


def _weekday(word: str) -> int:
    if word not in WEEKDAYS:
        raise ValueError(f"{word!r} is no day of the week; write one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(word)


def _day(word: str) -> int:
    if not _NUMBER.fullmatch(word) or int(word) not in _EVERY_DAY:
        raise ValueError(f"{word!r} is no day of the month; write 1 to 31 (31 is the last day of shorter months)")
    return int(word)


def _spelled(words: Sequence[str]) -> str:
    """The one spelling of a text: small letters but for the zone, which is the third word from `at`."""
    small = [word.lower() for word in words]
    if "at" in small and len(words) > (zone := small.index("at") + 2):
        small[zone] = words[zone]
    return " ".join(small)


def _cron(words: Sequence[str]) -> Cadence:
    minute, hour, day, month, weekday = (word.lower() for word in words[1:6])
    zone = _zone(words[6] if len(words) > 6 else "UTC")  # noqa: PLR2004 - after `cron` and five fields
    hours, minutes = _field(hour, "hour", 0, 23), _field(minute, "minute", 0, 59)
    days, months = _field(day, "day of month", 1, 31), _field(month, "month", 1, 12, MONTHS)
    names = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
    weekdays = frozenset((number - 1) % 7 for number in _field(weekday, "day of week", 0, 7, names))
    either = not day.startswith("*") and not weekday.startswith("*")
    text = " ".join(("cron", minute, hour, day, month, weekday, *words[6:]))
    if not either and not any(number <= monthrange(_LEAP_YEAR, one)[1] for one in months for number in days):
        raise ValueError(f"{text!r} never comes: no month it names has such a day")
    times = tuple((at, past) for at in sorted(hours) for past in sorted(minutes))
    return Cadence(text, zone, times, months, days, weekdays, either)


def _field(text: str, what: str, low: int, high: int, names: Sequence[str] = ()) -> frozenset[int]:
    """The numbers that one field of a cron line stands for: `*`, `5`, `1-5`, `*/15`, `1-31/2`, and lists of these."""

    def number(word: str) -> int:
        found = low + names.index(word) if word in names else int(word) if _NUMBER.fullmatch(word) else -1
        if not low <= found <= high:
            raise ValueError(f"cron: {word!r} is no {what}; write {low} to {high}, *, a-b, */n or a-b/n, or a list")
        return found

    chosen: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, final = span.partition("-")
        if slash and (not (dash or span == "*") or not _NUMBER.fullmatch(step) or int(step) == 0):
            raise ValueError(f"cron: {part!r} is no {what}; a step follows * or a-b, as in */15 or 8-18/2")
        begin = low if span == "*" else number(first)
        end = high if span == "*" else number(final) if dash else begin
        if end < begin:
            raise ValueError(f"cron: {part!r} runs backwards; write two parts, as in 22-23,0-5")
        chosen.update(range(begin, end + 1, int(step or 1)))
    return frozenset(chosen)
