"""What a run has asked of its place, and what that would cost: the closing lines, and one line in the log."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from collector.prices import estimate, prices_at

if TYPE_CHECKING:
    from collector.archive.traffic import Traffic
    from collector.config import ArchiveSettings
    from collector.run import Finished

log = structlog.get_logger()


def spent(finished: Finished, traffic: Traffic, archive: ArchiveSettings) -> list[str]:
    """One line for what was put and read; a second with the cost, where the place has a price."""
    brought = sum(one.brought for one in finished.commits)
    repeated = sum(one.repeated for one in finished.commits)
    prices = prices_at(archive.path, archive.prices)
    cost = None
    if prices is not None:
        puts = traffic.puts + traffic.lists
        cost = estimate(prices, puts=puts, gets=traffic.gets, stored=traffic.sent)
    log.info(
        "stored",
        **asdict(traffic),
        new_contents=brought,
        repeated_contents=repeated,
        monthly_dollars=str(round(cost.requests + cost.storage, 4)) if cost else None,
    )
    stored = (
        f"stored {traffic.sent:,} bytes in {traffic.puts - traffic.refused:,} puts: {brought:,} new contents, "
        f"{repeated:,} were there already; {traffic.gets:,} gets, {traffic.lists:,} lists, "
        f"{traffic.received:,} bytes read back"
    )
    return [stored, str(cost)] if cost else [stored]
