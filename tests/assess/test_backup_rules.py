from __future__ import annotations

from typing import Any

import pytest

from collector.records import BackupJob, BackupPlan
from tests.assess.sealed import ago, judged, verdicts

PLANS = "aws.backup.plans"
JOBS = "aws.backup.jobs"


def way(key: str = "way", **changed: Any) -> BackupPlan:
    healthy: dict[str, Any] = {
        "key": key,
        "seen": (),
        "resource_id": "db",
        "source": "plan daily",
        "frequency_hours": 24,
        "retention_days": 35,
        "keeps_forever": False,
    }
    return BackupPlan(**healthy | changed)


NO_WAY: dict[str, Any] = {"source": None, "frequency_hours": None, "retention_days": None, "keeps_forever": None}


@pytest.mark.parametrize(
    ("ways", "outcome"),
    [
        ([way()], "pass"),
        ([way(retention_days=7)], "deviation"),
        ([way(frequency_hours=168)], "deviation"),
        ([way(frequency_hours=None)], "cannot_tell"),
        ([way(retention_days=None, keeps_forever=None)], "cannot_tell"),
        ([way(retention_days=None, keeps_forever=True)], "pass"),
        ([way(frequency_hours=None, pitr=True)], "pass"),
        ([way(**NO_WAY)], "deviation"),
        ([way(**NO_WAY | {"source": "unknown"})], "cannot_tell"),
        ([way(**NO_WAY | {"environment": "dev"})], "not_applicable"),
        ([way(retention_days=7), way("weekly", frequency_hours=168)], "deviation"),
        ([way(retention_days=7), way("other")], "pass"),
        ([way(retention_days=7, frequency_hours=None)], "deviation"),
    ],
)
def test_bcp_01(ways: list[BackupPlan], outcome: str) -> None:
    assert verdicts("BCP-01", {PLANS: ways}) == {"db": outcome}


def test_bcp_01_parameters_are_the_companys_own() -> None:
    weekly = {PLANS: [way(frequency_hours=168, retention_days=7)]}
    assert verdicts("BCP-01", weekly, {"recovery_point_hours": 168, "days": 7}) == {"db": "pass"}
    assert verdicts("BCP-01", {PLANS: [way(**NO_WAY)]}, {"rebuildable": ["db"]}) == {"db": "not_applicable"}


def job(name: str, **changed: Any) -> BackupJob:
    healthy: dict[str, Any] = {
        "key": name,
        "seen": (),
        "job_id": name,
        "resource_id": "db",
        "started_at": ago(days=10),
        "state": "success",
    }
    return BackupJob(**healthy | changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"state": "issues"}, "deviation"),
        ({"state": "failed"}, "deviation"),
        ({"state": "aborted"}, "deviation"),
        ({"state": "running"}, "cannot_tell"),
        ({"state": None}, "cannot_tell"),
        ({"state": "sleeping"}, "cannot_tell"),
        ({"state": "failed", "started_at": ago(hours=3)}, "cannot_tell"),
        ({"state": "failed", "started_at": None}, "cannot_tell"),
        ({"state": "failed", "resource_id": None}, "cannot_tell"),
    ],
)
def test_bcp_02_jobs(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("BCP-02", {JOBS: [job("it", **changed)]})["job it"] == outcome


@pytest.mark.parametrize(
    ("later", "outcome"),
    [
        ({"started_at": ago(days=9, hours=1)}, "pass"),
        ({"started_at": ago(days=8, hours=23)}, "deviation"),
        ({"started_at": ago(days=11)}, "deviation"),
        ({"started_at": ago(days=9, hours=1), "resource_id": "another"}, "deviation"),
        ({"started_at": ago(days=9, hours=1), "state": "failed"}, "deviation"),
    ],
)
def test_bcp_02_a_failure_that_was_run_again(later: dict[str, Any], outcome: str) -> None:
    jobs = [job("it", state="failed"), job("later", **later)]
    assert verdicts("BCP-02", {JOBS: jobs})["job it"] == outcome


@pytest.mark.parametrize(("hours", "outcome"), [(6, "pass"), (17, "pass"), (19, "deviation"), (24, "deviation")])
def test_bcp_02_the_next_slots_own_backup_is_no_second_run(hours: int, outcome: str) -> None:
    jobs = [job("it", state="failed"), job("later", started_at=ago(days=10, hours=-hours))]
    assert verdicts("BCP-02", {JOBS: jobs, PLANS: [way()]})["job it"] == outcome


def every_day(*, but: int | None = None, first: int = 29) -> list[BackupJob]:
    return [job(f"day {day}", started_at=ago(days=day)) for day in range(first, 0, -1) if day != but]


def test_bcp_02_slots_that_tie_out() -> None:
    found = verdicts("BCP-02", {JOBS: every_day(), PLANS: [way()]})
    assert set(found.values()) == {"pass"}
    assert found["slots of db"] == found["success rate of the window"] == "pass"
    younger = verdicts("BCP-02", {JOBS: every_day(first=5), PLANS: [way()]})
    assert younger["slots of db"] == "pass"


def test_bcp_02_a_slot_without_a_job_is_an_item() -> None:
    found = judged("BCP-02", {JOBS: every_day(but=10), PLANS: [way()]})
    missed = {item: because for item, (outcome, because) in found.items() if outcome == "deviation"}
    assert list(missed) == ["slot of db after 2026-11-09 06:00"]
    assert "slots of db" not in found


def test_bcp_02_backups_that_stopped() -> None:
    stopped = [one for one in every_day() if one.started_at and one.started_at < ago(days=8)]
    assert verdicts("BCP-02", {JOBS: stopped, PLANS: [way()]})["slot of db after 2026-11-11 06:00"] == "deviation"


@pytest.mark.parametrize(
    ("changed", "item", "outcome"),
    [
        ({}, "slots of db", "cannot_tell"),
        ({"frequency_hours": None}, "slots of db", "cannot_tell"),
        ({"source": "automated"}, "slots of db", None),
        ({"pitr": True}, "slots of db", None),
    ],
)
def test_bcp_02_a_plan_without_jobs(changed: dict[str, Any], item: str, outcome: str | None) -> None:
    assert verdicts("BCP-02", {PLANS: [way(**changed)]}).get(item) == outcome


def test_bcp_02_the_rate_of_the_window() -> None:
    jobs = [*every_day(), job("bad", state="failed", resource_id="other")]
    outcome, because = judged("BCP-02", {JOBS: jobs})["success rate of the window"]
    assert outcome == "deviation"
    assert because.startswith("29 of 30 jobs from 2026-10-21 to 2026-11-20")
    assert verdicts("BCP-02", {JOBS: jobs}, {"pct": 96})["success rate of the window"] == "pass"
