"""An auditor's questions, asked of the package of the simulated year, as a stranger has it: a folder."""

from __future__ import annotations

import csv
import html
import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
from click.testing import CliRunner
from pypdf import PdfReader

from collector.cli.main import cli
from tests.doubles.year import office
from tests.doubles.year.cached import year as cached_year
from tests.period.conftest import PERIOD, Year

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # whoever comes first makes the year

OPINIONS = ("compliant", "non-compliant", "score", "satisfactory", "unsatisfactory", "in our opinion", "audit-ready",
            "effectively", "ineffective", "certified", "passed the audit", "badge", "grade")  # fmt: skip
TITLE_OF = re.compile(r"<title>(.*?)</title>", re.DOTALL)


@dataclass
class Package:
    """A package on disk, read as a stranger reads it."""

    folder: Path

    def rows(self, place: str) -> list[dict[str, str]]:
        with (self.folder / place).open(encoding="utf-8", newline="") as file:
            return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(file)]

    def text(self, place: str) -> str:
        page = re.sub(r"<(style|script)\b.*?</\1>", " ", (self.folder / place).read_text("utf-8"), flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())

    @cached_property
    def controls(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "03-controls").iterdir() if path.is_dir())

    def verified(self, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - this interpreter, and a file of ours
            [sys.executable, "-I", "-S", str(self.folder / "07-integrity" / "verify.py"), *arguments],
            capture_output=True, text=True, check=False, cwd=home, env={"HOME": str(home), "PATH": "/nowhere"},
        )  # fmt: skip


def built(year: Path, out: Path, *arguments: str) -> Package:
    ended = CliRunner().invoke(
        cli,
        ["package", "--config", str(year / "collector.toml"), "--archive", str(year / "evidence"), "--out", str(out),
         *arguments],
        catch_exceptions=False,
    )  # fmt: skip
    assert ended.exit_code == 0, ended.output
    return Package(out)


@pytest.fixture(scope="module")
def year() -> Year:
    return Year(cached_year())


