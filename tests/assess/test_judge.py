"""What is missing never looks like what is right."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from collector.assess.completeness import Evidence
from collector.assess.controls import parse_control
from collector.model import Cause, Gap, Scope, Total, Verdict
from collector.normalise import row_id, timestamp
from collector.records import BackupJob, Key
from tests.assess.sealed import CONTROLS, OTHER, UNIT, Sealed, ago
from tests.assess.test_controls import HEADER
from tests.assess.test_identity_rules import person

if TYPE_CHECKING:
    from collector.assess.controls import Control
    from collector.assess.outcomes import Outcome

DENIED = Gap(Cause.DENIED, "kms:GetKeyPolicy KeyId=k (eu-west-1)", "AccessDenied")
KEYS = "aws.kms.keys"
UNROTATED = Key(key="k", seen=(), key_id="k", manager="customer", state="enabled", rotation_supported=True)
JOBS = "aws.backup.jobs"
JOB = BackupJob(key="j", seen=(), job_id="j", resource_id="db", started_at=ago(days=2), state="success")
ROTATED = replace(UNROTATED, rotation_on=True, rotation_days=365, policy_open=False)


def by_item(outcomes: tuple[Outcome, ...], unit: str | None = UNIT) -> dict[str, Outcome]:
    return {one.item: one for one in outcomes if one.unit == unit and not one.item.startswith("part: ")}


def test_an_item_carries_the_rows_that_it_was_judged_by() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED])
    (assessment,) = sealed.judge(CONTROLS["IAM-18"])
    (one,) = by_item(assessment.outcomes).values()
    assert one.rows == (row_id(KEYS, Scope("aws", UNIT), "key", "k"),)
    assert (one.outcome, one.seen) == ("pass", "pass")
    assert assessment.leaves == (0,)
    assert assessment.parameters == {"days": 365}
    assert assessment.counts == {"pass": 1, "deviation": 0, "not_applicable": 0, "cannot_tell": 0}


def test_the_document_is_one_canonical_line_for_each_item() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED, replace(ROTATED, key="a", key_id="a", rotation_on=False)])
    (assessment,) = sealed.judge(CONTROLS["IAM-18"])
    lines = [json.loads(line) for line in assessment.document.splitlines()]
    assert [line["item"] for line in lines] == ["a", "k"]
    assert lines[0].keys() == {"item", "provider", "unit", "outcome", "seen", "because", "rows"}
    assert assessment.document == sealed.judge(CONTROLS["IAM-18"])[0].document
    (with_part,) = sealed.judge(CONTROLS["IAM-16"])
    parts = [json.loads(line) for line in with_part.document.splitlines()]
    (part,) = [one for one in parts if one["item"].startswith("part: ")]
    assert part["item"].startswith("part: stores that hold confidential data")
    assert (part["seen"], part["outcome"]) == (None, "cannot_tell")
    assert part["because"] == "needs records.data_inventory, which this rule does not read"


def test_a_scope_that_lacks_anything_passes_nothing_and_says_what_it_lacks() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED], gaps=(DENIED,))
    sealed.add(KEYS, [ROTATED], unit=OTHER)
    (assessment,) = sealed.judge(CONTROLS["IAM-18"])
    here, there = by_item(assessment.outcomes), by_item(assessment.outcomes, OTHER)
    assert there["k"].outcome == "pass"
    assert (here["k"].outcome, here["k"].seen) == ("cannot_tell", "pass")
    assert here["k"].because.startswith("incomplete evidence (aws.kms.keys denied); of what was read: ")
    whole = here[f"the whole of aws {UNIT}"]
    assert whole.outcome == "cannot_tell"
    assert "aws.kms.keys denied: kms:GetKeyPolicy KeyId=k (eu-west-1): AccessDenied" in whole.because


def test_a_deviation_that_was_seen_is_kept_beside_what_cannot_be_told() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [replace(ROTATED, rotation_on=False)], gaps=(DENIED,))
    found = by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes)
    assert (found["k"].outcome, found["k"].seen) == ("cannot_tell", "deviation")


def test_an_empty_answer_is_never_silent() -> None:
    sealed = Sealed()
    sealed.add(KEYS, gaps=(DENIED,))
    assert by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes).keys() == {f"the whole of aws {UNIT}"}


def test_a_total_that_does_not_tie_is_a_gap() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED], totals=(Total("keys listed = described", 5, 4), Total("fine", 1, 1)))
    whole = by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes)[f"the whole of aws {UNIT}"]
    assert "truncated: keys listed = described: 5 expected, 4 found" in whole.because
    assert "fine" not in whole.because


def test_many_gaps_are_counted_after_the_first() -> None:
    gaps = tuple(replace(DENIED, subject=f"key {number}") for number in range(50))
    sealed = Sealed()
    sealed.add(KEYS, gaps=gaps)
    whole = by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes)[f"the whole of aws {UNIT}"]
    assert "key 19" in whole.because
    assert "key 20" not in whole.because
    assert whole.because.endswith("and 30 more gaps in the snapshot of aws.kms.keys")


def test_a_type_that_was_not_collected_in_a_scope_is_missing_there() -> None:
    sealed = Sealed()
    sealed.add("aws.iam.credential_report", [person()])
    sealed.add("aws.sso.assignments")
    sealed.add(KEYS, unit=OTHER)
    (assessment,) = sealed.judge(CONTROLS["IAM-01"])
    assert by_item(assessment.outcomes)["arn:anna"].outcome == "pass"
    other = by_item(assessment.outcomes, OTHER)[f"the whole of aws {OTHER}"]
    assert other.because == "incomplete evidence: aws.iam.credential_report not collected"


def test_a_type_that_was_not_collected_at_all_is_missing_everywhere() -> None:
    sealed = Sealed()
    sealed.add("aws.iam.credential_report", [person()])
    (assessment,) = sealed.judge(CONTROLS["IAM-01"])
    found = by_item(assessment.outcomes)
    assert {one.outcome for one in found.values()} == {"cannot_tell"}
    assert "aws.sso.assignments not collected" in found["arn:anna"].because


def test_what_only_helps_has_no_parts_of_a_control() -> None:
    """The agent's own evidence is a scope of the run, and nothing of IAM-10 is to be looked for in it."""
    sealed = Sealed()
    sealed.add("aws.iam.credential_report", [person()])
    sealed.add("aws.secrets.rotation")
    sealed.add("agent.collection")
    (assessment,) = sealed.judge(CONTROLS["IAM-10"])
    parts = {(one.provider, one.unit) for one in assessment.outcomes if one.item.startswith("part: ")}
    assert parts == {("aws", UNIT)}
    assert {one.provider for one in assessment.outcomes} == {"aws"}


