from __future__ import annotations

from typing import Any

import pytest

from collector.records import AccessEvent, Alert, LogSource, LogStore, Monitor, ScopeUnit
from tests.assess.sealed import CONTROLS, OTHER, UNIT, Sealed, ago, judged, verdicts

TRAILS = "aws.cloudtrail.trails"
STORES = "aws.s3.log_bucket_protection"
DETECTORS = "aws.guardduty.coverage"
WHOLE = "audit log of the unit"


def trail(name: str = "trail", **changed: Any) -> LogSource:
    healthy: dict[str, Any] = {
        "key": name,
        "seen": (),
        "source": name,
        "kind": "admin_activity",
        "enabled": True,
        "covers": "organisation",
        "place": "eu-west-1",
        "all_regions": True,
        "destination": "logs",
        "integrity_check": True,
        "delivered_at": ago(hours=1),
    }
    return LogSource(**healthy | changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"enabled": False}, "deviation"),
        ({"enabled": None}, "cannot_tell"),
        ({"all_regions": False}, "deviation"),
        ({"all_regions": None}, "cannot_tell"),
        ({"delivered_at": ago(hours=25)}, "deviation"),
        ({"delivered_at": None}, "cannot_tell"),
        ({"kind": None}, "cannot_tell"),
        ({"kind": "configuration_history"}, "deviation"),
    ],
)
def test_log_01(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("LOG-01", {TRAILS: [trail(**changed)]}) == {WHOLE: outcome}


def test_log_01_a_unit_that_was_read_whole_and_has_no_log_is_a_deviation() -> None:
    outcome, because = judged("LOG-01", {})[WHOLE]
    assert outcome == "deviation"
    assert because == "All of it was read, and there is no log of administrative actions."


@pytest.mark.parametrize("log", ["entra.directory_audits", "gws.audit.admin", "github.audit.membership"])
@pytest.mark.parametrize(("events", "outcome"), [(2, "pass"), (0, "cannot_tell")])
def test_log_01_a_log_that_is_read_itself_shows_that_it_is_kept_by_what_it_holds(
    log: str, events: int, outcome: str
) -> None:
    held = [
        AccessEvent(key=f"e{n}", seen=(), event_id=f"e{n}", at=ago(days=n + 1), action="other") for n in range(events)
    ]
    found = judged("LOG-01", {log: held})
    assert {item: verdict for item, (verdict, _) in found.items()} == {WHOLE: outcome}
    if events:
        assert "holds 2 events of the time that was read, the newest of 2026-11-19" in found[WHOLE][1]


@pytest.mark.parametrize("raised", ["entra.risk_detections", "gws.alerts"])
@pytest.mark.parametrize(("alerts", "outcome"), [(1, "pass"), (0, "cannot_tell")])
def test_log_06_an_alert_shows_a_detector_at_work_and_none_shows_nothing(
    raised: str, alerts: int, outcome: str
) -> None:
    held = [Alert(key=f"a{n}", seen=(), alert_id=f"a{n}", opened_at=ago(days=1)) for n in range(alerts)]
    assert verdicts("LOG-06", {raised: held}) == {"threat detection in the whole unit": outcome}


def test_log_01_one_working_log_is_enough_and_the_others_are_still_shown() -> None:
    found = judged("LOG-01", {TRAILS: [trail(), trail("stopped", enabled=False), trail("local", all_regions=False)]})
    assert found[WHOLE][0] == "pass"
    assert "stopped (off)" in found[WHOLE][1]
    assert found["log stopped"][0] == "not_applicable"


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"integrity_check": False}, "deviation"),
        ({"integrity_check": None}, "cannot_tell"),
        ({"enabled": False, "integrity_check": False}, "not_applicable"),
        ({"enabled": None, "integrity_check": False}, "cannot_tell"),
    ],
)
def test_log_02_sources(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("LOG-02", {TRAILS: [trail(**changed, destination=None)]}) == {"log trail": outcome}


@pytest.mark.parametrize(
    ("versioned", "immutable", "kind", "outcome"),
    [
        (True, True, "audit_trail", "pass"),
        (True, False, "audit_trail", "deviation"),
        (False, True, "audit_trail", "deviation"),
        (None, False, "audit_trail", "deviation"),
        (True, None, "audit_trail", "cannot_tell"),
        (None, None, "audit_trail", "cannot_tell"),
        (True, True, None, "cannot_tell"),
        (False, False, "configuration_history", None),
    ],
)
def test_log_02_stores(versioned: bool | None, immutable: bool | None, kind: str | None, outcome: str | None) -> None:  # noqa: FBT001 - cases
    store = LogStore(key="logs", seen=(), store="logs", kind=kind, versioned=versioned, immutable=immutable)
    assert verdicts("LOG-02", {STORES: [store]}).get("store logs") == outcome


def test_log_02_a_store_that_nobody_looked_at_cannot_be_told() -> None:
    store = LogStore(key="logs", seen=(), store="logs", kind="audit_trail", versioned=True, immutable=True)
    sealed = Sealed()
    sealed.add(TRAILS, [trail(), trail("far", destination="elsewhere")])
    sealed.add(STORES, [store], unit=OTHER)
    sealed.fill(CONTROLS["LOG-02"], (UNIT, OTHER))
    found = {(one.unit, one.item): one.outcome for one in sealed.judge(CONTROLS["LOG-02"])[0].outcomes}
    assert found[OTHER, "store logs"] == "pass"
    assert found[UNIT, "store elsewhere"] == "cannot_tell"
    assert (UNIT, "store logs") not in found


def detector(**changed: Any) -> Monitor:
    healthy: dict[str, Any] = {
        "key": "eu-west-1",
        "seen": (),
        "monitor": "detector",
        "kind": "threat_detection",
        "covers": "eu-west-1",
        "state": "enabled",
    }
    return Monitor(**healthy | changed)


@pytest.mark.parametrize(
    ("changed", "joined", "expected"),
    [
        ({}, None, "pass"),
        ({"state": "disabled"}, None, "deviation"),
        ({"state": "absent"}, ago(days=3), "deviation"),
        ({"state": "absent"}, ago(hours=20), "not_applicable"),
        ({"state": None}, ago(hours=20), "cannot_tell"),
        ({"kind": None}, None, "cannot_tell"),
    ],
)
def test_log_06(changed: dict[str, Any], joined: Any, expected: str) -> None:
    unit = ScopeUnit(key=UNIT, seen=(), unit_id=UNIT, joined_at=joined)
    found = verdicts("LOG-06", {DETECTORS: [detector(**changed)], "aws.org.accounts": [unit]})
    assert found == {"threat detection in eu-west-1": expected}


def test_log_06_a_place_that_is_not_named_and_a_unit_without_places() -> None:
    assert verdicts("LOG-06", {DETECTORS: [detector(covers=None)]}) == {
        "threat detection in the whole unit": "cannot_tell"
    }
    assert verdicts("LOG-06", {}) == {"threat detection in the whole unit": "deviation"}
