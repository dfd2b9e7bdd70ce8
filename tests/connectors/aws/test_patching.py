"""Systems Manager: which hosts it manages, which run without it, and what is missing on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.aws.supplement.ssm import NODES, PATCHES

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

PATCHED, EU = "aws.ssm.patch", "eu-central-1"
TOLD = ("managed", "patches_missing", "critical_patches_missing")


@pytest.fixture
def prod(manifest: dict[str, Any]) -> str:
    account: str = manifest["accounts"]["northwind-prod"]
    return account


def only(found: list[Gathered]) -> Gathered:
    (one,) = found
    return one


def told(found: Gathered) -> list[tuple[Any, ...]]:
    return sorted((tuple(row[name] for name in TOLD) for row in found.rows), key=str)


def test_who_runs_and_is_not_managed_is_in_the_list_and_says_so(gather: Gather, prod: str) -> None:
    found = only(gather(PATCHED, only=prod))
    assert found.snapshot.complete
    assert told(found) == [(False, None, None), (True, 0, 0), (True, 3, 1), (True, None, None)]
    kinds = [row["type"] for row in found.rows]
    assert (kinds.count("instance"), kinds.count("managed_node")) == (3, 1)
    for row in found.rows:
        assert row["origins"]
        assert (row["environment"] == "production") == (row["type"] == "instance")
        assert (row["patches_checked_at"] is None) == (row["patches_missing"] is None)
        assert (row["last_seen_at"] is None) == (row["managed"] is False)


def test_nobody_is_called_unmanaged_where_the_list_could_not_be_read(gather: Gather, aws: AwsDouble, prod: str) -> None:
    aws.fault("throttle", match={"service": "ssm", "operation": "DescribeInstanceInformation"})
    found = only(gather(PATCHED, only=prod))
    assert set(found.causes) == {"throttled"}
    assert told(found) == [(None, None, None)] * 3


def test_hosts_beyond_the_first_page_and_the_first_batch_are_read(gather: Gather, aws: AwsDouble, prod: str) -> None:
    node = {"PingStatus": "Online", "ResourceType": "ManagedInstance", "PlatformType": "Linux"}
    names = [f"mi-{number:017x}" for number in range(60)]
    state: dict[str, Any] = {
        "PatchGroup": "production",
        "BaselineId": "pb-0123456789abcdef0",
        "OperationStartTime": "2026-11-01T00:00:00+00:00",
        "OperationEndTime": "2026-11-01T00:10:00+00:00",
        "Operation": "Install",
        "MissingCount": 1,
        "FailedCount": 2,
        "InstalledPendingRebootCount": 4,
    }
    nodes, states = [node | {"InstanceId": name} for name in names], [state | {"InstanceId": name} for name in names]
    with aws.seeded_besides(NODES, prod, EU, nodes), aws.seeded_besides(PATCHES, prod, EU, states):
        whole = only(gather(PATCHED, only=prod))
        aws.fault("deny", match={"service": "ssm", "operation": "DescribeInstanceInformation", "contains": "NextToken"})
        cut = only(gather(PATCHED, only=prod))
        aws.clear_faults()
        aws.fault("deny", match={"service": "ssm", "operation": "DescribeInstancePatchStates", "contains": names[-1]})
        part = only(gather(PATCHED, only=prod))
    assert whole.snapshot.complete
    assert {row["asset_id"]: row["patches_missing"] for row in whole.rows if row["asset_id"] in names} == (
        dict.fromkeys(names, 7)
    )
    assert cut.causes == ["denied"]
    assert told(cut) == [(None, None, None)] * 3, "part of a list is not the list"
    assert part.causes == ["denied"]
    missing = [row["asset_id"] for row in part.rows if row["asset_id"] in names and row["patches_missing"] is None]
    assert names[-1] in missing
    assert len(missing) < len(names)
    assert {row["managed"] for row in part.rows if row["asset_id"] in missing} == {True}
