"""An auditor asks the year for a sample and for every deviation: AQ-07, AQ-10, and what became of each gap."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.cli.main import COMMANDS, cli
from collector.normalise import timestamp
from tests.doubles.year.almanac import BUCKET, CLOSED, OPENED, at
from tests.period.conftest import PERIOD, Year
from tests.period.test_year import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.reader import Leaf

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

KEY = "arn:aws:iam::123456789012:user/svc-report/access_key_1"
ROOT = Path(__file__).parents[2]
SEEDED = ("--seed", "2026-Q3", "--size", "12")


class Desk:
    """A copy of the year that people may add to, with the program at hand. No double runs: a call would fail."""

    def __init__(self, year: Year, folder: Path, patch: pytest.MonkeyPatch) -> None:
        shutil.copytree(year.folder / "evidence", folder / "evidence")
        shutil.copytree(year.folder / "evidence.keys", folder / "evidence.keys")
        patch.chdir(folder)
        self.folder = folder

    def __call__(self, *arguments: str, code: int = 0) -> str:
        ended = CliRunner().invoke(cli, list(arguments), catch_exceptions=code != 0)
        assert ended.exit_code == code, ended.output
        return ended.stdout

    def csv(self, *arguments: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self(*arguments, *PERIOD, "--csv"))))

    def file(self, name: str) -> list[dict[str, str]]:
        with (self.folder / "sample" / name).open(newline="") as file:
            return list(csv.DictReader(file))

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    def leaves(self, kind: str) -> list[Leaf]:
        return [leaf for leaf in self.reader.leaves() if leaf.body["kind"] == kind]


@pytest.fixture(scope="module")
def desk(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        yield Desk(year, tmp_path_factory.mktemp("desk"), patch)


def test_aq_07_the_same_seed_gives_the_same_items_and_the_choice_is_sealed_once(desk: Desk) -> None:
    first = desk("sample", "CHG-02", *PERIOD, *SEEDED, "--by", "J. Auditor")
    (leaf,) = desk.leaves("sample")
    body = leaf.body
    assert (body["of"], body["method"], body["seed"], body["size"]) == ("CHG-02", "seed", "2026-Q3", 12)
    assert body["by"] == "J. Auditor"
    assert body["period"] == {"from": PERIOD[1], "to": PERIOD[3], "zone": "UTC"}
    ids = desk.reader.content(body["ids"]["sha256"]).decode().split()
    assert [row["row_id"] for row in desk.file("sample.csv")] == ids
    assert len(set(ids)) == 12
    population = desk.reader.content(body["population"]["sha256"]).decode().split()
    assert population == sorted(row["row_id"] for row in desk.file("population.csv"))
    again = desk("sample", "CHG-02", *PERIOD, *SEEDED)
    assert f"sealed already, by leaf {leaf.index}" in again
    assert again.splitlines()[1:] == first.splitlines()[1:]
    assert [one.index for one in desk.leaves("sample")] == [leaf.index], "nothing was drawn again"
    desk("sample", "CHG-02", *PERIOD, "--seed", "another", "--size", "12")
    assert len(desk.leaves("sample")) == 2, "another choice is sealed beside it"
    assert {row["row_id"] for row in desk.file("sample.csv")} != set(ids)


def test_aq_07_the_printed_script_draws_it_again_from_the_csv_with_python_alone(desk: Desk, tmp_path: Path) -> None:
    printed = desk("sample", "CHG-02", *PERIOD, *SEEDED)
    script = printed[printed.index("import csv") :]
    assert len(script.strip().splitlines()) <= 10
    shutil.copy(desk.folder / "sample" / "population.csv", tmp_path)
    (tmp_path / "draw.py").write_text(script)
    command = [sys.executable, "-I", "draw.py"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603 - as above
    told, *ids = ended.stdout.splitlines()
    assert ids == [row["row_id"] for row in desk.file("sample.csv")]
    body = desk.leaves("sample")[0].body
    assert told == f"population {body['population']['count']} {body['population']['sha256']}"


def test_aq_07_each_item_opens_its_own_evidence_raw_and_readable_without_a_call(desk: Desk) -> None:
    desk("sample", "github.pulls.merged", *PERIOD, *SEEDED)
    chosen = desk.file("sample.csv")
    assert len(chosen) == 12
    for row in chosen[::6]:
        shown = desk("show", row["row_id"])
        assert row["name"] in shown
        assert "read from /data/repository/pullRequests/nodes/" in shown
        raw = next(line.split()[-1] for line in shown.splitlines() if line.strip().startswith("raw answer"))
        assert row["name"].rpartition("#")[2] in desk("show", raw), "the answer itself, to the byte"
    desk("sample", "CHG-02", *PERIOD, *SEEDED)
    for row in desk.file("sample.csv")[:1]:
        shown = desk("show", row["row_id"])
        assert f"CHG-02: {row['name']} in github northwind" in shown
        assert f"{row['outcome']}: {row['because']}" in shown
        assert all(f"record {record}" in shown for record in row["records"].split())


def test_aq_07_the_auditors_own_ids_are_taken_as_they_are_and_strangers_refused(desk: Desk, tmp_path: Path) -> None:
    desk("sample", "CHG-02", *PERIOD, *SEEDED)
    picked = [row["row_id"] for row in desk.file("population.csv")][5:2:-1]
    (tmp_path / "ids").write_text("\n".join(picked))
    desk("sample", "CHG-02", *PERIOD, "--ids", str(tmp_path / "ids"))
    assert [row["row_id"] for row in desk.file("sample.csv")] == picked
    assert desk.leaves("sample")[-1].body["method"] == "ids"
    before = len(desk.leaves("sample"))
    (tmp_path / "ids").write_text("0" * 32)
    desk("sample", "CHG-02", *PERIOD, "--ids", str(tmp_path / "ids"), code=1)
    assert len(desk.leaves("sample")) == before


def test_aq_07_the_rate_of_the_whole_population_is_told_beside_the_bound_of_the_sample(desk: Desk) -> None:
    said = desk("sample", "CHG-02", *PERIOD, *SEEDED)
    outcomes = [row["outcome"] for row in desk.file("population.csv")]
    bad, told = outcomes.count("deviation"), outcomes.count("deviation") + outcomes.count("pass")
    assert bad > 10
    assert f"CHG-02: {bad} of {told} deviate ({bad / told:.2%})" in said
    assert "at 95 % confidence (exact binomial, one-sided): at most" in said
    assert "INCOMPLETE" in said, "the evening of the last day is not read yet"
    whole = desk("sample", "CHG-02", "--from", "2026-01-01", "--to", "2026-03-31", *SEEDED)
    assert "INCOMPLETE" not in whole
    assert [leaf.body["complete"] for leaf in desk.leaves("sample")[-1:]] == [True]


def test_aq_10_a_deviation_opened_fixed_and_closed_inside_is_there_with_everything(desk: Desk) -> None:
    (row,) = desk.csv("register", "IAM-15")
    assert (row["item"], row["state at the end"], row["carried in"]) == (BUCKET, "closed", "")
    assert moment(row["opened after"]) <= OPENED <= moment(row["opened by"]) <= moment(row["detected"])
    assert moment(row["closed after"]) <= CLOSED <= moment(row["closed by"])
    hours = (CLOSED - OPENED).total_seconds() / 3600
    assert float(row["at least (hours)"]) <= hours <= float(row["at most (hours)"])
    leaves = {leaf.index: leaf for leaf in desk.leaves("evidence")}
    for name, public in (("evidence before", False), ("first evidence", True), ("last evidence", True),
                         ("evidence after", False)):  # fmt: skip
        leaf = leaves[int(row[name])]
        (found,) = (one for one in trace.lines(desk.reader, leaf.body["records"]) if one["resource_id"] == BUCKET)
        assert found["public"] is public
    assert "carried in 0 + opened 1 - closed 1 = open 0: ties" in desk("register", "IAM-15", *PERIOD)


def test_aq_10_the_providers_log_tells_the_hour_where_two_looks_tell_the_day(desk: Desk) -> None:
    """A key was rotated at ten in the morning; CloudTrail knows the user by another name than IAM's report does."""
    (row,) = (row for row in desk.csv("register", "IAM-10") if row["item"].endswith("svc-deploy/access_key_1"))
    rotated = at(47, 10)
    assert moment(row["closed after"]) < rotated < moment(row["closed by"])
    clue = f"{timestamp(rotated)} iam:CreateAccessKey by "
    assert row["log of the provider"].startswith(f"closed: {clue}")
    states = [one for one in desk.csv("history", "IAM-10") if one["item"] == row["item"]]
    (failing,) = (one for one in states if one["state"] == "deviation")
    after = states[states.index(failing) + 1]
    assert failing["log of the provider"].startswith(f"ended: {clue}")
    assert after["log of the provider"].startswith(f"began: {clue}")


