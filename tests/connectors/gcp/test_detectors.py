"""What looks for threats in each project, asked of each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.connectors.gcp.gathering import gather, gathered
from tests.connectors.github.judging import judged
from tests.doubles.discovery import document, wrong_value
from tests.doubles.gcp.server import error

if TYPE_CHECKING:
    from tests.doubles.gcp.server import GcpDouble

WATCHERS = "gcp.scc.services"
ALL = (WATCHERS, "gcp.scc.findings", "gcp.org.projects")


def test_each_active_project_has_its_watchers_with_their_effective_state(google: GcpDouble) -> None:
    found = gather(google, WATCHERS)
    assert found.snapshot.complete
    rows = {(row["covers"], row["kind"]): row["state"] for row in found.rows}
    assert len(rows) == len(found.rows) == 11 * 3
    events = {project: state for (project, kind), state in rows.items() if kind == "threat_detection"}
    assert {project for project, state in events.items() if state == "disabled"} == {"northwind-0006", "northwind-0009"}
    assert set(events.values()) == {"enabled", "disabled"}
    assert {state for (_, kind), state in rows.items() if kind == "threat_detection_hosts"} == {"disabled"}
    assert all(row["within"] == row["covers"] for row in found.rows)


def test_each_project_is_asked_once_and_the_single_detectors_are_left_out(google: GcpDouble) -> None:
    found = gather(google, WATCHERS)
    asked = [one.path for one in google.called if one.method.startswith("securitycentermanagement.")]
    assert len(asked) == len(set(asked)) == 11
    assert not any(b"MALWARE_BAD_IP" in body for body in found.kept.values())


def test_a_project_that_refuses_stays_in_the_list_unknown(google: GcpDouble) -> None:
    google.answers.append(("/projects/northwind-0003/locations/global/securityCenterServices", _DENIED))
    found = gather(google, WATCHERS)
    assert found.causes == ["denied"]
    states = {row["covers"]: row["state"] for row in found.rows if row["kind"] == "threat_detection"}
    assert states["northwind-0003"] is None
    assert len(states) == 11
    outcomes = judged([found, *gathered(google, *ALL[1:])], "LOG-06")["LOG-06"]
    assert "pass" not in {one.outcome for one in outcomes}


def test_where_the_interface_is_off_nothing_passes(google: GcpDouble) -> None:
    google.off = {("securitycentermanagement", "*")}
    found = gathered(google, *ALL)
    outcomes = judged(found, "LOG-06")["LOG-06"]
    assert {one.outcome for one in outcomes} == {"cannot_tell"}
    (mine,) = (one for one in found if one.snapshot.evidence_type == WATCHERS)
    assert set(mine.causes) == {"not_configured"}


def test_the_description_that_is_set_out_by_hand_knows_a_fault() -> None:
    described, schema = document("securitycentermanagement.v1"), "SecurityCenterService"
    assert not list(wrong_value(described, schema, {"effectiveEnablementState": "ENABLED"}))
    assert list(wrong_value(described, schema, {"effectiveEnablementState": "ON"}))
    assert list(wrong_value(described, schema, {"madeUp": 1}))


_DENIED = error(403, "PERMISSION_DENIED", "The caller does not have permission")
