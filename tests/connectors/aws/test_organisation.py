from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.clients import MANAGEMENT_KEY

if TYPE_CHECKING:
    import pytest

    from tests.connectors.aws.conftest import Gather
    from tests.doubles.aws.process import AwsDouble

ACCOUNTS = "aws.org.accounts"


def test_every_account_with_its_place(gather: Gather, manifest: dict[str, Any]) -> None:
    (organisation,) = gather(ACCOUNTS)
    assert organisation.snapshot.complete
    assert {row["unit_id"] for row in organisation.rows} == set(manifest["accounts"].values())
    places = {row["unit_id"]: row["parent"] for row in organisation.rows}
    assert places[manifest["accounts"]["northwind-prod"]] == "Root/Workloads/Production"
    assert places[manifest["management"]] == "Root"
    assert {row["status"] for row in organisation.rows} == {"active"}


def test_an_active_account_nobody_answers_for_makes_it_incomplete(gather: Gather, manifest: dict[str, Any]) -> None:
    data = manifest["accounts"]["northwind-data"]
    (alone,) = gather(ACCOUNTS, role="")
    assert [total.ties for total in alone.snapshot.totals] == [True, False]
    (excused,) = gather(ACCOUNTS, excluded_accounts={data: "is being wound up"})
    assert excused.snapshot.complete
    (no_reason,) = gather(ACCOUNTS, excluded_accounts={data: ""})
    assert not no_reason.snapshot.complete


def test_pages_are_read_to_the_end(gather: Gather, aws: AwsDouble) -> None:
    aws.fault(match={"operation": "ListAccounts"}, page_size=1)
    (organisation,) = gather(ACCOUNTS)
    assert organisation.snapshot.complete
    assert len(organisation.rows) == 3


def test_units_that_cannot_be_read_leave_accounts_without_a_place(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListAccountsForParent"})
    (organisation,) = gather(ACCOUNTS)
    assert set(organisation.causes) == {"denied"}
    assert [row["parent"] for row in organisation.rows] == [None, None, None]
    assert not organisation.snapshot.totals[0].ties


def test_an_account_outside_any_organisation_is_one_unit(
    gather: Gather, aws: AwsDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusal = '{"__type": "AWSOrganizationsNotInUseException", "message": "not a member of an organization"}'
    kind = {"Content-Type": "application/x-amz-json-1.1"}
    aws.fault("replace_body", match={"service": "organizations"}, status=400, body=refusal, headers=kind)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", MANAGEMENT_KEY)
    (alone,) = gather(ACCOUNTS, role="")
    assert alone.snapshot.complete
    (row,) = alone.rows
    assert (row["unit_id"], row["status"], row["parent"]) == ("123456789012", None, None)
    assert row["origins"], "the answer that there is no organisation is its proof"


def test_a_refused_list_of_accounts_is_no_account(gather: Gather, aws: AwsDouble) -> None:
    aws.fault("deny", match={"operation": "ListAccounts"})
    (refused,) = gather(ACCOUNTS, role="")
    assert refused.causes == ["denied"]
    assert refused.rows == []
