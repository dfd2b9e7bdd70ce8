"""A short piece of `python -m benchmarks.service`: what a service takes does not grow with what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.service import serve

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_memory_and_threads_stay_as_they_are_and_every_slot_has_one_answer(tmp_path: Path) -> None:
    served = serve(0.5, tmp_path, look_seconds=1.0, scale=600)
    assert served.slots["no answer"] == served.twice == served.faults == served.code == 0
    assert served.slots["done"] > 0
    looks = [one for one in served.looks if one.at > 10]  # by then all is loaded that ever will be
    half = len(looks) // 2
    assert half
    # The collecting pool has 16 threads at most, the port 4 and as many timers; the rest is a handful.
    assert max(one.threads for one in looks) <= 32
    assert max(one.files for one in looks) <= 24
    grown = min(one.memory for one in looks[half:]) - min(one.memory for one in looks[:half])
    assert grown < 10e6, "of what it needs, a tenth at most"
