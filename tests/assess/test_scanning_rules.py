"""LOG-07: what is in production is scanned and patched, on every cloud and in code."""

from __future__ import annotations

from typing import Any

import pytest

from collector.model import Cause, Gap
from collector.records import Asset, Resource, Scanner, Vulnerability
from tests.assess.sealed import CONTROLS, Sealed, ago, judged, verdicts

MACHINES = {"aws": "aws.ec2.exposure", "azure": "azure.compute.disks"}
SCANS = {"gcp": "gcp.vuln.hosts", "azure": "azure.defender.assessments"}
CODE, PATCHED = "github.security_features", "aws.ssm.patch"
HOST, PATCHES = "host vm", "patches of vm"
HOSTS, DEPENDENCIES = "share of hosts that are scanned", "share of dependencies that are scanned"

each_scanning = pytest.mark.parametrize("cloud", SCANS)


def scan(name: str = "vm", **changed: Any) -> Scanner:
    healthy: dict[str, Any] = {
        "key": f"scanner {name}",
        "seen": (),
        "asset_id": name,
        "kind": "host",
        "state": "enabled",
        "scanned_at": ago(days=1),
    }
    return Scanner(**healthy | changed)


def machine(name: str = "vm", **changed: Any) -> Resource:
    return Resource(**{"key": name, "seen": (), "resource_id": name, "type": "instance"} | changed)


def weakness(**changed: Any) -> Vulnerability:
    late: dict[str, Any] = {
        "key": "v1",
        "seen": (),
        "finding_id": "v1",
        "asset_id": "VM",
        "kind": "host",
        "title": "CVE-1",
        "severity": "critical",
        "status": "open",
        "first_seen_at": ago(days=31),
        "fix_available": True,
    }
    return Vulnerability(**late | changed)


@each_scanning
def test_log_07_hosts(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({}, "pass", "pass"),
        ({"scanned_at": ago(days=7)}, "pass", "pass"),
        ({"scanned_at": ago(days=7, hours=0.01)}, "deviation", "cannot_tell"),
        ({"scanned_at": None}, "cannot_tell", "cannot_tell"),
        ({"state": "absent", "scanned_at": None}, "deviation", "cannot_tell"),
        ({"state": "disabled"}, "deviation", "cannot_tell"),
        ({"state": None}, "cannot_tell", "cannot_tell"),
        ({"environment": "production", "state": "absent"}, "deviation", "cannot_tell"),
        ({"environment": "QA", "state": "absent"}, "not_applicable", None),
    ]
    rows = [scan(f"vm{n}", **changed) for n, (changed, _, _) in enumerate(cases)]
    found = judged("LOG-07", {SCANS[cloud]: rows})
    told = [(found[f"host vm{n}"][0], found.get(f"patches of vm{n}", (None,))[0]) for n in range(len(cases))]
    assert told == [(host, patches) for _, host, patches in cases]
    assert found[HOSTS] == ("deviation", "2 of 8, and of 2 it cannot be told; 98% is required.")


@pytest.mark.parametrize("cloud", MACHINES)
@pytest.mark.parametrize(
    ("changed", "outcome"),
    [({}, "cannot_tell"), ({"environment": "dev"}, "not_applicable"), ({"type": "volume"}, None)],
)
def test_log_07_a_machine_of_which_no_scanner_speaks_is_no_pass(
    cloud: str, changed: dict[str, Any], outcome: str | None
) -> None:
    found = verdicts("LOG-07", {MACHINES[cloud]: [machine(**changed)]})
    assert found.get(HOST) == outcome
    assert found.get(HOSTS) == ("cannot_tell" if outcome == "cannot_tell" else None)
    assert PATCHES not in found


def test_log_07_a_machine_and_its_scan_are_one_host_however_it_is_written() -> None:
    rows: dict[str, list[Any]] = {
        MACHINES["azure"]: [machine("/Subscriptions/0/VM")],
        SCANS["azure"]: [scan("/subscriptions/0/vm")],
    }
    assert verdicts("LOG-07", rows) == {
        "host /Subscriptions/0/VM": "pass",
        "patches of /Subscriptions/0/VM": "pass",
        HOSTS: "pass",
    }
    # What its tags say of it counts, though the scanner knows no tags.
    rows[MACHINES["azure"]] = [machine("/Subscriptions/0/VM", environment="test")]
    assert verdicts("LOG-07", rows) == {"host /Subscriptions/0/VM": "not_applicable"}