def test_what_the_whole_estate_lacks_every_scope_lacks() -> None:
    sealed = Sealed()
    sealed.add("aws.sso.assignments", gaps=(DENIED,))
    for unit in (UNIT, OTHER):
        sealed.add("aws.iam.credential_report", [person()], unit=unit)
    (assessment,) = sealed.judge(CONTROLS["IAM-01"])
    assert by_item(assessment.outcomes, OTHER)["arn:anna"].outcome == "cannot_tell"


def test_a_provider_out_of_reach_is_an_item() -> None:
    gap = Gap(Cause.DEFECT, "the connector aws", "cannot be imported")
    other = Gap(Cause.DEFECT, "the connector github", "cannot be imported")
    (assessment,) = Sealed().judge(CONTROLS["IAM-18"], unreachable=[("aws", gap), ("github", other)])
    (one,) = assessment.outcomes
    assert (one.item, one.provider, one.unit) == ("the whole of aws", "aws", None)
    assert one.outcome == "cannot_tell"
    assert one.because == "nothing could be read: defect: the connector aws: cannot be imported"


def test_a_rule_sees_only_the_evidence_types_that_its_header_names() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED])
    sealed.add("aws.other.keys", [replace(ROTATED, key="x", key_id="x")])
    assert by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes).keys() == {"k"}


