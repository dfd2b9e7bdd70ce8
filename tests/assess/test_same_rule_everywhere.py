"""IAM-14, IAM-16, LOG-02 and BCP-01 over the rows of Google Cloud and Azure: the same rule, the same words."""

from __future__ import annotations

from typing import Any

import pytest

from collector.records import BackupPlan, LogSource, LogStore, Resource
from tests.assess.sealed import judged, verdicts

Case = tuple[dict[str, Any], str | None]


def resources(cases: list[Case]) -> list[Resource]:
    return [resource(f"r{n}", changed) for n, (changed, _) in enumerate(cases)]


def resource(name: str, changed: dict[str, Any]) -> Resource:
    return Resource(key=name, seen=(), resource_id=name, **changed)


def told(control: str, evidence: str, cases: list[Case], rows: list[Any]) -> None:
    """Each case is a row of its own, `r0`, `r1`, …, and has its outcome."""
    found = verdicts(control, {evidence: rows})
    assert [found.get(f"r{n}") for n in range(len(cases))] == [outcome for _, outcome in cases]


@pytest.mark.parametrize("evidence", ["gcp.compute.exposure", "azure.network.exposure"])
def test_iam_14_rules_of_networks(evidence: str) -> None:
    group: dict[str, Any] = {"type": "security_group"}
    cases: list[Case] = [
        (group | {"open_ports": ("443",), "attached": True}, "pass"),
        (group | {"open_ports": ()}, "pass"),
        (group | {"open_ports": ("22",), "attached": True}, "deviation"),
        (group | {"open_ports": ("20-30",), "attached": None}, "deviation"),
        (group | {"open_ports": ("3390-5431",)}, "pass"),
        (group | {"open_ports": ("3390-5432",)}, "deviation"),
        (group | {"open_ports": ("all",), "attached": False}, "deviation"),
        (group | {"open_ports": None}, "cannot_tell"),
        (group | {"open_ports": ("22",), "environment": "dev"}, "not_applicable"),
        ({"type": "instance", "hardened_metadata": True, "public": True}, "pass"),
        # A machine of which the inventory shows no more than its name.
        ({"type": "instance"}, "cannot_tell"),
        ({"type": None}, "cannot_tell"),
    ]
    told("IAM-14", evidence, cases, resources(cases))


@pytest.mark.parametrize(
    ("evidence", "kind"), [("gcp.sql.instances", "db_instance"), ("azure.sql.servers", "db_server")]
)
def test_iam_14_databases(evidence: str, kind: str) -> None:
    cases: list[Case] = [
        ({"type": kind, "public": False}, "pass"),
        ({"type": kind, "public": True}, "deviation"),
        ({"type": kind, "public": None}, "cannot_tell"),
        ({"type": kind, "public": True, "environment": "test"}, "not_applicable"),
        ({"type": "db_database", "public": True}, "deviation"),
    ]
    told("IAM-14", evidence, cases, resources(cases))


@pytest.mark.parametrize(
    ("evidence", "kind"),
    [
        ("gcp.storage.buckets", "bucket"),
        ("gcp.sql.instances", "db_instance"),
        ("azure.storage.accounts", "storage_account"),
        ("azure.sql.servers", "db_database"),
        ("azure.compute.disks", "volume"),
    ],
)
def test_iam_16(evidence: str, kind: str) -> None:
    held: dict[str, Any] = {"type": kind, "encrypted": True}
    cases: list[Case] = [
        (held | {"key_control": "provider"}, "pass"),
        (held | {"encrypted": False}, "deviation"),
        (held | {"encrypted": None}, "cannot_tell"),
        (held | {"encrypted": False, "environment": "sandbox"}, "not_applicable"),
        (held | {"key_control": "customer", "data_class": "confidential"}, "pass"),
        (held | {"key_control": "provider", "data_class": "confidential"}, "deviation"),
        (held | {"key_control": None, "data_class": "confidential"}, "cannot_tell"),
    ]
    told("IAM-16", evidence, cases, resources(cases))


