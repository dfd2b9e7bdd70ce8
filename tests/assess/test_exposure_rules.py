from __future__ import annotations

from typing import Any

import pytest

from collector.records import Key, Resource, Setting
from tests.assess.sealed import NOW, judged, verdicts

EXPOSURE = "aws.ec2.exposure"
AT_REST = "aws.encryption.at_rest"


def resource(**columns: Any) -> Resource:
    return Resource(**{"key": "it", "seen": (), "resource_id": "it"} | columns)


GROUP: dict[str, Any] = {"type": "security_group", "open_ports": (), "attached": True}
INSTANCE: dict[str, Any] = {"type": "instance", "hardened_metadata": True}
DATABASE: dict[str, Any] = {"type": "db_instance", "public": False}


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        (GROUP, "pass"),
        (GROUP | {"open_ports": ("443", "80")}, "pass"),
        (GROUP | {"open_ports": ("22",)}, "deviation"),
        (GROUP | {"open_ports": ("22",), "attached": False}, "deviation"),
        (GROUP | {"open_ports": ("22",), "attached": None}, "deviation"),
        (GROUP | {"open_ports": ("3000-4000",)}, "deviation"),
        (GROUP | {"open_ports": ("443", "all")}, "deviation"),
        (GROUP | {"open_ports": None}, "cannot_tell"),
        (GROUP | {"open_ports": ("some",)}, "cannot_tell"),
        (GROUP | {"open_ports": ("22",), "environment": "Staging"}, "not_applicable"),
        (GROUP | {"open_ports": ("22",), "environment": "production"}, "deviation"),
        (GROUP | {"open_ports": ("22",), "environment": "anything else"}, "deviation"),
        (INSTANCE, "pass"),
        (INSTANCE | {"hardened_metadata": False}, "deviation"),
        (INSTANCE | {"hardened_metadata": None}, "cannot_tell"),
        (INSTANCE | {"type": None}, "cannot_tell"),
        (DATABASE, "pass"),
        (DATABASE | {"public": True}, "deviation"),
        (DATABASE | {"public": None}, "cannot_tell"),
        (DATABASE | {"public": None, "type": "db_cluster"}, "not_applicable"),
        ({"type": "volume"}, None),
    ],
)
def test_iam_14(columns: dict[str, Any], outcome: str | None) -> None:
    assert verdicts("IAM-14", {EXPOSURE: [resource(**columns)]}).get("it") == outcome


def test_iam_14_names_the_ports_that_are_open() -> None:
    (_, because) = judged("IAM-14", {EXPOSURE: [resource(**GROUP | {"open_ports": ("3300-3400", "443")})]})["it"]
    assert because == "Open to everyone: 3306, 3389; in use."
    company = {"ports": "443"}
    assert verdicts("IAM-14", {EXPOSURE: [resource(**GROUP | {"open_ports": ("22",)})]}, company) == {"it": "pass"}


@pytest.mark.parametrize(("public", "outcome"), [(False, "pass"), (True, "deviation"), (None, "cannot_tell")])
def test_iam_15(public: bool | None, outcome: str) -> None:  # noqa: FBT001 - a case
    assert verdicts("IAM-15", {"aws.s3.public_access": [resource(type="bucket", public=public)]}) == {"it": outcome}


def test_iam_15_the_approved_public_list_is_the_companys_own() -> None:
    records = {"aws.s3.public_access": [resource(type="bucket", public=True, environment="test")]}
    assert verdicts("IAM-15", records, {"approved_public": ["other"]}) == {"it": "deviation"}
    assert verdicts("IAM-15", records, {"approved_public": ["it"]}) == {"it": "pass"}


@pytest.mark.parametrize(
    ("columns", "outcome"),
    [
        ({"encrypted": True, "key_control": "provider"}, "pass"),
        ({"encrypted": False}, "deviation"),
        ({"encrypted": None}, "cannot_tell"),
        ({"encrypted": False, "environment": "qa"}, "not_applicable"),
        ({"encrypted": True, "key_control": "customer", "data_class": "confidential"}, "pass"),
        ({"encrypted": True, "key_control": "provider", "data_class": "Restricted"}, "deviation"),
        ({"encrypted": True, "key_control": None, "data_class": "confidential"}, "cannot_tell"),
        ({"encrypted": True, "key_control": None, "data_class": "internal"}, "pass"),
    ],
)
def test_iam_16(columns: dict[str, Any], outcome: str) -> None:
    assert verdicts("IAM-16", {AT_REST: [resource(type="volume", **columns)]}) == {"it": outcome}


@pytest.mark.parametrize(("value", "outcome"), [("true", "pass"), ("false", "deviation"), (None, "cannot_tell")])
def test_iam_16_new_disks(value: str | None, outcome: str) -> None:
    default = Setting(key="d", seen=(), name="ebs_encryption_by_default", value=value, applies_to="eu-west-1")
    assert verdicts("IAM-16", {AT_REST: [default]}) == {"ebs_encryption_by_default eu-west-1": outcome}


ROTATED: dict[str, Any] = {
    "manager": "customer",
    "state": "enabled",
    "rotation_supported": True,
    "rotation_on": True,
    "rotation_days": 365,
    "policy_open": False,
}


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"rotation_days": 366}, "deviation"),
        ({"rotation_days": None}, "cannot_tell"),
        ({"rotation_on": False}, "deviation"),
        ({"rotation_on": None}, "cannot_tell"),
        ({"rotation_supported": None, "rotation_on": None}, "cannot_tell"),
        ({"rotation_supported": False, "rotation_on": None}, "not_applicable"),
        ({"rotation_supported": False, "policy_open": None}, "cannot_tell"),
        ({"rotation_supported": False, "policy_open": True}, "deviation"),
        ({"policy_open": None}, "cannot_tell"),
        ({"policy_open": True}, "deviation"),
        ({"state": "pending_deletion", "delete_at": NOW}, "deviation"),
        ({"state": "pending_deletion"}, "deviation"),
        ({"state": "disabled", "rotation_on": False}, "not_applicable"),
        ({"state": None}, "cannot_tell"),
        ({"manager": "provider", "policy_open": None}, "not_applicable"),
        ({"manager": None}, "cannot_tell"),
    ],
)
def test_iam_18(changed: dict[str, Any], outcome: str) -> None:
    key = Key(**{"key": "it", "seen": (), "key_id": "it"} | ROTATED | changed)
    assert verdicts("IAM-18", {"aws.kms.keys": [key]}) == {"it": outcome}
