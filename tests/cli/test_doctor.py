"""`collector doctor`: what would be missing, before it is missed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from collector.registry import load

if TYPE_CHECKING:
    from tests.cli.oracle import Oracle
    from tests.conftest import Estate, Program


def test_all_is_well(oracle: Oracle) -> None:
    assert oracle.doctor.code == 0, oracle.doctor.text
    assert oracle.doctor.out.splitlines() == ["68 of 68 snapshots can be read; 0 would be incomplete"]
    assert "INCOMPLETE" not in oracle.doctor.err


def test_it_keeps_nothing(oracle: Oracle) -> None:
    assert [path.name for path in (oracle.once.folder.parent / "doctor").iterdir()] == ["collector.toml"]


def test_it_asks_of_one_item_where_a_collection_asks_of_each(oracle: Oracle) -> None:
    """However large the estate: where a collection asks about seven keys, it asks about one."""
    collected, tried = (asked(requests) for requests in (oracle.requests, oracle.asked_by_doctor))
    assert sum(tried.values()) < sum(collected.values())
    prod, home = oracle.account("northwind-prod"), oracle.account("management")
    for operation, account in (
        ("kms:DescribeKey", prod),
        ("kms:GetKeyPolicy", prod),
        ("s3:GetBucketEncryption", prod),
        ("s3:GetPublicAccessBlock", prod),
        ("sso-admin:ListAccountAssignments", home),
    ):
        places = [(operation, account, region) for region in oracle.manifest["regions"]]
        assert sum(collected[place] for place in places) >= 5, operation
        assert 1 <= sum(tried[place] for place in places) <= len(places), operation
        assert all(tried[place] <= 1 for place in places), operation


def asked(requests: list[dict[str, Any]]) -> Counter[tuple[str, str, str]]:
    """How many different things were asked, by call, account and region."""
    return Counter((f"{one['service']}:{one['operation']}", one["account"], one["region"]) for one in requests)


def test_one_denied_call_names_exactly_what_would_be_lost(bare: Program, estate: Estate) -> None:
    account = estate.account("management")
    estate.double.fault("deny", match={"operation": "GetAccountSummary", "account": account})
    ended = bare("doctor")
    assert ended.code == 1, ended.text
    head, *rows, verdict = ended.out.splitlines()
    assert head.split("\t") == ["evidence type", "scope", "cause", "call", "why"]
    types = load(["aws"])[0]["aws"].types
    needing = {name for name, one in types.items() if "iam:GetAccountSummary" in one.needs}
    assert len(needing) > 1
    assert {tuple(row.split("\t")[:3]) for row in rows} == {(name, account, "denied") for name in needing}
    assert all("iam:GetAccountSummary" in row.split("\t")[3] for row in rows)
    assert (
        verdict
        == f"{len(types) - len(needing)} of {len(types)} snapshots can be read; {len(needing)} would be incomplete"
    )
    assert list(bare.folder.iterdir()) == []
