"""The estimate of what an archive costs: its formula, whose prices it takes, and where it says nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import config
from collector.errors import UsageError
from collector.prices import LIST_PRICES, Prices, PriceSettings, estimate, prices_at

BUCKET = "s3://bucket/evidence?region=eu-central-1"
OWN = PriceSettings(put_per_1000="0.01", get_per_10000="0", gigabyte_month="0.05")
counts = st.integers(min_value=0, max_value=10**9)
amounts = st.decimals(min_value=0, max_value=100, places=4)


@given(puts=counts, gets=counts, stored=counts, prices=st.builds(Prices, amounts, amounts, amounts, st.just("x")))
def test_the_formula(puts: int, gets: int, stored: int, prices: Prices) -> None:
    """Held against whole fractions, so that no rounding of ours can hide in it."""
    found = estimate(prices, puts=puts, gets=gets, stored=stored)
    runs = Fraction(365, 12)
    requests = Fraction(puts, 1_000) * Fraction(prices.put_per_1000)
    requests += Fraction(gets, 10_000) * Fraction(prices.get_per_10000)
    assert Fraction(found.requests) == pytest.approx(runs * requests)
    assert Fraction(found.storage) == pytest.approx(365 * Fraction(stored, 2**30) * Fraction(prices.gigabyte_month))


def test_what_a_person_reads() -> None:
    found = estimate(LIST_PRICES["s3"], puts=100, gets=200, stored=4 << 20)
    assert str(found) == (
        "about $0.05 a month for a run like this every day: requests $0.02, storage after 12 months $0.03 "
        "(list prices, S3 Standard us-east-1, entered 2026-11-23)"
    )
    least = str(estimate(LIST_PRICES["s3"], puts=1, gets=0, stored=0))
    assert "about less" not in least
    assert "requests less than $0.01, storage after 12 months $0 " in least


@pytest.mark.parametrize(("place", "known"), [("./evidence", False), ("ftp://x/y", False), (BUCKET, True)])
def test_only_a_cloud_has_list_prices(place: str, known: bool) -> None:  # noqa: FBT001 - pytest passes it
    assert (prices_at(place, PriceSettings()) is not None) == known


def test_a_server_of_ones_own_has_a_price_only_when_it_is_given() -> None:
    own = f"{BUCKET}&endpoint=http://127.0.0.1:9000"
    assert prices_at(own, PriceSettings()) is None
    assert prices_at(own, PriceSettings(put_per_1000="0.01")) is None
    assert prices_at(own, OWN) == Prices(Decimal("0.01"), Decimal(0), Decimal("0.05"), "your prices, [archive.prices]")


def test_prices_of_the_configuration_stand_before_list_prices_and_it_is_said() -> None:
    mixed = prices_at(BUCKET, PriceSettings(gigabyte_month="0.0245"))
    assert mixed is not None
    assert (mixed.put_per_1000, mixed.gigabyte_month) == (LIST_PRICES["s3"].put_per_1000, Decimal("0.0245"))
    assert mixed.source.startswith("your prices (gigabyte_month), else list prices")


@pytest.mark.parametrize("written", ["free", "-1", "NaN", "Infinity", "0,005"])
def test_what_is_no_price_is_bad_input(written: str) -> None:
    with pytest.raises(UsageError, match=r"put_per_1000 must be a price in US dollars"):
        config.table({"prices": {"put_per_1000": written}}, config.ArchiveSettings, "[archive]")