@each_scanning
def test_log_07_patches(cloud: str) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({}, "deviation"),
        ({"first_seen_at": ago(days=30)}, "pass"),
        ({"first_seen_at": None}, "cannot_tell"),
        ({"fix_available": False}, "pass"),
        ({"fix_available": None}, "cannot_tell"),
        ({"fix_available": None, "first_seen_at": ago(days=3)}, "pass"),
        ({"fix_available": False, "first_seen_at": None}, "pass"),
        ({"severity": "high"}, "pass"),
        ({"severity": None}, "cannot_tell"),
        ({"severity": None, "first_seen_at": ago(days=3)}, "pass"),
        ({"status": "fixed"}, "pass"),
        ({"status": "dismissed"}, "pass"),
        ({"status": None}, "cannot_tell"),
        ({"kind": "image"}, "pass"),
        ({"asset_id": "another"}, "pass"),
    ]
    rows: list[Any] = [scan(f"vm{n}") for n in range(len(cases))]
    rows += [
        weakness(**{"key": f"v{n}", "finding_id": f"v{n}", "asset_id": f"VM{n}"} | changed)
        for n, (changed, _) in enumerate(cases)
    ]
    found = verdicts("LOG-07", {SCANS[cloud]: rows})
    assert [found[f"patches of vm{n}"] for n in range(len(cases))] == [outcome for _, outcome in cases]
    assert {found[f"host vm{n}"] for n in range(len(cases))} == {found[HOSTS]} == {"pass"}


def test_log_07_what_the_patch_service_says() -> None:
    young = {"managed": True, "patches_missing": 0, "critical_patches_missing": 0, "patches_checked_at": ago(days=1)}
    cases: list[tuple[dict[str, Any], dict[str, Any], str, str]] = [
        ({}, young, "pass", "No critical patch"),
        ({}, young | {"patches_missing": 3, "critical_patches_missing": 0}, "pass", "No critical patch"),
        ({}, young | {"patches_missing": 3, "critical_patches_missing": 1}, "cannot_tell", "3 approved patches are"),
        ({}, {"managed": False}, "pass", "No critical patch"),
        ({"state": "absent"}, young, "pass", "No approved patch was missing"),
        ({"state": "absent"}, young | {"patches_checked_at": ago(days=8)}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent"}, young | {"patches_checked_at": None}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent"}, young | {"patches_missing": 3}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent"}, young | {"patches_missing": None}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent"}, {"managed": False}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent"}, {"managed": None}, "cannot_tell", "No scan of it is young"),
        ({"state": "absent", "environment": "test"}, {"managed": False}, "", ""),
    ]
    scans = [scan(f"vm{n}", **changed) for n, (changed, _, _, _) in enumerate(cases)]
    hosts = [
        Asset(key=f"vm{n}", seen=(), asset_id=f"vm{n}", type="instance", **of) for n, (_, of, _, _) in enumerate(cases)
    ]
    found = judged("LOG-07", {"aws.inspector.coverage": scans, PATCHED: hosts})
    for number, (_, _, outcome, because) in enumerate(cases):
        verdict, why = found.get(f"patches of vm{number}", ("", ""))
        assert verdict == outcome, number
        assert why.startswith(because)
    assert {n for n in range(len(cases)) if "Nothing manages" in found.get(f"patches of vm{n}", ("", ""))[1]} == {9}


def test_log_07_a_host_that_only_the_patch_service_knows() -> None:
    of: dict[str, Any] = {"managed": True, "patches_missing": 0, "patches_checked_at": ago(days=1)}
    rows = [
        Asset(key="mi", seen=(), asset_id="mi", type="managed_node", **of),
        Asset(key="bucket", seen=(), asset_id="bucket", type="bucket"),
    ]
    found = verdicts("LOG-07", {PATCHED: rows})
    assert found == {"host mi": "cannot_tell", "patches of mi": "pass", HOSTS: "cannot_tell"}


def test_log_07_images() -> None:
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "watched": ({"scanned_at": ago(days=90)}, "pass"),
        "pending": ({"scanned_at": None}, "cannot_tell"),
        "on push": ({"state": "disabled"}, "deviation"),
        "unused": ({"state": "not_applicable"}, "not_applicable"),
        "untold": ({"state": None}, "cannot_tell"),
        "of a test": ({"state": "disabled", "environment": "test"}, "not_applicable"),
    }
    rows = [scan(name, kind="image", **changed) for name, (changed, _) in cases.items()]
    found = verdicts("LOG-07", {"aws.inspector.coverage": rows})
    assert found.pop("share of images that are scanned") == "deviation"
    assert found == {f"image {name}": outcome for name, (_, outcome) in cases.items()}


