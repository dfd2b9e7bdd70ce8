"""The register of deviations: it ties for any history, and nothing that nobody saw opens or closes anything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.normalise import timestamp
from collector.period.clues import Clues
from collector.period.history import about
from collector.period.intervals import State
from collector.period.looks import Item
from collector.period.narrowed import Log as ProviderLog
from collector.period.span import Period
from tests.period.written import DAY, EVENTS, START, STATES, THING, UNIT, Log, at

if TYPE_CHECKING:
    from collector.period.register import Deviation

FIRST = date(2026, 1, 1)
ALL = Period.of(FIRST, date(2026, 1, 31))
WORDS = {"P": "pass", "D": "deviation", "U": "cannot_tell", "N": "not_applicable"}


def days(first: int, last: int, zone: str = "UTC") -> Period:
    return Period.of(FIRST + timedelta(days=first), FIRST + timedelta(days=last), zone)


def lived(*items: str) -> Log:
    """A log of daily looks; in each text a letter is a day, `A` is a day without the item, `-` one that was missed."""
    log = Log()
    for day, states in enumerate(zip(*items, strict=True)):
        if "-" in states:
            log.missed(STATES, day, day)
            continue
        there = {f"thing{number or ''}": state for number, state in enumerate(states) if state != "A"}
        leaf = log.evidence(STATES, day, *there)
        log.judged([leaf], *((item, WORDS[state], [item]) for item, state in there.items()))
    return log


def only(log: Log, period: Period = ALL) -> Deviation:
    (found,) = log.over(period).register.deviations
    return found


def test_a_deviation_has_bounds_hours_and_both_evidence_leaves() -> None:
    found = only(lived("PPDDDP"))
    assert (found.opened_after, found.opened_by) == (at(1.5), at(2.5))
    assert (found.closed_after, found.closed_by) == (at(4.5), at(5.5))
    assert (found.least, found.most, found.unseen) == (2 * DAY, 4 * DAY, timedelta())
    assert found.before
    assert found.after
    assert [one.leaves for one in (found.before, found.first, found.last, found.after)] == [(4,), (7,), (13,), (16,)]
    assert (found.carried_in, found.opened, found.closed, found.open) == (False, True, True, False)
    assert found.detected == at(2.5)
    assert found.cause == "thing"


def test_what_nobody_looked_at_closes_nothing_and_counts_as_unseen() -> None:
    found = only(lived("PDD--DDP"))
    assert (found.least, found.most, found.unseen) == (2 * DAY, 7 * DAY, 3 * DAY)
    assert found.closed_by == at(7.5)
    known = only(lived("PDUUDP"))
    assert (known.least, known.unseen) == (timedelta(), 3 * DAY)


def test_an_item_that_went_is_closed_by_the_look_that_does_not_have_it() -> None:
    found = only(lived("PDDAA"))
    assert found.closed
    assert found.closed_because == "It is not in the evidence, which is whole."


def test_an_open_one_counts_to_the_last_thing_the_archive_tells() -> None:
    log = lived("PDDD")
    found = only(log)
    assert found.open
    assert found.closed_by is None
    assert (found.least, found.most) == (2 * DAY, 3 * DAY)


def test_one_that_was_there_at_the_first_look_has_no_greatest_length() -> None:
    found = only(lived("DDP"))
    assert (found.opened_after, found.most) == (None, None)


def test_what_was_closed_after_the_period_is_open_at_its_end_and_says_when_it_was_closed() -> None:
    log = lived("PDDDDP")
    found = only(log, days(0, 2))
    assert (found.open, found.closed_by) == (True, at(5.5))
    later = only(log, days(3, 9))
    assert (later.carried_in, later.opened, later.closed) == (True, False, True)
    assert later.id == found.id, "the same in every package"


def test_the_zone_of_the_period_says_on_which_day_it_was() -> None:
    """Noon in UTC is the day after on Kiritimati."""
    log = lived("PDP")
    assert log.over(days(1, 1)).register.opened == 1
    assert log.over(days(1, 1, "Pacific/Kiritimati")).register.opened == 0
    assert log.over(days(2, 2, "Pacific/Kiritimati")).register.opened == 1


LIVES = st.integers(1, 14).flatmap(
    lambda length: st.lists(st.text("PDUNA", min_size=length, max_size=length), min_size=1, max_size=3)
)


@settings(deadline=None, max_examples=150)
@given(
    lives=LIVES, missed=st.sets(st.integers(0, 13), max_size=4), edges=st.tuples(st.integers(0, 13), st.integers(0, 6))
)
def test_it_ties_for_any_history(lives: list[str], missed: set[int], edges: tuple[int, int]) -> None:
    """Counted once more, day by day, by what was known of each item at the end of each day."""
    lives = ["".join("-" if day in missed else one for day, one in enumerate(life)) for life in lives]
    log, first, last = lived(*lives), edges[0], edges[0] + edges[1]
    register = log.over(days(first, last)).register
    expected = {"carried_in": 0, "opened": 0, "closed": 0, "open": 0}
    for life in lives:
        bad, known = False, False
        begun = list[int]()
        for day, state in enumerate(life):
            known = known or state not in "A-"  # before anything was seen of it, that it is not there says nothing
            if state == "D" and not bad:
                bad = True
                begun.append(day)
                expected["opened"] += first <= day <= last
            elif state in "PNA" and bad:
                bad = False
                expected["closed"] += first <= day <= last
            if day == first - 1:
                expected["carried_in"] += bad
            if day == last:
                expected["open"] += bad
        if len(life) < first:
            expected["carried_in"] += bad
        if len(life) <= last:
            expected["open"] += bad
    assert expected["carried_in"] + expected["opened"] - expected["closed"] == expected["open"], "the oracle itself"
    assert {name: getattr(register, name) for name in expected} == expected
    assert register.ties
    for one in register.deviations:
        assert one.most is None or one.least <= one.most
        assert one.closed_by is None or one.opened_by <= one.closed_by


@pytest.mark.parametrize(("life", "rows"), [("PDP", 1), ("PDPDP", 2), ("DPDPD", 3)])
def test_closed_ones_stay(life: str, rows: int) -> None:
    assert len(lived(life).over(ALL).register.deviations) == rows


def test_an_exception_stands_beside_the_deviation_and_changes_no_count() -> None:
    log = lived("PDDDDP")
    plain = log.over(ALL).register
    covering, elsewhere = log.excepted(2.6, 4), log.excepted(2.6, 4, "another")
    late, other_unit = log.excepted(20, 30), log.excepted(2.6, 4, unit="two")
    found = log.over(ALL)
    assert [one.leaf for one in found.register.deviations[0].exceptions] == [covering]
    assert {one.leaf for one in found.exceptions} == {covering, elsewhere, late, other_unit}
    counts = ("carried_in", "opened", "closed", "open")
    assert [getattr(found.register, name) for name in counts] == [getattr(plain, name) for name in counts]


def test_the_newest_response_counts_and_all_are_kept() -> None:
    log = lived("PDDP")
    log.responded(1.6, "bo", "look into it")
    log.responded(2.6, "ann")
    found = only(log)
    assert (found.owner, found.response, found.found_cause) == ("ann", "look into it", "slip")
    assert len(found.responses) == 2


def change(number: int, day: float) -> dict[str, object]:
    return {
        "table": "change",
        "row_id": f"c{number}",
        "change_id": f"one#{number}",
        "merged_at": timestamp(at(day)),
    }


def emergency() -> Log:
    """A change that nobody had reviewed when it was first seen, and somebody had two days later."""
    log = Log()
    first = log.evidence(EVENTS, 1, change(1, 1.2))
    log.judged([first], ("one#1", "deviation", ["c1"]))
    then = log.evidence(EVENTS, 3, change(1, 1.2))
    log.judged([then], ("one#1", "pass", ["c1"]))
    return log


def test_every_outcome_of_an_item_stays_and_the_last_one_counts() -> None:
    found = emergency().over(ALL)
    told = found.told[Item(*UNIT, "one#1")]
    assert [one.state.value for one in told] == ["deviation", "pass"]
    assert found.events == {Item(*UNIT, "one#1")}
    (one,) = found.register.deviations
    assert one.event
    assert (one.opened_after, one.opened_by) == (at(1.2), at(1.5)), "its own time, which the source tells"
    assert (one.detected, one.closed_by, one.closed) == (at(1.5), at(3.5), True)
    assert one.most == at(3.5) - at(1.2)


def test_what_happened_belongs_to_the_day_on_which_it_did_and_not_to_that_of_the_look() -> None:
    log = Log()
    leaf = log.evidence(EVENTS, 5, change(1, 1.2), change(2, 4.9))
    log.judged([leaf], ("one#1", "deviation", ["c1"]), ("one#2", "deviation", ["c2"]))
    assert [one.item.item for one in log.over(days(0, 2)).register.deviations] == ["one#1"]
    assert [one.item.item for one in log.over(days(4, 4)).register.deviations] == ["one#1", "one#2"]


def test_what_became_a_deviation_later_is_counted_when_it_was_seen_to_be_one() -> None:
    """A weakness is found, and is a deviation when nobody has mended it in time: that it was found is no deviation."""
    log = Log()
    weakness = {"table": "vulnerability", "row_id": "v", "finding_id": "f", "first_seen_at": timestamp(at(0.1))}
    for day, state in ((1, "pass"), (5, "deviation"), (9, "pass")):
        log.judged([log.evidence(EVENTS, day, weakness)], ("f", state, ["v"]))
    (one,) = log.over(days(4, 10)).register.deviations
    assert (one.opened, one.opened_after, one.opened_by, one.most) == (True, at(1.5), at(5.5), 8 * DAY)
    assert log.over(days(0, 3)).register.deviations == []


def test_an_item_that_rests_on_ever_other_events_is_none_of_them() -> None:
    log = Log()
    for day, state in ((1, "pass"), (2, "deviation"), (3, "pass")):
        log.judged([log.evidence(EVENTS, day, change(day, day))], ("rate of the week", state, [f"c{day}"]))
    found = log.over(ALL)
    assert found.happened == {}
    (one,) = found.register.deviations
    assert (one.opened_after, one.opened_by, one.closed_by) == (at(1.5), at(2.5), at(3.5))


def test_a_change_of_the_rule_between_the_looks_is_told() -> None:
    log = Log()
    for day, (state, limit) in enumerate([("pass", 90), ("deviation", 90), ("pass", 180)]):
        leaf = log.evidence(STATES, day, "t")
        configuration = {"controls": {"X-01": {"limit": limit, "approved_by": "ciso"}}}
        log.judged([leaf], ("thing", state, ["t"]), parameters={"limit": limit}, configuration=configuration)
    found = log.over(ALL)
    (one,) = found.register.deviations
    assert (one.opened_by_rule, one.closed_by_rule) == (False, True)
    (changed,) = found.changes
    assert (changed.at, changed.not_before, changed.text) == (at(2.5), at(1.5), False)
    assert changed.parameters == {"limit": (90, 180)}
    assert changed.approved_by == "ciso"
    assert [law.parameters for law in found.laws] == [{"limit": 90}, {"limit": 180}]
    assert found.told[THING][1].law == 0


def event(number: int, day: float, target: str, action: str = "role_granted") -> dict[str, object]:
    return {
        "table": "access_event", "row_id": f"e{number}", "event_id": f"E{number}", "at": timestamp(at(day)),
        "action": action, "actor": "root", "target": target, "outcome": "success",
    }  # fmt: skip


def test_the_providers_own_log_narrows_what_two_looks_bound() -> None:
    log = lived("PDDP")
    log.evidence(
        EVENTS, 4, event(1, 0.9, "thing"), event(2, 0.95, "other"), event(3, 2.7, "thing"), event(4, 2.8, "thing"),
        event(5, 1.0, "thing", "sign_in"),
    )  # fmt: skip
    assert only(log).opening is None, "nobody gave it the log"
    (found,) = log.over(ALL, ProviderLog(log.leaves, log.contents.__getitem__)).register.deviations
    assert found.opening
    assert (found.opening.event_id, found.opening.at, found.opening.among) == ("E1", at(0.9), 1)
    assert found.closing
    assert (found.closing.at, found.closing.until, found.closing.among) == (at(2.7), at(2.8), 2)
    assert (found.opened_after, found.opened_by) == (at(0.5), at(1.5)), "the bounds of the looks stay as they are"
    # The history of the item has the same words for the same edges, of the states on both sides of each.
    content, leaves = log.contents.__getitem__, about("X-01", lambda: log.leaves)
    clues = Clues.of("X-01", leaves, content, ProviderLog(log.leaves, content))
    edges = [
        (one.state, clues.between(THING, one.before, one.first), clues.between(THING, one.last, one.after))
        for one in log.items(4)[THING]
        if one.looks
    ]
    assert edges == [
        (State.PASS, None, found.opening),
        (State.DEVIATION, found.opening, found.closing),
        (State.PASS, found.closing, None),
    ]


def test_nothing_is_said_of_a_control_that_was_never_judged() -> None:
    found = Log().over(Period.of(START.date(), START.date()))
    assert (found.items, found.register.deviations, found.laws) == ({}, [], [])
