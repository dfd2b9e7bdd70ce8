"""A package of a small archive: what is missing is named, what dangles fails it, what others answer for is marked."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.answer import Answer
from collector.archive.local import LocalStore
from collector.assess.outcomes import Outcome
from collector.cli.browse import Served
from collector.errors import ArchiveError, UsageError
from collector.model import Kind, Origin, Scope, Verdict, Window
from collector.package.binder import cells, links, requests
from collector.package.binder.binder import Binder, gather
from collector.package.binder.build import finish, put_all
from collector.package.binder.live import Pages
from collector.package.binder.shelf import Folder, Memory, zipped
from collector.package.binder.span import folder_name, span
from collector.package.binder.subservice import subservices
from collector.records import Assessment, AssuranceReport, BackupJob, UserEntityControl, Vendor
from collector.slots import Series
from schedules.port import Port
from tests.package.estate import PRODUCTION, STAGING, START, Making, Reading, begin, facts, fill, rule, whole_estate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.archive.reader import Reader
    from collector.package.binder.span import Span
    from collector.records import Record

DAY = timedelta(days=1)
UPLOADS = Scope("records", "uploads")


def week(**known: Any) -> Span:
    return span(START.date() - 6 * DAY, START.date(), known.get("zone", "UTC"), START + DAY)


def gathered(folder: Path, making: Making, reader: Reader, shelf: Folder | Memory | None = None) -> Binder:
    store = LocalStore(folder / "evidence")
    return gather(reader, store, week(), facts(making), shelf or Memory())


def table(content: bytes | None) -> list[dict[str, str]]:
    assert content is not None
    return list(csv.DictReader(io.StringIO(content.decode())))


def vendors(making: Making) -> None:
    """What the company uploaded: its register of vendors, and its reviews of them."""
    register = Reading("records.vendor_register", UPLOADS, Kind.RECORD, Window(START - 30 * DAY, START))
    asked = making.ask(register, "read", b"vendor,subservice\nAmazon Web Services,true\nPostbox GmbH,true\n")
    origin = [Answer({}, Origin(asked.request, 1, "row 1"))]
    for name in ("Amazon Web Services", "Postbox GmbH"):
        register.records.append(Vendor(key=name, seen=origin, vendor=name, owner="CTO", subservice=True))
    making.add(register)
    reviews = Reading("records.vendor_reviews", UPLOADS, Kind.RECORD, Window(START - 30 * DAY, START))
    asked = making.ask(reviews, "read", b"vendor,report\nAWS,SOC 2 Type II\n")
    origin = [Answer({}, Origin(asked.request, 1, "row 1"))]
    for kind, end in (("SOC 2 Type II", START - 40 * DAY), ("bridge letter", START)):
        reviews.records.append(
            Assessment(key=f"AWS {kind}", seen=origin, subject="AWS", report_type=kind, report_period_end=end,
                       reviewed_at=START - 20 * DAY, reviewer="Security")
        )  # fmt: skip
    making.add(reviews)


def test_aq_15_reports_bridge_letters_and_registers_come_from_what_was_uploaded(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    vendors(making)
    making.commit()
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    rows = [row for row in table(shelf.get("02-scope/subservice-organisations.csv")) if row["criterion"] == "CC6.4"]
    (aws,) = (row for row in rows if row["organisation"] == "Amazon Web Services")
    assert (aws["report"], aws["bridge_letter"]) == ("SOC 2 Type II", "on record")
    assert aws["report_period_to"].startswith(f"{START - 40 * DAY:%Y-%m-%d}")
    assert aws["in_vendor_register"] == "true"
    page = (shelf.get("02-scope/index.html") or b"").decode()
    assert "40 days" in page, "of the period are after the report's"
    assert "Postbox GmbH" in page, "the register marks it, though nothing was read from it"


def assured(making: Making, *rows: Record) -> None:
    """What the company uploaded of its providers' reports."""
    kinds = {"records.assurance_reports": AssuranceReport, "records.user_entity_controls": UserEntityControl}
    for evidence, kind in kinds.items():
        reading = Reading(evidence, UPLOADS, Kind.RECORD)
        asked = making.ask(reading, "read", f"a list for {evidence}\n".encode())
        for row in rows:
            if isinstance(row, kind):
                object.__setattr__(row, "seen", [Answer({}, Origin(asked.request, 1, "row 1"))])
                reading.records.append(row)
        making.add(reading)


