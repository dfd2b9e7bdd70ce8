"""An auditor's questions about a period, asked of a year that the real program collected from doubles.

The almanac says what went wrong and when: it is the oracle, and nothing is taken from the program's own account of it.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.trace import lines
from tests.doubles.github.estate.build import build
from tests.doubles.github.estate.size import SMALL
from tests.doubles.year import almanac
from tests.doubles.year.almanac import (
    BROKEN,
    BUCKET,
    CLOSED,
    DAYS,
    DENIED,
    END,
    OPENED,
    RULE_CHANGED,
    RUN_AT,
    START,
    STOPPED,
    at,
)
from tests.doubles.year.build import DAILY
from tests.doubles.year.cached import SEED, made
from tests.doubles.year.office import EXCLUDED
from tests.period.conftest import DAY, PERIOD

if TYPE_CHECKING:
    from collector.archive.reader import Leaf
    from tests.period.conftest import Year

pytestmark = [pytest.mark.first, pytest.mark.slow, pytest.mark.timeout(1800)]  # whoever comes first makes the year

HOUR = timedelta(hours=1)
LAST_BEFORE = at(STOPPED.first - 1, 2) + RUN_AT
FIRST_AFTER = at(STOPPED.end, 2) + RUN_AT
ROOT = Path(__file__).parents[2]


def moment(text: str) -> datetime:
    assert text.endswith("Z"), f"{text} is not in UTC, as all times here are to be"
    return datetime.fromisoformat(text)


def bucket(year: Year) -> list[dict[str, str]]:
    found = year.table("history", "IAM-15", *PERIOD, "--item", BUCKET)
    assert {row["item"] for row in found} == {BUCKET}
    return found


def is_public(year: Year, leaf: str) -> bool:
    (row,) = (row for row in year.rows(int(leaf)) if row["resource_id"] == BUCKET)
    public: bool = row["public"]
    return public


def test_the_archive_of_the_year_verifies_with_both_verifiers(year: Year, tmp_path: Path) -> None:
    assert year.said("verify").splitlines()[-1] == "sound"
    stranger = tmp_path / "verify.py"
    shutil.copy(ROOT / "collector" / "archive" / "standalone" / "verify.py", stranger)
    key = (year.folder / "evidence.keys" / "log.pub").read_text().strip()
    ended = subprocess.run(  # noqa: S603 - this interpreter, and a file of ours
        [sys.executable, "-I", str(stranger), year.place, "--key", key], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_aq_04_the_whole_period_is_covered_and_the_failing_has_bounds_and_evidence(year: Year) -> None:
    found = bucket(year)
    # Every moment from the first day to the last is in an interval.
    assert moment(found[0]["not before"]) <= START
    assert max(moment(row["not after"]) for row in found) >= END
    for row, other in pairwise(found):
        assert moment(row["seen to"]) <= moment(other["seen from"])
        assert moment(other["not before"]) <= moment(row["not after"]), "no hole between them"
    for day in range(DAYS):
        assert any(moment(row["not before"]) <= at(day, 12) <= moment(row["not after"]) for row in found), day
    assert [row["state"] for row in found] == ["pass", "deviation", "pass", "cannot_tell", "pass", "not looked", "pass"]
    before, failing, after = found[:3]
    # The bounds are the looks on both sides, and the truth lies between them.
    assert moment(failing["not before"]) == at(100, 2) + RUN_AT
    assert moment(failing["seen from"]) == at(101, 2) + RUN_AT
    assert moment(failing["seen to"]) == at(103, 2) + RUN_AT
    assert moment(failing["not after"]) == at(104, 2) + RUN_AT
    assert (failing["at least (hours)"], failing["at most (hours)"]) == ("48.0", "96.0")
    assert timedelta(hours=48) < CLOSED - OPENED < timedelta(hours=96)
    # The evidence at each edge says so itself.
    edges = [failing[f"{name} evidence"] for name in ("first", "last")]
    outside = [failing["evidence before"], failing["evidence after"]]
    assert [is_public(year, leaf) for leaf in edges] == [True, True]
    assert [is_public(year, leaf) for leaf in outside] == [False, False]
    assert (before["last evidence"], after["first evidence"]) == tuple(outside)
    assert BUCKET in year.said("show", edges[0])


def test_aq_04_a_key_that_grew_too_old_was_so_from_one_look_to_another(year: Year) -> None:
    """Nobody did anything on the day it became too old: the age is measured against the source's own time."""
    found = year.history("IAM-10", "svc-deploy/access_key_1")
    failing = [row for row in found if row["state"] == "deviation"]
    made_at, rotated_at = at(-60), at(47, 10)
    first = next(row for row in failing if moment(row["seen from"]) < at(60))
    assert moment(first["not before"]) - DAY <= made_at + 90 * DAY <= moment(first["seen from"])
    assert moment(first["seen to"]) <= rotated_at <= moment(first["not after"])
    never = year.history("IAM-10", "svc-report/access_key_1")
    assert {row["state"] for row in never} == {"pass", "deviation", "cannot_tell", "not looked"}
    (between,) = (row for row in never if row["state"] == "cannot_tell")
    assert moment(between["not after"]) >= RULE_CHANGED >= moment(between["not before"]), "a milder rule came"
    assert never[-1]["state"] == "deviation"
    assert never[-1]["evidence after"] == "", "it is open still"


