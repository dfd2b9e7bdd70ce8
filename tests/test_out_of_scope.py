"""AQ-06 over the whole way: an account, a project, a subscription and a repository, first undecided, then excluded.

The four real connectors read their doubles over HTTP into one archive; what the register takes out is looked for in
every place where something is counted: outcomes, populations, samples, and the package with its re-performance.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.assess.judge import assess
from collector.excluded import Exclusions
from collector.registry import read_once
from tests.conftest import Program
from tests.doubles.arm.ids import subscription_id
from tests.doubles.arm.tenant import TOKEN, running_tenant
from tests.doubles.gcp.server import running_gcp
from tests.doubles.github.process import running_github

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.conftest import Estate

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REPOSITORY = "northwind/web"
PULLS = "github.pulls.merged"
UNITS_OF = ("aws.org.accounts", "gcp.org.projects", "azure.subscriptions", "github.repos")
READ = ("aws.s3.public_access", "gcp.storage.buckets", "azure.storage.accounts", PULLS)
STORAGE, REVIEW = "IAM-15", "CHG-02"
TODAY = datetime.now(UTC)
HEAD = "unit_id,decision,reason,approved_by,valid_from,valid_to\n"


@dataclass
class Decided:
    """One archive: units were discovered, then four of them excluded, then everything was collected."""

    program: Program
    units: tuple[str, ...]
    """The account, the project, the subscription, the repository."""

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.program.folder / "evidence"))

    def outcomes(self, control: str) -> list[list[dict[str, Any]]]:
        """The lines of each judgement of a control, in order."""
        leaves = [leaf for leaf in self.reader.leaves() if leaf.body["kind"] == "outcome"]
        mine = [leaf for leaf in leaves if leaf.body["control"] == control]
        return [trace.lines(self.reader, leaf.body["outcomes"]) for leaf in mine]

    def evidence(self) -> list[Evidence]:
        """The newest evidence of each type and scope, the register's too."""
        found: dict[tuple[str, str], Evidence] = {}
        for leaf in self.reader.leaves():
            if leaf.body["kind"] == "evidence" and leaf.body["type"] in {*UNITS_OF, *READ, "records.scope_register"}:
                found[leaf.body["type"], leaf.body["unit"]] = Evidence(leaf.index, leaf.body)
        return list(found.values())

    def rows(self, one: Evidence) -> list[dict[str, Any]]:
        return trace.lines(self.reader, one.body["records"])

    def of_units(self) -> set[str]:
        """The row_ids of everything that belongs to the four, by what the providers themselves call it."""
        account, project, subscription, repository = self.units
        marks = (f"/{project}/", f"/{project}-", f"/subscriptions/{subscription}/", f"{repository}#")
        return {
            row["row_id"]
            for one in self.evidence()
            if one.type in READ
            for row in self.rows(one)
            if one.scope[1] == account or any(mark in f"{row['source_id']}/" for mark in marks)
        }

    def attach(self, rows: str) -> None:
        (self.program.folder / "scope.csv").write_text(HEAD + rows)
        told = self.program(
            "attach", "records.scope_register", "scope.csv", "--covers", "2026-01-01..2026-12-31",
            "--owner", "security", "--approved-by", "CFO",
        )  # fmt: skip
        assert told.code == 0, told.text

    def snapshot(self, *types: str) -> None:
        told = self.program("snapshot", *(word for one in types for word in ("--only", one)))
        assert told.code in {0, 1}, told.text


def day(back: int) -> str:
    return f"{TODAY - timedelta(days=back):%Y-%m-%d}"