def soc(kind: str, first: int, last: int, **columns: Any) -> AssuranceReport:
    """A report on AWS from so many days before the period's last day to so many before it, both included."""
    midnight = START.replace(hour=0)
    return AssuranceReport(
        key=f"{kind} {first}", seen=(), organisation="AWS", report_type=kind, auditor="Example & Partners",
        period_start=midnight - first * DAY, period_end=midnight - (last - 1) * DAY, **columns,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reports", "uncovered"),
    [
        ([soc("SOC 2 Type II", 300, 0)], []),
        ([soc("SOC 2 Type II", 300, 4), soc("bridge letter", 3, 0)], []),
        ([soc("SOC 2 Type II", 300, 4), soc("bridge letter", 3, 1)], [(0, 0)]),
        ([soc("SOC 2 Type II", 4, 2)], [(6, 5), (1, 0)]),
        ([soc("SOC 2 Type II", 300, 30)], [(6, 0)]),
        ([soc("ISO 27001", 300, 0)], [(6, 0)]),
    ],
)
def test_aq_15_each_day_that_no_report_and_no_bridge_letter_covers_is_named(
    tmp_path: Path, reports: list[AssuranceReport], uncovered: list[tuple[int, int]]
) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    assured(making, *reports)
    making.commit()
    (aws,) = subservices(gathered(tmp_path, making, reader))
    assert aws.uncovered == [tuple(f"{START - day * DAY:%Y-%m-%d}" for day in stretch) for stretch in uncovered]


