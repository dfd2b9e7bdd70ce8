"""Windows that go on: after days of downtime, refusals and broken lists nothing is left out without being named."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from collector import trace, windows
from collector.archive.reader import Reader
from collector.cli.main import cli
from collector.config import ScheduleSettings
from collector.model import Scope, Window
from collector.plan import continued, plan
from collector.population import assembled
from collector.slots import Series
from collector.windows import Reading
from tests.schedules.toy import KEEPS_DAYS, LATE_MINUTES, World, connector

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.population import Item

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATE = timedelta(minutes=LATE_MINUTES)
DAY = timedelta(days=1)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """One unit, collected every hour."""
    made = World(tmp_path, START, schedule=ScheduleSettings(default="hourly"))
    made.toy.units = ["one"]
    made.run()
    made.after(hours=1)
    return made


def leaves(world: World) -> list[tuple[int, dict[str, object]]]:
    return [
        (leaf.index, leaf.body)
        for leaf in Reader(world.store).leaves()
        if leaf.body["kind"] == "evidence" and leaf.body["type"] == "toy.events"
    ]


def newest(world: World) -> dict[str, object]:
    return leaves(world)[-1][1]


def stretches(world: World) -> list[tuple[datetime, datetime, str]]:
    return [(one.span.start, one.span.end, one.reading.value) for one in windows.history(leaves(world))]


def items(world: World) -> dict[str, Item]:
    reader = Reader(world.store)
    found = assembled(leaves(world), lambda body: trace.lines(reader, body["records"]))
    return {str(item.row["source_id"]): item for item in found if item.row["table"] == "access_event"}


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_the_first_window_is_all_that_the_source_remembers(world: World) -> None:
    leaf = newest(world)
    assert leaf["window"] == {"from": text(world.now - KEEPS_DAYS * DAY), "to": text(world.now)}
    assert leaf["continues"] is None


def test_the_next_one_goes_on_where_it_ended_less_the_overlap(world: World) -> None:
    before = world.now
    world.after(hours=1)
    leaf = newest(world)
    assert leaf["window"] == {"from": text(before - LATE), "to": text(world.now)}
    assert leaf["continues"] == text(before)


@pytest.mark.parametrize("days", [1, 29, 31, 40, 100])
def test_downtime_is_back_filled_as_far_as_the_source_remembers(world: World, days: int) -> None:
    before = world.now
    for hour in range(0, days * 24, 12):
        world.toy.happened[f"e-{hour:05}"] = before + timedelta(hours=hour, minutes=1)
    finished = world.after(days=days)
    assert finished
    remembered = world.now - KEEPS_DAYS * DAY
    kept = {key for key, at in world.toy.happened.items() if at >= remembered}
    found = items(world)
    assert set(found) == kept
    assert {item.first_collected for item in found.values()} == {text(world.now)}, "its later collection time shows"
    gone = [(before, remembered, "lost")] if days > KEEPS_DAYS else []
    first = world.now - timedelta(days=days) - KEEPS_DAYS * DAY
    assert stretches(world) == [(first, before, "read"), *gone, (max(before, remembered), world.now, "read")]
    assert [one.lost for one in finished.snapshots if one.lost] == [Window(*one[:2]) for one in gone]
    assert not finished.complete
    world.after(hours=1)
    assert windows.lost(newest(world)) is None, "said once, and for ever"
    assert len([one for one in stretches(world) if one[2] == "lost"]) == len(gone)
    assert world.verified().sound


def test_what_is_lost_is_an_exit_code_a_line_and_never_a_pass(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    lost_from = world.now
    world.toy.denied = {"toy.events"}
    for _ in range(5):
        world.after(days=8)
    world.toy.denied = set()
    capsys.readouterr()
    finished = world.after(minutes=60)
    assert finished
    assert all(one.complete for one in finished.snapshots)
    assert not finished.missed
    assert not finished.complete
    out = capsys.readouterr().out
    lost_to = world.now - KEEPS_DAYS * DAY
    assert f"LOST  toy.events in toy one: {text(lost_from)} to {text(lost_to)}; never read whole" in out
    (account,) = (one for one in finished.snapshots if one.evidence_type == "agent.collection")
    assert (
        f"lost from {text(lost_from)} to {text(lost_to)}"
        in Reader(world.store).content(account.records.sha256).decode()
    )


def test_a_source_that_was_denied_for_five_days_is_back_filled(world: World) -> None:
    before = world.now
    world.toy.denied = {"toy.events"}
    for day in range(5):
        world.toy.happened[f"e-{day}"] = world.now + timedelta(hours=3)
        world.after(days=1)
        assert newest(world)["continues"] == text(before), "a refusal moves nothing"
    assert items(world) == {}
    world.toy.denied = set()
    world.after(hours=1)
    assert newest(world)["window"] == {"from": text(before - LATE), "to": text(world.now)}
    assert set(items(world)) == {f"e-{day}" for day in range(5)}
    assert [one[2] for one in stretches(world)] == ["read", "read"]


def test_a_partial_answer_neither_shortens_nor_replaces_a_complete_one(world: World) -> None:
    before = world.now
    world.toy.happened = {f"e-{number}": before + timedelta(minutes=number) for number in range(10)}
    world.toy.cut = True
    world.after(hours=1)
    assert len(items(world)) == 5, "what was read is kept"
    assert stretches(world)[-1] == (before, world.now, "open")
    world.toy.cut = False
    world.after(hours=1)
    assert newest(world)["continues"] == text(before)
    found = items(world)
    assert len(found) == 10
    assert found["e-0"].snapshots == 2
    assert found["e-0"].first_collected == text(before + timedelta(hours=1))
    assert found["e-9"].first_collected == text(world.now)
    world.toy.cut = True
    world.after(hours=1)
    assert len(items(world)) == 10
    assert stretches(world)[1][:2] == (before, world.now - timedelta(hours=1)), "still read"


def test_a_late_event_inside_the_overlap_is_found_and_counted_once(world: World) -> None:
    at = world.now + timedelta(minutes=30)
    world.toy.happened = {"late": at, "prompt": at}
    world.toy.appears = {"late": at + timedelta(minutes=100)}
    world.after(hours=1)
    assert set(items(world)) == {"prompt"}
    prompt = world.now
    world.after(hours=1)
    world.after(hours=1)
    found = items(world)
    assert found["late"].first_collected == text(world.now)
    assert (found["prompt"].first_collected, found["prompt"].snapshots) == (text(prompt), 3)
    world.after(hours=1)
    world.after(hours=1)
    assert len([item for item in items(world).values() if item.row["source_id"] == "late"]) == 1


def test_a_window_that_ended_after_now_is_asked_for_again_whole(tmp_path: Path) -> None:
    scope = Scope("toy", "one")
    tasks = plan(connector(World(tmp_path, START).toy).types.values(), [scope], {"toy": scope}, START)
    ahead = {Series(task.evidence.id, "toy", "one"): START + DAY for task in tasks}
    (task,) = (one for one in continued(tasks, ahead) if one.window)
    assert task.window == Window(START - KEEPS_DAYS * DAY, START)
    assert task.continues == START + DAY


def test_the_command_shows_what_was_read_and_what_is_lost(world: World) -> None:
    world.toy.happened = {"e": world.now + timedelta(days=39)}
    world.after(days=40)
    place = str(world.folder / "evidence")
    shown = CliRunner().invoke(cli, ["population", "toy.events", "--archive", place], catch_exceptions=False)
    assert shown.exit_code == 0
    lines = [line.split("\t") for line in shown.stdout.splitlines()]
    assert [line[4] for line in lines[1:]] == ["read", "lost", "read"]
    assert [line[3] for line in lines[1:-1]] == [line[2] for line in lines[2:]], "without a hole"
    found = CliRunner().invoke(cli, ["population", "toy.events", "--csv", "--archive", place], catch_exceptions=False)
    (line,) = (line for line in found.stdout.splitlines() if ",e," in line)
    assert line.split(",")[4] == text(world.now)
    assert json.loads(line[line.index('"{') :].strip('"').replace('""', '"'))["at"] == text(world.now - DAY)


def test_the_page_says_what_is_lost_and_what_it_goes_on_from(world: World) -> None:
    lost_from = world.now
    finished = world.after(days=40)
    assert finished
    place, out = str(world.folder / "evidence"), str(world.folder / "page")
    CliRunner().invoke(cli, ["report", "--archive", place, "--to", out], catch_exceptions=False)
    page = (world.folder / "page" / "index.html").read_text()
    section = page[page.index('id="lost"') :]
    section = section[: section.index("</section>")]
    assert "toy.events" in section
    assert f"{lost_from:%Y-%m-%d}" in section
    assert f"{world.now - KEEPS_DAYS * DAY:%Y-%m-%d}" in section
    assert "the end of the last complete window before it" in page
    shown = CliRunner().invoke(cli, ["show", "toy.events", "--archive", place], catch_exceptions=False).stdout
    assert f"LOST from {text(lost_from)} to {text(world.now - KEEPS_DAYS * DAY)}" in shown


def test_the_command_knows_no_other_name(world: World) -> None:
    found = CliRunner().invoke(cli, ["population", "toy.evens", "--archive", str(world.folder / "evidence")])
    assert "toy.evens: the archive has no window of a population of that name" in str(found.exception)


STEPS: dict[str, Callable[[World], None]] = {
    "ok": lambda _: None,
    "partial": lambda world: setattr(world.toy, "cut", True),
    "failed": lambda world: world.toy.denied.add("toy.events"),
}


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(st.integers(1, 24 * 45), st.sampled_from(sorted(STEPS))), max_size=6))
def test_each_instant_is_read_first_once_or_named_as_lost(history: list[tuple[int, str]]) -> None:
    with TemporaryDirectory(prefix="windows-") as folder:
        world = World(Path(folder), START, schedule=ScheduleSettings(default="hourly"))
        world.toy.units = ["one"]
        world.run()
        complete = [START]
        for hours, how in [(1, "ok"), *history, (1, "ok")]:
            world.toy.cut, world.toy.denied = False, set()
            STEPS[how](world)
            world.toy.happened[f"e-{len(world.toy.happened)}"] = world.now + timedelta(hours=hours) / 2
            world.after(hours=hours)
            complete += [world.now] if how == "ok" else []
        found = windows.history(leaves(world))
        assert all(one.span.start < one.span.end for one in found)
        assert all(one.span.end == other.span.start for one, other in pairwise(found))
        assert found[-1].span.end == world.now
        assert Reading.OPEN not in {one.reading for one in found}
        # What must be lost, worked out by itself: between two complete windows, all that the second came too late for.
        ends = [end for end in complete if end > START]
        lost = [
            (end, following - KEEPS_DAYS * DAY)
            for end, following in pairwise(ends)
            if following - KEEPS_DAYS * DAY > end
        ]
        runs = [(reading, list(group)) for reading, group in groupby(found, key=lambda one: one.reading)]
        gone = [(parts[0].span.start, parts[-1].span.end) for reading, parts in runs if reading is Reading.LOST]
        assert gone == lost
        seen = items(world)
        for key, at in world.toy.happened.items():
            (inside,) = (one for one in found if one.span.start <= at < one.span.end)
            if inside.reading is Reading.READ:
                assert seen[key].first_collected <= str(inside.collected)
        assert world.verified().sound
