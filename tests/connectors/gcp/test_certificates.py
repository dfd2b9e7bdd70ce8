"""Certificates of load balancers and of Certificate Manager, and what IAM-17 says of those that were not renewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.gcp.gathering import Gathered, gather, gathered
from tests.connectors.github.judging import judged
from tests.doubles.gcp.server import GcpDouble, error, running_gcp

if TYPE_CHECKING:
    from collections.abc import Iterator

EDGE = "gcp.edge.tls"
_MANAGER = "certificatemanager.googleapis.com/projects/northwind-{}/locations/global/certificates/{}"
_COMPUTE = "compute.googleapis.com/projects/northwind-{}/global/{}"


@pytest.fixture(scope="module")
def double() -> Iterator[GcpDouble]:
    with running_gcp() as double:
        yield double


@pytest.fixture(scope="module")
def both(double: GcpDouble) -> list[Gathered]:
    """All that IAM-17 rests on."""
    return gathered(double, EDGE, "gcp.sql.instances")


@pytest.fixture(scope="module")
def found(both: list[Gathered]) -> Gathered:
    return both[0]


def renewals(both: list[Gathered]) -> dict[str, str]:
    outcomes = judged(both, "IAM-17")["IAM-17"]
    return {one.item: one.outcome for one in outcomes if one.item.startswith("renewal of")}


def test_certificates_of_certificate_manager_with_their_end_state_and_use(found: Gathered) -> None:
    assert found.snapshot.complete
    rows = found.by("credential_id", "credential")
    told = {name: rows[_MANAGER.format("0004", name)] for name in ("renewed", "stuck", "brought", "spare")}
    assert {name: row["status"] for name, row in told.items()} == {
        "renewed": "active", "stuck": "failed", "brought": "active", "spare": "failed",
    }  # fmt: skip
    entry = "certificatemanager.googleapis.com/projects/northwind-0004/locations/global/certificateMaps/web/"
    assert told["stuck"]["principal_id"] == f"{entry}certificateMapEntries/stuck"
    assert told["spare"]["principal_id"] is None
    assert {row["kind"] for row in told.values()} == {"certificate"}
    assert {row["within"] for row in told.values()} == {"northwind-0004"}
    brought = rows[_MANAGER.format("0008", "brought")]
    assert brought["created_at"] < brought["expires_at"] < told["stuck"]["expires_at"]


def test_a_certificate_is_also_used_by_a_proxy_that_speaks_no_http(found: Gathered) -> None:
    rows = found.by("credential_id", "credential")
    own = {number: rows[_COMPUTE.format(number, "sslCertificates/own")]["principal_id"] for number in ("0004", "0008")}
    assert own == {"0004": None, "0008": _COMPUTE.format("0008", "targetSslProxies/mail")}


def test_iam_17_finds_every_certificate_in_use_that_was_not_renewed_and_no_other(
    double: GcpDouble, both: list[Gathered]
) -> None:
    told = renewals(both)
    planted = {one for one in double.manifest["deviations"]["IAM-17"] if one.startswith("renewal of")}
    assert {item for item, outcome in told.items() if outcome == "deviation"} == planted
    spare = {f"renewal of {_MANAGER.format(number, 'spare')}" for number in ("0000", "0004", "0008")}
    assert {item for item, outcome in told.items() if outcome == "not_applicable"} == spare


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"managed": {"state": "PROVISIONING"}}, None),
        ({"managedIdentity": {"state": "FAILED"}}, "failed"),
        ({"managedIdentity": {"state": "ACTIVE"}}, "active"),
        ({"managed": {}}, None),
    ],
)
def test_what_is_not_said_of_a_certificate_is_unknown(
    google: GcpDouble, data: dict[str, Any], status: str | None
) -> None:
    asset = google.estate.asset("northwind-0004/locations/global/certificates/renewed")
    asset.data = {"name": asset.data["name"], **data}
    row = gather(google, EDGE).by("credential_id", "credential")[asset.name.removeprefix("//")]
    assert (row["status"], row["expires_at"]) == (status, None)


def test_a_certificate_of_which_the_inventory_gives_only_the_name_is_in_the_list(google: GcpDouble) -> None:
    asset = google.estate.asset("northwind-0004/locations/global/certificates/brought")
    asset.data = {}
    row = gather(google, EDGE).by("credential_id", "credential")[asset.name.removeprefix("//")]
    assert (row["status"], row["expires_at"], row["principal_id"]) == (None, None, None)


def test_certificates_that_may_not_be_read_are_a_gap_and_hide_none_of_the_rest(google: GcpDouble) -> None:
    google.answers.append((_MANAGER.partition("/")[0], error(403, "PERMISSION_DENIED", "no")))
    found = gather(google, EDGE)
    assert set(found.causes) == {"denied"}
    rows = found.table("credential")
    assert rows
    assert not [row for row in rows if row["credential_id"].startswith("certificatemanager")]
    assert {one.outcome for one in judged([found], "IAM-17")["IAM-17"]} == {"cannot_tell"}


def test_a_certificate_that_one_index_lacks_does_not_tie(google: GcpDouble) -> None:
    google.estate.asset("northwind-0004/locations/global/certificates/stuck").listed = False
    found = gather(google, EDGE)
    (total,) = (total for total in found.snapshot.totals if not total.ties)
    assert total.name == "certificatemanager.googleapis.com/Certificate: listed = found by search"
    assert not found.snapshot.complete
