from __future__ import annotations

from typing import Any

import pytest

from collector.records import LeakedSecret, Scanner, Setting, Vulnerability
from tests.assess.sealed import ago, verdicts

FEATURES = "github.security_features"
SECRETS = "github.secret_scanning.alerts"
DEPENDENCIES = "github.dependabot.alerts"
SETTINGS = "github.org.settings"


def scanner(kind: str, state: str | None) -> Scanner:
    return Scanner(key=f"api {kind}", seen=(), asset_id="api", kind=kind, state=state)


def secret(**changed: Any) -> LeakedSecret:
    found: dict[str, Any] = {"status": "open", "first_seen_at": ago(hours=5), "push_bypassed": False}
    return LeakedSecret(key="s1", seen=(), finding_id="s1", **found | changed)


def closed(resolution: str | None, *, hours: float) -> dict[str, Any]:
    return {
        "status": "resolved",
        "first_seen_at": ago(hours=200),
        "resolved_at": ago(hours=200 - hours),
        "resolution": resolution,
    }


@pytest.mark.parametrize("kind", ["secrets", "secrets_push"])
@pytest.mark.parametrize(
    ("state", "outcome"),
    [("enabled", "pass"), ("disabled", "deviation"), ("not_applicable", "not_applicable"), (None, "cannot_tell")],
)
def test_iam_19_scanning(kind: str, state: str | None, outcome: str) -> None:
    found = verdicts("IAM-19", {FEATURES: [scanner(kind, state), scanner("code", "disabled")]})
    assert list(found.values()) == [outcome]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"first_seen_at": ago(hours=73)}, "deviation"),
        ({"first_seen_at": None}, "cannot_tell"),
        (closed("revoked", hours=71), "pass"),
        (closed("revoked", hours=73), "deviation"),
        (closed("wont_fix", hours=1), "deviation"),
        (closed(None, hours=1), "cannot_tell"),
        ({"status": "resolved", "resolution": "revoked"}, "cannot_tell"),
    ],
)
def test_iam_19_secrets(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("IAM-19", {SECRETS: [secret(**changed)]}) == {"s1": outcome}


@pytest.mark.parametrize(
    ("reason", "reviewer", "outcome"),
    [("test data", "ben", "pass"), (None, "ben", "deviation"), ("x", None, "deviation"), ("x", "ada", "deviation")],
)
def test_iam_19_pushes_past_the_block(reason: str | None, reviewer: str | None, outcome: str) -> None:
    row = secret(
        push_bypassed=True, push_bypassed_by="ada", push_bypass_reason=reason, push_bypass_reviewed_by=reviewer
    )
    assert verdicts("IAM-19", {SECRETS: [row]})["push past the block: s1"] == outcome


def test_iam_19_whether_the_block_was_passed_is_not_guessed() -> None:
    found = verdicts("IAM-19", {SECRETS: [secret(push_bypassed=None)]})
    assert found["push past the block: s1"] == "cannot_tell"


def vulnerability(**changed: Any) -> Vulnerability:
    found: dict[str, Any] = {"status": "open", "severity": "critical", "first_seen_at": ago(days=6)}
    return Vulnerability(key="v1", seen=(), finding_id="v1", **found | changed)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"first_seen_at": ago(days=8)}, "deviation"),
        ({"first_seen_at": ago(days=8), "severity": "high"}, "pass"),
        ({"first_seen_at": ago(days=31), "severity": "high"}, "deviation"),
        ({"first_seen_at": ago(days=91), "severity": "medium"}, "deviation"),
        ({"first_seen_at": ago(days=181), "severity": "low"}, "deviation"),
        ({"severity": None}, "cannot_tell"),
        ({"status": None}, "cannot_tell"),
        ({"first_seen_at": None}, "cannot_tell"),
        ({"status": "fixed", "first_seen_at": ago(days=90), "fixed_at": ago(days=84)}, "pass"),
        ({"status": "fixed", "first_seen_at": ago(days=90), "fixed_at": ago(days=80)}, "deviation"),
        ({"status": "fixed"}, "cannot_tell"),
        ({"status": "dismissed", "dismissed_at": ago(days=1), "dismissed_by": "ada"}, "deviation"),
        ({"status": "dismissed", "dismissed_at": ago(days=1), "dismissed_reason": "no risk"}, "deviation"),
        (
            {"status": "dismissed", "dismissed_at": ago(days=1), "dismissed_by": "ada", "dismissed_reason": "no risk"},
            "pass",
        ),
    ],
)
def test_log_08(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("LOG-08", {DEPENDENCIES: [vulnerability(**changed)]}) == {"v1": outcome}


def test_log_08_by_the_companys_own_limits() -> None:
    row = {DEPENDENCIES: [vulnerability()]}
    assert verdicts("LOG-08", row, {"critical_days": 5}) == {"v1": "deviation"}


@pytest.mark.parametrize("kind", ["code", "dependencies", "images"])
@pytest.mark.parametrize(
    ("state", "outcome"),
    [("enabled", "pass"), ("disabled", "deviation"), ("not_applicable", "not_applicable"), (None, "cannot_tell")],
)
def test_chg_08_scanning(kind: str, state: str | None, outcome: str) -> None:
    found = verdicts("CHG-08", {FEATURES: [scanner(kind, state), scanner("secrets", "disabled")]})
    assert list(found.values()) == [outcome]


@pytest.mark.parametrize(
    ("values", "outcomes"),
    [
        (("read", "selected", "all"), ["pass", "pass"]),
        (("read", "local_only", "all"), ["pass", "pass"]),
        (("write", "all", "all"), ["deviation", "deviation"]),
        ((None, None, "all"), ["cannot_tell", "cannot_tell"]),
        (("read", None, "none"), ["pass", "not_applicable"]),
    ],
)
def test_chg_08_pipelines(values: tuple[str | None, ...], outcomes: list[str]) -> None:
    names = ("default_workflow_permissions", "allowed_actions", "enabled_repositories")
    rows = [Setting(key=name, seen=(), name=name, value=value) for name, value in zip(names, values, strict=True)]
    found = verdicts("CHG-08", {SETTINGS: rows})
    assert [found["what pipelines may do by default"], found["which actions may run"]] == outcomes