@pytest.fixture(scope="module")
def decided(seeded: Estate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Decided]:
    folder = tmp_path_factory.mktemp("scope")
    now = TODAY.replace(microsecond=0)
    with running_gcp(6) as google, running_tenant(2, now=now) as tenant, running_github("small") as github:
        project = next(
            one.id for one in google.estate.projects if one.id in str(google.manifest["deviations"][STORAGE])
        )
        (folder / "collector.toml").write_text(
            f'[aws]\nrole = "{seeded.manifest["role"]}"\ntimeout_seconds = 20\nattempts = 2\n'
            f'[gcp]\ncredentials_file = "{google.tokens.key_file(folder)}"\nbase_url = "{google.url}"\nattempts = 2\n'
            # The project is in its organisation, and a scope of its own besides.
            f'roots = ["organizations/100", "projects/{project}"]\n'
            f'[azure]\nbase_url = "{tenant.double.url}"\nsign_in = "token"\nattempts = 2\nreserve_percent = 0\n'
            f'[github]\nbase_url = "{github.url}"\norganisations = ["northwind"]\nattempts = 2\n'
            '[records]\ncompany = "northwind"\ntime_zone = "UTC"\n'
        )
        environment = {**seeded.double.environment, "AZURE_TOKEN": TOKEN, "GITHUB_TOKEN": github.token}
        units = (seeded.account("northwind-data"), project, subscription_id(1), REPOSITORY)
        made = Decided(Program(folder, environment), units)
        made.attach(f"somewhere-else,in_scope,,,{day(400)},\n")
        made.snapshot(*UNITS_OF)
        made.attach("".join(f"{one},excluded,sold in March,Chief Financial Officer,{day(400)},\n" for one in units))
        made.snapshot(*UNITS_OF, *READ)
        yield made


def assert_nothing_counts(found: Mapping[str, list[dict[str, Any]]], gone: set[str], units: tuple[str, ...]) -> None:
    """No outcome rests on a row of the four; each is named with its entry, and is no item."""
    for control, lines in found.items():
        assert not [line for line in lines if gone & set(line["rows"])], control
    told = {line["item"]: line for lines in found.values() for line in lines if line["item"].startswith("out of scope")}
    assert told.keys() == {f"out of scope: {unit}" for unit in units}
    for line in told.values():
        assert (line["outcome"], line["seen"], line["rows"]) == ("not_applicable", None, [])
        assert "approved by Chief Financial Officer: sold in March" in line["because"]
        assert int(line["because"].partition(" rows do not count")[0]) > 0


def test_aq_06_discovered_units_that_the_register_does_not_name_are_deviations(decided: Decided) -> None:
    first, last = decided.outcomes("GOV-12")[0], decided.outcomes("GOV-12")[-1]
    told = {line["item"]: line for line in first}
    for unit in decided.units:
        assert told[f"unit {unit}"]["seen"] == "deviation", told[f"unit {unit}"]
        assert "Unclassified" in told[f"unit {unit}"]["because"]
    after = {line["item"]: line for line in last}
    for unit in decided.units:
        assert "Excluded, approved by Chief Financial Officer: sold in March" in after[f"unit {unit}"]["because"]
    others = [line for name, line in after.items() if name.startswith("unit ") and name[5:] not in decided.units]
    assert {line["seen"] for line in others} <= {"deviation", "not_applicable"}, "an entry speaks for its unit alone"


def test_aq_06_evidence_of_excluded_units_is_in_no_outcome(decided: Decided) -> None:
    gone = decided.of_units()
    kept = {row["row_id"]: row["within"] for one in decided.evidence() for row in decided.rows(one)}
    assert {kept[one] for one in gone} == set(decided.units), "each of the four has evidence, and it stays sealed"
    found = {control: decided.outcomes(control)[-1] for control in (STORAGE, REVIEW)}
    assert_nothing_counts(found, gone, decided.units)
    assert any(line["rows"] for line in found[STORAGE]), "what is in scope is judged"
    assert any(line["rows"] for line in found[REVIEW])


