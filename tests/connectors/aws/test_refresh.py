"""Sessions of an assumed role that end during a run are renewed, and each role is asked for as configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.aws.conftest import ROLE
from tests.doubles.aws.clients import Account
from tests.doubles.aws.estate.organisation import trust
from tests.doubles.aws.supplement.sts import LIFETIME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

BUCKETS = "aws.s3.public_access"
MEMBERS = ("northwind-prod", "northwind-data")
EXTERNAL_ID = "nw-7f3a"


@pytest.fixture
def lasting(aws: AwsDouble, manifest: dict[str, Any]) -> Iterator[Any]:
    """Say how many seconds the sessions last that the management account is given."""

    def put(*items: dict[str, int]) -> None:
        batch = {"kind": LIFETIME, "account": manifest["management"], "items": items, "replace": True}
        aws.control("POST", "seeded", [batch])

    yield lambda seconds: put({"seconds": seconds})
    put()


@pytest.fixture
def guarded(aws: AwsDouble, manifest: dict[str, Any]) -> Iterator[str]:
    """Production's role wants an external id."""
    account = manifest["accounts"]["northwind-prod"]
    iam = Account.management(aws.endpoint).member(account).client("iam")
    trusted = {"AWS": f"arn:aws:iam::{manifest['management']}:root"}
    wanted = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust(trusted, wanted))
    yield account
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust(trusted))


def asked(aws: AwsDouble) -> int:
    """How often a role was asked for."""
    return sum(one["count"] for one in aws.requests() if one["operation"] == "AssumeRole")


def test_a_long_session_is_taken_once(gather: Gather, aws: AwsDouble, lasting: Any) -> None:
    lasting(3600)
    assert all(found.snapshot.complete for found in gather(BUCKETS))
    assert asked(aws) == len(MEMBERS)


def test_a_session_about_to_end_is_renewed(gather: Gather, aws: AwsDouble, lasting: Any) -> None:
    """Five minutes left is too few: botocore renews before each request, and the rows are the same."""
    lasting(3600)
    before = [found.rows for found in gather(BUCKETS)]
    aws.clear_requests()
    lasting(300)
    found = gather(BUCKETS)
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    assert [one.rows for one in found] == before
    assert asked(aws) > len(MEMBERS)


def test_renewing_is_no_evidence_of_its_own(gather: Gather, aws: AwsDouble, lasting: Any) -> None:
    """Taking a role in the midst of a call must not be kept in that call's place."""
    lasting(3600)
    before = [one.snapshot.exchanges.count for one in gather(BUCKETS)]
    lasting(300)
    aws.clear_requests()
    assert [one.snapshot.exchanges.count for one in gather(BUCKETS)] == before
    assert asked(aws) > len(MEMBERS)


def test_a_session_that_cannot_be_renewed_is_a_gap(gather: Gather, aws: AwsDouble, lasting: Any, manifest: Any) -> None:
    lasting(300)
    prod = manifest["accounts"]["northwind-prod"]
    aws.fault("deny", match={"operation": "AssumeRole", "contains": prod}, skip=2)
    found = {one.snapshot.scope.unit_id: one for one in gather(BUCKETS)}
    (rule,) = aws.faults()
    assert rule["fired"]
    broken = found.pop(prod)
    assert not broken.snapshot.complete
    assert set(broken.causes) == {"denied"}
    assert all("AssumeRole" in gap.detail for gap in broken.snapshot.gaps)
    assert all(one.snapshot.complete for one in found.values())


def test_the_role_and_the_external_id_are_sent(gather: Gather, aws: AwsDouble, guarded: str) -> None:
    as_configured = {"operation": "AssumeRole", "contains": f"ExternalId={EXTERNAL_ID}"}
    aws.fault(match=as_configured)
    aws.fault(match={"operation": "AssumeRole", "contains": f":iam::{guarded}:role/{ROLE}"})
    assert all(found.snapshot.complete for found in gather(BUCKETS, external_id=EXTERNAL_ID))
    everywhere, there = aws.faults()
    assert everywhere["fitting"] == len(MEMBERS)
    assert there["fitting"] == 1


@pytest.mark.parametrize("given", ["", "wrong"])
def test_without_the_right_external_id_that_account_is_a_gap(gather: Gather, guarded: str, given: str) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(BUCKETS, external_id=given)}
    shut = found.pop(guarded)
    assert not shut.snapshot.complete
    assert shut.rows == []
    assert shut.causes == ["denied"]
    (gap,) = shut.snapshot.gaps
    assert "AssumeRole" in gap.detail
    assert EXTERNAL_ID not in gap.detail
    assert found
    assert all(one.snapshot.complete for one in found.values())


def test_a_role_of_another_name_lets_nobody_in(gather: Gather, aws: AwsDouble, manifest: dict[str, Any]) -> None:
    aws.fault(match={"operation": "AssumeRole", "contains": "role/Elsewhere"})
    found = {one.snapshot.scope.unit_id: one for one in gather(BUCKETS, role="Elsewhere")}
    assert found.pop(manifest["management"]).snapshot.complete
    assert [one.causes for one in found.values()] == [["denied"]] * len(MEMBERS)
    (rule,) = aws.faults()
    assert rule["fitting"] == len(MEMBERS)