@pytest.fixture(scope="module")
def keyed(year: Year, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The year's folder as the company has it: its configuration names the keys beside the archive."""
    folder = tmp_path_factory.mktemp("company")
    for name in ("evidence", "evidence.keys"):
        (folder / name).symlink_to(year.folder / name)
    shutil.copy(year.folder / "collector.toml", folder)
    return folder


@pytest.fixture(scope="module")
def package(keyed: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    wanted = tmp_path_factory.mktemp("auditor") / "pbc.csv"
    wanted.write_text(
        "No,Request\n1,Population of changes for CHG-02\n2,Logical access CC6.1\n3,Org chart of the cafeteria\n"
    )
    return built(keyed, tmp_path_factory.mktemp("package") / "package", *PERIOD, "--pdf", "--requests", str(wanted))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_aq_01_every_snapshot_states_what_was_asked_when_as_whom_and_by_what(package: Package, year: Year) -> None:
    pages = sorted((package.folder / "07-integrity" / "leaves").glob("*.html"))
    assert len(pages) > 1000
    for page in pages[:: max(1, len(pages) // 60)]:
        body = year.leaves[int(page.stem)].body
        text = package.text(f"07-integrity/leaves/{page.name}")
        run = next(one for one in year.bodies("run") if one["run"] == body["run"])
        stated = [body["provider"], body["unit"], body["caller"], run["collector"], run["code"], body["type"]]
        stated += [body["started"][:10], body["ended"][:10], f"{body['records']['count']:,} records", " pages"]
        stated += (
            [body["window"]["from"][:10], body["window"]["to"][:10]] if body["window"] else ["state at one instant"]
        )
        for exchange in year.lines(body["exchanges"]):
            stated += [
                exchange["operation"],
                exchange["caller"],
                exchange["started_at"][:10],
                exchange["body"] or "none came",
            ]
            stated += [json.dumps(exchange["parameters"], separators=(",", ":"), sort_keys=True, ensure_ascii=False)]
        missing = [one for one in stated if not one or " ".join(one.split()) not in text]
        assert not missing, (page.name, missing)
        assert "<dd></dd>" not in page.read_text("utf-8"), "none is empty"


def test_aq_01_show_states_the_same(year: Year, package: Package) -> None:
    leaf = package.rows("03-controls/IAM-15/snapshots.csv")[-1]["leaf"]
    body = year.leaves[int(leaf)].body
    said = year.said("show", leaf)
    lines = [line for line in said.splitlines() if line.startswith("  ") and not line.startswith("  total ")]
    fields = {line[2:18].strip(): line[18:].strip() for line in lines}
    assert {"state", "leaf", "leaf hash", "run", "collected (UTC)", "as", "window", "records", "exchanges", "collector",
            "request", "asked (UTC)", "answer", "raw answer"} <= fields.keys()  # fmt: skip
    assert body["unit"] in said
    assert all(fields.values())


def test_aq_01_every_origin_of_every_item_is_a_raw_answer_that_holds_it(package: Package) -> None:
    for control in ("IAM-15", "CHG-02", "BCP-02"):
        for row in package.rows(f"03-controls/{control}/population.csv"):
            for origin in row["origins"].split():
                digest = origin.partition("#")[0]
                (answer,) = (package.folder / "07-integrity" / "answers").glob(f"{digest}.*")
                assert answer.is_file()
            page = package.text(f"03-controls/{control}/{row['evidence']}")
            assert row["row_id"] in page
            assert all(one in page for one in row["leaf_hashes"].split())


def test_aq_03_a_fresh_home_and_the_standard_library_verify_the_package(
    package: Package, home: Path, year: Year
) -> None:
    key = (year.folder / "evidence.keys" / "log.pub").read_text().strip()
    ended = package.verified("--key", key, home=home)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.splitlines()[-1] == "sound"
    items = sum(len(package.rows(f"03-controls/{one}/population.csv")) for one in package.controls)
    assert items > 500
    assert f"{items} items, {items} results checked" in ended.stdout
    stranger = key.replace("evidence/simulated-year", "evidence/another")
    assert package.verified("--key", stranger, home=home).returncode != 0


class Again:
    """The written rules, run in plain DuckDB over the CSV files by nothing but what the package's pages say of them."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.columns: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in package.rows("01-how-made/schema.csv"):
            self.columns[row["table"]].append(row)

    def said(self, control: str) -> Iterator[tuple[dict[str, str], str | None]]:
        home = self.package.folder / "03-controls" / control
        results = self.package.rows(f"03-controls/{control}/results.csv")
        seen = defaultdict(set)
        for row in self.package.rows(f"03-controls/{control}/seen.csv"):
            seen[row["judgement"]].add(row["leaf"])
        for judged in self.package.rows(f"03-controls/{control}/judgements.csv"):
            wanted = [row for row in results if row["judged_in"] == judged["judgement"]]
            if wanted:
                with duckdb.connect() as connection:
                    found = self._run(connection, home, judged, seen[judged["judgement"]])
                for row in wanted:
                    yield row, found.get((row["provider"], row["scope"], row["item"]))

    def _run(
        self, connection: duckdb.DuckDBPyConnection, home: Path, judged: dict[str, str], leaves: set[str]
    ) -> dict[tuple[str, str, str], str]:
        place = f"03-controls/{home.name}"
        snapshots = {row["leaf"]: row for row in self.package.rows(f"{place}/snapshots.csv")}
        held = [row for row in self.package.rows(f"{place}/held.csv") if row["leaf"] in leaves]
        connection.execute("SET TimeZone = 'UTC'")
        for table, columns in self.columns.items():
            shape = ", ".join(f'"{one["column"]}" {one["type"]}' for one in columns)
            connection.execute(f"CREATE TABLE {table} ({shape})")
            rows: list[dict[str, str | None]] = []
            if table == "snapshot":
                rows = [dict(snapshots[leaf]) for leaf in sorted(leaves)]
            elif (home / "tables" / f"{table}.csv").is_file():
                known = {row["row_sha256"]: row for row in _given(home / "tables" / f"{table}.csv")}
                rows = [{**snapshots[one["leaf"]], **known[one["row_sha256"]]} for one in held if one["table"] == table]
            for row in rows:
                values = [
                    json.loads(value) if value and one["type"].endswith("[]") else value
                    for one in columns
                    for value in [row.get(one["column"])]
                ]
                values = [None if value == "" and table == "snapshot" else value for value in values]
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - names of ours
        for name, value in json.loads(judged["parameters"]).items():
            text = json.dumps(value).replace("'", "''")
            kind = "VARCHAR[]" if isinstance(value, list) else "VARCHAR" if isinstance(value, str) else "BIGINT"
            connection.execute(f"SET VARIABLE {name} = json_transform('{text}', '\"{kind}\"')" if kind == "BIGINT" else
                               f"SET VARIABLE {name} = '{text}'::JSON::{kind}" if kind == "VARCHAR[]" else
                               f"SET VARIABLE {name} = '{value.replace(chr(39), chr(39) * 2)}'")  # fmt: skip
        found = connection.execute((home / judged["rule"]).read_text("utf-8")).fetchall()
        return {(provider, unit, item): outcome for provider, unit, item, outcome, *_ in found}


def _given(path: Path) -> list[dict[str, str | None]]:
    """A table's rows; Python's csv cannot tell an empty text from nothing, so DuckDB reads it as the README says."""
    read = duckdb.connect().sql(
        f"SELECT * FROM read_csv('{path}', header = true, all_varchar = true, quote = '\"', escape = '\"', "  # noqa: S608 - a file of ours
        "nullstr = '', allow_quoted_nulls = false, max_line_size = 16777216)"
    )
    names = read.columns
    return [
        {name: value.removeprefix("'") if value else value for name, value in zip(names, row, strict=True)}
        for row in read.fetchall()
    ]


@pytest.mark.parametrize("control", ["IAM-01", "IAM-10", "IAM-15", "CHG-02", "CHG-04", "LOG-08", "IAM-12"])
def test_aq_08_plain_duckdb_over_the_csv_files_gives_the_same_outcome_for_every_item(
    package: Package, control: str
) -> None:
    count = 0
    for row, outcome in Again(package).said(control):
        assert outcome == row["seen"], row
        assert row["outcome"] in {outcome, "cannot_tell"}
        count += 1
    assert count == len(package.rows(f"03-controls/{control}/results.csv")) > 0


def test_aq_08_the_shipped_script_agrees_and_finds_what_was_changed(package: Package) -> None:
    script = [sys.executable, str(package.folder / "09-data" / "reperform.py")]
    ended = subprocess.run([*script, "IAM-15", "IAM-10"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ended.returncode == 0, ended.stdout + ended.stderr
    path = package.folder / "03-controls" / "IAM-15" / "tables" / "resource.csv"
    content = path.read_bytes()
    try:
        path.write_bytes(content.replace(b",false,", b",true,"))
        ended = subprocess.run([*script, "IAM-15"], capture_output=True, text=True, check=False)  # noqa: S603 - ours
        assert ended.returncode == 1
        assert "DIFFERS" in ended.stdout
    finally:
        path.write_bytes(content)


def test_aq_08_every_item_of_every_control_comes_out_the_same_when_it_is_run_again(package: Package) -> None:
    script = [sys.executable, str(package.folder / "09-data" / "reperform.py")]
    ended = subprocess.run(script, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ended.returncode == 0, ended.stdout + ended.stderr
    judged = [row for one in package.controls for row in package.rows(f"03-controls/{one}/results.csv") if row["seen"]]
    assert ended.stdout.splitlines()[-1] == f"{len(judged)} items, 0 differ"


def reworded(content: bytes) -> bytes:
    return content.replace(b"getvariable('max_age')", b"getvariable('max_age') * 9", 1)


def erased(content: bytes) -> bytes:
    return b"".join(line for line in content.splitlines(keepends=True) if b"nw-exports" not in line)


def shifted(content: bytes) -> bytes:
    header, _, rest = content.partition(b"\n")
    return header + b"\n" + re.sub(rb"T\d\d:05:00", b"T09:05:00", rest, count=1)


@pytest.mark.parametrize(
    ("pattern", "change"),
    [
        ("03-controls/IAM-10/**/*.sql", reworded),
        ("06-exceptions/deviations.csv", erased),
        ("03-controls/CHG-02/snapshots.csv", shifted),
    ],
    ids=["AQ-09 a changed rule", "AQ-10 an erased deviation", "AQ-02 a shifted window"],
)
def test_what_is_changed_in_the_package_afterwards_is_named(
    package: Package, home: Path, year: Year, pattern: str, change: Callable[[bytes], bytes]
) -> None:
    key = (year.folder / "evidence.keys" / "log.pub").read_text().strip()
    file = min(package.folder.glob(pattern))
    content = file.read_bytes()
    assert change(content) != content
    try:
        file.write_bytes(change(content))
        ended = package.verified("--key", key, home=home)
    finally:
        file.write_bytes(content)
    assert ended.returncode != 0
    assert file.relative_to(package.folder).as_posix() in ended.stdout + ended.stderr


def test_aq_08_values_that_were_replaced_leave_every_row_in_its_place(package: Package, year: Year) -> None:
    """The package's rows are the sealed ones, tokens included: as many as the sealed documents have."""
    for control in ("IAM-01", "CHG-02"):
        place = f"03-controls/{control}"
        held = package.rows(f"{place}/held.csv")
        for snapshot in package.rows(f"{place}/snapshots.csv"):
            counted = sum(row["leaf"] == snapshot["leaf"] for row in held)
            assert counted == year.leaves[int(snapshot["leaf"])].body["records"]["count"]


def test_aq_10_the_register_ties_and_has_what_was_mended(package: Package, year: Year) -> None:
    rows = package.rows("06-exceptions/deviations.csv")
    carried = sum(row["carried_in"] == "true" for row in rows)
    still = sum(row["open"] == "true" for row in rows)
    text = package.text("06-exceptions/index.html")
    assert f"{carried:,} + {len(rows) - carried:,} \u2212 {len(rows) - still:,} = {still:,}" in text
    (bucket,) = (row for row in rows if row["control"] == "IAM-15" and row["item"] == "nw-exports")
    assert bucket["open"] == "false"
    for name in ("evidence_before", "first_evidence", "last_evidence", "evidence_after"):
        (leaf,) = bucket[name].split()
        assert (package.folder / "07-integrity" / "leaves" / f"{leaf}.html").is_file()
        assert year.leaves[int(leaf)].body["type"] == "aws.s3.public_access"


def test_aq_06_every_unit_that_a_provider_shows_stands_against_the_register_as_the_control_has_it(
    package: Package, year: Year
) -> None:
    units = package.rows("02-scope/units.csv")
    lists = ("aws.org.accounts", "github.repos")
    last = {body["type"]: body for body in year.bodies("evidence") if body["type"] in lists}
    shown = {row.get("unit_id") or row["repo"] for body in last.values() for row in year.lines(body["records"])}
    standing = {row["unit"]: row["standing"] for row in units}
    assert standing.keys() == shown
    decided = dict.fromkeys(office.IN_SCOPE, "in scope") | dict.fromkeys(office.EXCLUDED, "excluded")
    assert standing == decided | {office.UNCLASSIFIED: "unclassified"}
    assert {row["unit"]: row["reason"] for row in units if row["standing"] == "excluded"} == office.EXCLUDED
    assert all(row["ties"] == "true" for row in package.rows("02-scope/lists.csv"))
    assert "subscriptions, repositories 1" in package.text("00-cover/index.html")
    outcome = {row["item"]: row["outcome"] for row in package.rows("03-controls/GOV-12/results.csv")}
    assert {name for name in shown if outcome[f"unit {name}"] == "deviation"} == {office.UNCLASSIFIED}


def test_the_lock_of_each_object_is_told_as_far_as_the_log_goes(package: Package, year: Year) -> None:
    rows = package.rows("07-integrity/locks.csv")
    objects = {
        path.relative_to(year.folder / "evidence").as_posix() for path in (year.folder / "evidence").rglob("*.*")
    }
    assert {row["object"] for row in rows} == {
        name for name in objects if name.split("/")[0] in ("log", "packs", "blobs")
    }
    assert {row["state"] for row in rows} == {"not locked", "could not tell"}, "a directory locks nothing"


def test_aq_15_what_others_answer_for_is_marked_with_their_expected_controls(package: Package) -> None:
    text = package.text("02-scope/index.html")
    rows = package.rows("02-scope/subservice-organisations.csv")
    assert {row["organisation"] for row in rows} == {"Amazon Web Services", "GitHub"}
    assert {"CC6.4", "A1.2"} <= {row["criterion"] for row in rows}
    assert all(row["expected_control"] in text for row in rows)
    assert {row["report"] for row in rows} == {"none on record"}, "and it does not make one up"
    duties = package.rows("02-scope/user-entity-controls.csv")
    assert all(row["own_controls"] for row in duties)
    judged = {one for row in duties for one in row["judged_in_the_period"].split()}
    assert judged
    assert judged <= set(package.controls)


def test_aq_15_no_page_has_an_opinion_or_a_score(package: Package) -> None:
    pages = [*package.folder.glob("0*/index.html"), *package.folder.glob("03-controls/*/index.html")]
    assert len(pages) > 30
    for page in pages:
        text = package.text(page.relative_to(package.folder).as_posix()).lower()
        text = text.split("the rule its whole text")[0]
        found = [word for word in OPINIONS if re.search(rf"\b{re.escape(word)}\b", text)]
        assert not found, (page, found)
    oscal = json.loads((package.folder / "09-data" / "assessment-results.json").read_text("utf-8"))
    assert "findings" not in oscal["assessment-results"]["results"][0], "a finding would say whether it is satisfied"


def test_every_figure_of_the_cover_is_what_its_list_has(package: Package) -> None:
    text = package.text("00-cover/index.html")
    rows = package.rows("06-exceptions/deviations.csv")
    assert f"Deviations in the period those that are over included {len(rows):,}" in text
    results = [row for one in package.controls for row in package.rows(f"03-controls/{one}/results.csv")]
    assert f"Items each once, by its last outcome {len(results):,}" in text
    untold = sum(row["outcome"] == "cannot_tell" for row in results)
    assert f"they count neither way {untold:,}" in text
    slots = package.rows("05-coverage/slots.csv")
    done = sum(row["state"] == "done" for row in slots)
    assert f"{done:,} of {len(slots):,} slots done" in text
    assert done < len(slots)


def test_the_pdf_says_the_same_and_has_no_opinion(package: Package) -> None:
    pages = PdfReader(package.folder / "00-cover" / "cover-and-controls.pdf")
    text = "".join(page.extract_text() for page in pages.pages)
    told = re.sub(r"\s", "", text)
    rows = package.rows("06-exceptions/deviations.csv")
    assert f"Deviationsintheperiodthosethatareoverincluded{len(rows):,}" in told
    for row in rows:
        assert re.sub(r"\s", "", row["item"]) in told, row["number"]
    for one in package.controls:
        results = package.rows(f"03-controls/{one}/results.csv")
        assert f"{len(results):,}item" in told
        assert one in told
    assert not [word for word in OPINIONS if re.search(rf"\b{re.escape(word)}\b", text.lower())]


def test_the_tables_have_every_record_of_their_snapshots(package: Package, year: Year) -> None:
    home = package.folder / "09-data" / "tables"
    said = json.loads((home / "schema.json").read_text("utf-8"))["tables"]
    with duckdb.connect() as connection:
        read = connection.execute(f"SELECT leaf FROM read_parquet('{home}/snapshot.parquet')").fetchall()  # noqa: S608 - a folder of ours
    assert len(read) > 3000
    sealed = sum(year.leaves[leaf].body["records"]["count"] for (leaf,) in read)
    assert sum(one["rows"] for table, one in said.items() if table != "snapshot") == sealed
    assert (home / "left-out.csv").read_text() == "leaf,because\n"
    used = {row["leaf"] for one in package.controls for row in package.rows(f"03-controls/{one}/snapshots.csv")}
    assert {int(leaf) for leaf in used} <= {leaf for (leaf,) in read}


def test_the_index_of_the_auditors_list_answers_by_name_and_guesses_nothing(package: Package) -> None:
    rows = package.rows("08-maps/requests.csv")
    assert {row["file"] for row in rows if row["number"] == "1"} == {"../03-controls/CHG-02/index.html"}
    assert len([row for row in rows if row["number"] == "2"]) > 3
    assert [row["file"] for row in rows if row["number"] == "3"] == [""]
    assert all((package.folder / "08-maps" / row["file"]).is_file() for row in rows if row["file"])


def test_no_cell_is_a_formula(package: Package) -> None:
    for path in package.folder.rglob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                risky = [cell for cell in row if cell.startswith(("=", "+", "@", "-", "\t", "\r"))]
                assert all(re.fullmatch(r"-\d+", cell) for cell in risky), (path, risky)  # but for a number


def test_the_workbook_has_the_results_and_no_formula(package: Package) -> None:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, and needed here alone

    book = load_workbook(package.folder / "09-data" / "workbook.xlsx", read_only=True)
    assert book.sheetnames == ["Cover", "Controls", "Results", "Deviations", "Completeness"]
    rows = list(book["Results"].iter_rows(values_only=True))
    assert len(rows) - 1 == sum(len(package.rows(f"03-controls/{one}/results.csv")) for one in package.controls)


def test_ocsf_findings_are_what_the_standard_says(package: Package) -> None:
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding  # noqa: PLC0415 - slow to import

    lines = (package.folder / "09-data" / "findings.ndjson").read_text("utf-8").splitlines()
    assert len(lines) > 500
    for line in lines:
        found = ComplianceFinding.model_validate_json(line)
        assert found.type_uid.value == found.class_uid * 100 + found.activity_id.value
    statuses = {json.loads(line)["unmapped"]["outcome"]: json.loads(line)["compliance"]["status_id"] for line in lines}
    assert statuses == {"pass": 1, "cannot_tell": 2, "deviation": 3, "not_applicable": 99}


def test_oscal_is_read_by_an_independent_program(package: Package) -> None:
    trestle = Path(__file__).parents[2] / ".venv-trestle" / "bin" / "python"
    if not trestle.is_file():
        pytest.skip("needs compliance-trestle in an environment of its own, .venv-trestle: .ci/run makes it")
    reads = (
        "import pathlib, sys; from trestle.oscal.assessment_results import AssessmentResults as Results; "
        "print(len(Results.oscal_read(pathlib.Path(sys.argv[1])).results[0].observations))"
    )
    document = package.folder / "09-data" / "assessment-results.json"
    ended = subprocess.run([str(trestle), "-c", reads, str(document)], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert ended.returncode == 0, ended.stderr
    rows = package.rows("06-exceptions/deviations.csv")
    assert int(ended.stdout) == len(package.controls) + len(rows)
