"""A page is made whole or not at all: what leads nowhere is named, and no folder of others is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.answer import Answer
from collector.assess.outcomes import Outcome
from collector.errors import ArchiveError, UsageError
from collector.model import Cause, Gap, Origin, Verdict
from collector.package.report import write_report
from collector.records import LogSource

from . import estate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from collector.archive.reader import Reader
    from collector.package.facts import Facts

RULE = estate.rule("IAM-01", "A second factor", "Everyone has one.", [estate.USERS])


def refused(making: estate.Making, reader: Reader, folder: Path, words: str) -> None:
    making.commit()
    with pytest.raises(ArchiveError, match=words):
        write_report(reader, estate.RUN, folder / "out", estate.facts(making))
    assert not (folder / "out" / "index.html").exists()


def test_a_row_that_no_judged_evidence_has(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    estate.users(making, estate.STAGING, 3)
    lost = Outcome(item="ana", provider="aws", unit="1", outcome=Verdict.PASS, seen=None, because="so", rows=("beef",))
    making.judge("IAM-01", RULE, [lost], [1])
    refused(making, reader, tmp_path, "control IAM-01: the item ana stands on row beef")


def test_a_row_read_from_an_exchange_that_is_not_there(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    reading = estate.Reading(estate.TRAILS, estate.STAGING)
    origin = Origin("feed", 1, "trailList[0]")
    reading.records.append(LogSource(key="t", seen=[Answer({}, origin)], source="t"))
    making.add(reading)
    refused(making, reader, tmp_path, "aws.cloudtrail.trails of aws 222222222222: row .* from request feed page 1")


def test_a_row_read_from_an_exchange_without_body(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    reading = estate.Reading(estate.TRAILS, estate.STAGING)
    asked = making.ask(reading, "cloudtrail:DescribeTrails", None)
    origin = Origin(asked.request, 1, "trailList[0]")
    reading.records.append(LogSource(key="t", seen=[Answer({}, origin)], source="t"))
    making.add(reading)
    refused(making, reader, tmp_path, f"from request {asked.request} page 1, which has no body")


def test_an_answer_that_the_archive_does_not_hold(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    estate.failed_job(making)
    lost = canonical.digest(b'{"BackupJobs":[{"BackupJobId":"j1"}]}')
    making.dropped.add(lost)
    refused(making, reader, tmp_path, f"holds no content {lost}")


def test_a_gap_shown_by_a_request_that_is_not_there(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    making.add(
        estate.Reading(estate.TRAILS, estate.STAGING, gaps=[Gap(Cause.DENIED, "s3:GetBucketPolicy", "no", "feed")])
    )
    refused(making, reader, tmp_path, "a gap is shown by request feed")


def test_an_outcome_judged_on_a_leaf_that_is_no_evidence(tmp_path: Path) -> None:
    making, reader = estate.begin(tmp_path)
    making.judge("IAM-01", RULE, [], [0])
    refused(making, reader, tmp_path, "judged on leaf 0, which is no evidence")


def spoil_counts(leaf: dict[str, Any]) -> None:
    leaf["counts"]["pass"] += 1


def spoil_control(leaf: dict[str, Any]) -> None:
    leaf["control"] = "IAM-02"


def spoil_path(leaf: dict[str, Any]) -> None:
    leaf["control"] = "../../etc"


def spoil_shape(leaf: dict[str, Any]) -> None:
    del leaf["rule"]


def spoil_lines(leaf: dict[str, Any]) -> None:
    leaf["outcomes"]["count"] += 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_counts, "its leaf counts .* its outcomes document"),
        (spoil_control, "its rule is that of IAM-01"),
        (spoil_path, "cannot be the name of a file"),
        (spoil_shape, "leaf 2 cannot be shown"),
        (spoil_lines, "has 3 lines, but its leaf says 4"),
    ],
)
def test_an_outcome_leaf_that_says_other_than_its_document(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], None], words: str
) -> None:
    making, reader = estate.begin(tmp_path)
    reading = estate.users(making, estate.STAGING, 3)
    making.judge("IAM-01", RULE, estate.judged_users(reading), [1])
    spoil(making.leaves[1])
    refused(making, reader, tmp_path, words)


@pytest.mark.parametrize(("member", "value"), [("complete", True), ("gaps", {})])
def test_an_evidence_leaf_that_hides_its_gap(tmp_path: Path, member: str, value: object) -> None:
    making, reader = estate.begin(tmp_path)
    making.add(estate.Reading(estate.TRAILS, estate.STAGING, gaps=[Gap(Cause.DENIED, "s3:GetBucketPolicy", "no")]))
    making.leaves[0][member] = value
    refused(making, reader, tmp_path, "its leaf (says|counts)")


@pytest.mark.parametrize("text", ["SELECT 1", "/* id = */ SELECT 1", '/* id = "IAM-01" */ SELECT 1'])
def test_a_rule_whose_header_cannot_be_read(tmp_path: Path, text: str) -> None:
    making, reader = estate.begin(tmp_path)
    making.judge("IAM-01", text, [], [])
    refused(making, reader, tmp_path, "the rule of leaf 1, control IAM-01")


def test_a_run_the_archive_does_not_have(tmp_path: Path) -> None:
    making, reader = estate.whole_estate(tmp_path, 3)
    with pytest.raises(UsageError, match="no finished run nowhere"):
        write_report(reader, "nowhere", tmp_path / "out", estate.facts(making))


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[Reader, Facts]:
    making, reader = estate.whole_estate(tmp_path, 3)
    return reader, estate.facts(making)


@pytest.mark.parametrize("place", ["notes.txt", "index.html", "SHA256SUMS", f"answers/{'0' * 64}.json", "rules/x.sql"])
def test_a_folder_that_holds_something_else(tmp_path: Path, sealed: tuple[Reader, Facts], place: str) -> None:
    path = tmp_path / "out" / place
    path.parent.mkdir(parents=True)
    path.write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        write_report(sealed[0], estate.RUN, tmp_path / "out", sealed[1])
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [path]
    assert path.read_text() == "mine"


def test_a_folder_that_holds_the_same_report_and_a_stranger(tmp_path: Path, sealed: tuple[Reader, Facts]) -> None:
    write_report(sealed[0], estate.RUN, tmp_path / "out", sealed[1])
    (tmp_path / "out" / "answers" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"answers/notes\.txt"):
        write_report(sealed[0], estate.RUN, tmp_path / "out", sealed[1])


def test_a_file_or_a_link_in_place_of_the_folder(tmp_path: Path, sealed: tuple[Reader, Facts]) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(UsageError, match="is not a folder"):
            write_report(sealed[0], estate.RUN, tmp_path / name, sealed[1])


def test_a_report_cut_short_is_finished(tmp_path: Path, sealed: tuple[Reader, Facts]) -> None:
    path = write_report(sealed[0], estate.RUN, tmp_path / "out", sealed[1])
    whole = path.read_bytes()
    path.unlink()
    (tmp_path / "out" / "SHA256SUMS").unlink()
    assert write_report(sealed[0], estate.RUN, tmp_path / "out", sealed[1]).read_bytes() == whole
