"""`collector snapshot`: what a newcomer sees, and that nothing is half-made when it cannot start."""

from __future__ import annotations

import errno
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.cli.oracle import Oracle
    from tests.conftest import Ended, Estate, Program

CHEAP = ("--only", "aws.backup.jobs")


def left(program: Program) -> set[str]:
    return {path.relative_to(program.folder).as_posix() for path in program.folder.rglob("*")}


def assert_refused(program: Program, ended: Ended, *says: str) -> None:
    """Exit code 2, one sentence, and nothing on disk that was not there before."""
    assert ended.code == 2, ended.text
    assert ended.out == ""
    (sentence,) = ended.err.splitlines()
    for part in says:
        assert part in sentence
    assert not left(program) & {"evidence", "evidence.keys"}, left(program)


def test_without_a_configuration_it_collects_the_account_it_is_signed_in_to(bare: Program, estate: Estate) -> None:
    ended = bare("snapshot", *CHEAP)
    assert ended.code == 0, ended.text
    archive = Archive(bare.folder)
    (body,) = archive.of_kind("evidence")
    assert body["unit"] == estate.account("management")
    assert {path.name for path in bare.folder.iterdir()} == {"evidence", "evidence.keys"}
    made, progress = ended.err.splitlines()
    assert made.startswith("made a new archive in evidence, and its keys in evidence.keys")
    assert progress == f"aws.backup.jobs  {estate.account('management')}  0 records  complete"
    assert "\x1b" not in ended.text, "plain lines where there is no terminal"
    lines = ended.out.splitlines()
    assert lines[0].split("\t") == ["evidence type", "scopes", "records", "requests", "state"]
    assert lines[1].split("\t")[::4] == ["aws.backup.jobs", "complete"]
    (stored,) = (line for line in lines if line.startswith("stored "))
    counts = r"\d+ new contents, \d+ were there already; \d+ gets, \d+ lists"
    assert re.fullmatch(rf"stored [\d,]+ bytes in \d+ puts: {counts}, [\d,]+ bytes read back", stored)
    assert "a month" not in ended.out, "a directory has no price"
    assert re.fullmatch(r"run \S+: 1 of 1 snapshots complete; \d+ deviations; \d+ items that cannot be told", lines[-1])


def test_an_account_that_nobody_decided_about_makes_it_incomplete_and_it_says_why(bare: Program) -> None:
    """Exit code 1 must never be a riddle: here a total does not tie, and no call has failed."""
    ended = bare("snapshot", "--only", "aws.org.accounts")
    assert ended.code == 1, ended.text
    assert "INCOMPLETE in 1 of 1" in ended.out
    assert "active accounts = collected + excluded with a reason\t3\t1" in ended.out


def test_a_pattern_chooses_and_a_scope_narrows(collector: Program, estate: Estate) -> None:
    ended = collector("snapshot", "--only", "aws.backup.*", "--scope", "northwind-data")
    assert ended.code == 0, ended.text
    found = {(body["type"], body["unit"]) for body in Archive(collector.folder).of_kind("evidence")}
    assert found == {(name, estate.account("northwind-data")) for name in ("aws.backup.jobs", "aws.backup.plans")}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--only", "aws.nothing"), ("--only aws.nothing", "`collector evidence` lists them")),
        (("--only", "aws.iam.*", "--only", "azure.*"), ("--only azure.*",)),
        (("--scope", "123"), ("--scope 123", "123456789012")),
        (("--config", "nowhere.toml"), ("nowhere.toml", "`collector init` writes one")),
    ],
)
def test_an_argument_that_names_nothing_is_bad_input(
    bare: Program, arguments: tuple[str, ...], says: tuple[str, ...]
) -> None:
    assert_refused(bare, bare("snapshot", *arguments), *says)


def test_an_unknown_option_is_bad_input(bare: Program) -> None:
    ended = bare("snapshot", "--olny", "aws.iam.*")
    assert ended.code == 2
    assert "--only" in ended.err
    assert left(bare) == set()


def test_a_dry_run_shows_every_call_and_makes_nothing(collector: Program, estate: Estate) -> None:
    before = left(collector)
    ended = collector("snapshot", "--dry-run")
    assert ended.code == 0, ended.text
    head, *rows = [line.split("\t") for line in ended.out.splitlines()]
    assert head == ["evidence type", "scope", "name", "window", "calls"]
    assert len(rows) == 68
    assert {row[1] for row in rows} == set(estate.manifest["accounts"].values())
    windows = {row[0]: row[3] for row in rows}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d", windows["aws.backup.jobs"])
    assert windows["aws.kms.keys"] == ""
    assert left(collector) == before
    asked = {f"{one['service']}:{one['operation']}" for one in estate.double.requests()}
    assert asked == {"sts:GetCallerIdentity", "organizations:ListAccounts"}


def test_no_credentials(bare: Program) -> None:
    none = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert_refused(bare, bare("snapshot", **none), "no AWS credentials found", "AWS_PROFILE")


@pytest.mark.parametrize(("fault", "says"), [("expired", "ExpiredToken"), ("deny", "AccessDenied")])
def test_credentials_that_do_not_work(bare: Program, estate: Estate, fault: str, says: str) -> None:
    estate.double.fault(fault, match={"operation": "GetCallerIdentity"})
    assert_refused(bare, bare("snapshot"), "AWS did not accept the credentials", says)