def test_joiners_and_leavers_are_there_when_they_were(year: Year) -> None:
    facts = year.figures["facts"]["aws"]
    for name, joined in facts["joined"].items():
        found = year.history("IAM-10", f"user/{name}")
        there = [row for row in found if row["state"] not in {"not there", "not looked"}]
        assert moment(there[0]["not before"]) <= datetime.fromisoformat(joined) <= moment(there[0]["seen from"]), name
        if left := facts["left"].get(name):
            gone = found[-1]
            assert gone["state"] == "not there"
            assert moment(there[-1]["seen to"]) <= datetime.fromisoformat(left)
            assert datetime.fromisoformat(left) <= moment(gone["seen from"])
        else:
            assert found[-1]["state"] != "not there"


def slots_missed(year: Year) -> list[dict[str, str]]:
    return year.table("coverage", *PERIOD, "--missing")


def test_aq_05_coverage_is_below_a_hundred_and_every_missing_slot_has_its_cause(year: Year) -> None:
    covered = {row["evidence type"]: row for row in year.table("coverage", *PERIOD)}
    days = STOPPED.end - STOPPED.first
    for kind in DAILY:
        hours = (almanac.HOURLY.end - almanac.HOURLY.first) * 23 if kind == "aws.backup.jobs" else 0
        row = covered[kind]
        assert int(row["due"]) == DAYS + hours, kind
        assert int(row["missed"]) == days, kind
        failed = DENIED.end - DENIED.first if kind == "aws.s3.public_access" else 0
        failed += BROKEN.end - BROKEN.first if kind.startswith("github.") else 0
        assert int(row["failed"]) + int(row["partial"]) == failed, kind
        assert int(row["done"]) == int(row["due"]) - days - failed
        assert row["open"] == row["skipped"] == "0"
    lacking: Counter[str] = Counter()
    for row in slots_missed(year):
        assert row["cause"], row
        assert row["because"], row
        lacking[row["evidence type"]] += int(row["slots"])
        first, last = moment(row["first slot"]), moment(row["last slot"])
        if row["cause"] == "not_running":
            assert row["state"] == "missed"
            assert STOPPED.start <= first <= last < STOPPED.stop
        elif row["cause"] == "failed":
            assert row["evidence type"].startswith("github.")
            assert "connector github: a bug in the connector: ModuleNotFoundError" in row["because"]
            assert BROKEN.start <= first <= last < BROKEN.stop
        elif row["evidence type"].startswith("aws."):
            assert row["cause"] == "denied", row
            assert DENIED.start <= first <= last < DENIED.stop
    assert lacking == Counter({kind: int(row["due"]) - int(row["done"]) for kind, row in covered.items()})
    told = re.search(r"(\d+) of (\d+) slots done", year.said("coverage", *PERIOD))
    assert told
    assert int(told[1]) < int(told[2])
    assert int(told[2]) - int(told[1]) == lacking.total()


