"""A control over a period from leaves alone: what counts as a look, and what is never filled."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector import canonical
from collector.normalise import timestamp
from collector.period.intervals import State
from collector.period.looks import Item
from collector.slots import Entry, Series, entries_document
from tests.period.written import DAY, EVENTS, SECRETS, STATES, THING, UNIT, Log, at


@pytest.fixture
def log() -> Log:
    return Log()


def test_evidence_that_is_judged_again_is_no_new_look(log: Log) -> None:
    """The secrets were read on the first day alone; that each day's run judges them again shows nothing new."""
    old = log.evidence(SECRETS, 0, "s")
    for day in range(3):
        new = log.evidence(STATES, day, "t")
        log.judged([old, new], ("secret", "pass", ["s"]), ("thing", "pass", ["t"]))
    found = log.items(3)
    assert [one.looks for one in found[THING]] == [0, 3]
    secret = found[Item(*UNIT, "secret")]
    assert [one.state.value for one in secret] == ["not looked", "pass", "not looked"]
    assert secret[1].looks == 1
    assert secret[2].because == f"{SECRETS}: 2 slots not served yet"
    assert secret[1].last
    assert secret[1].last.leaves == (old,)


def test_a_look_names_the_evidence_that_holds_the_item(log: Log) -> None:
    other, own = log.evidence(SECRETS, 0, "s"), log.evidence(STATES, 0, "t")
    log.judged([other, own], ("thing", "deviation", ["t"]))
    (failing,) = (one for one in log.items(1)[THING] if one.state is State.DEVIATION)
    assert failing.first
    assert failing.first.leaves == (own,)


def test_false_pass_11_missed_slots_are_not_filled_from_before_or_after(log: Log) -> None:
    log.judged([log.evidence(STATES, 0, "t")], ("thing", "pass", ["t"]))
    log.missed(STATES, 1, 4)
    log.judged([log.evidence(STATES, 5, "t")], ("thing", "pass", ["t"]))
    found = log.items(6)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass", "not looked", "pass"]
    hole = found[2]
    assert (hole.seen_from, hole.seen_to) == (at(0.5), at(5.5))
    assert hole.because == f"{STATES}: 4 slots missed (not_running)"


def test_false_pass_15_a_deviation_that_one_look_saw_stays(log: Log) -> None:
    for day, outcome in enumerate(["pass", "deviation", "pass", "pass"]):
        log.judged([log.evidence(STATES, day, "t")], ("thing", outcome, ["t"]))
    (failing,) = (one for one in log.items(4)[THING] if one.state is State.DEVIATION)
    assert failing.least == timedelta()
    assert failing.most == 2 * DAY


def test_an_item_that_came_late_was_not_there_before_and_one_that_left_is_not_there_after(log: Log) -> None:
    log.judged([log.evidence(STATES, 0)])
    log.judged([log.evidence(STATES, 1, "t")], ("thing", "pass", ["t"]))
    log.judged([log.evidence(STATES, 2)])
    assert log.states(3) == ["not looked", "not there", "pass", "not there"]


def test_a_scope_that_was_not_read_whole_says_of_no_item_that_it_is_gone(log: Log) -> None:
    log.judged([log.evidence(STATES, 0, "t")], ("thing", "pass", ["t"]))
    for day in (1, 2):
        whole: tuple[str, str, list[str]] = ("the whole of toy one", "cannot_tell", [])
        log.judged([log.evidence(STATES, day, complete=False)], whole)
    log.judged([log.evidence(STATES, 3, "t")], ("thing", "pass", ["t"]))
    found = log.items(4)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass", "cannot_tell", "pass"]
    assert found[2].looks == 2


def test_evidence_that_nobody_judged_is_no_look_and_leaves_a_hole(log: Log) -> None:
    log.judged([log.evidence(STATES, 0, "t")], ("thing", "pass", ["t"]))
    log.evidence(STATES, 1, "t")
    log.judged([log.evidence(STATES, 2, "t")], ("thing", "pass", ["t"]))
    found = log.items(3)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass", "not looked", "pass"]
    assert found[2].because == f"{STATES}: 1 slots collected and never judged"


def test_a_stretch_without_a_schedule_is_not_looked_at_either(log: Log) -> None:
    log.judged([log.evidence(STATES, 0, "t")], ("thing", "pass", ["t"]))
    log.put({"kind": "schedule", "at": timestamp(at(1)), "entries": log.cited(entries_document([]))})
    again = entries_document([Entry(Series(STATES, *UNIT), "", "daily at 12:00 UTC")])
    log.put({"kind": "schedule", "at": timestamp(at(5)), "entries": log.cited(again)})
    log.judged([log.evidence(STATES, 5, "t")], ("thing", "pass", ["t"]))
    found = log.items(6)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass", "not looked", "pass"]
    assert "no schedule had it collected" in found[2].because


def test_what_has_happened_has_no_state_that_lasts(log: Log) -> None:
    log.judged([log.evidence(EVENTS, 0, "e")], ("event", "deviation", ["e"]))
    log.judged([log.evidence(EVENTS, 1)])
    (only,) = log.items(9)[Item(*UNIT, "event")]
    assert only.state is State.DEVIATION
    assert (only.not_before, only.not_after) == (at(0.5), at(0.5)), "when it was judged; nothing says that it went on"