def test_log_07_repositories_of_images() -> None:
    cases: dict[str, tuple[dict[str, Any], str]] = {
        "always": ({"rescans": True}, "pass"),
        "on push": ({"rescans": False}, "deviation"),
        "somehow": ({"rescans": None}, "cannot_tell"),
        "never": ({"state": "disabled"}, "deviation"),
        "untold": ({"state": None}, "cannot_tell"),
        "of a test": ({"state": "disabled", "environment": "test"}, "not_applicable"),
    }
    rows = [scan(name, kind="images", scanned_at=None, **changed) for name, (changed, _) in cases.items()]
    found = verdicts("LOG-07", {"aws.ecr.scanning": rows})
    assert found.pop("share of repositories that are scanned") == "deviation"
    assert found == {f"images in {name}": outcome for name, (_, outcome) in cases.items()}


def test_log_07_what_is_missing_is_named() -> None:
    rows = {SCANS["gcp"]: [scan(), weakness(), weakness(key="v2", finding_id="v2", title="CVE-2")]}
    assert judged("LOG-07", rows)[PATCHES][1] == (
        "2 critical patches have been missing for more than 30 days: CVE-1, CVE-2."
    )
    assert verdicts("LOG-07", rows, {"days": 31})[PATCHES] == "pass"
    # A patch that an old scan found missing is missing still, for all that anybody knows.
    rows[SCANS["gcp"]][0] = scan(scanned_at=ago(days=9))
    assert verdicts("LOG-07", rows)[PATCHES] == "deviation"


@pytest.mark.parametrize(
    ("scanned", "bare", "untold", "outcome"),
    [
        (49, 1, 0, "pass"),
        (48, 1, 0, "deviation"),
        (49, 0, 1, "pass"),
        (48, 0, 1, "cannot_tell"),
        (48, 1, 1, "cannot_tell"),
        (47, 2, 1, "deviation"),
        (98, 1, 1, "pass"),
        (97, 1, 1, "cannot_tell"),
        (97, 2, 0, "deviation"),
        (0, 0, 1, "cannot_tell"),
    ],
)
def test_log_07_the_share(scanned: int, bare: int, untold: int, outcome: str) -> None:
    hosts = [scan(f"on {n}") for n in range(scanned)]
    hosts += [scan(f"off {n}", state="absent") for n in range(bare)]
    hosts += [scan(f"untold {n}", state=None) for n in range(untold)]
    found = judged("LOG-07", {SCANS["gcp"]: hosts})
    assert found[HOSTS][0] == outcome
    assert found[HOSTS][1].startswith(f"{scanned} of {scanned + bare + untold}")
    assert sum(verdict == "deviation" for item, (verdict, _) in found.items() if item.startswith("host ")) == bare


def test_log_07_dependencies() -> None:
    cases = ("enabled", "disabled", "absent", "not_applicable", None)
    rows = [scan(f"org/{state}", kind="dependencies", state=state, scanned_at=None) for state in cases]
    rows.append(scan("org/enabled", key="code", kind="code", state="disabled"))
    assert verdicts("LOG-07", {CODE: rows}) == {
        "dependencies of org/enabled": "pass",
        "dependencies of org/disabled": "deviation",
        "dependencies of org/absent": "deviation",
        "dependencies of org/not_applicable": "not_applicable",
        "dependencies of org/None": "cannot_tell",
        DEPENDENCIES: "deviation",
    }
    assert verdicts("LOG-07", {CODE: rows[:1]})[DEPENDENCIES] == "pass"


@pytest.mark.parametrize("evidence", [*MACHINES.values(), *SCANS.values(), CODE])
def test_log_07_without_any_asset_nothing_passes(evidence: str) -> None:
    assert verdicts("LOG-07", {evidence: []}) == {}


@each_scanning
def test_log_07_what_could_not_be_read_passes_nothing(cloud: str) -> None:
    sealed = Sealed()
    rows: list[Any] = [scan(), scan("bare", state="absent"), weakness()]
    sealed.add(SCANS[cloud], rows, gaps=(Gap(Cause.DENIED, "the call", "HTTP 403"),))
    sealed.fill(CONTROLS["LOG-07"])
    (assessment,) = sealed.judge(CONTROLS["LOG-07"])
    assert {one.outcome for one in assessment.outcomes} == {"cannot_tell"}
    assert {"pass", "deviation"} <= {one.seen for one in assessment.outcomes}


@each_scanning
def test_log_08_what_is_weak_on_a_host_that_nothing_scans_is_not_known(cloud: str) -> None:
    rows = [scan(f"vm {state}", state=state) for state in ("enabled", "not_applicable", "absent", None)]
    rows.append(scan("org/app", key="other", kind="code", state="disabled"))
    assert verdicts("LOG-08", {SCANS[cloud]: rows}) == {"host vm absent": "cannot_tell", "host vm None": "cannot_tell"}
