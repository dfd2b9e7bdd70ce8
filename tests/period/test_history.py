"""A control over a period from leaves alone: what counts as a look, and what is never filled."""

from __future__ import annotations

from datetime import timedelta

import pytest

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
