"""What providers say of their limits, in seconds and counts: a pure reading of headers that anyone could send."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FAMILIES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-")
"""GitHub's, Okta's, and the draft standard that Microsoft Graph follows."""
_ARM = "x-ms-ratelimit-remaining-"
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", re.ASCII)
_COUNTED = re.compile(r"(?:;|^)\s*([0-9]{1,15})\s*(?:,|$)", re.ASCII)
_SPAN = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9])", re.ASCII)
_ROUNDED = 1.0
"""Seconds that a reset in whole seconds since 1970 may be later than told: until then the old window answers."""
_SMALLEST_EPOCH, _SMALLEST_MILLISECONDS = 10**8, 10**11
"""A reset below the first is seconds from now, from the second on milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Quota:
    """One bucket of a provider's limit, as an answer described it."""

    remaining: int
    limit: int | None = None
    """None where the provider does not say how much a full bucket is."""
    resets_in: float | None = None
    """Seconds until the bucket is full again; None where it refills all the time."""
    bucket: str | None = None
    """The provider's own name for it."""


def quota(headers: Mapping[str, str], now: datetime) -> Quota | None:
    """The quota that an answer describes; None when it describes none that can be read. Names in lower case."""
    for family in _FAMILIES:
        remaining = _number(headers.get(f"{family}remaining"))
        if remaining is not None:
            limit = _number(headers.get(f"{family}limit"))
            reset = _number(headers.get(f"{family}reset"))
            return Quota(
                int(remaining),
                None if limit is None else int(limit),
                None if reset is None else _until(reset, _server_time(headers, now)),
                headers.get(f"{family}resource"),
            )
    if (remaining := _number(headers.get("x-ms-user-quota-remaining"))) is not None:
        return Quota(int(remaining), resets_in=_span(headers.get("x-ms-user-quota-resets-after", "")))
    counts = [int(one) for name, text in headers.items() if name.startswith(_ARM) for one in _COUNTED.findall(text)]
    return Quota(min(counts)) if counts else None


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the provider asks to wait, from a count or a date; None when it asks nothing that can be read."""
    text = headers.get("retry-after", "").strip()
    if (seconds := _number(text)) is not None:
        return seconds
    date = http_date(text)
    return None if date is None else max(0.0, (date - _server_time(headers, now)).total_seconds())


def http_date(text: str) -> datetime | None:
    """An HTTP date in UTC; None when it is none."""
    try:
        date = parsedate_to_datetime(text)
        # "-0000" means UTC, of no known place
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _server_time(headers: Mapping[str, str], now: datetime) -> datetime:
    """A reset is told by the provider's clock, so it is measured against that one."""
    return http_date(headers.get("date", "")) or now


def _until(reset: float, now: datetime) -> float:
    if reset < _SMALLEST_EPOCH:
        return reset
    seconds = reset / 1000 if reset >= _SMALLEST_MILLISECONDS else reset + _ROUNDED
    return max(0.0, seconds - now.timestamp())


def _number(text: str | None) -> float | None:
    return float(text.strip()) if text and _NUMBER.fullmatch(text.strip()) else None


def _span(text: str) -> float | None:
    """`00:00:05` in seconds."""
    span = _SPAN.fullmatch(text.strip())
    return int(span[1]) * 3600.0 + int(span[2]) * 60 + int(span[3]) if span else None