def test_aq_10_the_register_of_every_control_ties(desk: Desk) -> None:
    said = desk("register", *PERIOD)
    totals = [line for line in said.splitlines() if ": carried in " in line]
    assert len(totals) > 20
    assert all(line.endswith(": ties") for line in totals)
    shown = [line.split("\t")[0] for line in said.splitlines() if line.count("\t") > 5 and not line.startswith("id\t")]
    assert len(shown) == len(set(shown)) > 20


def test_aq_10_no_command_removes_it_and_what_is_said_of_it_stands_beside(desk: Desk) -> None:
    """Whatever can be said is said; the row and the totals stay, and the archive is sound."""
    before = desk.csv("register", "IAM-10")
    desk("except", "IAM-10", KEY, "--reason", "vendor", "--approver", "CISO", "--expires", "2199-12-31")
    desk("respond", "IAM-10", KEY, "--owner", "B. Owner", "--cause", "forgotten", "--response", "rotate")
    after = desk.csv("register", "IAM-10")
    said = ("exception", "found cause", "owner", "response")
    for one, other in zip(before, after, strict=True):
        assert {name: text for name, text in other.items() if name not in said} == {
            name: text for name, text in one.items() if name not in said
        }
    (row,) = (row for row in after if row["item"] == KEY)
    assert "vendor, approved by CISO, until 2200-01-01" in row["exception"]
    assert [row[name] for name in said[1:]] == ["forgotten", "B. Owner", "rotate"]
    (exception,), (response,) = desk.leaves("exception"), desk.leaves("response")
    assert (exception.body["approver"], response.body["owner"]) == ("CISO", "B. Owner")
    assert desk("verify").splitlines()[-1] == "sound"
    assert not {"delete", "remove", "edit", "close", "hide"} & set(COMMANDS)


