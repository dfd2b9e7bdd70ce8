"""Keeps what one snapshot's reading leaves behind: exchanges, gaps and totals. Safe to use from many threads."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from collector.model import Total

if TYPE_CHECKING:
    from collector.model import Exchange, Gap


class Recorder:
    """One for each snapshot."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._exchanges: dict[tuple[str, int], Exchange] = {}
        self._gaps: dict[Gap, None] = {}
        self._totals: dict[str, Total] = {}

    def exchange(self, exchange: Exchange) -> Exchange:
        """Keep one exchange, and return it as it is kept.

        A shared read reported twice is the same exchange; the same request made again goes on counting pages, so that
        neither answer is lost.
        """
        with self._lock:
            while self._exchanges.get((exchange.request, exchange.page), exchange) != exchange:
                exchange = replace(exchange, page=exchange.page + 1)
            self._exchanges[exchange.request, exchange.page] = exchange
            return exchange

    def gap(self, gap: Gap) -> None:
        """Put on record that something could not be read."""
        with self._lock:
            self._gaps[gap] = None

    def total(self, name: str, *, expected: int, found: int) -> None:
        """Put a control total on record; the same total named from several places adds up."""
        with self._lock:
            known = self._totals.get(name, Total(name, 0, 0))
            self._totals[name] = Total(name, known.expected + expected, known.found + found)

    @property
    def exchanges(self) -> list[Exchange]:
        """In a stable order, whatever the order they happened in."""
        return [self._exchanges[at] for at in sorted(self._exchanges)]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Ordered by what they are about."""
        return tuple(sorted(self._gaps, key=lambda gap: (gap.subject, gap.cause, gap.detail)))

    @property
    def totals(self) -> tuple[Total, ...]:
        """Ordered by name."""
        return tuple(self._totals[name] for name in sorted(self._totals))
