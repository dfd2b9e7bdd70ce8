"""AQ-09: which rule decided what, when it changed and who approved it; and a what-if that is marked as one."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector import canonical, normalise, seal
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.assess.whatif import replaced
from collector.cli.main import cli
from collector.model import Content, Kind, Scope, Snapshot
from collector.period.engine import control_over, newest
from collector.period.history import about
from collector.period.span import Period
from collector.records.identity import Credential
from collector.run import Gathered, Order, judge
from collector.skew import clock
from collector.slots import Entry, Series, entries_document, moment

if TYPE_CHECKING:
    from pathlib import Path

    from collector.period.engine import ControlPeriod

SCOPE = Scope("aws", "111111111111", "production")
TYPES = ("aws.iam.credential_report", "aws.secrets.rotation")
PERIOD = Period.of(date(2026, 1, 1), date(2026, 12, 31))
MADE = datetime(2025, 12, 12, tzinfo=UTC)
KEY = "user/ci/access_key_1"
CHANGED = 6
"""The month from which on a key may be 180 days old, and not 90."""
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass
class Company:
    """A year of monthly runs: real records, sealed and judged by the product's own functions."""

    folder: Path

    def live(self) -> None:
        keys = Keys.create(self.folder / "evidence.keys", "example.com/evidence")
        self.store = LocalStore(self.folder / "evidence")
        self.archive = Archive.create(self.store, keys, MADE)
        with self.archive.stage(MADE) as staging:
            entries = [Entry(Series(kind, "aws", SCOPE.unit_id), "", "monthly on 1 at 06:00") for kind in TYPES]
            document = entries_document(entries)
            self.archive.append([seal.schedule_leaf(MADE, Content(staging.put(document), len(entries)))], staging)
        for month in range(1, 13):
            self.run(datetime(2026, month, 1, 6, tzinfo=UTC), {"max_age": 180} if month >= CHANGED else {})

    def run(self, at: datetime, chosen: dict[str, Any]) -> None:
        said = {"IAM-10": chosen | {"approved_by": "A. Ciso"}} if chosen else {}
        (control,) = with_parameters([one for one in load_controls() if one.id == "IAM-10"], said)
        configuration = {"controls": said}
        run, snapshots = f"{at:%Y%m%dT%H%M%SZ}", []
        with self.archive.stage(at) as staging:
            for kind in TYPES:
                key = Credential(
                    key=KEY,
                    seen=(),
                    credential_id=KEY,
                    kind="access_key",
                    status="active",
                    created_at=MADE,
                    last_used_at=at - DAY,
                )
                rows = [normalise.line(kind, SCOPE, key)] if kind == TYPES[0] else []
                document, _ = normalise.document(kind, rows)
                records, empty = Content(staging.put(document), len(rows)), Content(staging.put(b""), 0)
                snapshots.append(
                    Snapshot(evidence_type=kind, scope=SCOPE, kind=Kind.CONFIGURATION, window=None, slot=at,
                             started_at=at, ended_at=at + HOUR, caller="collector", records=records, exchanges=empty,
                             completeness=empty, gaps=(), totals=())
                )  # fmt: skip
            leaves = [seal.evidence_leaf(one, run) for one in snapshots]
            sealed = canonical.encode(configuration) + b"\n"
            ending = seal.run_leaf(
                run, mode="due", started=at, ended=at + HOUR, expected=2, snapshots=snapshots, gaps=(),
                configuration=Content(staging.put(sealed), 1), version="1", code="c" * 64,
            )  # fmt: skip
            committed = self.archive.append([*leaves, ending], staging)
        evidence = [Evidence(index, leaf) for index, leaf in zip(committed.indices, leaves, strict=False)]
        order = Order(run=run, mode="due", tasks=(), types=(), broken=(), controls=[control],
                      configuration=configuration, version="1", code="c" * 64)  # fmt: skip
        gathered = Gathered(snapshots, evidence, committed, (), clock((), 300))
        judge(order, gathered, self.archive, self.store, lambda: at + 2 * HOUR)

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    def over(self, period: Period = PERIOD) -> ControlPeriod:
        leaves = [(leaf.index, leaf.body) for leaf in self.reader.leaves()]
        mine = about("IAM-10", lambda: iter(leaves))
        return control_over("IAM-10", mine, self.reader.content, period, newest(leaves))

    def whatif(self, *arguments: str) -> list[dict[str, str]]:
        given = ["whatif", "IAM-10", "--from", "2026-01-01", "--to", "2026-12-31", "--csv", *arguments]
        ended = CliRunner().invoke(cli, [*given, "--archive", str(self.folder / "evidence")], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return list(csv.DictReader(io.StringIO(ended.stdout)))

    def bytes(self) -> dict[str, bytes]:
        return {str(one): one.read_bytes() for one in sorted((self.folder / "evidence").rglob("*")) if one.is_file()}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    made = Company(tmp_path_factory.mktemp("company"))
    made.live()
    return made


def test_aq_09_each_result_names_the_rule_the_parameters_and_the_catalogue_in_force(company: Company) -> None:
    found = company.over()
    assert [law.parameters["max_age"] for law in found.laws] == [90, 180]
    rule = next(one for one in load_controls() if one.id == "IAM-10")
    for law, default in zip(found.laws, (True, False), strict=True):
        assert company.reader.content(law.rule).decode() == rule.text, "the text itself is sealed"
        assert law.catalogue
        (line,) = map(canonical.decode, company.reader.content(law.catalogue).splitlines())
        assert line == {"control": "IAM-10", "rule": law.rule, "parameters": law.parameters}
        assert (law.parameters == rule.parameters) == default
    assert [law.judgements for law in found.laws] == [5, 7]


def test_aq_09_old_results_are_not_rewritten_and_the_change_has_its_approver(company: Company) -> None:
    found = company.over()
    (change,) = found.changes
    assert (change.at.month, change.not_before.month, change.text) == (CHANGED, CHANGED - 1, False)
    assert change.parameters == {"max_age": (90, 180)}
    assert change.approved_by == "A. Ciso"
    # It may be 90 days old up to April, so it is too old then; 180 from June on, which it is older than in July.
    states = [(one.state.value, one.law) for one in next(many for item, many in found.told.items() if item.item == KEY)]
    assert list(dict.fromkeys(states)) == [("pass", 0), ("deviation", 0), ("pass", 1), ("deviation", 1)]


def test_aq_09_a_deviation_that_only_another_rule_closed_says_so(company: Company) -> None:
    first, second = company.over().register.deviations
    assert (first.opened_by.month, first.closed_by and first.closed_by.month) == (4, CHANGED)
    assert (first.opened_by_rule, first.closed_by_rule) == (False, True)
    assert (second.opened_by.month, second.opened_by_rule, second.open) == (7, False, True)


def test_aq_09_the_register_lists_the_change_with_when_and_by_whom(company: Company) -> None:
    given = ["register", "IAM-10", "--from", "2026-01-01", "--to", "2026-12-31"]
    said = (
        CliRunner().invoke(cli, [*given, "--archive", str(company.folder / "evidence")], catch_exceptions=False).stdout
    )
    assert "2. rule from 2026-06-01T08:00:00Z on: max_age 90 -> 180; approved by A. Ciso" in said


def test_aq_09_nothing_changed_before_it_did(company: Company) -> None:
    assert company.over(Period.of(date(2026, 1, 1), date(2026, 5, 31))).changes == []


@pytest.mark.parametrize(("age", "opened"), [("90", 4), ("180", 7), ("400", None)])
def test_aq_09_a_what_if_under_one_rule_for_the_whole_period_is_marked_and_seals_nothing(
    company: Company, age: str, opened: int | None
) -> None:
    before = company.bytes()
    rows = company.whatif("--set", f"max_age={age}")
    assert company.bytes() == before
    assert {row["judged by"] for row in rows} <= {"the rules in force (sealed)", "WHAT-IF (not sealed)"}
    sealed = [row for row in rows if row["judged by"].startswith("the rules")]
    assert [row["opened by"][5:7] for row in sealed] == ["04", "07"], "as they were"
    assert [row["opened by"][5:7] for row in rows if row not in sealed] == ([f"{opened:02}"] if opened else [])
    assert all(f"'max_age': {age}" in row["parameters"] for row in rows if row not in sealed)


@pytest.mark.parametrize(
    ("age", "first", "told"),
    [
        ("90", "2026-05-15", ("yes", "04")),  # older than 90 days by April, so before this period
        ("180", "2026-05-15", ("", "07")),
    ],
)
def test_aq_09_a_what_if_tells_what_it_would_have_carried_in(
    company: Company, age: str, first: str, told: tuple[str, str]
) -> None:
    given = ["whatif", "IAM-10", "--from", first, "--to", "2026-12-31", "--set", f"max_age={age}"]
    said = CliRunner().invoke(cli, [*given, "--archive", str(company.folder / "evidence")], catch_exceptions=False)
    lines = [line.split("\t") for line in said.stdout.splitlines()]
    (row,) = (line for line in lines if line[0] == "WHAT-IF (not sealed)")
    assert (row[5], row[6][5:7], row[8]) == (*told, "open")
    carried = int(told[0] == "yes")
    line = f"WHAT-IF (not sealed): carried in {carried} + opened {1 - carried} - closed 0 = open 1: ties"
    assert line in said.stdout.splitlines()


def test_a_what_if_by_the_rule_in_force_says_what_was_sealed_to_the_byte(company: Company) -> None:
    leaves = [(leaf.index, leaf.body) for leaf in company.reader.leaves()]
    (rule,) = with_parameters([one for one in load_controls() if one.id == "IAM-10"], {"IAM-10": {"max_age": 180}})
    start = datetime(2026, CHANGED, 1, tzinfo=UTC)
    made, _ = replaced(rule, leaves, company.reader.content, PERIOD.end, frozenset())
    judged = [(index, body) for index, body in made if body["kind"] == "outcome"]
    again = {index: body["outcomes"] for index, body in judged if moment(body["assessed"]) >= start}
    assert (len(judged), len(again)) == (12, 7)
    assert again == {index: dict(leaves)[index]["outcomes"] for index in again}


@pytest.mark.parametrize("value", ["max_age", "max_age=old", "nothing=1"])
def test_a_parameter_that_cannot_be_is_refused(company: Company, value: str) -> None:
    given = ["whatif", "IAM-10", "--from", "2026-01-01", "--to", "2026-12-31", "--set", value]
    ended = CliRunner().invoke(cli, [*given, "--archive", str(company.folder / "evidence")])
    assert ended.exit_code
    assert ended.exception
