"""`collector serve` as a real process whose day is short: ended, killed a hundred times, and two at once."""

from __future__ import annotations

import signal
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.schedules.services import Services, services, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONFIG = """
schedule = { default = "every 5 minutes", claim_minutes = 20 }
serve = { listen = "none", jitter_seconds = 0, grace_seconds = 3600 }
"""
SCALE = 600
KILLS = 100
DEADLY = Random(100)  # noqa: S311 - no secret

pytestmark = [pytest.mark.first, pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Services]:
    with services(tmp_path, CONFIG) as made:
        yield made


def times_served(served: Services) -> Counter[tuple[str, str, str]]:
    """How often each slot of each series was served."""
    return Counter((one["type"], one["unit"], one["slot"]) for one in served.bodies("evidence") if one["slot"])


def test_it_serves_its_slots_and_ends_when_told(served: Services) -> None:
    service = served.start("--anchor", time.time(), "--scale", SCALE)
    until(lambda: len(served.logged(service, "run sealed")) >= 3, "three runs")
    assert served.end(service) == 0
    assert set(times_served(served).values()) == {1}
    assert served.verified().faults == []
    sealed = {one["run"] for one in served.bodies("run")}
    assert {one["run"] for one in served.logged(service, "run sealed")} == sealed, "a line has the id of its run"
    assert [one["abandoned"] for one in served.logged(service, "ended")] == [False]


def test_what_it_was_reading_when_told_to_end_is_sealed_as_abandoned(served: Services) -> None:
    (served.folder / "collector.toml").write_text(CONFIG.replace("3600", "1"))
    # Slow enough that sealing fits into its time on a busy machine; it starts 40 of its seconds before a slot.
    service = served.start("--anchor", time.time() - 26, "--scale", 10, "--read", 30)
    until(lambda: served.bodies("claim"), "a claim")
    assert served.end(service) == 1
    assert {"timeout": 1} in [one["gaps"] for one in served.bodies("evidence")]
    assert served.verified().faults == []


def test_two_on_one_archive_serve_each_slot_once(served: Services) -> None:
    """Without jitter both start at the very moment of the slot."""
    anchor = time.time()
    both = [served.start("--anchor", anchor, "--scale", SCALE) for _ in range(2)]
    until(lambda: all(len(served.logged(one, "run sealed")) >= 3 for one in both), "three runs of each")
    for one in both:
        served.end(one)
    assert set(times_served(served).values()) == {1}
    assert served.ledger.again == []
    runs = [{line["run"] for line in served.logged(one, "run sealed")} for one in both]
    assert runs[0].isdisjoint(runs[1])
    assert runs[0] | runs[1] <= {one["run"] for one in served.bodies("run")}
    assert served.verified().faults == []


def test_killed_a_hundred_times_it_loses_no_slot_and_serves_none_twice(served: Services) -> None:
    options = ("--anchor", time.time(), "--scale", 1200, "--read", 0.1)
    # How long a start takes until its first run is sealed, here and now: kills fall before, into and after that. The
    # very first one has the archive to make besides.
    for _ in range(2):
        whole, began = served.start(*options), time.monotonic()
        until(lambda one=whole: served.logged(one, "run sealed"), "a run")  # type: ignore[misc]
        longest = 1.2 * (time.monotonic() - began)
        served.end(whole, signal.SIGKILL)
    for _ in range(KILLS):
        service = served.start(*options)
        time.sleep(DEADLY.uniform(0, longest))
        assert served.end(service, signal.SIGKILL) == -signal.SIGKILL

    claims, ended = served.bodies("claim"), {one["run"] for one in served.bodies("run")}
    died = [one for one in claims if one["run"] not in ended]
    assert len(died) >= KILLS // 10, "too few were killed in the middle of a run for this to show anything"
    last = served.start(*options)
    killed_at = max(claim.at for claim in served.ledger.claims)
    until(lambda: not list(served.ledger.unanswered(killed_at)), "an answer to every slot of that time")
    assert served.end(last) == 0

    ledger = served.ledger
    assert ledger.again == []
    assert set(times_served(served).values()) == {1}
    slots = [(one, slot) for one in ledger.series for slot in ledger.slots(one, ledger.rules[0].at, killed_at)]
    states = Counter(answer.state.value for one, slot in slots if (answer := ledger.answer(one, slot)))
    assert states.total() == len(slots) > 0, "every slot has its leaf"
    assert served.verified().faults == []
    print(f"{KILLS} kills within {longest:.2f} s of a start: {len(died)} runs cut off; slots: {dict(states)}")  # noqa: T201 - shown by pytest -s
