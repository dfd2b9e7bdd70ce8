"""What the service says of itself on its port and to a webhook, after a day with gaps, misses and a deviation."""

from __future__ import annotations

import hmac
import json
import signal
import threading
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.pin import Head
from collector.config import NotifySettings, Override, ScheduleSettings
from collector.coverage import coverage
from collector.slots import State
from schedules.clocks import Times
from schedules.standing import Standing
from schedules.writable import Writable
from tests.schedules.serving import Serving, own_clock
from tests.schedules.test_notify import SECRET, Receiver, receiver  # noqa: F401 - a fixture
from tests.schedules.toy import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from schedules.service import Wish

    Steps = Iterator[Wish | None]

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    schedule = ScheduleSettings(default="hourly", override=[Override(type="toy.units", cadence="daily")])
    made = Serving(World(tmp_path, START, schedule=schedule))
    made.world.toy.units = ["one"]
    with own_clock(made, monkeypatch):
        yield made
    for number, told in before.items():
        signal.signal(number, told)


def a_day(serving: Serving) -> Steps:
    """One good hour, one with a denial, three that nobody saw, one with half an answer."""
    toy = serving.world.toy
    yield from serving.after("schedule sealed")
    serving.move(hours=1)
    yield from serving.after("run sealed")
    toy.denied = {"toy.things"}
    serving.move(hours=1)
    yield from serving.after("run sealed")
    toy.denied = set()
    toy.cut = True
    serving.deed()
    serving.world.now += timedelta(hours=4)
    yield from serving.after("run sealed")


def test_the_metrics_are_the_figures_of_the_archive(serving: Serving) -> None:
    found: dict[str, float] = {}

    def script() -> Steps:
        yield from a_day(serving)
        yield from serving.until(lambda: serving.metrics()['passes_total{outcome="incomplete"}'] == 2)
        found.update(serving.metrics())

    serving.run(script)
    ledger = serving.world.ledger
    counts = Counter[str]()
    for one in coverage(ledger, START, serving.world.now + timedelta(seconds=1)):
        counts.update({state.value: number for state, number in one.counts.items()})
    assert {state.value: found[f'slots_total{{state="{state}"}}'] for state in State} == {
        state.value: counts[state] for state in State
    }
    assert counts["missed"] == 6
    assert counts["failed"] == 1
    assert counts["partial"] == 1
    assert found["slots_due_total"] == counts.total()
    gaps = Counter[str]()
    for body in serving.world.bodies("evidence"):
        gaps.update(body["gaps"])
    assert {cause: found[f'gaps_total{{cause="{cause}"}}'] for cause in gaps} == gaps
    assert found['passes_total{outcome="complete"}'] == 1
    head = serving.world.verified().head
    assert isinstance(head, Head)
    assert (found["archive_leaves"], found["archive_commits"]) == (head.size, head.sequence + 1)
    assert [found[f'archive_lock{{state="{state}"}}'] for state in ("not locked", "locked")] == [1, 0]
    assert found["last_run_timestamp_seconds"] == serving.world.now.timestamp()


def test_the_status_page_shows_slots_runs_gaps_and_the_calendar(serving: Serving) -> None:
    def script() -> Steps:
        yield from serving.until(lambda: serving.asked("/")[0] == 200)
        yield from a_day(serving)
        yield from serving.until(lambda: "missed: 3 slots" in serving.asked("/")[1])
        page = serving.asked("/")[1]
        assert "Keeping the schedule" in page
        runs = serving.world.bodies("run")
        assert all(body["run"] in page for body in runs)
        shown = page[page.index("Next slots") :]
        assert "2026-03-01 19:00:00 UTC" in shown
        assert "<td>hourly</td>" in shown
        gaps = page[page.index("Gaps now") : page.index("Next slots")]
        assert "<code>toy.events</code>" in gaps
        assert "1 throttled" in gaps
        assert "toy.things" not in gaps, "it was read since"
        assert "missed: 3 slots, 2026-03-01 15:00 to 2026-03-01 17:00 UTC, not_running" in page
        assert "failed: 1 slot, 2026-03-01 14:00 UTC" in page
        assert "<script" not in page
        assert "<form" not in page

    serving.run(script)


