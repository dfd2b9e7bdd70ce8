from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.source.rest.quota import Quota, http_date, quota, retry_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EPOCH = int(NOW.timestamp())
DATE = "Mon, 23 Nov 2026 12:00:00 GMT"

TOLD: list[tuple[dict[str, str], Quota | None]] = [
    (
        {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": "4987",
            "x-ratelimit-reset": str(EPOCH + 60),
            "x-ratelimit-resource": "core",
            "x-ratelimit-used": "13",
        },
        Quota(4987, 5000, 61, "core"),
    ),
    (
        {"x-rate-limit-limit": "600", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH + 5)},
        Quota(0, 600, 6),
    ),
    ({"ratelimit-limit": "100", "ratelimit-remaining": "7", "ratelimit-reset": "30"}, Quota(7, 100, 30)),
    ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": str((EPOCH + 9) * 1000)}, Quota(1, None, 9)),
    ({"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(EPOCH - 9)}, Quota(1, None, 0)),
    (
        {
            "x-ms-ratelimit-remaining-subscription-reads": "249",
            "x-ms-ratelimit-remaining-subscription-global-reads": "3749",
        },
        Quota(249),
    ),
    ({"x-ms-ratelimit-remaining-resource": "Microsoft.Compute/HighCostGet3Min;107,Microsoft.Compute/Get;1"}, Quota(1)),
    ({"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "00:01:05"}, Quota(14, None, 65)),
    ({"x-ms-user-quota-remaining": "14", "x-ms-user-quota-resets-after": "soon"}, Quota(14)),
    ({"x-ratelimit-remaining": "many"}, None),
    ({"x-ratelimit-limit": "5000"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "expected"), TOLD)
def test_what_providers_say(headers: dict[str, str], expected: Quota | None) -> None:
    assert quota(headers, NOW) == expected


def test_a_reset_is_measured_by_the_clock_that_told_it() -> None:
    headers = {"x-ratelimit-remaining": "1", "x-ratelimit-reset": str(EPOCH + 3600 + 20)}
    assert quota({**headers, "date": "Mon, 23 Nov 2026 13:00:00 GMT"}, NOW) == Quota(1, None, 21)


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after({"retry-after": " 7 "}, NOW) == 7
    assert retry_after({"retry-after": "Mon, 23 Nov 2026 12:00:30 GMT"}, NOW) == 30
    assert retry_after({"retry-after": "Mon, 23 Nov 2026 11:00:30 GMT"}, NOW) == 0
    assert retry_after({"retry-after": "in a while"}, NOW) is None
    assert retry_after({}, NOW) is None


def test_http_dates() -> None:
    assert http_date(DATE) == NOW
    assert http_date("Mon, 23 Nov 2026 12:00:00 -0000") == NOW
    assert http_date("yesterday") is None


NAMES = st.sampled_from([name for headers, _ in TOLD for name in headers] + ["date", "retry-after"])
VALUES = st.one_of(st.text(max_size=30), st.integers().map(str), st.floats().map(str), st.just(DATE))


@given(st.dictionaries(NAMES, VALUES))
def test_no_header_breaks_the_reading(headers: dict[str, str]) -> None:
    found = quota(headers, NOW)
    if found is not None:
        assert found.remaining >= 0
        assert found.limit is None or found.limit >= 0
        assert found.resets_in is None or found.resets_in >= 0
    seconds = retry_after(headers, NOW)
    assert seconds is None or seconds >= 0


@given(st.text(max_size=60))
def test_no_text_breaks_a_date(text: str) -> None:
    found = http_date(text)
    assert found is None or found.tzinfo is UTC
