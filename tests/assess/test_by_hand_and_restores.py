"""CHG-07 and BCP-04: what people changed by hand, and whether what is backed up comes back."""

from __future__ import annotations

from typing import Any

import pytest

from collector.records import Approval, ChangeEvent, RestoreTest
from tests.assess.sealed import ago, verdicts

CHANGES, TICKETS = "gcp.audit.manual_changes", "records.change_tickets"
RESTORES, TESTS = "gcp.restore_operations", "records.restore_test"


def change(**columns: Any) -> ChangeEvent:
    usual: dict[str, Any] = {
        "at": ago(days=20),
        "actor": "ada@example.com",
        "actor_kind": "human",
        "action": "firewalls.insert",
        "resource": "projects/shop",
        "outcome": "success",
    }
    return ChangeEvent(key="c1", seen=(), event_id="c1", **usual | columns)


def ticket(**columns: Any) -> Approval:
    usual: dict[str, Any] = {"requested_by": "ada@example.com", "approved_by": "Grace", "approved_at": ago(days=21)}
    return Approval(key="t1", seen=(), request_id="t1", **usual | columns)


def of(found: ChangeEvent, *tickets: Approval) -> str:
    return verdicts("CHG-07", {CHANGES: [found], TICKETS: tickets})["change c1"]


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "deviation"),
        ({"outcome": "failure"}, "not_applicable"),
        ({"actor_kind": "service"}, "not_applicable"),
        ({"actor_kind": None}, "cannot_tell"),
        ({"at": None}, "cannot_tell"),
        ({"at": ago(days=3)}, "cannot_tell"),
    ],
)
def test_chg_07_a_change_by_hand_without_a_ticket(columns: dict[str, Any], outcome: str) -> None:
    assert of(change(**columns)) == outcome


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({}, "pass"),
        ({"approved_by": None}, "deviation"),
        ({"approved_by": "ADA@example.com"}, "deviation"),
        ({"approved_at": ago(days=26)}, "deviation"),
        ({"approved_at": ago(days=16)}, "pass"),
        ({"requested_by": "somebody"}, "deviation"),
        ({"requested_by": "somebody", "refers_to": ("projects/shop",)}, "pass"),
        ({"requested_by": "somebody", "refers_to": ("c1",)}, "pass"),
    ],
)
def test_chg_07_which_ticket_explains_a_change(columns: dict[str, Any], outcome: str) -> None:
    assert of(change(), ticket(**columns)) == outcome


def test_chg_07_a_ticket_that_the_change_names_explains_it() -> None:
    assert of(change(ticket_ref="t1"), ticket(requested_by=None)) == "pass"


def tried(name: str = "t1", **columns: Any) -> RestoreTest:
    usual: dict[str, Any] = {
        "resource_id": "orders",
        "tested_at": ago(days=30),
        "restored_ok": True,
        "verified_by": "Grace",
    }
    return RestoreTest(key=name, seen=(), test_id=name, **usual | columns)


@pytest.mark.parametrize(
    ("columns", "of_test", "of_store"),
    [
        ({}, "pass", "pass"),
        ({"restored_ok": False}, "deviation", "deviation"),
        ({"restored_ok": None}, "cannot_tell", "deviation"),
        ({"verified_by": None}, "deviation", "deviation"),
        ({"verified_by": " "}, "deviation", "deviation"),
        ({"tested_at": ago(days=184)}, "pass", "deviation"),
        ({"tested_at": None}, "pass", "cannot_tell"),
        ({"resource_id": "another"}, "pass", "deviation"),
    ],
)
def test_bcp_04_a_test_and_the_critical_store_it_is_of(columns: dict[str, Any], of_test: str, of_store: str) -> None:
    told = verdicts("BCP-04", {TESTS: [tried(**columns)]}, {"critical": ["orders"]})
    assert (told["test t1"], told["store orders"]) == (of_test, of_store)


@pytest.mark.parametrize(("ok", "outcome"), [(True, "pass"), (False, "deviation"), (None, "cannot_tell")])
def test_bcp_04_a_restore_that_a_cloud_shows_is_no_test(ok: object, outcome: str) -> None:
    restore = tried("op1", restored_ok=ok, verified_by=None)
    told = verdicts("BCP-04", {RESTORES: [restore], TESTS: []}, {"critical": ["orders"]})
    assert (told["restore op1"], told["store orders"]) == (outcome, "deviation")