def test_false_pass_04_no_finding_for_a_requirement_is_never_a_pass() -> None:
    for nothing in Sealed().judge(*CONTROLS.values()):
        assert nothing.empty or {one.outcome for one in nothing.outcomes} == {"cannot_tell"}
        assert nothing.counts[Verdict.PASS] == nothing.counts[Verdict.DEVIATION] == 0
    bare = replace(CONTROLS["IAM-18"], header=parse_control(HEADER, domain="d", where="w").header)
    sealed = Sealed()
    sealed.add("p.t")
    (nothing,) = sealed.judge(bare)
    assert nothing.empty
    assert nothing.counts[Verdict.PASS] == 0
    assert nothing.document == b""


def rule(query: str) -> Control:
    return parse_control(HEADER.replace("SELECT 1;", query), domain="d", where="x.sql")


ANSWER = (
    "SELECT 'p' AS provider, '1' AS scope_unit, {item} AS item, {word} AS outcome, {why} AS because, {rows} AS rows"
)
FINE = {"item": "'i'", "word": "'pass'", "why": "'w'", "rows": "['r']"}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (ANSWER.format(**FINE | {"word": "'ok'"}), "says 'ok' of 'i'"),
        (ANSWER.format(**FINE | {"word": "NULL"}), "says None of 'i'"),
        (ANSWER.format(**FINE | {"item": "NULL"}), "empty"),
        (ANSWER.format(**FINE | {"item": "''"}), "empty"),
        (ANSWER.format(**FINE | {"why": "NULL"}), "empty"),
        (ANSWER.format(**FINE | {"rows": "NULL"}), "not a list of row_ids"),
        (ANSWER.format(**FINE | {"rows": "[NULL]"}), "not a list of row_ids"),
        (ANSWER.format(**FINE).replace("'1'", "'2'"), "not among the scopes"),
        (ANSWER.format(**FINE).replace("'p'", "'q'"), "not among the scopes"),
        (ANSWER.format(**FINE) + " UNION ALL " + ANSWER.format(**FINE), "more than once"),
        ("SELECT 1 AS provider", "must return provider, scope_unit, item, outcome, because, rows"),
        ("SELECT * FROM nothing_of_this_name", "nothing_of_this_name"),
        ("SELECT 1 / error('stop')", "stop"),
        ("SELECT * FROM read_text('/etc/hostname')", "disabled"),
    ],
)
def test_a_rule_that_gives_no_usable_answer_cannot_tell(query: str, said: str) -> None:
    sealed = Sealed()
    sealed.add("p.t", unit="1")
    (assessment,) = sealed.judge(rule(query))
    (one,) = assessment.outcomes
    assert (one.item, one.provider, one.unit, one.outcome) == ("the rule itself", None, None, "cannot_tell")
    assert one.because.startswith("defect: ")
    assert said in one.because


def test_one_bad_rule_does_not_disturb_the_next() -> None:
    sealed = Sealed()
    sealed.add("p.t", unit="1")
    sealed.add(KEYS, [ROTATED])
    bad, good = sealed.judge(rule("SELECT error('stop')"), CONTROLS["IAM-18"])
    assert bad.counts["cannot_tell"] == 1  # type: ignore[index]  # a Verdict is its word
    assert by_item(good.outcomes)["k"].outcome == "pass"


def test_the_parameters_of_one_control_do_not_reach_the_next() -> None:
    header = HEADER.replace("*/", '[parameters.days]\ndefault = 1\nunit = ""\nmeaning = ""\n*/')
    first = parse_control(
        header.replace("SELECT 1;", ANSWER.format(**FINE | {"why": "getvariable('days')::VARCHAR"})),
        domain="d",
        where="w",
    )
    then = rule(ANSWER.format(**FINE | {"why": "coalesce(getvariable('da' || 'ys')::VARCHAR, 'unset')"}))
    sealed = Sealed()
    sealed.add("p.t", unit="1")
    assert [one.outcomes[0].because for one in sealed.judge(first, then)] == ["1", "unset"]


