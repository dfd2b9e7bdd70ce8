"""LOG-09: configuration is watched in every unit, and what does not keep a rule is mended in time, on every cloud."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model import Cause, Gap
from collector.records import Asset, Finding, LogSource
from tests.assess.sealed import CONTROLS, OTHER, UNIT, Sealed, ago, judged, verdicts

RECORDERS = {"aws": "aws.config.recorder", "gcp": "gcp.asset.inventory"}
FINDINGS = {"aws": "aws.config.compliance", "gcp": "gcp.scc.findings", "azure": "azure.policy.states"}
ASSETS = "azure.resources.inventory"
WHOLE = "configuration of the unit"


def recorder(name: str = "recorder", **changed: Any) -> LogSource:
    healthy: dict[str, Any] = {
        "key": name,
        "seen": (),
        "source": name,
        "kind": "configuration_history",
        "enabled": True,
        "covers": "region",
        "events": ("*",),
    }
    return LogSource(**healthy | changed)


def failure(**changed: Any) -> Finding:
    wrong: dict[str, Any] = {
        "key": "f1",
        "seen": (),
        "finding_id": "f1",
        "asset_id": "bucket",
        "rule": "no public buckets",
        "severity": "high",
        "status": "open",
        "first_seen_at": ago(days=10),
    }
    return Finding(**wrong | changed)


def asset(name: str = "a1") -> Asset:
    return Asset(key=name, seen=(), asset_id=name)


@pytest.mark.parametrize("cloud", RECORDERS)
def test_log_09_each_recorder_is_judged(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "pass"),
        ({"events": ("*", "NOT AWS::IAM::User")}, "pass"),
        ({"events": ("AWS::S3::Bucket",)}, "cannot_tell"),
        ({"events": ()}, "cannot_tell"),
        ({"events": None}, "cannot_tell"),
        ({"enabled": False}, "deviation"),
        ({"enabled": False, "events": None}, "deviation"),
        ({"enabled": None}, "cannot_tell"),
        ({"kind": None}, "cannot_tell"),
    ]
    rows = [recorder(f"recorder {n}", **changed) for n, (changed, _) in enumerate(cases)]
    assert verdicts("LOG-09", {RECORDERS[cloud]: rows}) == {
        f"recorder {n}": outcome for n, (_, outcome) in enumerate(cases)
    }


def test_log_09_a_recorder_in_one_region_does_not_watch_another() -> None:
    found = verdicts("LOG-09", {RECORDERS["aws"]: [recorder("here"), recorder("there", enabled=False)]})
    assert found == {"here": "pass", "there": "deviation"}


def test_log_09_what_a_recorder_leaves_out_is_told() -> None:
    found = judged("LOG-09", {RECORDERS["aws"]: [recorder(events=("*", "NOT A", "NOT B"))]})
    assert found["recorder"][1] == "It is on, for every kind of resource, but NOT A, NOT B."
    assert judged("LOG-09", {RECORDERS["aws"]: [recorder()]})["recorder"][1].endswith("for every kind of resource.")


@pytest.mark.parametrize(
    ("states", "assets", "outcome"), [(2, 3, "pass"), (1, 0, "pass"), (0, 3, "deviation"), (0, 0, "cannot_tell")]
)
def test_log_09_without_a_recorder_rules_that_are_evaluated_are_what_watches(
    states: int, assets: int, outcome: str
) -> None:
    kept = [
        Finding(key=f"s{n}", seen=(), finding_id=f"s{n}", status="closed", last_seen_at=ago(hours=n + 1))
        for n in range(states)
    ]
    rows: dict[str, list[Any]] = {FINDINGS["azure"]: kept, ASSETS: [asset(f"a{n}") for n in range(assets)]}
    found = judged("LOG-09", rows)
    assert {item: verdict for item, (verdict, _) in found.items()} == {WHOLE: outcome}
    if states == 2:
        assert "2 states are known, the newest of 2026-11-20 05:00" in found[WHOLE][1]


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [(ago(days=7), "pass"), (ago(days=7, hours=0.01), "cannot_tell"), (None, "cannot_tell")],
)
def test_log_09_rules_that_were_evaluated_long_ago_show_nothing_of_today(seen: Any, outcome: str) -> None:
    kept = Finding(key="s", seen=(), finding_id="s", status="closed", last_seen_at=seen)
    assert verdicts("LOG-09", {FINDINGS["azure"]: [kept]}) == {WHOLE: outcome}


@pytest.mark.parametrize("control", ["aws", "gcp"])
def test_log_09_a_unit_in_which_nothing_was_found_at_all_is_no_pass(control: str) -> None:
    assert verdicts("LOG-09", {RECORDERS[control]: []}) == {WHOLE: "cannot_tell"}


@pytest.mark.parametrize("cloud", FINDINGS)
def test_log_09_failures(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str | None]] = [
        ({}, "pass"),
        ({"first_seen_at": ago(days=30)}, "pass"),
        ({"first_seen_at": ago(days=30, hours=0.01)}, "deviation"),
        ({"first_seen_at": ago(days=90), "severity": "CRITICAL"}, "deviation"),
        ({"first_seen_at": ago(days=90), "severity": "medium"}, "not_applicable"),
        ({"first_seen_at": ago(days=90), "severity": None}, "cannot_tell"),
        ({"first_seen_at": None}, "cannot_tell"),
        ({"status": None}, "cannot_tell"),
        ({"status": "not_applicable", "severity": None, "first_seen_at": None}, "not_applicable"),
        ({"status": "closed", "first_seen_at": ago(days=60), "closed_at": ago(days=30)}, "pass"),
        ({"status": "closed", "first_seen_at": ago(days=60), "closed_at": ago(days=29)}, "deviation"),
        ({"status": "closed", "closed_at": None}, "cannot_tell"),
        ({"status": "closed", "first_seen_at": None, "closed_at": ago(days=1)}, "cannot_tell"),
        # A rule that is kept, and of which nothing says that it ever was not.
        ({"status": "closed", "severity": None, "first_seen_at": None}, None),
    ]
    rows = [failure(key=f"f{n}", finding_id=f"f{n}", **changed) for n, (changed, _) in enumerate(cases)]
    found = verdicts("LOG-09", {FINDINGS[cloud]: rows})
    assert [found.get(f"finding f{n}") for n in range(len(cases))] == [outcome for _, outcome in cases]


def test_log_09_the_limit_is_the_companys_own() -> None:
    rows = {FINDINGS["gcp"]: [failure()]}
    assert verdicts("LOG-09", rows, {"days": 9})["finding f1"] == "deviation"
    assert verdicts("LOG-09", rows, {"days": 10})["finding f1"] == "pass"


@pytest.mark.parametrize(
    ("lacking", "others"),
    [
        (RECORDERS["aws"], {}),
        (FINDINGS["gcp"], {RECORDERS["gcp"]: [recorder()]}),
        (ASSETS, {FINDINGS["azure"]: [failure(status="closed", last_seen_at=ago(hours=1))]}),
    ],
)
def test_log_09_what_could_not_be_read_passes_nothing_in_its_unit(lacking: str, others: dict[str, list[Any]]) -> None:
    sealed = Sealed()
    rows = [recorder()] if lacking in RECORDERS.values() else []
    sealed.add(lacking, rows, gaps=(Gap(Cause.DENIED, "the call", "HTTP 403"),))
    for name, some in others.items():
        sealed.add(name, some)
        sealed.add(name, some, unit=OTHER)
    sealed.fill(CONTROLS["LOG-09"], (UNIT, OTHER))
    (assessment,) = sealed.judge(CONTROLS["LOG-09"])
    assert {one.outcome for one in assessment.outcomes if one.unit == UNIT} == {"cannot_tell"}
    if others:
        assert "pass" in {one.outcome for one in assessment.outcomes if one.unit == OTHER}


def test_log_09_a_rule_without_a_result_is_no_failure_and_no_sign_that_somebody_looks() -> None:
    idle = {"severity": None, "first_seen_at": None, "asset_id": None, "status": "not_evaluated"}
    rows = [
        failure(key="run", finding_id="run", last_seen_at=ago(days=1), **idle),
        failure(key="never", finding_id="never", **idle),
    ]
    found = judged("LOG-09", {FINDINGS["aws"]: rows, RECORDERS["aws"]: [recorder()]})
    assert {item: verdict.value for item, (verdict, _) in found.items()} == {
        "finding run": "not_applicable",
        "finding never": "cannot_tell",
        "recorder": "pass",
    }
    assert verdicts("LOG-09", {FINDINGS["azure"]: rows[:1]})[WHOLE] == "cannot_tell"