@pytest.mark.parametrize("evidence", ["gcp.audit.config", "azure.diagnostics"])
def test_log_02_sources(evidence: str) -> None:
    log: dict[str, Any] = {"kind": "admin_activity", "enabled": True}
    cases: list[Case] = [
        # Neither cloud gives a means to check that entries are unchanged: that is never a pass.
        (log | {"integrity_check": None}, "cannot_tell"),
        (log | {"integrity_check": True}, "pass"),
        (log | {"integrity_check": False}, "deviation"),
        (log | {"integrity_check": None, "enabled": False}, "not_applicable"),
        (log | {"integrity_check": True, "kind": "sink"}, None),
    ]
    rows = [LogSource(key=f"s{n}", seen=(), source=f"s{n}", **changed) for n, (changed, _) in enumerate(cases)]
    found = verdicts("LOG-02", {evidence: rows})
    assert [found.get(f"log s{n}") for n in range(len(cases))] == [outcome for _, outcome in cases]


@pytest.mark.parametrize("evidence", ["gcp.audit.config", "azure.storage.immutability"])
def test_log_02_stores(evidence: str) -> None:
    held: dict[str, Any] = {"kind": "audit_trail", "versioned": True, "immutable": True}
    cases: list[Case] = [
        (held, "pass"),
        (held | {"immutable": False}, "deviation"),
        (held | {"versioned": False}, "deviation"),
        (held | {"immutable": None}, "cannot_tell"),
        (held | {"versioned": None}, "cannot_tell"),
        (held | {"kind": None}, "cannot_tell"),
        (held | {"kind": "log_bucket", "immutable": False}, None),
    ]
    rows = [LogStore(key=f"s{n}", seen=(), store=f"s{n}", **changed) for n, (changed, _) in enumerate(cases)]
    found = verdicts("LOG-02", {evidence: rows})
    assert [found.get(f"store s{n}") for n in range(len(cases))] == [outcome for _, outcome in cases]


@pytest.mark.parametrize("cloud", ["gcp", "azure"])
def test_log_02_a_store_that_a_log_names_and_nobody_has_read(cloud: str) -> None:
    source = {"gcp": "gcp.audit.config", "azure": "azure.diagnostics"}[cloud]
    stores = {"gcp": "gcp.audit.config", "azure": "azure.storage.immutability"}[cloud]
    log = LogSource(key="s", seen=(), source="s", kind="admin_activity", enabled=True, destination="far")
    assert verdicts("LOG-02", {source: [log]})["store far"] == "cannot_tell"
    held = LogStore(key="far", seen=(), store="far", kind="audit_trail", versioned=True, immutable=True)
    rows: dict[str, list[Any]] = {source: [log]}
    rows[stores] = [*rows.get(stores, []), held]
    assert verdicts("LOG-02", rows)["store far"] == "pass"


@pytest.mark.parametrize("evidence", ["gcp.backup.plans", "gcp.sql.instances", "azure.backup.items"])
def test_bcp_01(evidence: str) -> None:
    nothing: dict[str, Any] = {"source": None, "frequency_hours": None, "retention_days": None}
    cases: list[Case] = [
        ({}, "pass"),
        ({"retention_days": 30}, "pass"),
        ({"retention_days": 29}, "deviation"),
        ({"frequency_hours": 25}, "deviation"),
        ({"frequency_hours": None}, "cannot_tell"),
        ({"retention_days": None}, "cannot_tell"),
        ({"retention_days": None, "keeps_forever": True}, "pass"),
        ({"source": "pitr", "frequency_hours": 0, "pitr": True}, "pass"),
        (nothing, "deviation"),
        (nothing | {"source": "unknown"}, "cannot_tell"),
        (nothing | {"environment": "qa"}, "not_applicable"),
    ]
    healthy: dict[str, Any] = {"source": "plan daily", "frequency_hours": 24, "retention_days": 35}
    rows = [
        BackupPlan(**{"key": f"w{n}", "seen": (), "resource_id": f"r{n}"} | healthy | changed)
        for n, (changed, _) in enumerate(cases)
    ]
    told("BCP-01", evidence, cases, rows)


def test_bcp_01_two_ways_that_each_do_half_do_not_add_up_anywhere() -> None:
    half = [
        BackupPlan(
            key=f"w{n}", seen=(), resource_id="r", source=f"plan {n}", frequency_hours=hours, retention_days=days
        )
        for n, (hours, days) in enumerate(((24, 7), (168, 365)))
    ]
    outcome, because = judged("BCP-01", {"azure.backup.items": half})["r"]
    assert outcome == "deviation"
    assert "plan 0 (every 24 hours, kept 7 days), plan 1 (every 168 hours, kept 365 days)" in because