def test_aq_05_what_the_source_forgot_is_lost_by_its_dates_and_the_rest_is_back_filled(year: Year) -> None:
    lines = [line.split("\t") for line in year.said("population", "aws.backup.jobs").splitlines()][1:]
    assert all(one[3] == other[2] for one, other in pairwise(lines)), "without a hole"
    (lost,) = (line for line in lines if line[4] == "lost")
    assert (moment(lost[2]), moment(lost[3])) == (LAST_BEFORE, FIRST_AFTER - almanac.BACKUPS_KEPT)
    jobs = {}
    for row in year.table("population", "aws.backup.jobs"):
        created = datetime.fromisoformat(json.loads(row["row"])["started_at"])
        jobs[created] = moment(row["first_collected"])
    for day in range(DAYS - 1):
        night = at(day, 5)
        if moment(lost[2]) <= night < moment(lost[3]):
            assert night not in jobs, "what nobody could read is not made up"
        elif STOPPED.start <= night < STOPPED.stop:
            assert jobs[night] == FIRST_AFTER, "back-filled, and it shows"
        else:
            assert jobs[night] - night < DAY, night


def test_aq_05_a_source_that_remembers_longer_lost_nothing(year: Year) -> None:
    """Nobody collected when root signed in; CloudTrail remembered it for 90 days."""
    lines = [line.split("\t") for line in year.said("population", "aws.cloudtrail.root_and_console").splitlines()][1:]
    assert {line[4] for line in lines} == {"read"}
    root = datetime.fromisoformat(year.figures["facts"]["aws"]["root"])
    assert root in STOPPED
    events = year.table("population", "aws.cloudtrail.root_and_console")
    (found,) = (row for row in events if datetime.fromisoformat(json.loads(row["row"])["at"]) == root)
    assert moment(found["first_collected"]) == FIRST_AFTER


def test_aq_05_every_change_is_in_the_population_and_those_of_the_outages_show_when_they_were_read(year: Year) -> None:
    lines = [line.split("\t") for line in year.said("population", "github.pulls.merged").splitlines()][1:]
    assert {line[4] for line in lines} == {"read"}, "GitHub forgets nothing"
    began, ended = moment(lines[0][2]), moment(lines[-1][3])
    seed = year.figures["facts"]["github"]["manifest"]["seed"]
    org = build(SMALL, seed=seed, end=END).org
    expected = {
        f"{org.login}/{name}#{number}": pull.merged_at
        for name, repo in org.repos.items()
        if f"{org.login}/{name}" not in EXCLUDED
        for number, pull in repo.pulls.items()
        if pull.merged_at and began <= pull.merged_at < ended
    }
    assert len(expected) > 100
    found = {}
    for row in year.table("population", "github.pulls.merged"):
        change = json.loads(row["row"])
        if change["table"] == "change":
            found[change["change_id"]] = row["first_collected"]
    assert found.keys() == expected.keys()
    late = 0
    for name, at_ in expected.items():
        outage = next((one for one in (STOPPED, BROKEN) if one.start - DAY + 2 * HOUR + RUN_AT <= at_ < one.stop), None)
        if outage:
            late += 1
            assert moment(found[name]) <= outage.stop + 2 * HOUR + RUN_AT
        elif at_ > START:
            assert moment(found[name]) - at_ <= DAY, name
    assert late > 10


def test_aq_05_what_a_connector_that_could_not_be_loaded_left_open_is_not_looked_at(year: Year) -> None:
    holes = [row for row in year.history("CHG-01") if row["state"] == "not looked"]
    broken = [row for row in holes if "missed (failed: connector github" in row["because"]]
    assert broken
    for row in broken:
        assert moment(row["seen from"]) < BROKEN.start + 7 * DAY
        assert BROKEN.stop - 7 * DAY < moment(row["seen to"])