def test_aq_15_a_report_and_the_map_of_its_duties_are_shown_as_uploaded(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    duties = [
        UserEntityControl(key="1", seen=(), organisation="AWS", reference="UEC-1", duty="Roots are locked away.",
                          own_controls=("IAM-01", "IAM-99")),
        UserEntityControl(key="2", seen=(), organisation="AWS", reference="UEC-2", duty="Snowballs are wiped.",
                          not_needed="none is used"),
        UserEntityControl(key="3", seen=(), organisation="AWS", reference="UEC-3", duty="Regions are chosen."),
    ]  # fmt: skip
    assured(making, soc("SOC 2 Type II", 300, 2, exceptions_noted="one late review", impact="none here"), *duties)
    making.commit()
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    (report,) = table(shelf.get("02-scope/assurance-reports.csv"))
    assert (report["organisation"], report["report"], report["auditor"]) == (
        "Amazon Web Services", "SOC 2 Type II", "Example & Partners",
    )  # fmt: skip
    assert report["period_to"] == f"{START - DAY:%Y-%m-%d}T00:00:00Z", "the end of its last day, two before the last"
    rows = {row["duty_of_its_users"][:5]: row for row in table(shelf.get("02-scope/user-entity-controls.csv"))}
    assert (rows["UEC-1"]["own_controls"], rows["UEC-1"]["judged_in_the_period"]) == ("IAM-01 IAM-99", "IAM-01")
    assert {row["said_by"] for row in rows.values()} == {"the company"}, "its word takes the place of our proposal"
    page = (shelf.get("02-scope/index.html") or b"").decode()
    assert f"to {START - 2 * DAY:%Y-%m-%d}" in page
    assert "which mean here: none here" in page
    assert "not needed: none is used" in page
    assert "none answers for it" in page, "of the third duty"


def listed(making: Making, scope: Scope, *rows: AssuranceReport) -> None:
    """What a provider lists of its reports, as an account of it sees them."""
    reading = Reading("aws.artifact.reports", scope)
    asked = making.ask(reading, "artifact:ListReports", f'{{"reports":[],"seen by":"{scope.unit_id}"}}'.encode())
    for row in rows:
        object.__setattr__(row, "seen", [Answer({}, Origin(asked.request, 1, "reports[0]"))])
        reading.records.append(row)
    making.add(reading)


def test_aq_15_a_report_that_a_provider_lists_is_not_one_that_anybody_read(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    listed(making, PRODUCTION, soc("SOC 2 Report", 300, 0), soc("SOC bridge letter", 3, 0))
    listed(making, STAGING, soc("SOC 2 Report", 300, 0))
    making.commit()
    shelf = Memory()
    binder = gathered(tmp_path, making, reader, shelf)
    (aws,) = subservices(binder)
    assert (list(aws.reports), aws.bridged) == ([], False)
    assert aws.uncovered == [tuple(f"{START - day * DAY:%Y-%m-%d}" for day in (6, 0))], "it covers no day here"
    assert [one.kind for one in aws.listed] == ["SOC 2 Report", "SOC bridge letter"], "what two accounts list is one"
    (leaf,) = {one.leaf for one in aws.listed}
    put_all(binder)
    assert table(shelf.get("02-scope/assurance-reports.csv")) == []
    rows = table(shelf.get("02-scope/reports-listed-by-providers.csv"))
    assert {(row["organisation"], row["report"], row["leaf"]) for row in rows} == {
        ("Amazon Web Services", name, str(leaf)) for name in ("SOC 2 Report", "SOC bridge letter")
    }
    others = table(shelf.get("02-scope/subservice-organisations.csv"))
    assert {(row["report"], row["bridge_letter"]) for row in others} == {("none on record", "none on record")}
    page = (shelf.get("02-scope/index.html") or b"").decode()
    assert "2 reports there to be fetched" in page
    assert "does not say that anybody here has read it" in page
    assert f"07-integrity/leaves/{leaf}.html" in page


def test_aq_15_a_report_that_was_read_counts_beside_the_providers_list(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    listed(making, PRODUCTION, soc("SOC 2 Report", 300, 0))
    assured(making, soc("SOC 2 Type II", 300, 3, reviewer="Security"))
    making.commit()
    (aws,) = subservices(gathered(tmp_path, making, reader))
    assert [(one.kind, one.reviewer) for one in aws.reports] == [("SOC 2 Type II", "Security")]
    assert aws.uncovered == [tuple(f"{START - day * DAY:%Y-%m-%d}" for day in (2, 0))], "by the one that was read"


def test_aq_15_without_uploads_it_says_so(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    rows = table(shelf.get("02-scope/subservice-organisations.csv"))
    assert {row["organisation"] for row in rows} == {"Amazon Web Services"}
    assert {(row["report"], row["bridge_letter"], row["in_vendor_register"]) for row in rows} == {
        ("none on record", "none on record", "false")
    }


JOBS = "aws.backup.jobs"


def jobs(making: Making, start: int, end: int, *, stated: int, names: range) -> None:
    """A window of backup jobs, its days counted back from START, with a control total that the source states."""
    from collector.model import Total  # noqa: PLC0415 - beside its one use

    reading = Reading(JOBS, PRODUCTION, Kind.POPULATION, Window(START - start * DAY, START - end * DAY))
    asked = making.ask(reading, "backup:ListBackupJobs", b'{"BackupJobs":[]}', parameters={"day": f"{start}"})
    for number in names:
        reading.records.append(
            BackupJob(key=f"job-{number}", seen=[Answer({}, Origin(asked.request, 1, f"BackupJobs[{number}]"))],
                      job_id=f"job-{number}", started_at=START - start * DAY + DAY / 2)
        )  # fmt: skip
    reading.totals.append(Total("jobs, against the summary", stated, len(names)))
    making.add(reading)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda making: jobs(making, 7, -1, stated=4, names=range(4)), None),
        (lambda making: jobs(making, 7, -1, stated=5, names=range(4)), "5 expected, 4 found"),
        (lambda making: jobs(making, 3, -1, stated=4, names=range(4)), "windows cover the period"),
    ],
    ids=["whole", "an item dropped", "a window dropped"],
)
def test_aq_02_a_population_is_incomplete_by_the_name_of_what_is_missing(
    tmp_path: Path, make: Callable[[Making], None], named: str | None
) -> None:
    making, reader = begin(tmp_path)
    make(making)
    said = [
        Outcome(item=f"job-{number}", provider="aws", unit=PRODUCTION.unit_id, outcome=Verdict.PASS, seen=Verdict.PASS,
                because="It ended.", rows=())
        for number in range(4)
    ]  # fmt: skip
    making.judge("BCP-02", rule("BCP-02", "Backups run", "They run.", [JOBS]), said, [making.index(JOBS, PRODUCTION)])
    making.commit()
    found = gathered(tmp_path, making, reader).whole["BCP-02"]
    assert {one.series for one in found.tests} == {Series(JOBS, "aws", PRODUCTION.unit_id)}
    if named is None:
        assert found.complete, found.failed
    else:
        assert not found.complete
        assert any(named in f"{one.name} {one.detail}" for one in found.failed), found.failed


def test_an_outcome_on_a_row_that_no_evidence_has_fails_the_build(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    jobs(making, 7, 0, stated=1, names=range(1))
    lost = Outcome(item="job-0", provider="aws", unit=PRODUCTION.unit_id, outcome=Verdict.PASS, seen=Verdict.PASS,
                   because="It ended.", rows=("0" * 32,))  # fmt: skip
    making.judge("BCP-02", rule("BCP-02", "Backups run", "They run.", [JOBS]), [lost], [making.index(JOBS, PRODUCTION)])
    making.commit()
    with pytest.raises(ArchiveError, match="stands on row 0000"):
        gathered(tmp_path, making, reader)


def test_a_raw_answer_that_is_not_there_fails_the_build(tmp_path: Path) -> None:
    making, reader = begin(tmp_path)
    fill(making)
    making.dropped = {digest for digest, content in making.contents.items() if b"ListUsersResponse" in content}
    making.commit()
    with pytest.raises(ArchiveError, match="holds no content"):
        put_all(gathered(tmp_path, making, reader, Folder(tmp_path / "package")))


def test_a_link_that_leads_nowhere_fails_the_build() -> None:
    page = b'<a href="../there.html#here">x</a> <a href="#mine">y</a> <p id="mine"></p>'
    links.check([("a/b.html", page), ("there.html", b'<p id="here"></p>')], {"a/b.html", "there.html"})
    for spoilt in (
        page.replace(b"there.html", b"gone.html"),
        page.replace(b"#here", b"#gone"),
        page.replace(b"#mine", b"#no"),
    ):
        with pytest.raises(ArchiveError, match="lead nowhere"):
            links.check([("a/b.html", spoilt), ("there.html", b'<p id="here"></p>')], {"a/b.html", "there.html"})


def test_a_whole_package_is_written_and_closed(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    folder = Folder(tmp_path / "package")
    put_all(gathered(tmp_path, making, reader, folder), requests.read(b"No,Request\n7,IAM-01 please\n", "pbc.csv"))
    finish(folder)
    results = table((folder.root / "03-controls/IAM-01/results.csv").read_bytes())
    assert sum(row["outcome"] == "deviation" for row in results) > 0
    assert "IAM-01" in (folder.root / "08-maps" / "requests.csv").read_text("utf-8")
    with pytest.raises(UsageError, match="is there already"):
        Folder(tmp_path / "package")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "'quoted", "|cmd", "%0"])
def test_no_text_is_a_formula_and_each_is_read_back(text: str) -> None:
    (row,) = table(cells.document(("a", "b"), [(text, 1)]))
    assert row["a"] == f"'{text}"
    assert row["a"].removeprefix("'") == text


def test_nothing_and_an_empty_text_are_told_apart() -> None:
    assert cells.document(("a", "b"), [(None, "")]) == b'a,b\n,""\n'


def test_the_period_is_whole_days_of_its_zone() -> None:
    known = START + 90 * DAY
    berlin = span(START.date(), START.date(), "Europe/Berlin", known)
    assert (berlin.end - berlin.start, berlin.start.hour) == (DAY, 23)
    assert span(START.date(), START.date() + DAY, "UTC", START).cut
    assert folder_name("Example Payments Ltd", berlin) == f"package-example-payments-ltd-{START.date()}_{START.date()}"
    with pytest.raises(UsageError, match="no such time zone"):
        span(START.date(), START.date(), "Mars/Olympus", known)
    with pytest.raises(UsageError, match="is after"):
        span(START.date(), START.date() - DAY, "UTC", known)


def test_live_pages_follow_the_archive_and_look_nothing_up_elsewhere(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    built: list[str] = []

    def build(tell: Callable[[str], None]) -> tuple[Memory, int]:
        tell("so far")
        built.append(pages.said)
        shelf = Memory()
        put_all(gathered(tmp_path, making, reader, shelf))
        return shelf, len(built)

    newer = [False]
    pages = Pages(lambda _: newer[0], build)
    assert (pages.ready, pages.get("00-cover/index.html")) == (False, None)
    pages.refresh()
    assert b"In numbers" in (pages.get("00-cover/index.html") or b"")
    assert pages.get("03-controls/IAM-01/results.csv")
    assert pages.get("../evidence.keys/log.key") is None
    pages.refresh()
    assert (built, pages.wanted.is_set()) == (["so far"], False), "nothing is new"
    newer[0] = True
    assert pages.get("03-controls/index.html"), "what is there is given meanwhile"
    assert (len(built), pages.wanted.is_set()) == (1, True)
    pages.refresh()
    assert (len(built), pages.wanted.is_set()) == (2, False)


def test_browse_gives_the_bytes_of_the_package(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    written(tmp_path, making, reader, tmp_path / "out" / "package")
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    folder = tmp_path / "out" / "package"
    places = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    differing = [place for place in places if shelf.get(place) != (folder / place).read_bytes()]
    assert differing == ["SHA256SUMS"], "which is of files that lie in a folder"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A package, and the key of its log."""
    home = tmp_path_factory.mktemp("estate")
    making, reader = whole_estate(home)
    return written(home, making, reader, tmp_path_factory.mktemp("out") / "package"), key_of(home)


def written(home: Path, making: Making, reader: Reader, root: Path) -> Path:
    folder = Folder(root)
    put_all(gathered(home, making, reader, folder))
    finish(folder)
    zipped(root, root.with_name("package.zip"))
    return root


def key_of(home: Path) -> str:
    return (home / "evidence.keys" / "log.pub").read_text().strip()


def verified(root: Path, key: str, home: Path) -> subprocess.CompletedProcess[str]:
    """By a stranger: a fresh HOME, no site packages, no PATH."""
    return subprocess.run(  # noqa: S603 - this interpreter, and a file of ours
        [sys.executable, "-I", "-S", str(root / "07-integrity" / "verify.py"), "--key", key],
        capture_output=True, text=True, check=False, cwd=home, env={"HOME": str(home), "PATH": "/nowhere"},
    )  # fmt: skip


def test_aq_03_a_stranger_verifies_it_and_another_key_does_not(package: tuple[Path, str], tmp_path: Path) -> None:
    root, key = package
    ended = verified(root, key, tmp_path)
    assert (ended.returncode, ended.stdout.splitlines()[-1]) == (0, "sound"), ended.stdout + ended.stderr
    other, _ = begin(tmp_path / "other")
    assert other.archive.origin
    assert verified(root, key_of(tmp_path / "other"), tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("07-integrity/log/000000000001.seg", b"aws.iam.users", b"aws.iam.usurs"),
        ("07-integrity/answers/*.xml", b"UserName", b"Username"),
        ("03-controls/IAM-01/results.csv", b",deviation,deviation,", b",pass,pass,"),
        ("03-controls/IAM-01/population.csv", b"evidence/", b"evidence_"),
        ("03-controls/IAM-01/evidence/*/records.ndjson", b"false", b"true"),
        ("07-integrity/leaves.csv", b'""aws.iam.users""', b'""aws.iam.usurs""'),
    ],
    ids=["the log", "an answer", "an outcome", "a population", "a record", "the list of leaves"],
)
def test_aq_03_what_was_changed_is_named(
    package: tuple[Path, str], tmp_path: Path, name: str, old: bytes, new: bytes
) -> None:
    """Also where SHA256SUMS is made anew, as who changes a file would: but for a link, which nothing vouches for."""
    root, key = package
    path = next(path for path in sorted(root.glob(name)) if old in path.read_bytes())
    sums, place = root / "SHA256SUMS", path.relative_to(root).as_posix()
    content, listed = path.read_bytes(), sums.read_bytes()
    try:
        path.write_bytes(content.replace(old, new, 1))
        ended = verified(root, key, tmp_path)
        assert ended.returncode == 1
        assert place in ended.stdout
        sums.write_bytes(
            listed.replace(canonical.digest(content).encode(), canonical.digest(path.read_bytes()).encode())
        )
        again = verified(root, key, tmp_path)
        if path.name != "population.csv":
            assert again.returncode == 1, "the list of digests is not what vouches for the files"
    finally:
        path.write_bytes(content)
        sums.write_bytes(listed)


def test_aq_10_an_item_that_was_taken_out_is_missed(package: tuple[Path, str], tmp_path: Path) -> None:
    root, key = package
    path = root / "03-controls" / "IAM-01" / "population.csv"
    content = path.read_bytes()
    try:
        path.write_bytes(b"".join(content.splitlines(keepends=True)[:-1]))
        ended = verified(root, key, tmp_path)
        assert ended.returncode == 1
        assert "has other items than population.csv" in ended.stdout
    finally:
        path.write_bytes(content)


def test_building_it_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    first = written(tmp_path, making, reader, tmp_path / "one" / "package")
    second = written(tmp_path, making, reader, tmp_path / "two" / "package")
    assert (first / "SHA256SUMS").read_bytes() == (second / "SHA256SUMS").read_bytes()
    assert first.with_name("package.zip").read_bytes() == second.with_name("package.zip").read_bytes()


def test_a_view_of_one_date_says_so(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    day = span(START.date(), START.date(), "UTC", START + DAY, one_date=True)
    shelf = Memory()
    put_all(gather(reader, LocalStore(tmp_path / "evidence"), day, facts(making), shelf))
    assert b"Evidence of one date, for a Type I examination" in (shelf.get("00-cover/index.html") or b"")
    assert table(shelf.get("03-controls/IAM-01/results.csv"))


def test_browse_answers_for_reading_only_and_on_this_machine_only(tmp_path: Path) -> None:
    making, reader = whole_estate(tmp_path)
    shelf = Memory()
    put_all(gathered(tmp_path, making, reader, shelf))
    live = Pages(lambda _: False, lambda _: (shelf, 1))
    with Port(("127.0.0.1", 0), Served(live)) as port:

        def told(path: str, method: str = "GET", host: str = "127.0.0.1") -> tuple[int, str, bytes]:
            asked = HTTPConnection(*port.address, timeout=30)
            asked.request(method, path, headers={"Host": host})
            answer = asked.getresponse()
            return answer.status, answer.headers.get("Content-Type", ""), answer.read()

        # It answers before it has read anything, and says how far it is; nothing of it is taken for a page.
        live.said = "3 of 35 controls are worked out."
        status, kind, content = told("/00-cover/index.html")
        assert (status, kind) == (503, "text/html; charset=utf-8")
        assert b"3 of 35 controls are worked out." in content
        assert told("/03-controls/IAM-01/results.csv")[:2] == (503, "text/plain; charset=utf-8")
        live.refresh()
        status, kind, content = told("/00-cover/index.html")
        assert (status, kind) == (200, "text/html; charset=utf-8")
        assert b"In numbers" in content
        assert told("/03-controls/IAM-01/results.csv")[1] == "text/csv; charset=utf-8"
        assert told("/../evidence.keys/log.key")[0] == 404
        assert told("/00-cover/index.html", "POST")[0] == 501
        assert told("/00-cover/index.html", host="evil.example")[0] == 421