@pytest.mark.parametrize("item", [Item("", "", "the whole of the control"), Item("agent", "here", "part: owners")])
def test_an_item_of_no_scope_that_was_read_is_looked_at_whenever_the_control_is_judged(log: Log, item: Item) -> None:
    """It has no rows and no evidence of its own: so it rests on all that was judged."""
    leaves = [log.evidence(STATES, 0, "t")]
    log.judged(leaves, ("thing", "pass", ["t"]), elsewhere=[item])
    log.judged([log.evidence(STATES, 1, "t")], ("thing", "pass", ["t"]), elsewhere=[item])
    log.judged([log.evidence(STATES, 2, "t")], ("thing", "pass", ["t"]))
    found = [one for one in log.items(3)[item] if one.looks]
    assert [(one.state, one.looks) for one in found] == [(State.CANNOT_TELL, 2), (State.ABSENT, 1)]
    assert found[0].first
    assert found[0].first.leaves == (leaves[0],)


@pytest.fixture
def monthly(log: Log) -> Log:
    """A log whose schedule has the secrets read once a month, and everything else every day."""
    entries = [Entry(Series(STATES, *UNIT), "", "daily at 12:00 UTC")]
    entries.append(Entry(Series(SECRETS, *UNIT), "", "monthly on 1 at 12:00 UTC"))
    log.put({"kind": "schedule", "at": timestamp(at(0)), "entries": log.cited(entries_document(entries))})
    return log


def test_what_is_due_once_a_month_stands_beside_what_is_read_every_day(monthly: Log) -> None:
    old = monthly.evidence(SECRETS, 0, "s")
    for day in range(4):
        monthly.judged([old, monthly.evidence(STATES, day, "t")], ("thing", "pass", ["s", "t"]))
    before, only = monthly.items(4)[THING]
    assert (before.state, only.state) == (State.NOT_LOOKED, State.PASS)
    assert (only.looks, only.least) == (4, 3 * DAY)


def test_false_pass_11_what_stands_for_a_month_fills_no_hole_in_what_is_read_every_day(monthly: Log) -> None:
    old = monthly.evidence(SECRETS, 0, "s")
    monthly.judged([old, monthly.evidence(STATES, 0, "t")], ("thing", "pass", ["s", "t"]))
    monthly.missed(STATES, 1, 4)
    monthly.judged([old, monthly.evidence(STATES, 5, "t")], ("thing", "pass", ["s", "t"]))
    found = monthly.items(6)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass", "not looked", "pass"]
    assert (found[2].seen_from, found[2].seen_to) == (at(0.5), at(5.5))
    assert found[2].because == f"{STATES}: 4 slots missed (not_running)"


def without_slot(log: Log, kind: str, day: int, **members: str) -> int:
    index = log.evidence(kind, day, "m")
    log.leaves[index][1].update({"slot": None, **members})
    return index


def test_what_was_uploaded_by_hand_stands_until_the_next_of_its_kind(log: Log) -> None:
    for day in (0, 30):
        upload = without_slot(log, "records.reviews", day, type_kind="record")
        log.judged([upload], ("thing", "pass", ["m"]))
    found = log.items(31)[THING]
    assert [one.state.value for one in found] == ["not looked", "pass"]
    assert found[1].looks == 2


def test_what_the_collector_makes_itself_was_due_whenever_a_run_was(log: Log) -> None:
    for day in (0, 1, 6):
        if day == 6:
            log.missed(STATES, 2, 5)
        log.put({"kind": "claim", "run": f"r{day}", "at": timestamp(at(day + 0.5)), "until": timestamp(at(day + 1))})
        made = without_slot(log, "agent.identity_map", day, provider="agent", unit="archive")
        log.judged([made], ("thing", "pass", ["m"]))
    found = log.items(8)[THING]
    states = [one.state.value for one in found]
    assert states == ["not looked", "pass", "not looked", "pass", "not looked"]
    assert found[2].because == "agent.identity_map: 4 slots missed (not_running)"
    assert found[4].because == "agent.identity_map: 1 slots not served yet", "nobody came after the sixth day"


def test_a_run_that_tells_of_its_own_slots_says_of_no_other_that_it_is_gone(log: Log) -> None:
    for day in range(3):
        log.put({"kind": "claim", "run": f"r{day}", "at": timestamp(at(day + 0.5)), "until": timestamp(at(day + 1))})
        made = without_slot(log, "agent.collection", day, provider="agent", unit="archive")
        log.judged([made], *([("thing", "pass", ["m"])] if day != 1 else []))
    (_, only) = log.items(3)[THING]
    assert (only.state, only.looks) == (State.PASS, 2)


def test_what_was_said_of_a_control_as_a_whole_rests_on_all_that_was_judged(log: Log) -> None:
    whole = {"item": "the whole of the control", "provider": None, "unit": None, "outcome": "cannot_tell"}
    said = log.judged([log.evidence(STATES, 0, "t")])
    line = canonical.encode({**whole, "because": "no map", "rows": []}) + b"\n"
    log.leaves[said][1]["outcomes"] = log.cited(line)
    log.judged([log.evidence(STATES, 1, "t")], ("thing", "pass", ["t"]))
    found = log.items(2)[Item("", "", "the whole of the control")]
    assert [one.state.value for one in found] == ["not looked", "cannot_tell", "not there"]
