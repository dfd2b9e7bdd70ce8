"""How far the clocks of the providers are from the collector's own, as each answer's Date header tells. Pure.

Evidence is not less whole when they differ; but windows, slots and times of collection are by the collector's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.model import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.model import Exchange, Snapshot

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """The collector's clock in one run, held against those of the providers."""

    limit: int
    """How many seconds they may differ."""
    ahead: Mapping[str, int]
    """By provider, the seconds that its clock was ahead where they differed most; negative: it was behind."""

    @property
    def beyond(self) -> dict[str, int]:
        """The providers whose clock differs by more than the limit."""
        return {provider: seconds for provider, seconds in self.ahead.items() if abs(seconds) > self.limit}

    @property
    def member(self) -> dict[str, Any]:
        """For the run leaf."""
        return {"limit": self.limit, "ahead": dict(self.ahead)}


def clock(snapshots: Iterable[Snapshot], limit: int) -> Clock:
    """The clock of a run, from its snapshots. A provider that sent no time is not in it."""
    found: dict[str, int] = {}
    for one in snapshots:
        if one.skew is not None:
            found[one.scope.provider] = max(found.get(one.scope.provider, 0), one.skew, key=abs)
    return Clock(limit, dict(sorted(found.items())))


def largest(exchanges: Iterable[Exchange]) -> int | None:
    """The largest skew of these exchanges, in seconds; None where no answer told the time."""
    return max((found for one in exchanges if (found := skew(one)) is not None), key=abs, default=None)


def seen_up_to(window: Window, exchanges: Iterable[Exchange]) -> Window:
    """The window without what lay in the future by the provider's own clock when it was asked: nobody has seen that."""
    behind = -min((skew(one) or 0 for one in exchanges), default=0)
    return Window(window.start, max(window.start, window.end - max(behind, 0) * _SECOND))


def skew(exchange: Exchange) -> int | None:
    """How many whole seconds the provider's clock is ahead at least; negative: behind; 0 where both may be right.

    A Date header is cut to the second, and was written at some moment between the request and the end of its answer.
    """
    if exchange.server_date is None:
        return None
    ahead = (exchange.server_date - exchange.ended_at) // _SECOND
    behind = (exchange.started_at - exchange.server_date) // _SECOND - 1
    return ahead if ahead > 0 else -behind if behind > 0 else 0