def test_a_place_where_nobody_answers(bare: Program) -> None:
    (bare.folder / "collector.toml").write_text("[aws]\ntimeout_seconds = 1\nattempts = 1\n")
    ended = bare("snapshot", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1")
    assert_refused(bare, ended, "AWS could not be asked who we are")


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("[collect]\nthread = 4\n", ("unknown key 'thread'", "did you mean 'threads'?")),
        ("[awss]\nrole = 'x'\n", ("unknown key 'awss'", "did you mean 'aws'?")),
        ("[aws]\nrole_name = 'x'\n", ("unknown key 'role_name'", "role")),
        ("[collect]\nthreads = 0\n", ("1 to 256",)),
        ("[collect]\nthreads = 'many'\n", ("int", "threads")),
        ("[archive]\npath = 3\n", ("str", "path")),
        ("[controls.IAM-10]\nmax_aeg = 3\n", ("IAM-10", "max_aeg", "max_age")),
        ("[controls.IAM-99]\nx = 3\n", ("IAM-99",)),
        ("[collect\n", ("TOML",)),
    ],
)
def test_a_configuration_with_a_mistake(bare: Program, written: str, says: tuple[str, ...]) -> None:
    (bare.folder / "collector.toml").write_text(written)
    assert_refused(bare, bare("snapshot"), *says)


def test_a_file_in_the_place_of_the_archive(bare: Program) -> None:
    (bare.folder / "evidence").write_text("mine")
    ended = bare("snapshot", *CHEAP)
    assert ended.code == 2, ended.text
    (sentence,) = ended.err.splitlines()
    assert "evidence" in sentence
    assert left(bare) == {"evidence"}
    assert (bare.folder / "evidence").read_text() == "mine"


def test_a_place_below_a_file(bare: Program) -> None:
    (bare.folder / "mine").write_text("mine")
    ended = bare("snapshot", *CHEAP, "--archive", "mine/evidence")
    assert ended.code == 2, ended.text
    (sentence,) = ended.err.splitlines()
    assert "mine" in sentence
    assert left(bare) == {"mine"}


def test_keys_that_others_can_read(bare: Program, estate: Estate) -> None:
    assert bare("init").code == 0
    before = {name: (bare.folder / name).stat().st_mtime_ns for name in left(bare)}
    key = bare.folder / "evidence.keys" / "log.key"
    key.chmod(0o644)
    ended = bare("snapshot", *CHEAP)
    assert ended.code == 2, ended.text
    (sentence,) = ended.err.splitlines()
    assert "open to other users" in sentence
    assert "chmod 600" in sentence
    assert left(bare) == before.keys()
    assert "ListBackupJobs" not in {one["operation"] for one in estate.double.requests()}, "nothing was read"


def test_an_archive_without_its_keys(bare: Program) -> None:
    assert bare("init").code == 0
    (bare.folder / "evidence.keys").rename(bare.folder / "elsewhere")
    ended = bare("snapshot", *CHEAP)
    assert ended.code == 2, ended.text
    assert "evidence.keys" in ended.err
    assert not (bare.folder / "evidence.keys").exists(), "new keys for an old archive would fork it"


def test_a_configured_secret_is_not_sealed_with_the_configuration(collector: Program) -> None:
    """The id that outsiders must not know is shared between two parties, as in a role's trust policy."""
    file = collector.folder / "collector.toml"
    file.write_text(file.read_text() + 'external_id = "between-us-4712"\n')
    assert collector("snapshot", *CHEAP).code == 0
    archive = Archive(collector.folder)
    (run,) = archive.of_kind("run")
    kept = archive.reader.content(run["configuration"]["sha256"])
    assert b'"role":"EvidenceCollector"' in kept
    assert b"between-us-4712" not in kept


def test_a_live_bar_and_tables_where_there_is_a_terminal(bare: Program) -> None:
    shown = on_a_terminal(bare, "snapshot", *CHEAP, "--only", "aws.logs.retention")
    assert "\x1b[" in shown, "the bar redraws itself"
    assert "0/2" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    after = plain.rpartition("Evidence\r\n")[2]
    assert re.search(r"aws\.backup\.jobs +1 +0 +\d+ +complete", after), plain
    assert "\t" not in after, "a table is drawn, not tab-separated"
    assert "Controls" in after
    assert "2 of 2 snapshots complete" in after
    assert "0 records  complete" not in plain, "what went well needs no line of its own"


def on_a_terminal(program: Program, *arguments: str) -> str:
    """What a person sees."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, **program.environment, "TERM": "xterm-256color", "COLUMNS": "160"}
    for name in ("NO_COLOR", "CI", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    process = subprocess.Popen(  # noqa: S603 - this interpreter, and arguments from this file
        [sys.executable, "-m", "collector", *arguments],
        cwd=program.folder,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    with process:
        try:
            while part := os.read(ours, 4096):
                seen += part
        except OSError as error:
            if error.errno != errno.EIO:  # how Linux says that the other end is gone
                raise
        finally:
            os.close(ours)
    assert process.returncode == 0, seen.decode()
    return seen.decode()


def test_every_answer_of_the_whole_collection_is_in_the_closing_tables(oracle: Oracle) -> None:
    rows = [line.split("\t") for line in oracle.first.out.splitlines()]
    listed = {row[0]: row for row in rows if row[0].startswith("aws.")}
    bodies = oracle.once.of_kind("evidence")
    assert listed.keys() == {body["type"] for body in bodies}
    for name, row in listed.items():
        of_type = [body for body in bodies if body["type"] == name]
        records, exchanges = (str(sum(body[part]["count"] for body in of_type)) for part in ("records", "exchanges"))
        assert row == [name, str(len(of_type)), records, exchanges, "complete"]
    for body in oracle.once.of_kind("outcome"):
        (row,) = (row for row in rows if row[0] == body["control"])
        assert [int(cell) for cell in row[2:]] == [
            body["counts"][verdict] for verdict in ("pass", "deviation", "not_applicable", "cannot_tell")
        ]
