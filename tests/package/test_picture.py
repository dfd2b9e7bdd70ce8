"""The calendar picture: every slot of the period is in it once, and a single bad one can be seen."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest

from collector.coverage import Open, coverage, spells
from collector.ledger import Answer, Ledger, Rule
from collector.package.page import drawn
from collector.package.picture import LEFT, MOST, WIDTH, pictured, share
from collector.slots import Cause, Entry, Missed, Series, State

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.package.picture import Picture

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=365)
TICK = timedelta.resolution
ONE, TWO, OTHER = (
    Series("aws.iam.users", "aws", "1"),
    Series("aws.iam.users", "aws", "2"),
    Series("github.members", "github", "o"),
)
HOLE = (START + timedelta(days=99, hours=2), START + timedelta(days=138, hours=2))


def ledger(became: Mapping[Series, Callable[[datetime], State | None]], cadence: str = "daily at 02:00") -> Ledger:
    """Each series with that cadence, its slots answered as the function says; HOLE is missed where it says so."""
    entries = {series: Entry(series, "", cadence) for series in became}
    made = Ledger(rules=[Rule(0, START - timedelta(hours=1), entries)])
    for series, state_of in became.items():
        slots = list(made.slots(series, START - TICK, END - TICK))
        for slot in slots:
            if (state := state_of(slot)) is State.MISSED:
                one = Missed(series, slot, slot, 1, Cause.NOT_RUNNING)
                made.missed.setdefault(series, []).append((one, Answer(1, state, "r", one)))
            elif state:
                made.served.setdefault(series, {})[slot] = Answer(1, state, "r")
    return made


def well(_: datetime) -> State:
    return State.DONE


def outage(slot: datetime) -> State:
    return State.MISSED if HOLE[0] <= slot <= HOLE[1] else State.DONE


def test_an_outage_is_one_hole_and_its_words_say_why() -> None:
    (line,) = pictured(ledger({ONE: outage}), START, END).lines
    assert [(bar.state.value, bar.words) for bar in line.bars] == [
        ("done", "done: 99 slots, 2026-01-01 02:00 to 2026-04-09 02:00 UTC"),
        ("missed", "missed: 40 slots, 2026-04-10 02:00 to 2026-05-19 02:00 UTC, not_running"),
        ("done", "done: 226 slots, 2026-05-20 02:00 to 2026-12-31 02:00 UTC"),
    ]
    assert line.bars[1].x == pytest.approx(LEFT + WIDTH * (99 + 2 / 24) / 365, abs=0.01)
    assert line.bars[1].width == pytest.approx(WIDTH * 40 / 365, abs=0.01)
    assert (line.done, line.due) == (325, 365)


def test_what_came_to_the_same_is_one_line_and_the_worst_comes_first() -> None:
    picture = pictured(ledger({ONE: well, TWO: well, OTHER: outage}), START, END)
    assert [(one.name, one.note, one.done, one.due) for one in picture.lines] == [
        ("github.members", "github o · daily at 02:00", 325, 365),
        ("aws.iam.users", "2 scopes · daily at 02:00", 730, 730),
    ]
    assert (picture.done, picture.due) == (325 + 730, 3 * 365)
    (both,) = pictured(ledger({ONE: well, Series("aws.iam.roles", "aws", "1"): well}), START, END).lines
    assert both.name == "2 evidence types of aws.iam"


@pytest.mark.parametrize("state", [one for one in State if one is not State.DONE])
def test_one_bad_slot_of_a_year_of_hours_is_wide_enough_to_be_seen(state: State) -> None:
    bad = START + timedelta(days=200)
    (line,) = pictured(ledger({ONE: lambda at: state if at == bad else State.DONE}, "hourly"), START, END).lines
    assert [bar.state for bar in line.bars] == [State.DONE, state, State.DONE]
    assert line.bars[1].width >= 2


@pytest.mark.parametrize("cadence", ["hourly", "daily at 02:00", "weekly on monday", "monthly on 31"])
def test_every_slot_is_in_the_picture_once(cadence: str) -> None:
    chance = Random(cadence)  # noqa: S311 - no secret
    made = ledger({ONE: lambda _: chance.choice([*State, None])}, cadence)
    (found,) = coverage(made, START, END)
    parts = spells(made, ONE, START, END)
    counted: Counter[State | Open] = Counter()
    for one in parts:
        counted[one.state] += one.count
    assert counted == found.counts
    assert all(one.last < then.first <= one.until or one.until == then.first for one, then in pairwise(parts))
    (line,) = pictured(made, START, END).lines
    assert line.counts == found.counts
    assert len(line.bars) <= 366
    assert all(bar.x >= LEFT and bar.x + bar.width <= LEFT + WIDTH + 0.01 for bar in line.bars)
    told = Counter[str]()
    for bar in line.bars:
        for part in bar.words.split(":")[0].split(", ") if len(line.bars) < len(parts) else ():
            number, state = part.split()
            told[state] += int(number)
    assert not told or told == {state.value: number for state, number in found.counts.items()}


def test_lines_that_find_no_room_are_counted() -> None:
    first = {Series("t", "p", f"{number:03}"): START + timedelta(days=number, hours=2) for number in range(60)}

    def failed_at(bad: datetime) -> Callable[[datetime], State]:
        return lambda at: State.FAILED if at == bad else State.DONE

    picture = pictured(ledger({one: failed_at(bad) for one, bad in first.items()}), START, END)
    assert (len(picture.lines), len(picture.left_out)) == (MOST, 60 - MOST)
    assert picture.due == 60 * 365
    assert f"and 20 more lines, with {20 * 365:,} slots, {20 * 364:,} of them done" in drawn(picture)


def test_a_share_is_never_rounded_up() -> None:
    assert [share(*one) for one in ((9999, 10000), (10000, 10000), (1, 3), (0, 5), (0, 0))] == [
        "99.9 %",
        "100.0 %",
        "33.3 %",
        "0.0 %",
        "none",
    ]


@pytest.fixture
def picture() -> Picture:
    states = [*State, None]
    return pictured(ledger({ONE: lambda at: states[at.month % len(states)], OTHER: outage}), START, END)


def test_it_is_told_in_words_and_by_shapes_and_needs_no_script(picture: Picture) -> None:
    page = drawn(picture)
    assert 'role="img" aria-labelledby="picture-title picture-desc"' in page
    words = page[page.index("<desc") : page.index("</desc>")]
    assert "aws.iam.users (aws 1 · daily at 02:00): " in words
    assert f"{picture.done} of {picture.due} slots done" in words
    assert "<script" not in page
    assert "style=" not in page, "the page's policy would not let it through"
    heights = {
        state: page.count(f'class="c-{state}"') for state in ("done", "partial", "failed", "missed", "skipped", "open")
    }
    assert all(heights.values()), "each state has an element of its own, so each can have its own shape"


def test_what_is_in_a_name_stays_text() -> None:
    name = "<b>&amp;"
    page = drawn(pictured(ledger({Series("t", "p", name): well}), START, END))
    assert "<b>&" not in page.replace("<b>365", "").replace("<b>0", "")
    assert "&lt;b&gt;&amp;amp;" in page