def cover(year: Year, run: str, folder: Path) -> str:
    year.said("report", "--run", run, "--to", str(folder))
    page = (folder / "index.html").read_text()
    header = page[page.index('id="cover"') : page.index("</header>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", header)).split())


def test_aq_05_the_coverage_is_on_the_cover(year: Year, tmp_path: Path) -> None:
    text = cover(year, year.bodies("run")[-1]["run"], tmp_path / "page")
    found = re.search(r"Coverage (?:\S+ )*?([\d,]+) of ([\d,]+) slots done, (?:below )?([\d.]+) ?%", text)
    assert found, text
    done, due = (int(number.replace(",", "")) for number in found.groups()[:2])
    assert due - done >= sum(int(row["slots"]) for row in slots_missed(year)) > 0
    assert abs(float(found[3]) - 100 * done / due) <= 0.1
    assert float(found[3]) < 100


def runs_at(year: Year, days: almanac.Days) -> list[dict[str, Any]]:
    """The runs whose true time is in these days; their own clock was ahead."""
    return [run for run in year.bodies("run") if moment(run["started"]) - almanac.AHEAD in days]


def test_aq_13_four_times_are_kept_apart_and_none_is_of_another_zone(year: Year) -> None:
    (run,) = runs_at(year, almanac.Days(61, 62))
    mine = [leaf for leaf in year.leaves if leaf.body["kind"] == "evidence" and leaf.body["run"] == run["run"]]
    (report,) = (leaf for leaf in mine if leaf.body["type"] == "aws.iam.credential_report")
    true = at(61, 2) + RUN_AT
    exchanges = year.lines(report.body["exchanges"])
    assert {moment(one["started_at"]) for one in exchanges} == {true + almanac.AHEAD}, "the collector's own time"
    assert {moment(one["server_date"]) for one in exchanges} == {true}, "the Date header"
    rows = year.rows(report.index)
    assert {moment(row["observed_at"]) for row in rows} == {at(61, 1, 20)}, "the moment the report is as of"
    created = {row["created_at"] for row in rows if row["table"] == "account"}
    assert all(moment(text) < at(61) for text in created), "when the users were made"
    (events,) = (leaf for leaf in mine if leaf.body["type"] == "aws.cloudtrail.root_and_console")
    seen = [moment(row["at"]) for row in year.rows(events.index)]
    assert seen
    assert all(one.tzinfo == UTC and one < true for one in seen)


def test_aq_13_no_row_or_leaf_of_the_year_has_a_time_of_another_zone(year: Year) -> None:
    stamp = re.compile(rb'"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:?\d\d|)"')
    for leaf in year.leaves:
        if leaf.body["kind"] == "evidence":
            for cited in (leaf.body["records"], leaf.body["exchanges"]):
                assert set(stamp.findall(year.reader.content(cited["sha256"]))) <= {b"Z"}, leaf.index


def test_aq_13_a_clock_that_is_wrong_by_more_than_the_limit_is_a_finding(year: Year, tmp_path: Path) -> None:
    beyond = [
        run
        for run in year.bodies("run")
        if any(abs(one) > run["clock"]["limit"] for one in run["clock"]["ahead"].values())
    ]
    assert beyond == runs_at(year, almanac.CLOCK_WRONG)
    assert len(beyond) == almanac.CLOCK_WRONG.end - almanac.CLOCK_WRONG.first
    assert {run["clock"]["limit"] for run in beyond} == {almanac.LIMIT_SECONDS}
    behind = {-one for run in beyond for one in run["clock"]["ahead"].values()}
    assert behind == {almanac.AHEAD.total_seconds() - 1}, "at least: a Date header has whole seconds"
    text = cover(year, beyond[0]["run"], tmp_path / "page")
    assert "Over the limit. The clock of aws was 599 s behind the collector" in text
    assert "the limit is 300 s" in text
    right = next(run for run in year.bodies("run") if moment(run["started"]) > almanac.CLOCK_WRONG.stop + HOUR)
    assert "Over the limit" not in cover(year, right["run"], tmp_path / "right")