def test_an_exception_for_what_was_never_judged_is_refused(desk: Desk) -> None:
    before = len(desk.leaves("exception"))
    said = ("--reason", "r", "--approver", "a")
    for control, item, expires in (("IAM-10", "user/nobody", "2199-01-01"), ("IAM-99", KEY, "2199-01-01"),
                                   ("IAM-10", KEY, "2020-01-01")):  # fmt: skip
        desk("except", control, item, *said, "--expires", expires, code=1)
    desk("respond", "IAM-10", KEY, code=1)
    assert len(desk.leaves("exception")) == before


def test_aq_02_a_population_over_a_period_names_what_it_lacks_and_the_exit_code_says_so(desk: Desk) -> None:
    quarter = ("--from", "2026-01-01", "--to", "2026-03-31", "--zone", "Europe/Berlin")
    said = desk("population", "github.pulls.merged", *quarter)
    assert "INCOMPLETE" not in said
    *_, verdict, beyond = said.splitlines()
    assert verdict.endswith(", complete")
    assert "do not count: out of scope by entry" in beyond
    rows = list(csv.DictReader(io.StringIO(desk("population", "github.pulls.merged", *quarter, "--csv"))))
    assert f"{sum('merged_at' in row['row'] for row in rows)} items" in said
    lacking = desk("population", "aws.backup.jobs", *PERIOD, code=1)
    assert "2026-04-18T02:05:00Z to 2026-04-29T02:05:00Z\tits source forgot it" in lacking
    assert lacking.splitlines()[-1].endswith("INCOMPLETE")


def test_aq_05_each_gap_says_whether_it_can_still_be_read(desk: Desk) -> None:
    rows = desk.csv("gaps")
    by_type = {
        name: [row for row in rows if row["evidence type"] == name] for name in {row["evidence type"] for row in rows}
    }
    lost = [row for row in by_type["aws.backup.jobs"] if row["of it"] == "unrecoverable"]
    assert [(row["from"], row["to"]) for row in lost] == [("2026-04-18T02:05:00Z", "2026-04-29T02:05:00Z")]
    assert {row["recovery"] for row in by_type["aws.backup.jobs"]} == {"partly back-filled"}
    assert {row["recovery"] for row in by_type["github.pulls.merged"]} == {"back-filled"}
    late = [
        row
        for row in by_type["github.pulls.merged"]
        if row["from"] > row["first slot"] or row["to"] == row["last slot"]
    ]
    assert late
    assert all(moment(row["collected"]) > moment(row["last slot"]) for row in late), "collected later, and it shows"
    assert {row["recovery"] for row in by_type["aws.s3.public_access"]} == {"unrecoverable"}, (
        "a state is not looked at later"
    )
    slots = {(row["evidence type"], row["scope"], row["first slot"]): int(row["slots"]) for row in rows}
    assert sum(slots.values()) == sum(int(row["slots"]) for row in desk.csv("coverage", "--missing"))
