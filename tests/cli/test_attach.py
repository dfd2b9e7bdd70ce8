"""`collector attach`: what people made is sealed to the byte, read whole or not at all, and shown as uploaded."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.cli import options
from collector.cli.main import main
from collector.cli.run import run_due
from collector.engine.pool import Pool
from collector.trace import lines
from tests.conftest import Ended

if TYPE_CHECKING:
    from pathlib import Path

COVERS = ("--covers", "2026-01-01..2026-03-31", "--owner", "people operations", "--approved-by", "cfo")
ROSTER = (
    "Employee ID;Email;Start date;Last day\n1;Anna@Example.com;2020-01-01;\n2;bo@example.com;2019-05-01;2026-02-27\n"
)
CONFIGURATION = '[hris]\ncompany = "northwind"\ntime_zone = "Europe/Berlin"\n[records]\ncompany = "northwind"\n'


class Desk:
    """A folder with a configuration, and the program run in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        self.configure(CONFIGURATION)

    def configure(self, text: str) -> None:
        (self.folder / "collector.toml").write_text(text)

    def __call__(self, *arguments: str) -> Ended:
        import click  # noqa: PLC0415 - only to make a command of `main`, which turns errors into exit codes

        @click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
        @click.argument("rest", nargs=-1, type=click.UNPROCESSED)
        def program(rest: tuple[str, ...]) -> None:
            import sys  # noqa: PLC0415 - as above

            before, sys.argv = sys.argv, ["collector", *rest]
            try:
                main()
            finally:
                sys.argv = before

        result = CliRunner().invoke(program, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def attach(self, evidence: str, name: str, content: bytes | str, *more: str) -> Ended:
        (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return self("attach", evidence, name, *COVERS, *more)

    @property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    def sealed(self, evidence: str) -> list[dict[str, Any]]:
        found = (leaf.body for leaf in self.reader.leaves())
        return [body for body in found if body["kind"] == "evidence" and body["type"] == evidence]

    def rows(self, evidence: str) -> list[dict[str, Any]]:
        return lines(self.reader, self.sealed(evidence)[-1]["records"])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    held = BytesIO(content)
    with zipfile.ZipFile(held, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return held.getvalue()


def test_a_people_list_is_read_sealed_to_the_byte_and_says_that_it_was_uploaded(desk: Desk) -> None:
    ended = desk.attach("hris.roster", "roster.csv", ROSTER, "--head-count", "1")
    assert ended.code == 0, ended.text
    (body,) = desk.sealed("hris.roster")
    assert (body["type_kind"], body["unit"], body["complete"]) == ("record", "northwind", True)
    for said in ("not read from a source", "owner people operations", "approved by cfo", "2026-01-01..2026-03-31"):
        assert said in body["caller"]
    (exchange,) = lines(desk.reader, body["exchanges"])
    assert desk.reader.content(exchange["body"]) == ROSTER.encode()
    anna, bo = desk.rows("hris.roster")
    assert (anna["person_id"], anna["end_date"], anna["work_email"]) == ("1", None, "Anna@Example.com")
    assert bo["end_date"] == "2026-02-27T23:00:00Z", "the last day ends at midnight in Berlin"
    assert bo["observed_at"] == "2026-03-31T22:00:00Z", "the list speaks of the end of what it covers"
    assert bo["origins"] == [[exchange["request"], 1, "line 3"]]


def test_the_same_again_is_nothing_and_another_word_about_it_is_something(desk: Desk) -> None:
    assert desk.attach("hris.roster", "roster.csv", ROSTER).code == 0
    before = len(list(desk.reader.leaves()))
    again = desk.attach("hris.roster", "roster.csv", ROSTER)
    assert (again.code, len(list(desk.reader.leaves()))) == (0, before)
    assert "attached already, by leaf 1" in again.out
    other = desk("attach", "hris.roster", "roster.csv", *COVERS[:-1], "ceo")
    assert other.code == 0
    assert len(desk.sealed("hris.roster")) == 2


def test_each_bad_row_is_named_by_its_line_and_nothing_is_sealed(desk: Desk) -> None:
    bad = ROSTER + "3;c@example.com;01.02.2020;\n;d@example.com;2020-01-01;soon\n1;a@example.com;2020-01-01;\n"
    ended = desk.attach("hris.roster", "roster.csv", bad)
    assert ended.code == 2
    assert "roster.csv line 4\tStart date: must be a date" in ended.out
    assert "roster.csv line 5\tEmployee ID is empty" in ended.out
    assert "roster.csv line 5\tLast day: must be a date" in ended.out
    assert not (desk.folder / "evidence").exists()
    twice = desk.attach("hris.roster", "roster.csv", ROSTER + "1;a@example.com;2020-01-01;\n")
    assert twice.code == 2
    assert "the person 1 came more than once" in twice.out


@pytest.mark.parametrize(
    ("evidence", "name", "content", "said"),
    [
        ("hris.roster", "roster.csv", ROSTER.replace("Last day", "Until"), "no column 'end_date' for end_date"),
        ("hris.roster", "roster.csv", "", "it is empty"),
        ("hris.roster", "roster.csv", b"a;b\n\xff;1\n", "no UTF-8 text (byte 4)"),
        ("hris.roster", "roster.csv", b"%PDF-1.7\n", "its bytes are pdf"),
        ("hris.roster", "roster.pdf", b"%PDF-1.7\n", "a list must be CSV, XLSX or JSON"),
        ("hris.roster", "roster.csv", ROSTER + '3;"open\n', "is no CSV"),
        ("hris.roster", "roster.csv", ROSTER + "3;a;2020-01-01;;surplus\n", "line 4 has more cells"),
        ("hris.roster", "roster.csv", ROSTER + "3;ghp_" + "a" * 36 + ";2020-01-01;\n", "looks like a secret"),
        ("hris.roster", "roster.json", '{"person_id": "1"}', "must be a list of objects"),
        ("hris.roster", "roster.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old or encrypted Office file"),
        ("records.training", "done.pdf", b"%PDF-1.7\n", "must be CSV, XLSX or JSON"),
    ],
)
def test_what_is_no_list_is_refused(desk: Desk, evidence: str, name: str, content: bytes | str, said: str) -> None:
    ended = desk.attach(evidence, name, content)
    assert ended.code == 2, ended.text
    assert said in ended.text
    assert not (desk.folder / "evidence").exists()


HEAD = ("person_id", "work_email", "start_date", "end_date")


def test_a_workbook_is_read_by_its_values(desk: Desk) -> None:
    day = datetime(2026, 2, 27, tzinfo=UTC).replace(tzinfo=None)
    book = workbook(HEAD, (17, "e@example.com", day, day), (None, None, None, None), (18, "f@example.com", day, None))
    assert desk.attach("hris.roster", "roster.xlsx", book).code == 0
    first, second = desk.rows("hris.roster")
    assert (first["person_id"], first["start_date"]) == ("17", "2026-02-26T23:00:00Z")
    assert first["end_date"] == "2026-02-27T23:00:00Z"
    assert second["origins"][0][2] == "line 4"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (workbook(HEAD, ("1", "a@example.com", "2020-01-01", "=TODAY()")), "line 2\tend_date: a formula"),
        (with_part(workbook(HEAD), "xl/vbaProject.bin", b"macro"), "has macros"),
        (with_part(workbook(HEAD), "xl/bomb.xml", b"0" * (64 << 20)), "unpacks to"),
        (with_part(workbook(HEAD), "xl/odd.xml", b'<!DOCTYPE a [<!ENTITY b "c">]>'), "declares a document type"),
        (
            with_part(workbook(HEAD), "xl/late.xml", b" " * (1 << 20) + b"<!DOCTYPE a>" + bytes(range(65, 90)) * 9000),
            "declares a document type",
        ),
        (with_part(workbook(HEAD), "xl/wide.xml", "<!DOCTYPE a>".encode("utf-16")), "is not in UTF-8"),
        (workbook(HEAD)[:-40], "cannot be unpacked"),
    ],
)
def test_a_workbook_that_is_more_than_a_list_is_refused(desk: Desk, content: bytes, said: str) -> None:
    ended = desk.attach("hris.roster", "roster.xlsx", content)
    assert ended.code == 2, ended.text
    assert said in ended.text


def test_limits_bound_size_and_rows(desk: Desk) -> None:
    desk.configure(CONFIGURATION.replace('time_zone = "Europe/Berlin"', "rows = 1\nmegabytes = 1"))
    assert "more than 1 rows" in desk.attach("hris.roster", "roster.csv", ROSTER).text
    assert "larger than 1,048,576 bytes" in desk.attach("hris.roster", "roster.csv", ROSTER + " " * (1 << 20)).text


def test_a_stated_head_count_that_does_not_tie_is_refused(desk: Desk) -> None:
    ended = desk.attach("hris.roster", "roster.csv", ROSTER, "--head-count", "2")
    assert ended.code == 2
    assert "2 stated, 1 found" in ended.out


def test_the_company_names_its_own_columns_and_dates(desk: Desk) -> None:
    desk.configure(
        CONFIGURATION.replace('time_zone = "Europe/Berlin"', 'date_format = "%d.%m.%Y"')
        .replace("[records]", '[hris.columns."hris.roster"]\nperson_id = "PN"\nend_date = "Austritt"\n[records]')
    )  # fmt: skip
    ended = desk.attach("hris.roster", "r.csv", "PN,Email,Start,Austritt\n7,g@example.com,01.02.2020,28.02.2026\n")
    assert ended.code == 0, ended.text
    (row,) = desk.rows("hris.roster")
    assert (row["person_id"], row["end_date"]) == ("7", "2026-03-01T00:00:00Z")


def test_a_document_is_kept_and_listed(desk: Desk) -> None:
    ended = desk.attach("records.policies", "access policy.pdf", b"%PDF-1.7 policy", "--version", "4")
    assert ended.code == 0, ended.text
    (row,) = desk.rows("records.policies")
    assert (row["document"], row["version"], row["approved_by"]) == ("access policy", "4", ["cfo"])
    assert desk.reader.content(row["sha256"]) == b"%PDF-1.7 policy"


def test_reports_of_providers_are_read_to_the_end_of_their_last_day(desk: Desk) -> None:
    text = "Vendor,Type,From,To,Auditor\nAWS,SOC 2 Type II,2025-04-01,2026-03-31,Example & Partners\n"
    assert desk.attach("records.assurance_reports", "reports.csv", text).code == 0
    (row,) = desk.rows("records.assurance_reports")
    assert (row["organisation"], row["report_type"], row["auditor"]) == ("AWS", "SOC 2 Type II", "Example & Partners")
    assert (row["period_start"], row["period_end"]) == ("2025-04-01T00:00:00Z", "2026-04-01T00:00:00Z")
    text = "Provider,No,Duty,Controls\nAWS,UEC-1,Roots are locked away,IAM-01; IAM-03\nAWS,UEC-2,Snowballs are wiped,\n"
    assert desk.attach("records.user_entity_controls", "duties.csv", text).code == 0
    mapped = {row["reference"]: row["own_controls"] for row in desk.rows("records.user_entity_controls")}
    assert mapped == {"UEC-1": ["IAM-01", "IAM-03"], "UEC-2": None}
    without = desk.attach("records.assurance_reports", "reports.csv", "Vendor,Type\nAWS,SOC 2 Type II\n")
    assert (without.code, "period_start" in without.text) == (2, True), "a report without its period says nothing"


def test_a_list_without_entries_says_that_there_are_none(desk: Desk) -> None:
    assert desk.attach("records.breach_register", "none.csv", "breach_id,aware_at\n").code == 0
    (body,) = desk.sealed("records.breach_register")
    assert (body["complete"], body["records"]["count"]) == (True, 0)


def test_bad_words_are_refused_before_anything_is_made(desk: Desk) -> None:
    for arguments, said in (
        (("records.trainings", "x.csv", *COVERS), "did you mean 'records.training'?"),
        (("records.training", "missing.csv", *COVERS), "missing.csv"),
        (("records.training", "x.csv", "--covers", "2026-03-31..2026-01-01", *COVERS[2:]), "ends before it begins"),
        (("records.training", "x.csv", "--covers", "Q1", *COVERS[2:]), "is no day"),
    ):
        ended = desk("attach", *arguments)
        assert ended.code == 2
        assert said in ended.err
    desk.configure("")
    assert "has a [hris] or [records] table" in desk.attach("records.training", "x.csv", "a\n").err


def test_a_watched_folder_flows_by_itself_and_an_old_export_is_not_the_present(desk: Desk) -> None:
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    watch = f'[[hris.watch]]\ntype = "hris.roster"\npath = "{inbox}/*.csv"\nowner = "hr"\napproved_by = "cfo"\n'
    desk.configure(CONFIGURATION.replace("[records]", watch + "[records]"))
    missing = desk("snapshot")
    assert missing.code == 1
    assert "no file is there" in missing.text
    (inbox / "2026-03-01.csv").write_text(ROSTER)
    assert desk("snapshot").code == 0
    assert [row["person_id"] for row in desk.rows("hris.roster")] == ["1", "2"]
    import os  # noqa: PLC0415 - sets a file's time back

    os.utime(inbox / "2026-03-01.csv", (0, 0))
    old = desk("snapshot")
    assert old.code == 1
    assert "hours old; 48 are allowed" in old.text
    assert desk.sealed("hris.roster")[-1]["records"]["count"] == 0


def test_names_and_addresses_can_be_replaced_and_still_join(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PEOPLE_KEY", "k" * 32)
    desk.configure(CONFIGURATION + '[people]\npseudonymise = "env:PEOPLE_KEY"\n')
    named = "person_id,name,work_email,start_date,end_date\n1,Anna Ode,Anna@Example.com,2020-01-01,\n"
    assert desk.attach("hris.roster", "roster.csv", named).code == 0
    (body,) = desk.sealed("hris.roster")
    assert body["pseudonyms"].startswith("hmac-sha256:")
    (row,) = desk.rows("hris.roster")
    assert row["work_email"].endswith("@pseudonym.invalid")
    claim = "account,account_provider,kind,person_id\nanna@example.com,aws,person,1\n"
    assert desk.attach("hris.account_map", "map.csv", claim).code == 0
    assert desk.rows("hris.account_map")[0]["account"] == row["work_email"], "the same token for the same person"
    for leaf in desk.reader.leaves():
        assert "example.com" not in json.dumps(leaf.body).lower()
    for document in desk.sealed("hris.roster") + desk.sealed("hris.account_map"):
        for exchange in lines(desk.reader, document["exchanges"]):
            kept = desk.reader.content(exchange["body"]).lower()
            assert b"example.com" not in kept
            assert b"ode" not in kept
    desk.configure(CONFIGURATION + '[people]\npseudonymise = "the key itself"\n')
    assert desk("snapshot").code == 2


def test_false_pass_12_a_provider_that_is_not_connected_counts(desk: Desk) -> None:
    desk.configure(CONFIGURATION + '[people]\naccounts_at = ["okta"]\n')
    assert desk.attach("hris.roster", "roster.csv", ROSTER).code == 0
    ended = desk("snapshot")
    assert ended.code == 1, ended.text
    outcomes = [leaf.body for leaf in desk.reader.leaves() if leaf.body["kind"] == "outcome"]
    (leavers,) = (one for one in outcomes if one["control"] == "IAM-07")
    assert leavers["counts"]["pass"] == leavers["counts"]["not_applicable"] == 0
    items = {one["item"]: one for one in lines(desk.reader, leavers["outcomes"])}
    assert "there is no [okta] table" in items["the whole of okta"]["because"]
    assert items["leaver 2"]["outcome"] == "cannot_tell"


def test_what_was_attached_stands_for_every_due_run_until_there_is_another(desk: Desk) -> None:
    """Each due run reads only what the last claim's basis names: the upload must be in it."""
    (desk.folder / "moves.csv").write_text("person_id,effective_date,from_role,to_role\n")
    watch = (
        '[[hris.watch]]\ntype = "hris.moves"\npath = "moves.csv"\nowner = "hr"\napproved_by = "cfo"\nfresh_hours = 0\n'
    )
    desk.configure(CONFIGURATION.replace("[records]", watch + "[records]"))
    assert desk.attach("hris.roster", "roster.csv", ROSTER).code == 0
    (attached,) = (leaf.index for leaf in desk.reader.leaves() if leaf.body.get("type") == "hris.roster")
    config = options.read_config(None)
    now = datetime.now(UTC)
    with Pool(2) as pool:
        for days in range(4):
            run_due(config, options.providers(config), lambda days=days: now + timedelta(days=days), pool)  # type: ignore[misc]
    judged = [leaf.body for leaf in desk.reader.leaves() if leaf.body.get("control") == "GOV-04"]
    assert len(judged) == 3
    assert all(attached in body["evidence"] for body in judged)
    key = (desk.folder / "evidence.keys" / "log.pub").read_text().strip()
    report = verify(LocalStore(desk.folder / "evidence"), key)
    assert report.sound, report.faults


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("p,excluded,,CFO,2026-01-01", "decision is excluded, and it has no reason"),
        ("p,excluded,sold,,", "decision is excluded, and it has no approved_by, no valid_from"),
        ("p,out,sold,CFO,2026-01-01", "decision must be one of: in_scope, excluded"),
        ("p,,sold,CFO,2026-01-01", "decision must be one of: in_scope, excluded"),
    ],
)
def test_aq_06_a_register_that_excludes_without_reason_approver_or_day_is_refused(
    desk: Desk, row: str, told: str
) -> None:
    head = "unit_id,decision,reason,approved_by,valid_from\n"
    ended = desk.attach("records.scope_register", "scope.csv", f"{head}q,in_scope,,,\n{row}\n")
    assert ended.code == 2
    assert f"line 3\t{told}" in ended.out
    assert not (desk.folder / "evidence").exists(), "nothing is sealed"