def test_aq_13_no_window_covers_what_had_not_happened_while_the_clock_was_ahead(year: Year) -> None:
    ids = {run["run"] for run in runs_at(year, almanac.CLOCK_WRONG)}
    windows = [body["window"] for body in year.bodies("evidence") if body["run"] in ids and body["window"]]
    assert windows
    for one in windows:
        true = at((moment(one["to"]) - START).days, 2) + RUN_AT
        assert moment(one["to"]) - true <= timedelta(seconds=1), "and it is told to a second"


def test_false_pass_11_a_day_on_which_nobody_collected_holds_no_copy(year: Year) -> None:
    for body in year.bodies("evidence"):
        assert moment(body["started"]) not in STOPPED
        if body["type"] in DAILY and body["slot"]:
            assert moment(body["slot"]) not in STOPPED, "no evidence answers a slot of these days"
    for control in ("IAM-10", "IAM-15"):
        items: dict[tuple[str, ...], list[dict[str, str]]] = {}
        for row in year.history(control):
            if row["provider"] == "aws":
                items.setdefault((row["scope"], row["item"]), []).append(row)
        for item, rows in items.items():
            (hole,) = (row for row in rows if row["state"] == "not looked")
            assert (moment(hole["seen from"]), moment(hole["seen to"])) == (LAST_BEFORE, FIRST_AFTER), item
            assert "missed (not_running" in hole["because"]
            assert not [
                row
                for row in rows
                if row is not hole
                and moment(row["seen from"]) < STOPPED.stop
                and moment(row["seen to"]) > STOPPED.start
            ], item


def test_false_pass_15_a_deviation_that_was_mended_long_before_the_report_is_shown(year: Year) -> None:
    """The newest outcomes say nothing of the bucket's three days, nor of the weeks of one who had no second factor."""
    newest = [body for body in year.bodies("outcome") if body["control"] == "IAM-15"][-1]
    assert {line["outcome"] for line in year.lines(newest["outcomes"]) if BUCKET in line["item"]} == {"pass"}
    assert "deviation" in {row["state"] for row in bucket(year)}
    joined = datetime.fromisoformat(year.figures["facts"]["aws"]["joined"]["ines.duarte"])
    late = year.history("IAM-01", "user/ines.duarte")
    (failing,) = (row for row in late if row["state"] == "deviation")
    due, enrolled = joined + timedelta(hours=72), joined + 12 * DAY
    assert moment(failing["not before"]) - DAY <= due <= moment(failing["seen from"])
    assert moment(failing["seen to"]) <= enrolled <= moment(failing["not after"])
    assert failing["evidence before"]
    assert failing["evidence after"]


def said(leaf: Leaf) -> str:
    """What a leaf says, without the run's random part."""
    return re.sub(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}", r"\1", json.dumps(leaf.body, sort_keys=True))


def contents(reader: Reader, leaf: Leaf) -> dict[str, list[dict[str, Any]]]:
    """The lines of each document that a leaf cites."""
    cited = {name: one for name, one in leaf.body.items() if isinstance(one, dict) and {"sha256", "count"} <= set(one)}
    return {name: lines(reader, one) for name, one in cited.items()}


def test_the_same_seed_makes_the_same_contents(year: Year, tmp_path: Path) -> None:
    made(tmp_path / "again", SEED, "--days", "4")
    again, whole = (Reader(LocalStore(folder / "evidence")) for folder in (tmp_path / "again", year.folder))
    leaves = list(again.leaves())
    assert len(leaves) > 100
    for one, other in zip(leaves, whole.leaves(), strict=False):
        if said(one) != said(other):
            assert contents(again, one) == contents(whole, other)
        assert said(one) == said(other)
    keys = ("evidence.keys/log.pub", "evidence.keys/redaction.key")
    assert all((tmp_path / "again" / name).read_bytes() == (year.folder / name).read_bytes() for name in keys)
