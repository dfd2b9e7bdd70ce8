"""An organisation of 400 projects: all that was planted is found, nothing is invented, and the calls stay few."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.connectors.gcp.gathering import gathered
from tests.connectors.gcp.test_judged import PLANTED
from tests.connectors.github.judging import deviating, judged
from tests.doubles.gcp.server import running_gcp


@pytest.mark.slow
def test_four_hundred_projects_are_read_whole_and_judged_right() -> None:
    with running_gcp(400) as double:
        double.judging = False
        found = gathered(double)
        assert [str(gap) for one in found for gap in one.snapshot.gaps] == []
        assert all(one.snapshot.complete for one in found)
        outcomes = judged(found, *PLANTED)
        for control in PLANTED:
            assert deviating(outcomes[control]) == double.manifest["deviations"][control], control
        bulk = [one for one in double.called if one.method.startswith("cloudasset.")]
        assert len(bulk) < 150
        single = Counter(one.method for one in double.called if one not in bulk)
        assert max(single.values()) <= 400, "each call that a project is asked for by itself comes once"
        assert len(double.called) < 400 * 11