def test_aq_06_a_project_that_is_a_scope_of_its_own_is_named_there_and_judged_by_nothing(decided: Decided) -> None:
    scope = f"projects/{decided.units[1]}"
    mine = [line for line in decided.outcomes(STORAGE)[-1] if line["unit"] == scope]
    assert [line["item"] for line in mine] == [f"out of scope: {decided.units[1]}"]
    assert scope in {one.scope[1] for one in decided.evidence()}, "it was read, and stays sealed"


def test_aq_06_a_filter_that_lets_everything_through_is_found(
    decided: Decided, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [one for one in with_parameters(load_controls(), {}) if one.id in {STORAGE, REVIEW}]

    def judged() -> dict[str, list[dict[str, Any]]]:
        told = assess(chosen, decided.evidence(), decided.reader.content, [], read_once())
        return {one.control.id: [json.loads(line) for line in one.document.splitlines()] for one in told}

    assert_nothing_counts(judged(), decided.of_units(), decided.units)
    monkeypatch.setattr(Exclusions, "of_row", lambda *_: None)
    with pytest.raises(AssertionError):
        assert_nothing_counts(judged(), decided.of_units(), decided.units)


def test_aq_06_nor_in_a_population_or_a_sample_which_say_how_much_is_left_out(decided: Decided) -> None:
    period = ("--from", day(300), "--to", day(-1))
    told = decided.program("population", PULLS, *period, "--csv")
    rows = list(csv.DictReader(told.out.splitlines()))
    assert rows
    assert not [row for row in rows if row["source_id"].startswith(f"{REPOSITORY}#")]
    assert f"items of {REPOSITORY} do not count: out of scope by entry" in told.err
    drawn = decided.program("sample", PULLS, *period, "--seed", "1", "--size", "5000")
    assert drawn.code == 0, drawn.text
    assert f"items of {REPOSITORY} do not count" in drawn.out
    with (decided.program.folder / "sample" / "population.csv").open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    assert names
    assert not [name for name in names if name.startswith(f"{REPOSITORY}#")]


def test_aq_06_nor_in_the_package_whose_rules_run_again_to_the_same(decided: Decided, tmp_path: Path) -> None:
    made = decided.program("package", "--from", day(30), "--to", day(-1), "--out", str(tmp_path / "package"))
    assert made.code in {0, 1}, made.text
    folder = tmp_path / "package"
    gone = decided.of_units()
    shown = {
        row["unit"]: row for row in _rows(folder / "02-scope" / "units.csv") if row["scope"].startswith("projects/")
    }
    assert {(row["standing"], row["read_as_a_scope"]) for row in shown.values()} == {("excluded", "true")}
    assert shown.keys() == {decided.units[1]}
    listed: set[str] = set()
    for control in (STORAGE, REVIEW):
        home = folder / "03-controls" / control
        population = _rows(home / "population.csv")
        assert population
        assert not [row for row in population if gone & set(row["records"].split())]
        out = _rows(home / "out-of-scope.csv")
        assert {row["approved_by"] for row in out} == {"Chief Financial Officer"}
        listed |= {row["row_id"] for row in out}
        assert "sold in March" in (home / "index.html").read_text()
    assert gone - listed <= _reviews(decided), "each row is named, or goes with one that is"
    again = subprocess.run(  # noqa: S603 - this interpreter, and a file of ours
        [sys.executable, str(folder / "09-data" / "reperform.py"), STORAGE, REVIEW, "GOV-12"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert again.returncode == 0, again.stdout + again.stderr
    # The rule alone, on the same rows, says otherwise: results.csv stands on what the register takes out.
    whole = _rows(folder / "03-controls" / REVIEW / "tables" / "change.csv")
    changes = {row["change_id"] for row in whole if row["repo"] == REPOSITORY}
    assert changes, "nothing is lost: the rows are in the package, and not counted"


def _reviews(decided: Decided) -> set[str]:
    return {row["row_id"] for one in decided.evidence() for row in decided.rows(one) if row["table"] == "change_review"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(file)]
