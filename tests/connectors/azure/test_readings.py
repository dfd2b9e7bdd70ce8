"""What single answers are taken to mean: rules of networks, rights of roles, schedules of backups, periods of keys."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.azure.access.role_rights import covers, privileged
from connectors.azure.continuity.backup_policies import frequency_hours, retention_days
from connectors.azure.continuity.backups import copy_region, locked
from connectors.azure.continuity.database_backups import elsewhere
from connectors.azure.data.storage import over_zones
from connectors.azure.data.vaults import days
from connectors.azure.moments import moment
from connectors.azure.monitoring.alerting import _class
from connectors.azure.network.port_ranges import open_ports

SUBSCRIPTION = "/subscriptions/0"


def rule(priority: int, port: str | list[str], access: str = "Allow", **changed: Any) -> dict[str, Any]:
    ports = {"destinationPortRanges": port} if isinstance(port, list) else {"destinationPortRange": port}
    plain = {
        "priority": priority,
        "access": access,
        "direction": "Inbound",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "destinationAddressPrefix": "*",
    }
    return {**plain, **ports, **changed}


@pytest.mark.parametrize(
    ("rules", "opened"),
    [
        ([], ()),
        ([rule(100, "22")], ("22",)),
        ([rule(100, ["80", "443", "8000-8080"])], ("80", "443", "8000-8080")),
        ([rule(100, "*", protocol="*")], ("all",)),
        ([rule(100, "22", sourceAddressPrefix="Internet")], ("22",)),
        ([rule(100, "22", sourceAddressPrefix="203.0.113.0/24")], ()),
        ([rule(100, "22", sourceAddressPrefixes=["203.0.113.1", "0.0.0.0/0"], sourceAddressPrefix="")], ("22",)),
        ([rule(100, "22", direction="Outbound")], ()),
        ([rule(100, "*", protocol="Icmp")], ()),
        # What is denied to everyone first stays shut; what is denied later does not.
        ([rule(200, "20-30"), rule(100, "22", "Deny", protocol="*")], ("20-21", "23-30")),
        ([rule(100, "20-30"), rule(200, "22", "Deny", protocol="*")], ("20-30",)),
        # Half a denial shuts nothing for certain.
        ([rule(200, "22"), rule(100, "22", "Deny", protocol="Udp")], ("22",)),
        ([rule(200, "22"), rule(100, "22", "Deny", protocol="*", destinationAddressPrefix="10.0.0.4")], ("22",)),
    ],
)
def test_the_first_rule_that_fits_decides(rules: list[dict[str, Any]], opened: tuple[str, ...]) -> None:
    assert open_ports(rules) == opened


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9), st.booleans()), min_size=1, max_size=8))
def test_ports_are_those_of_a_walk_through_the_rules(drawn: list[tuple[int, int, bool]]) -> None:
    """Held against asking for each port by itself, as the network does."""
    rules = [
        rule(100 + at, f"{first}-{first + width}", "Allow" if allow else "Deny", protocol="*")
        for at, (first, width, allow) in enumerate(drawn)
    ]
    spans = [tuple(map(int, one.split("-"))) for one in open_ports(rules)]
    opened = {port for span in spans for port in range(span[0], span[-1] + 1)}
    asked = {
        port
        for port in range(80)
        if next((allow for first, width, allow in drawn if first <= port <= first + width), False)
    }
    assert opened == asked


@pytest.mark.parametrize(
    ("actions", "denied", "scope", "expected"),
    [
        (["*"], [], SUBSCRIPTION, True),
        (["*"], ["Microsoft.Authorization/*/Write"], SUBSCRIPTION, True),
        (["*"], [], f"{SUBSCRIPTION}/resourceGroups/a", False),
        (["*"], [], "/providers/Microsoft.Management/managementGroups/root", True),
        (["*"], [], "/", True),
        (["*/read"], [], SUBSCRIPTION, False),
        (["*/read", "Microsoft.Authorization/*"], [], SUBSCRIPTION, True),
        (["Microsoft.Authorization/roleAssignments/*"], [], SUBSCRIPTION, True),
        (["Microsoft.Authorization/*"], ["Microsoft.Authorization/roleAssignments/write"], SUBSCRIPTION, False),
        (["Microsoft.Compute/*"], [], SUBSCRIPTION, False),
    ],
)
def test_who_is_an_administrator(actions: list[str], denied: list[str], scope: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert privileged([{"actions": actions, "notActions": denied}], scope) is expected


def test_a_star_stands_for_anything() -> None:
    assert covers("a/*/write", "a/b/c/write")
    assert not covers("a/*/write", "a/write")
    assert not covers("a/b", "a/b/c")
    assert covers("*", "anything/at/all")


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ({"scheduleRunFrequency": "Daily"}, 24),
        ({"scheduleRunFrequency": "Weekly", "scheduleRunDays": ["Monday"]}, 168),
        ({"scheduleRunFrequency": "Weekly", "scheduleRunDays": list("abcdefg")}, 24),
        ({"scheduleRunFrequency": "Hourly", "hourlySchedule": {"interval": 4}}, 4),
        ({"scheduleRunFrequency": "Now and then"}, None),
        ({}, None),
    ],
)
def test_how_often_a_policy_runs(schedule: dict[str, Any], hours: int | None) -> None:
    assert frequency_hours(schedule) == hours


@pytest.mark.parametrize(
    ("redundancy", "places"),
    [
        ("GeoRedundant", ("paired region",)),
        ("LocallyRedundant", ()),
        ("ZoneRedundant", ()),
        ("New", None),
        (None, None),
    ],
)
def test_a_vault_has_a_copy_elsewhere_by_its_redundancy(redundancy: str | None, places: tuple[str, ...] | None) -> None:
    assert elsewhere(copy_region({"redundancySettings": {"standardTierStorageRedundancy": redundancy}})) == places
    assert elsewhere(copy_region({})) is None


@pytest.mark.parametrize(
    ("state", "expected"), [("Locked", True), ("Unlocked", False), ("Disabled", False), (None, None)]
)
def test_a_vault_is_locked_when_nobody_can_lift_it(*, state: str | None, expected: bool | None) -> None:
    assert locked({"securitySettings": {"immutabilitySettings": {"state": state}}}) is expected
    assert locked({"securitySettings": {"softDeleteSettings": {"softDeleteState": "AlwaysON"}}}) is None
    assert locked({}) is None


def test_how_long_a_policy_keeps() -> None:
    kept = {"retentionDuration": {"count": 5, "durationType": "Weeks"}}
    assert retention_days({"dailySchedule": kept}) == 35
    assert retention_days({"weeklySchedule": kept}) == 35
    assert retention_days(kept) == 35
    assert retention_days({}) is None


@pytest.mark.parametrize(
    ("sku", "expected"),
    [
        ("Standard_ZRS", True),
        ("Standard_RAGZRS", True),
        ("PremiumV2_ZRS", True),
        ("Standard_GRS", False),
        ("Premium_LRS", False),
        ("", None),
        (None, None),
    ],
)
def test_an_account_is_over_zones_by_its_redundancy(*, sku: str | None, expected: bool | None) -> None:
    assert over_zones(sku) is expected


@pytest.mark.parametrize(("period", "number"), [("P90D", 90), ("P1Y", 365), ("P1Y3M", 455), ("P", None), (None, None)])
def test_periods_in_days(period: str | None, number: int | None) -> None:
    assert days(period) == number


def test_times() -> None:
    assert moment("2026-11-23T12:00:00.1234567Z") == datetime(2026, 11, 23, 12, 0, 0, 123456, UTC)
    assert moment("0001-01-01T00:00:00Z") is None
    assert moment(None) is None


@pytest.mark.parametrize(
    ("condition", "event_class"),
    [
        ([("operationName", "Microsoft.Authorization/roleAssignments/write")], "identity"),
        ([("category", "Administrative"), ("operationName", "Microsoft.Compute/disks/write")], "other"),
        ([("category", "Security")], "security"),
        ([("category", "Administrative"), ("level", "Error")], None),
        ([], None),
    ],
)
def test_what_an_alert_waits_for(condition: list[tuple[str, str]], event_class: str | None) -> None:
    parts = [{"field": name, "equals": value} for name, value in condition]
    assert _class({"condition": {"allOf": parts}}) == event_class
