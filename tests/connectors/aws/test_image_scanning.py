"""ECR: which repositories have their images scanned, and what CHG-08 makes of that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.assess.clouds import told

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

SCANNING = "aws.ecr.scanning"
EU, IRELAND = "eu-central-1", "eu-west-1"


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    account: str = manifest["accounts"]["northwind-prod"]
    return account


def states(found: Gathered) -> dict[str, tuple[str | None, bool | None]]:
    """By the name of the repository."""
    rows = found.table("scanner")
    return {row["asset_id"].partition("repository/")[2]: (row["state"], row["rescans"]) for row in rows}


def test_every_repository_and_every_registry(gather: Gather, manifest: dict[str, Any]) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(SCANNING)}
    assert all(one.snapshot.complete for one in found.values())
    accounts = manifest["accounts"]
    assert states(found[accounts["northwind-prod"]]) == {
        "nw/shop": ("enabled", True),
        "nw/tools": ("enabled", False),
        "nw/legacy": ("disabled", False),
    }
    # The setting of the repository itself counts, where the registry's filters leave it out.
    assert states(found[accounts["northwind-data"]]) == {"nw/reports": ("enabled", False)}
    for account, one in found.items():
        registries = {row["covers"]: row["state"] for row in one.table("monitor")}
        on = {EU: "enabled"} if account == accounts["northwind-prod"] else {}
        assert registries == dict.fromkeys(manifest["regions"], "disabled") | on


def test_the_list_is_read_to_its_end(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault(match={"service": "ecr", "operation": "DescribeRepositories"}, page_size=2)
    (found,) = gather(SCANNING, only=prod)
    assert len(states(found)) == 3
    aws.fault("deny", match={"service": "ecr", "operation": "DescribeRepositories", "contains": "nextToken"})
    (found,) = gather(SCANNING, only=prod)
    assert found.causes == ["denied"]
    assert found.table("scanner") == []


def test_a_repository_that_ecr_tells_nothing_of_is_neither_on_nor_off(
    gather: Gather, aws: AwsDouble, prod: str
) -> None:
    failed = {"repositoryName": "nw/shop", "failureCode": "REPOSITORY_NOT_FOUND"}
    aws.fault(
        "replace_body",
        match={"service": "ecr", "operation": "BatchGetRepositoryScanningConfiguration"},
        body=json.dumps({"scanningConfigurations": [], "failures": [failed]}),
        headers={"Content-Type": "application/x-amz-json-1.1"},
    )
    found = gather(SCANNING, only=prod)
    (one,) = found
    assert [gap.detail.rpartition(": ")[2] for gap in one.snapshot.gaps if "nw/shop" in gap.subject] == [
        "REPOSITORY_NOT_FOUND"
    ]
    assert len(one.causes) == 3
    assert set(states(one).values()) == {(None, None)}
    assert {verdict for verdict, _ in told("CHG-08", found).values()} == {"cannot_tell"}


def test_chg_08_of_aws(gather: Gather, manifest: dict[str, Any]) -> None:
    found = told("CHG-08", gather(SCANNING))
    planted = {place["item"] for place in manifest["deviations"]["CHG-08"]}
    assert {item for item, (verdict, _) in found.items() if verdict == "deviation"} == planted
    assert sorted(verdict for verdict, _ in found.values()) == ["deviation", "pass", "pass", "pass"]
