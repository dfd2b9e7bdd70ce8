"""What a place in a cloud asks for keeping objects, and what a run like this one would cost there in a month.

An estimate, and said to be one: list prices of one region, without free tiers and taxes, and without what a provider
takes for bytes that leave its network.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNS_A_MONTH = Decimal(365) / 12
"""One run a day."""
MONTHS = 12
"""The storage that is priced is what this many months of such runs have added up to."""
_GIGABYTE = 1 << 30
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for 1,000 puts or lists, for 10,000 gets, and for a gigabyte (2^30 bytes) kept for a month."""

    put_per_1000: Decimal
    get_per_10000: Decimal
    gigabyte_month: Decimal
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSettings:
    """The company's own prices, each as a decimal number in quotes; empty: the list price."""

    put_per_1000: str = ""
    get_per_10000: str = ""
    gigabyte_month: str = ""

    def __post_init__(self) -> None:
        for name, written in self.written.items():
            try:
                price = Decimal(written)
            except InvalidOperation:
                price = Decimal("NaN")
            if not (price.is_finite() and price >= 0):
                raise ValueError(f'{name} must be a price in US dollars such as "0.005", not {written!r}')

    @property
    def written(self) -> Mapping[str, str]:
        """Those that are set."""
        every = {name: getattr(self, name) for name in ("put_per_1000", "get_per_10000", "gigabyte_month")}
        return {name: price for name, price in every.items() if price}


LIST_PRICES = {
    "s3": Prices(
        Decimal("0.005"), Decimal("0.004"), Decimal("0.023"), "list prices, S3 Standard us-east-1, entered 2026-11-23"
    ),
    "gs": Prices(
        Decimal("0.005"), Decimal("0.004"), Decimal("0.020"), "list prices, GCS Standard us-east1, entered 2026-11-23"
    ),
    "az": Prices(
        Decimal("0.005"),
        Decimal("0.004"),
        Decimal("0.0208"),
        "list prices, Azure hot LRS eastus, entered 2026-11-23",
    ),
}
"""By the scheme of the place's URL."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """US dollars in a month: for the requests, and for what has been stored after `MONTHS` of daily runs."""

    requests: Decimal
    storage: Decimal
    source: str

    def __str__(self) -> str:
        return (
            f"{_about(self.requests + self.storage)} a month for a run like this every day: "
            f"requests {_dollars(self.requests)}, storage after {MONTHS} months {_dollars(self.storage)} "
            f"({self.source})"
        )


def prices_at(place: str, settings: PriceSettings) -> Prices | None:
    """What holds for an archive's place; None where nobody sends a bill that we know of.

    That is a directory, and a server of one's own: a URL with an endpoint has no list price, and needs all three.
    """
    scheme, separator, _ = place.partition("://")
    listed = LIST_PRICES.get(scheme) if separator else None
    if listed is None:
        return None
    own = {name: Decimal(price) for name, price in settings.written.items()}
    everything = {"put_per_1000", "get_per_10000", "gigabyte_month"}
    if own.keys() == everything:
        return Prices(**own, source="your prices, [archive.prices]")
    if "endpoint" in parse_qs(urlsplit(place).query):
        return None
    if not own:
        return listed
    kept = {name: getattr(listed, name) for name in everything - own.keys()}
    return Prices(**own, **kept, source=f"your prices ({', '.join(sorted(own))}), else {listed.source}")


def estimate(prices: Prices, *, puts: int, gets: int, stored: int) -> Estimate:
    """What one run's requests (`puts` with lists, `gets` with heads) and bytes `stored` come to, run every day.

    requests = runs a month x (puts / 1,000 x price + gets / 10,000 x price);
    storage = runs a month x months x stored / 2^30 x price.
    """
    one_run = Decimal(puts) / 1_000 * prices.put_per_1000 + Decimal(gets) / 10_000 * prices.get_per_10000
    kept = RUNS_A_MONTH * MONTHS * stored / _GIGABYTE
    return Estimate(RUNS_A_MONTH * one_run, kept * prices.gigabyte_month, prices.source)


def _about(amount: Decimal) -> str:
    return _dollars(amount) if amount < _CENT else f"about {_dollars(amount)}"


def _dollars(amount: Decimal) -> str:
    """To the cent. Nothing is said to cost nothing that costs something."""
    return "$0" if amount == 0 else "less than $0.01" if amount < _CENT else f"${amount:,.2f}"
