"""AQ-06 over a period: a register that begins, changes and ends within it, and takes nothing back."""

from __future__ import annotations

from datetime import date
from typing import Any

from collector import canonical
from collector.excluded import Decided, unit_of
from collector.normalise import timestamp
from collector.period.assembling import population_over
from collector.period.span import Period
from tests.period.written import DAY, EVENTS, STATES, UNIT, Log, at

PERIOD = Period.of(date(2026, 1, 1), date(2026, 1, 20))
HOUSE = "house"
OUT = f"out of scope: {HOUSE}"


def entry(first: float, last: float | None = None, **columns: Any) -> dict[str, Any]:
    usual = {"decision": "excluded", "reason": "sold", "approved_by": "CFO", "valid_from": timestamp(at(first))}
    ended = None if last is None else timestamp(at(last))
    return {"table": "scope_decision", "row_id": "e", "unit_id": HOUSE, "valid_to": ended} | usual | columns


def register(log: Log, day: float, *entries: dict[str, Any], complete: bool = True) -> int:
    moment = timestamp(at(day))
    document = b"".join(canonical.encode(one) + b"\n" for one in entries)
    return log.put(
        {
            "kind": "evidence", "run": f"a{day}", "type": "records.scope_register", "provider": "records",
            "unit": "northwind", "type_kind": "record", "window": None, "slot": None, "started": moment,
            "ended": moment, "complete": complete, "records": log.cited(document),
        }
    )  # fmt: skip


def event(number: float, within: str = HOUSE) -> dict[str, Any]:
    return {"table": "access_event", "row_id": f"{number:06.2f}", "within": within, "at": timestamp(at(number))}


def population(log: Log) -> tuple[list[str], list[str]]:
    """What counts, and what is out, by row_id."""
    (found,) = population_over(EVENTS, log.leaves, log.contents.__getitem__, PERIOD)
    assert found.outside == 0
    return found.row_ids, [one.row["row_id"] for one, _ in found.excluded]


def test_aq_06_what_happened_while_the_entry_was_in_force_is_out_and_listed() -> None:
    log = Log()
    register(log, 0, entry(5, 10))
    log.window(0, 20, [event(4.99), event(5), event(9.99), event(10), event(7, "elsewhere")], continues=None)
    assert population(log) == (["004.99", "007.00", "010.00"], ["005.00", "009.99"])


def test_aq_06_what_was_on_record_before_the_entry_stays_whatever_its_first_day() -> None:
    log = Log()
    log.window(0, 8, [event(6)], continues=None)
    register(log, 9, entry(5))
    log.window(8, 20, [event(6), event(7), event(12)], continues=8)
    assert population(log) == (["006.00"], ["007.00", "012.00"])


def test_aq_06_the_newest_register_counts_and_one_without_the_entry_ends_it() -> None:
    for ending in ([], [entry(5, decision="in_scope")]):
        log = Log()
        register(log, 0, entry(5))
        log.window(0, 20, [event(6)], continues=None)
        assert population(log) == ([], ["006.00"])
        register(log, 15, *ending)
        assert population(log) == (["006.00"], [])
    register(log, 25, entry(5))
    assert population(log) == (["006.00"], []), "after the period nobody decides about it"


def test_aq_06_a_register_that_is_not_whole_takes_nothing_out() -> None:
    log = Log()
    register(log, 0, entry(5), complete=False)
    log.window(0, 20, [event(6)], continues=None)
    assert population(log) == (["006.00"], [])


def test_aq_06_a_scope_that_is_out_throughout_lacks_nothing() -> None:
    log = Log()
    log.window(0, 9, [], continues=None, gap="page 2")
    (before,) = population_over(EVENTS, log.leaves, log.contents.__getitem__, PERIOD)
    assert not before.complete
    for first, complete in ((1, False), (-1, True)):
        register(log, 10, entry(first, unit_id=UNIT[1]))
        (after,) = population_over(EVENTS, log.leaves, log.contents.__getitem__, PERIOD)
        assert after.complete == complete, "one that begins within the period leaves the time before it"


def test_aq_06_the_scope_of_a_single_project_goes_by_its_id() -> None:
    log = Log()
    log.window(0, 8, [event(6, "projects/house"), event(7, "projects/else")], continues=None)
    log.leaves[-1][1]["unit"] = "projects/house"
    register(log, -1, entry(-1))
    decided = Decided(log.leaves, log.contents.__getitem__, at(20))
    for scope, out in (("projects/house", True), ("house", True), ("projects/other", False), ("folders/house", False)):
        assert (decided.throughout(scope, at(0), at(20)) is not None) is out, scope
    body = log.leaves[1][1]
    told = [unit_of({"within": name}, body) for name in ("projects/house", "projects/else", "house")]
    assert told == ["house", "projects/else", "house"], "a row of something else keeps its own name"


def test_aq_06_an_open_deviation_ends_where_its_unit_leaves_and_says_by_which_entry() -> None:
    log = Log()
    row = {"table": "resource", "row_id": "thing", "within": HOUSE}
    days = [log.evidence(STATES, day, row) for day in range(1, 9)]
    for day, leaf in enumerate(days, 1):
        if day < 4:
            log.judged([leaf], ("thing", "deviation", ["thing"]))
        else:
            log.judged([leaf], (OUT, "not_applicable", []))
    assert log.states(8)[1:3] == ["deviation", "not_applicable"]
    (deviation,) = log.over(PERIOD).register.deviations
    assert deviation.item.item == "thing"
    assert deviation.after is not None
    assert deviation.after.because == OUT, "the reason is the entry, and not that it was gone"
    assert deviation.after.end == at(4) + DAY / 2
