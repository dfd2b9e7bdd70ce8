"""Whether a run's own times fit the trusted ones it lies between. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.archive.timestamp_verify import GenTime

CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far the collector's own clock may be off: times in an archive are trusted to the minute, not closer."""


def check_order(
    started: datetime,
    ended: datetime,
    before: GenTime | None,
    after: GenTime | None,
    *,
    tolerance: timedelta = timedelta(0),
) -> list[str]:
    """What is wrong with a run's own times, in sentences, given the tokens it lies between; nothing wrong, no sentence.

    `before` is the token that the run cites, `after` the first over a tree head that holds the run; None where there
    is none, and then that side is open. Each bound is as wide as its token is accurate, and by `tolerance` wider, for
    the collector's own clock. All times have a zone.
    """
    findings = []
    if ended < started:
        findings.append(f"it ended at {_text(ended)}, before it started at {_text(started)}")
    if before and started < before.earliest - tolerance:
        findings.append(
            f"it says it started at {_text(started)}, but cites a token of {_text(before.time)}: "
            "its start is dated back, or the collector's clock was slow"
        )
    if after and ended > after.latest + tolerance:
        findings.append(
            f"it says it ended at {_text(ended)}, but a token of {_text(after.time)} is already over it: "
            "its end is dated forward, or the collector's clock was fast"
        )
    if before and after and before.earliest > after.latest:
        findings.append(f"the token before it ({_text(before.time)}) is later than the one after ({_text(after.time)})")
    return findings


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="auto").replace("+00:00", "Z")