def test_an_archive_that_cannot_be_read_or_written_is_said_and_the_pages_answer_all_the_same(serving: Serving) -> None:
    log, away = serving.world.folder / "evidence" / "log", serving.world.folder / "away"

    def script() -> Steps:
        yield from serving.after("nothing due", 2)
        yield from serving.until(lambda: serving.problem() == "")
        log.rename(away)
        log.write_text("no directory")
        serving.move(minutes=2)
        assert "the archive cannot be written (Not a directory)" in serving.problem()
        serving.move(minutes=58)
        yield from serving.after("pass failed")
        status, page = serving.asked("/")
        assert status == 200
        assert "Not ready" in page
        assert "the archive cannot be written" in page
        assert serving.problem("/healthz") == "", "it is alive, and a restart would not help"
        log.unlink()
        away.rename(log)
        serving.move(hours=1)
        yield from serving.after("run sealed")
        yield from serving.until(lambda: serving.problem() == "")

    serving.run(script)


def test_a_run_that_does_not_end_makes_it_unready_when_the_next_slot_has_gone_by(serving: Serving) -> None:
    hold, held = threading.Event(), threading.Event()

    def slow() -> None:
        held.set()
        hold.wait(60)

    def script() -> Steps:
        yield from serving.after("nothing due", 2)
        serving.world.toy.interrupt = slow
        serving.move(hours=1)
        yield from serving.until(held.is_set)
        assert serving.problem() == "", "it is at it"
        serving.move(minutes=6)
        assert serving.problem().startswith("the slot of 2026-03-01 13:00 UTC has had no pass")
        hold.set()
        yield from serving.after("run sealed")
        yield from serving.until(lambda: serving.problem() == "")

    serving.run(script)


def test_before_its_first_pass_it_is_not_ready_and_a_loop_that_is_stuck_is_not_alive() -> None:
    steady = 0.0
    standing = Standing(Times(lambda: START, lambda: steady), timedelta(minutes=5))
    assert standing.dead() == ""
    assert standing.unready() == "no pass has ended yet"
    steady = 31.0
    assert standing.dead() == "the loop has not come round for 31 seconds"
    standing.beat()
    assert standing.dead() == ""


def test_a_place_is_asked_once_a_minute_and_by_one_at_a_time() -> None:
    now, asked = START, 0

    def check() -> None:
        nonlocal asked
        asked += 1
        assert place.problem() == "", "whoever comes meanwhile gets what is known, and does not wait"

    place = Writable(lambda: now, check)
    assert place.problem() == place.problem() == ""
    assert asked == 1
    now += timedelta(seconds=61)
    assert place.problem() == ""
    assert asked == 2


def test_a_receiver_is_told_of_gaps_misses_and_what_deviates_anew(
    serving: Serving,
    receiver: Receiver,  # noqa: F811 - the fixture
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET.decode())
    serving.changed["notify"] = NotifySettings(url=receiver.url, secret="env:HOOK_SECRET")  # noqa: S106 - its name
    serving.settings = replace(serving.settings, listen="none")

    def script() -> Steps:
        yield from serving.after("schedule sealed")
        serving.move(hours=1)
        yield from serving.after("run sealed")  # all is well: nobody is told
        serving.world.toy.denied = {"toy.things"}
        serving.deed()
        serving.world.now += timedelta(hours=3)
        yield from serving.after("run sealed")
        serving.move(hours=1)
        yield from serving.after("run sealed")
        yield from serving.until(lambda: len(receiver.came) == 2)

    assert serving.run(script)
    for header, body in receiver.came:
        moment, _, signature = header.removeprefix("t=").partition(",v1=")
        assert signature == hmac.new(SECRET, moment.encode() + b"." + body, sha256).hexdigest()
    first, second = (json.loads(body) for _, body in receiver.came)
    assert (first["version"], first["run"]) == (1, serving.world.bodies("run")[1]["run"])
    assert [(one["type"], one["unit"], one["cause"]) for one in first["gaps"]] == [("toy.things", "one", "denied")]
    missed: list[dict[str, Any]] = first["missed"]
    assert {(one["type"], one["count"], one["cause"], one["first"]) for one in missed} == {
        ("toy.events", 2, "not_running", "2026-03-01T14:00:00Z"),
        ("toy.things", 2, "not_running", "2026-03-01T14:00:00Z"),
    }
    deviations = [(one["control"], one["item"]) for one in first["new_deviations"]]
    assert ("LOG-11", "toy.things in toy one") in deviations
    assert first["counts"] == {name: len(first[name]) for name in ("gaps", "missed", "new_deviations", "findings")}
    assert second["counts"]["gaps"] == 1
    assert second["new_deviations"] == [], "it is no news"