def test_what_the_source_gave_twice_is_one_item_that_cannot_be_told() -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED, replace(ROTATED, rotation_on=False)])
    sealed.add(KEYS, [ROTATED], unit=OTHER)
    (assessment,) = sealed.judge(CONTROLS["IAM-18"])
    one = by_item(assessment.outcomes)["k"]
    assert (one.outcome, one.seen) == ("cannot_tell", "cannot_tell")
    assert " / Rotation is off." in one.because
    assert by_item(assessment.outcomes, OTHER)["k"].outcome == "pass"


def test_two_snapshots_of_the_same_thing_are_the_callers_mistake() -> None:
    sealed = Sealed()
    sealed.add(KEYS)
    sealed.add(KEYS)
    with pytest.raises(ValueError, match=r"two snapshots of aws\.kms\.keys"):
        sealed.judge(CONTROLS["IAM-18"])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"table":"starship","row_id":"r","source_id":"s"}\n', "rows of a table 'starship'"),
        (b'{"table":"key","row_id":"r","source_id":"s","key_id":"k","rotation_on":"yes"}\n', "not as its type says"),
        (b'{"table":"key","row_id":"r","source_id":"s"}\n', "not as its type says"),
        (b"nonsense\n", "not as its type says"),
    ],
)
def test_rows_that_cannot_be_loaded_are_a_gap_of_their_snapshot(line: bytes, said: str) -> None:
    sealed = Sealed()
    sealed.add(KEYS, [ROTATED], lines=[line])
    sealed.add(KEYS, [ROTATED], unit=OTHER)
    (assessment,) = sealed.judge(CONTROLS["IAM-18"])
    whole = by_item(assessment.outcomes)[f"the whole of aws {UNIT}"]
    assert "aws.kms.keys defect" in whole.because
    assert said in whole.because
    assert by_item(assessment.outcomes, OTHER)["k"].outcome == "pass"


def test_a_column_that_an_older_document_lacks_is_not_known() -> None:
    older = b'{"key_id":"k","manager":"customer","row_id":"r","source_id":"k","state":"enabled","table":"key"}\n'
    sealed = Sealed()
    sealed.add(KEYS, lines=[older])
    assert by_item(sealed.judge(CONTROLS["IAM-18"])[0].outcomes)["k"].outcome == "cannot_tell"


def test_a_stretch_that_is_lost_is_an_item_that_cannot_be_told_and_clouds_no_other() -> None:
    sealed, control = Sealed(), CONTROLS["BCP-02"]
    sealed.add(JOBS, [JOB])
    sealed.fill(control, [UNIT, OTHER])
    (whole,) = sealed.judge(control)
    (before,) = (one for one in sealed.evidence if one.type == JOBS and one.scope[1] == UNIT)
    continuing = Evidence(before.index, {**before.body, "continues": timestamp(ago(days=40))})
    sealed.evidence[before.index] = continuing
    (assessment,) = sealed.judge(control)
    (lost,) = set(assessment.outcomes) - set(whole.outcomes)
    assert lost.item == f"lost: {JOBS} from {timestamp(ago(days=40))} to {timestamp(ago(days=30))}"
    assert (lost.unit, lost.outcome, lost.seen) == (UNIT, "cannot_tell", None)
    assert set(whole.outcomes) < set(assessment.outcomes), "what was read is judged as it is"
    assert by_item(assessment.outcomes)["job j"].outcome == "pass"
    sealed.evidence[before.index] = Evidence(before.index, {**before.body, "continues": timestamp(ago(days=30))})
    assert sealed.judge(control)[0].outcomes == whole.outcomes, "windows that touch have lost nothing"
