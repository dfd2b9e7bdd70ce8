"""Many users under Okta's limits by the minute: a small version of `python -m benchmarks.okta`."""

from __future__ import annotations

from tests.connectors.okta.gathering import gathered
from tests.doubles.okta.clocks import FastClock
from tests.doubles.okta.estate import build
from tests.doubles.okta.limits import Limits
from tests.doubles.okta.server import running_okta


def test_the_limit_of_each_minute_is_kept_and_a_share_of_it_left() -> None:
    """Minutes pass in a second, on both sides."""
    clock = FastClock(60)
    with running_okta(build(120, end=clock.start), clock=clock.now) as double:
        double.limits = Limits(clock.now, on=True, override={".*": 60})
        found = gathered(double, "okta.users", "okta.factors", clock=clock.now, sleep=clock.sleep, threads=8)
        assert all(one.snapshot.complete for one in found)
        # The very first requests go out before any answer has told the limit.
        assert double.limits.most[".*"] < 60
        assert double.limits.refused <= 8
    factors = found[1]
    assert factors.snapshot.evidence_type == "okta.factors"
    assert sum(one["operation"].endswith("/factors") for one in factors.exchanges) > 120
