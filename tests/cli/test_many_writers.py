"""More than one hand on an archive: two snapshots at once, and somebody who may put objects but has no key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from collector import trace
from collector.archive.keys import Keys
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.conftest import Ended, Program

CHEAP = ("--only", "aws.backup.jobs")


def intrude(program: Program, sequence: int) -> str:
    name = f"log/{sequence:012d}.seg"
    (program.folder / "evidence" / name).write_bytes(b"put by somebody else\n")
    return name


def assert_sound(program: Program, *says: str) -> None:
    found = program("verify")
    assert found.code == 0, found.text
    for part in says:
        assert part in found.text


def test_a_void_is_told_at_once_and_in_the_summary_and_sealed_as_a_finding(bare: Program) -> None:
    assert bare("snapshot", *CHEAP).code == 0
    name = intrude(bare, 3)
    told = bare("snapshot", *CHEAP)
    assert told.code == 1, told.text
    assert f"FINDING  {name}: is void, somebody without the collector's key put it there" in told.err.splitlines()[0]
    assert f"FINDING  {name}: is void" in told.out
    archive = Archive(bare.folder)
    (void,) = archive.of_kind("void")
    assert void["sequence"] == 3
    sealed = archive.of_kind("storage")[-1]["findings"]
    assert [line["object"] for line in trace.lines(archive.reader, sealed)] == [name]
    assert_sound(bare, f"Void: {name} is no segment of this log", "(1 void)")
    again = bare("snapshot", *CHEAP)
    assert (again.code, "FINDING" in again.text) == (0, False), "told once: the log keeps it"


def test_the_report_and_the_exports_of_an_archive_with_a_void(bare: Program) -> None:
    bare("init")
    intrude(bare, 1)
    assert bare("snapshot", *CHEAP).code == 1
    for arguments in (["report"], ["export", "--tiles", "tiles"], ["export", "--bagit", "bag"], ["export"]):
        done = bare(*arguments)
        assert done.code == 0, done.text


def both(program: Program) -> list[Ended]:
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: program("snapshot", *CHEAP), range(2)))


def test_two_snapshots_at_once_with_one_set_of_keys_are_both_sealed(bare: Program) -> None:
    bare("init")
    for ended in both(bare):
        assert ended.code == 0, ended.text
    archive = Archive(bare.folder)
    assert len({body["run"] for body in archive.of_kind("run")}) == 2
    assert [body["run"] for body in archive.of_kind("outcome")].count(archive.of_kind("run")[0]["run"]) > 0
    assert_sound(bare)


def test_two_first_snapshots_at_once_make_one_archive(bare: Program) -> None:
    """Whoever comes second to making keys or log either goes on with what is there or says so; nothing is half-made."""
    ended = both(bare)
    assert {one.code for one in ended} <= {0, 2, 3}, [one.text for one in ended]
    kept = sum(one.code == 0 for one in ended)
    assert kept >= 1, [one.text for one in ended]
    assert all("Traceback" not in one.text for one in ended)
    assert len(Archive(bare.folder).of_kind("run")) == kept
    Keys.load(bare.folder / "evidence.keys")
    assert_sound(bare)
