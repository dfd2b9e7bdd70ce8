"""What else an auditor asks the year: what is in scope, which rule decided, who left, what was refused.

The almanac, the staff and the office are the oracle; and what was sealed is broken on purpose, to see that it is told.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.period.engine import control_over, newest
from collector.period.history import about
from collector.period.looks import Item
from collector.period.span import Period
from tests.doubles.year import office
from tests.doubles.year.almanac import (
    ACCOUNT,
    APPROVER,
    BUCKET,
    CLOSED,
    DENIED,
    END,
    OLDEST_KEY,
    OPENED,
    RULE_CHANGED,
    START,
    at,
)
from tests.doubles.year.cached import SEED
from tests.doubles.year.staff import FORGOTTEN, FORGOTTEN_LOGIN, SERVICES, Staff, staff
from tests.period.conftest import DAY, PERIOD, Year
from tests.period.test_year import moment

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # whoever comes first makes the year

KEY = f"arn:aws:iam::{ACCOUNT}:user/svc-report/access_key_1"


@pytest.fixture(scope="module")
def people() -> Staff:
    return staff(Random(f"{SEED}/staff"))  # noqa: S311 - the same people again


def run(*arguments: str, code: int = 0) -> str:
    ended = CliRunner().invoke(cli, list(arguments), catch_exceptions=code != 0)
    assert ended.exit_code == code, ended.output
    return ended.output


def test_aq_06_what_is_excluded_is_counted_nowhere_and_named_with_its_entry(year: Year) -> None:
    for control in ("CHG-01", "CHG-02", "LOG-08"):
        items = {row["item"] for row in year.history(control)}
        counted = {item for item in items if not item.startswith("out of scope: ")}
        for unit in office.EXCLUDED:
            assert not [item for item in counted if f"{unit}#" in item or item.startswith((f"{unit} ", f"{unit}@"))]
    assert f"out of scope: {next(iter(office.EXCLUDED))}" in {row["item"] for row in year.history("CHG-01")}


def test_aq_06_each_unit_is_in_scope_or_out_by_an_entry_or_a_deviation(year: Year) -> None:
    said: dict[str, set[str]] = {}
    reasons: dict[str, set[str]] = {}
    for row in year.history("GOV-12"):
        if row["item"].startswith("unit "):
            unit = row["item"].removeprefix("unit ")
            said.setdefault(unit, set()).add(row["state"])
            reasons.setdefault(unit, set()).add(row["because"].partition(" Rests on ")[0])
    assert said.keys() == {*office.IN_SCOPE, *office.EXCLUDED, office.UNCLASSIFIED}, "what the providers list"
    for unit, states in said.items():
        known = states - {"not looked", "cannot_tell", "not there"}
        assert known == ({"deviation"} if unit == office.UNCLASSIFIED else {"pass"}), unit
    for unit, reason in office.EXCLUDED.items():
        assert f"Excluded, approved by CISO: {reason}." in reasons[unit]


def judgements(year: Year) -> list[dict[str, Any]]:
    return [body for body in year.bodies("outcome") if body["control"] == "IAM-10"]


def test_aq_09_each_result_names_rule_parameters_and_catalogue_and_the_change_has_its_approver(year: Year) -> None:
    before = [body for body in judgements(year) if moment(body["assessed"]) < RULE_CHANGED]
    after = [body for body in judgements(year) if moment(body["assessed"]) >= RULE_CHANGED]
    assert min(len(before), len(after)) > 100
    assert {body["parameters"]["max_age"] for body in before} == {90}
    assert {body["parameters"]["max_age"] for body in after} == {OLDEST_KEY}
    for body in (before[0], before[-1], after[0], after[-1]):
        assert b'id = "IAM-10"' in year.reader.content(body["rule"]["sha256"])
        assert year.reader.content(body["catalogue"]["sha256"])
    said = year.said("register", "IAM-10", *PERIOD)
    (change,) = (line for line in said.splitlines() if "max_age" in line and "->" in line)
    assert f"max_age 90 -> {OLDEST_KEY}; approved by {APPROVER}" in change
    assert f"{RULE_CHANGED:%Y-%m-%d}" in change


@pytest.mark.parametrize(("age", "opened"), [(90, 80), (OLDEST_KEY, 170)])
def test_aq_09_a_what_if_under_one_rule_for_the_whole_year_is_marked_and_seals_nothing(
    year: Year, age: int, opened: int
) -> None:
    """The key was made ten days before the year, and is never rotated."""
    (sealed,) = (row for row in year.table("register", "IAM-10", *PERIOD) if row["item"] == KEY)
    asked = run("whatif", "IAM-10", *PERIOD, "--set", f"max_age={age}", "--csv", "--archive", year.place)
    made = [row for row in csv.DictReader(io.StringIO(asked)) if row["item"] == KEY]
    assert {row["judged by"] for row in made} == {"the rules in force (sealed)", "WHAT-IF (not sealed)"}
    (one,) = (row for row in made if row["judged by"].startswith("WHAT-IF"))
    assert one["state at the end"] == sealed["state at the end"] == "open"
    assert at(opened) <= moment(one["opened by"]) <= at(opened) + 2 * DAY
    assert moment(sealed["opened by"]) <= at(80) + 2 * DAY, "as it was judged then"
    assert len(judgements(year)) == len(judgements(Year(year.folder)))


def test_aq_11_the_account_that_goes_last_decides_and_every_link_says_how(year: Year, people: Staff) -> None:
    number = year.figures["facts"]["office"]["people"][FORGOTTEN]
    last = [row for row in year.history("IAM-07") if row["item"] == f"leaver {number}"]
    judged = [row for row in last if row["state"] not in {"not there", "not looked"}]
    assert judged[-1]["state"] == "deviation", "his login at GitHub is there still"
    assert judged[-1]["evidence after"] == ""
    told = judged[-1]["because"]
    assert f"2 accounts, the last one first: github northwind {FORGOTTEN_LOGIN} (claim: " in told
    assert f"aws {ACCOUNT} {FORGOTTEN} (claim: " in told
    for name in people.left:
        if name != FORGOTTEN:
            of_him = year.figures["facts"]["office"]["people"][name]
            states = [row["state"] for row in year.history("IAM-07") if row["item"] == f"leaver {of_him}"]
            assert "deviation" not in states, name


def test_aq_11_who_has_no_account_and_what_is_nobodys_is_listed_and_the_list_reconciles(
    year: Year, people: Staff
) -> None:
    leaf = max(
        leaf.index
        for leaf in year.leaves
        if leaf.body["kind"] == "evidence" and leaf.body["type"] == "agent.identity_map"
    )
    rows = [row for row in year.rows(leaf) if row["table"] == "identity_link"]
    by_state: dict[str, dict[str, dict[str, Any]]] = {}
    for row in rows:
        by_state.setdefault(row["state"], {})[row["account_name"] or row["account_id"]] = row
    assert by_state["linked"].keys() == {*people.joined, FORGOTTEN_LOGIN}, "those who left are remembered"
    assert {row["method"] for row in by_state["linked"].values()} == {"claim"}
    assert by_state["service"].keys() >= set(SERVICES)
    logins = year.figures["facts"]["github"]["manifest"]["members"]
    assert by_state["unmapped"].keys() >= set(logins) - {FORGOTTEN_LOGIN}
    balances = [row for row in year.history("IAM-08") if row["item"].startswith("people list: ")]
    assert {row["state"] for row in balances} <= {"pass", "cannot_tell", "not looked"}
    assert [row for row in balances if row["state"] == "pass" and " = " in row["because"]]


def test_aq_12_what_was_refused_is_a_gap_and_takes_nothing_from_what_was_read(year: Year) -> None:
    looks = [
        body for body in year.bodies("evidence") if body["type"] == "aws.s3.public_access" and moment(body["started"])
    ]
    refused = [body for body in looks if moment(body["started"]) in DENIED]
    assert len(refused) == DENIED.end - DENIED.first
    assert all(not body["complete"] and body["gaps"] == {"denied": 1} for body in refused)
    others = [body for body in looks if body not in refused]
    assert all(body["complete"] for body in others)
    found = [row for row in year.history("IAM-15") if row["item"] == BUCKET]
    (denied,) = (row for row in found if row["state"] == "cannot_tell")
    assert "denied" in denied["because"]
    assert denied["at least (hours)"] == "96.0", "from the first refusal to the last"
    assert {row["state"] for row in found if row["looks"] != "0"} == {"pass", "deviation", "cannot_tell"}


def test_aq_12_none_exist_is_proved_and_is_not_could_not_look(year: Year) -> None:
    windows = [body for body in year.bodies("evidence") if body["window"] and body["provider"] != "agent"]
    empty = [body for body in windows if body["complete"] and body["records"]["count"] == 0]
    assert empty
    for body in empty[:3]:
        pages = year.lines(body["exchanges"])
        assert pages, "it was asked for, and the answer is on record"
        assert all(one["status"] == 200 and one["body"] for one in pages)


def test_aq_14_who_changed_the_collector_what_it_may_do_and_who_can_change_the_archive(year: Year) -> None:
    given = ("--config", str(year.folder / "collector.toml"), "--archive", year.place)
    page = json.loads(run("agent", "--json", *PERIOD, *given))
    changed = {one["what"]: one for one in page["changes"]}
    rule = changed["controls.IAM-10.max_age"]
    assert (rule["before"], rule["after"], rule["approved_by"]) == (None, str(OLDEST_KEY), APPROVER)
    assert moment(rule["at"]) - RULE_CHANGED < DAY
    assert all(one["at"] and one["leaf"] for one in page["changes"])
    assert {one["provider"] for one in page["rights"]} >= {"aws", "github"}
    assert page["archive"]["who_can_write_or_delete"][0]["principal"].startswith("root (uid 0)")
    assert page["archive"]["who_else_could"]
    assert page["archive"]["collector_can_shorten_retention"]


def copied(year: Year, folder: Path) -> Path:
    """The archive once more; its files are the same ones until they are written anew."""
    for name in ("evidence", "evidence.keys"):
        shutil.copytree(year.folder / name, folder / name, copy_function=os.link)
    return folder / "evidence"


def rewritten(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


@pytest.mark.parametrize("place", [0, 1 / 3, 1 / 2, 1])
def test_aq_03_a_flipped_bit_of_the_year_is_named(year: Year, tmp_path: Path, place: float) -> None:
    archive = copied(year, tmp_path)
    files = sorted(file for file in archive.rglob("*") if file.is_file())
    file = files[min(int(place * len(files)), len(files) - 1)]
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    rewritten(file, bytes(content))
    said = run("verify", "--archive", str(archive), code=1)
    assert file.relative_to(archive).as_posix() in said or file.name in said


def test_aq_03_the_days_of_a_deviation_cannot_be_taken_out_of_the_log(year: Year, tmp_path: Path) -> None:
    """All commits of the days on which the bucket was open, or the last day alone."""
    archive = copied(year, tmp_path)
    log = sorted((archive / "log").glob("*.seg"))
    for file in log[len(log) // 3 : len(log) // 3 + 3]:
        file.unlink()
    said = run("verify", "--archive", str(archive), code=1)
    assert log[len(log) // 3].name in said


Leaves = list[tuple[int, "dict[str, Any]"]]


def states_of_the_bucket(year: Year, without: Callable[[dict[str, Any]], bool]) -> list[tuple[str, str]]:
    """What the engine says of the bucket when these leaves are not given to it."""
    leaves: Leaves = [(leaf.index, leaf.body) for leaf in year.leaves if not without(leaf.body)]
    period = Period.of(START.date(), (END - DAY).date())
    told = control_over("IAM-15", about("IAM-15", lambda: leaves), year.reader.content, period, newest(leaves)).items[
        Item("aws", ACCOUNT, BUCKET)
    ]
    return [(one.state.value, one.because) for one in told]


def while_open(body: dict[str, Any]) -> bool:
    made = body.get("assessed") or body.get("started") or ""
    return bool(made) and OPENED <= moment(made) <= CLOSED + DAY


def test_aq_10_a_deviation_whose_judgements_are_left_out_leaves_a_hole_and_no_pass(year: Year) -> None:
    whole = states_of_the_bucket(year, lambda _body: False)
    assert [state for state, _ in whole].count("deviation") == 1
    cut = states_of_the_bucket(
        year, lambda body: body["kind"] == "outcome" and body["control"] == "IAM-15" and while_open(body)
    )
    (hole,) = (why for state, why in cut if "collected and never judged" in why)
    assert "aws.s3.public_access" in hole


def test_aq_04_looks_that_are_left_out_are_days_on_which_nobody_looked(year: Year) -> None:
    cut = states_of_the_bucket(
        year,
        lambda body: (
            while_open(body)
            and (body["kind"] == "outcome" or (body["kind"] == "evidence" and body["type"] == "aws.s3.public_access"))
        ),
    )
    assert [why for state, why in cut if state == "not looked" and "aws.s3.public_access" in why and "served" in why]
