"""One budget for all threads: it heeds what providers say, leaves a share to others, and gives up in time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model import Cause
from collector.source.rest.api import Operation
from collector.source.rest.dialect import Dialect
from collector.source.rest.pace import Pace, SpentError, pause
from collector.source.rest.quota import Quota
from tests.doubles.rest import Given
from tests.source.rest.conftest import START, Time

if TYPE_CHECKING:
    from tests.source.rest.conftest import Forge

ONE = Operation("GET /thing")
MANY = Operation("GET /things/{id}")
OK = Given(200, {"name": "n"})


def enter(pace: Pace, operation: str, bucket: str = "") -> None:
    with pace.turn(operation, bucket):
        pass


def http_date(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize("status", [429, 403, 503])
@pytest.mark.parametrize("told", ["40", http_date(40)])
def test_a_wait_that_the_provider_asks_for_is_kept(forge: Forge, status: int, told: str) -> None:
    forge.double.route("GET /thing", OK)
    forge.double.fault(Given(status, {}, {"Retry-After": told}), times=1)
    read = forge.get(ONE)
    assert read.complete
    assert read.attempts == [2]
    assert sum(forge.time.slept) == pytest.approx(40)


def test_a_wait_is_measured_by_the_providers_clock(forge: Forge) -> None:
    forge.double.route("GET /thing", OK)
    ahead = {"Retry-After": http_date(3640), "Date": http_date(3600)}
    forge.double.fault(Given(429, {}, ahead), times=1)
    forge.get(ONE)
    assert sum(forge.time.slept) == pytest.approx(40)


@pytest.mark.parametrize("told", ["soon", "-5", "", "1e9", "Mon, 99 Nov 2026 12:00:00 GMT", "9" * 400])
def test_a_wait_that_cannot_be_read_is_a_short_one(forge: Forge, told: str) -> None:
    forge.double.route("GET /thing", OK)
    forge.double.fault(Given(429, {}, {"Retry-After": told}), times=1)
    assert forge.get(ONE).complete
    assert 0 < sum(forge.time.slept) <= 1


def test_a_wait_beyond_patience_is_a_gap_and_no_wait(forge: Forge) -> None:
    forge.double.fault(Given(429, {}, {"Retry-After": "901"}))
    read = forge.get(ONE)
    assert read.gap.cause is Cause.THROTTLED
    assert "901 seconds" in read.gap.detail
    assert sum(forge.time.slept) == 0
    (exchange,) = read.recorder.exchanges
    assert exchange.status == 429, "the refusal itself is on record"
    assert exchange.body is not None


def test_a_limit_that_is_spent_is_waited_out_until_its_reset(forge: Forge) -> None:
    forge.double.route("GET /thing", OK)
    spent = {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": str(int(START.timestamp()) + 300),
        "x-ratelimit-resource": "core",
        "Date": http_date(0),
    }
    forge.double.fault(Given(403, {"message": "API rate limit exceeded"}, spent), times=1)
    read = forge.get(ONE)
    assert read.complete
    assert sum(forge.time.slept) == pytest.approx(300, abs=2)


def test_a_403_without_any_sign_of_a_limit_is_a_denial_at_once(forge: Forge) -> None:
    left = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4000", "x-ratelimit-reset": "60"}
    forge.double.fault(Given(403, {"message": "Resource not accessible by integration"}, left))
    read = forge.get(ONE)
    assert read.gap.cause is Cause.DENIED
    assert read.attempts == [1]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"message": "You have exceeded a secondary rate limit. Please wait"}),
        (403, {"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}}),
        (403, {"error": {"code": 403, "errors": [{"reason": "userRateLimitExceeded"}]}}),
        (429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}),
    ],
)
def test_limits_that_are_told_in_the_body(forge: Forge, status: int, body: Any) -> None:
    forge.dialect = Dialect(
        codes=("/error/errors/0/reason", "/error/status"),
        causes={"rateLimitExceeded": Cause.THROTTLED, "userRateLimitExceeded": Cause.THROTTLED},
        phrases={"you have exceeded a secondary rate limit": Cause.THROTTLED},
    )
    forge.double.fault(Given(status, body))
    read = forge.get(ONE)
    assert read.gap.cause is Cause.THROTTLED
    assert read.attempts == [3]


def test_retries_are_bounded_and_spread(forge: Forge) -> None:
    forge.attempts = 5
    forge.double.fault(Given(500, {}))
    read = forge.get(ONE)
    assert read.gap.cause is Cause.UNAVAILABLE
    assert read.attempts == [5]
    assert len(forge.double.asked) == 5
    assert len(forge.time.slept) == 4
    assert forge.time.slept[0] < forge.time.slept[-1] <= 30
    assert len({pause(3) for _ in range(20)}) > 1


class Server:
    """A quota that a provider really keeps: who asks beyond it is counted."""

    def __init__(self, time: Time, limit: int, window: float) -> None:
        self.time, self.limit, self.window = time, limit, window
        self.lock = threading.Lock()
        self.started, self.used, self.least, self.refused = time.now(), 0, limit, 0

    def __call__(self, _: object) -> Given:
        with self.lock:
            now = self.time.now()
            if (now - self.started).total_seconds() >= self.window:
                self.started, self.used = now, 0
            self.used += 1
            left = self.limit - self.used
            self.least = min(self.least, left)
            self.refused += left < 0
            reset = self.started + timedelta(seconds=self.window)
            headers = {
                "x-rate-limit-limit": str(self.limit),
                "x-rate-limit-remaining": str(max(left, 0)),
                "x-rate-limit-reset": str(int(reset.timestamp())),
            }
            return Given(429 if left < 0 else 200, {"name": "n"}, headers)


@pytest.mark.parametrize("reserve", [0.2, 0.5])
def test_all_threads_share_one_budget_and_leave_the_reserve(forge: Forge, reserve: float) -> None:
    server = Server(forge.time, limit=40, window=60)
    for number in range(100):
        forge.double.route(f"GET /things/{number}", server)
    forge.reserve = reserve
    with forge.source(MANY) as (source, read):
        found = list(source.each(range(100), lambda number: source.get(MANY.name, id=number)))
    assert len(found) == 100
    assert read.complete
    assert server.refused == 0
    under_way = 5  # sends that a window may turn over: four threads and the one that waits for them
    assert server.least >= 40 * reserve - under_way


@pytest.mark.parametrize("within", [0.01, 0.99])
def test_a_window_that_ends_within_the_second_told_is_waited_out_whole(forge: Forge, within: float) -> None:
    forge.time.sleep(within)
    server = Server(forge.time, limit=40, window=60)
    for number in range(100):
        forge.double.route(f"GET /things/{number}", server)
    forge.reserve = 0.5
    with forge.source(MANY) as (source, read):
        for number in range(100):
            source.get(MANY.name, id=number)
    assert read.complete
    assert server.least == 20


def test_of_several_ends_told_for_one_window_the_latest_counts() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    for seconds in (60, 57):
        pace.learn("GET /a", "", Quota(1, 30, seconds))
    enter(pace, "GET /a")
    assert time.slept == [60]


def test_two_buckets_do_not_wait_for_each_other() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    pace.learn("GET /search", "", Quota(0, 30, 60, "search"))
    enter(pace, "GET /core")
    assert time.slept == []
    enter(pace, "GET /search")
    assert time.slept == [60]


def test_a_bucket_without_a_reset_is_asked_again_after_a_while() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep)
    pace.learn("GET /arm", "", Quota(250))
    pace.learn("GET /arm", "", Quota(12))
    enter(pace, "GET /arm")
    assert len(time.slept) == 1
    assert time.slept[0] > 0


def test_patience_is_for_one_send_as_a_whole() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep, patience=50)
    pace.shut("GET /a", "", 60)
    with pytest.raises(SpentError, match="60 seconds"):
        enter(pace, "GET /a")
    with pytest.raises(SpentError):
        pace.wait(51)
    assert time.slept == []


@given(
    st.lists(
        st.one_of(
            st.builds(
                Quota,
                st.integers(0, 10**15),
                st.none() | st.integers(0, 10**15),
                st.none() | st.floats(0, 1e15),
                st.none() | st.sampled_from(["core", "search"]),
            ),
            st.floats(0, 1e15),
        ),
        max_size=8,
    )
)
def test_whatever_a_provider_says_a_send_goes_out_or_is_refused_in_bounded_time(told: list[Quota | float]) -> None:
    time = Time()
    pace = Pace(time.now, time.sleep, patience=100)
    for one in told:
        if isinstance(one, Quota):
            pace.learn("GET /a", "core", one)
        else:
            pace.shut("GET /a", "core", one)
        before = sum(time.slept)
        with suppress(SpentError):
            enter(pace, "GET /a", "core")
        assert sum(time.slept) - before <= 100
        if time.now() > START + timedelta(days=1):
            return


def test_many_threads_take_no_more_than_there_is() -> None:
    time = Time()
    pace = Pace(time.now, time.sleep, reserve=0.1, patience=0)
    pace.learn("GET /a", "", Quota(100, 100, 600.0))

    def take(_: int) -> bool:
        try:
            enter(pace, "GET /a")
        except SpentError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(take, range(200))) == 90
