"""AQ-12: what is recorded when the source says no, says nothing, or says less.

One evidence type and one call of it, GetAccountPasswordPolicy, of which the service itself says 404 where there is
none. `tests/test_false_passes.py` has the same for lists, pages and children: a broken answer is no empty one (19), a
failed second page (10), a denied child (02).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from tests.cli.oracle import Archive

if TYPE_CHECKING:
    from tests.cli.oracle import Oracle
    from tests.conftest import Estate, Program

SUMMARY, CALL = "aws.iam.account_summary", "iam:GetAccountPasswordPolicy"
MANAGEMENT, PROD, DATA = "management", "northwind-prod", "northwind-data"


@dataclass(frozen=True)
class Answered:
    """What is sealed of the call in one account, and what was judged from it."""

    complete: bool
    exchange: dict[str, Any]
    gaps: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    outcome: str


def answered(archive: Archive, account: str) -> Answered:
    (leaf,) = (one for one in trace.newest(archive.leaves, SUMMARY) if one.body["unit"] == account)
    sealed = trace.sealed(archive.reader, leaf, archive.leaves)
    (exchange,) = (one for one in sealed.exchanges if one["operation"] == CALL)
    rows = [row for row in trace.lines(archive.reader, leaf.body["records"]) if row["name"] == "password_policy"]
    judged = {one["item"]: one for one in archive.outcomes("IAM-02") if one["unit"] == account}
    told = judged.get("password policy") or judged[f"the whole of aws {account}"]
    return Answered(leaf.body["complete"], exchange, sealed.gaps, rows, told["outcome"])


def fault(estate: Estate, name: str, kind: str, **rule: Any) -> None:
    match = {"operation": "GetAccountPasswordPolicy", "account": estate.account(name)}
    estate.double.fault(kind, match=match, **rule)


def collected(collector: Program, estate: Estate, code: int) -> dict[str, Answered]:
    ended = collector("snapshot", "--only", SUMMARY)
    assert ended.code == code, ended.text
    assert all(rule["fired"] for rule in estate.double.faults()), "every fault was met"
    archive = Archive(collector.folder)
    return {name: answered(archive, account) for name, account in estate.manifest["accounts"].items()}


def assert_untold(one: Answered, cause: str, status: int | None, attempts: int) -> None:
    assert not one.complete
    (gap,) = one.gaps
    assert gap["cause"] in cause.split(" or ")
    assert CALL in gap["subject"]
    assert gap["detail"]
    assert (one.exchange["status"], one.exchange["attempts"]) == (status, attempts)
    assert one.exchange["request"] == gap["request"], "the gap leads to the exchange that shows it"
    assert one.rows == [], "what could not be read is no row that says there is none"
    assert one.outcome == "cannot_tell"


def test_aq_12_none_is_not_could_not_look(collector: Program, estate: Estate) -> None:
    fault(estate, MANAGEMENT, "deny")
    fault(estate, PROD, "not_found_html")
    found = collected(collector, estate, 1)
    assert_untold(found[MANAGEMENT], "denied", 403, 1)
    # A web page where XML was due: what the status says, and what botocore says of the body, are both true.
    assert_untold(found[PROD], "unavailable or truncated", 404, 1)
    # The same status, but in the service's own words: there is no policy, which is known, and wrong.
    proved = found[DATA]
    assert proved.complete
    assert proved.gaps == []
    assert (proved.exchange["status"], proved.exchange["error"]) == (404, "NoSuchEntity")
    assert [row["value"] for row in proved.rows] == ["absent"]
    assert proved.outcome == "deviation"


def test_aq_12_only_an_answer_that_came_in_the_end_can_pass_and_attempts_are_counted(
    collector: Program, estate: Estate
) -> None:
    fault(estate, MANAGEMENT, "throttle", times=1)
    fault(estate, PROD, "error500", times=1)
    fault(estate, DATA, "error500")
    found = collected(collector, estate, 1)
    for name in (MANAGEMENT, PROD):
        assert found[name].complete, name
        assert found[name].gaps == []
        assert (found[name].exchange["status"], found[name].exchange["attempts"]) == (200, 2)
        assert [row["value"] for row in found[name].rows] == ["present"]
        assert found[name].outcome == "pass"
    assert_untold(found[DATA], "unavailable", 500, 2)


def test_aq_12_silence_and_half_an_answer_are_gaps(collector: Program, estate: Estate) -> None:
    fault(estate, MANAGEMENT, "timeout", seconds=6)
    fault(estate, PROD, "truncate")
    fault(estate, DATA, "throttle")
    found = collected(collector, estate, 1)
    assert_untold(found[MANAGEMENT], "timeout", None, 2)
    assert found[MANAGEMENT].exchange["body"] is None, "nothing came, and nothing is kept in its name"
    assert_untold(found[PROD], "truncated", 200, 1)
    assert found[PROD].exchange["body"], "what did come is kept, to be seen"
    assert_untold(found[DATA], "throttled", 400, 2)


def test_aq_12_an_incomplete_answer_never_overwrites_a_complete_one(collector: Program, estate: Estate) -> None:
    scope = ("--scope", PROD)
    assert collector("snapshot", "--only", SUMMARY, *scope).code == 0
    whole = Archive(collector.folder)
    before = {path: path.read_bytes() for path in whole.path.rglob("*") if path.is_file()}
    fault(estate, PROD, "deny")
    assert collector("snapshot", "--only", SUMMARY, *scope).code == 1
    after = Archive(collector.folder)
    assert {path: path.read_bytes() for path in before} == before
    assert [body["complete"] for body in after.of_kind("evidence")] == [True, False]
    counts = [body["counts"] for body in after.of_kind("outcome") if body["control"] == "IAM-02"]
    assert [one["pass"] for one in counts] == [1, 0]


@pytest.mark.parametrize(
    ("evidence", "account", "operation"),
    [
        ("aws.secrets.rotation", DATA, "secretsmanager:ListSecrets"),
        ("aws.logs.retention", DATA, "logs:DescribeLogGroups"),
        ("aws.backup.jobs", MANAGEMENT, "backup:ListBackupJobs"),
    ],
)
def test_aq_12_an_empty_list_is_proved_by_every_region(
    oracle: Oracle, evidence: str, account: str, operation: str
) -> None:
    unit, archive = oracle.account(account), oracle.once
    (leaf,) = (one for one in trace.newest(archive.leaves, evidence) if one.body["unit"] == unit)
    assert leaf.body["complete"]
    assert leaf.body["records"]["count"] == 0
    sealed = trace.sealed(archive.reader, leaf, archive.leaves)
    asked = [one for one in sealed.exchanges if one["operation"] == operation]
    assert sorted(one["place"] for one in asked) == ["eu-central-1", "eu-west-1", "us-east-1"]
    assert {one["status"] for one in asked} == {200}
    for one in asked:
        assert b"[]" in archive.reader.content(one["body"]).replace(b" ", b""), "the list is there, and empty"
