from __future__ import annotations

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.aws.network.exposure import hardened, open_ports

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble


def _rule(protocol: str, first: int | None, last: int | None, *ranges: str) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": one} for one in ranges if ":" not in one],
        "Ipv6Ranges": [{"CidrIpv6": one} for one in ranges if ":" in one],
    }
    return rule | ({} if first is None else {"FromPort": first, "ToPort": last})


@pytest.mark.parametrize(
    ("rules", "ports"),
    [
        ([], ()),
        ([_rule("tcp", 22, 22, "0.0.0.0/0")], ("22",)),
        ([_rule("tcp", 22, 22, "::/0")], ("22",)),
        ([_rule("tcp", 22, 22, "10.0.0.0/8", "192.0.2.1/32")], ()),
        ([_rule("tcp", 443, 443, "0.0.0.0/0"), _rule("udp", 1000, 2000, "::/0")], ("443", "1000-2000")),
        ([_rule("tcp", 53, 53, "0.0.0.0/0"), _rule("udp", 53, 53, "0.0.0.0/0")], ("53",)),
        ([_rule("-1", None, None, "0.0.0.0/0")], ("all",)),
        ([_rule("tcp", 0, 65535, "0.0.0.0/0")], ("0-65535",)),
        ([_rule("tcp", 22, 22, "0.0.0.0/1", "128.0.0.0/1")], ("22",)),
        ([_rule("tcp", 22, 22, "0.0.0.0/1")], ()),
        ([_rule("icmp", 8, -1, "0.0.0.0/0")], ()),
        ([_rule("47", None, None, "0.0.0.0/0")], ()),
        ([_rule("6", 22, 22, "0.0.0.0/0")], ("22",)),
        ([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "UserIdGroupPairs": [{"GroupId": "sg-1"}]}], ()),
    ],
)
def test_open_ports_are_those_that_anywhere_can_reach(rules: list[dict[str, Any]], ports: tuple[str, ...]) -> None:
    assert open_ports(rules) == ports


@given(st.integers(min_value=1, max_value=8))
def test_the_whole_internet_in_pieces_is_still_the_whole_internet(bits: int) -> None:
    pieces = [str(piece) for piece in IPv4Network("0.0.0.0/0").subnets(prefixlen_diff=bits)]
    assert open_ports([_rule("tcp", 22, 22, *pieces)]) == ("22",)
    assert open_ports([_rule("tcp", 22, 22, *pieces[1:])]) == ()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"HttpTokens": "required", "HttpEndpoint": "enabled"}, True),
        ({"HttpTokens": "optional", "HttpEndpoint": "disabled"}, True),
        ({"HttpTokens": "optional", "HttpEndpoint": "enabled"}, False),
        ({}, None),
    ],
)
def test_metadata_is_hardened_when_it_wants_a_token_or_is_off(
    *, options: dict[str, str], expected: bool | None
) -> None:
    assert hardened(options) is expected


def test_groups_instances_and_addresses_are_found(gather: Gather, manifest: dict[str, Any]) -> None:
    found = gather("aws.ec2.exposure")
    (prod,) = [one for one in found if one.snapshot.scope.name == "northwind-prod"]
    rows = {row["resource_id"]: row for row in prod.rows}
    assert all(one.snapshot.complete for one in found)
    for item in manifest["deviations"]["IAM-14"]:
        if item["item"].startswith("sg-"):
            assert {"22", "3389"} & set(rows[item["item"]]["open_ports"])
            assert rows[item["item"]]["attached"] is not ("nothing" in item["why"])
        elif item["item"].startswith("i-"):
            assert rows[item["item"]]["hardened_metadata"] is False
    instances = [row for row in prod.rows if row["type"] == "instance"]
    assert len(instances) == manifest["counts"][f"{prod.snapshot.scope.unit_id}/eu-central-1"]["ec2.instances"]
    assert {row["environment"] for row in instances} == {"production"}


def test_without_interfaces_nobody_knows_whether_a_group_is_used(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "DescribeNetworkInterfaces"})
    (prod,) = [one for one in gather("aws.ec2.exposure") if one.snapshot.scope.name == "northwind-prod"]
    groups = [row for row in prod.rows if row["type"] == "security_group"]
    assert groups
    assert {row["attached"] for row in groups} == {None}
    assert set(prod.causes) == {"denied"}
    assert any(row["type"] == "instance" for row in prod.rows)


def test_what_services_manage_is_asked_for_too(gather: Gather, aws: AwsDouble) -> None:
    # Accounts can hide such resources; then a plain call leaves them out without a word.
    aws.fault("deny", match={"operation": "DescribeInstances", "contains": "IncludeManagedResources=true"})
    gather("aws.ec2.exposure")
    assert any(rule["fired"] for rule in aws.faults())
