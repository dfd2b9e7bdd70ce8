from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.connectors.aws.conftest import Gather, Gathered
    from tests.doubles.aws.process import AwsDouble

SUMMARY = "aws.iam.account_summary"


def values(gathered: Gathered) -> dict[str, str | None]:
    return {row["name"]: row["value"] for row in gathered.rows}


def test_settings_of_each_account(gather: Gather, manifest: dict[str, Any]) -> None:
    found = {one.snapshot.scope.unit_id: one for one in gather(SUMMARY)}
    assert all(one.snapshot.complete for one in found.values())
    names = {"management": manifest["management"], **manifest["accounts"]}
    management, prod, data = (values(found[names[name]]) for name in ("management", "northwind-prod", "northwind-data"))
    assert (management["root_mfa_enabled"], management["root_mfa_kind"]) == ("true", "virtual")
    assert (prod["root_mfa_enabled"], prod["root_mfa_kind"]) == ("true", "hardware")
    assert (data["root_mfa_enabled"], data["root_mfa_kind"]) == ("false", "none")
    assert (prod["root_access_keys_present"], data["root_access_keys_present"]) == ("false", "true")
    assert (prod["password_policy"], prod["password_policy.minimum_length"]) == ("present", "14")
    assert management["central_root_management"] == "RootCredentialsManagement"
    assert prod["central_root_management"] == "absent"


def test_no_password_policy_is_said_out_loud(gather: Gather, manifest: dict[str, Any]) -> None:
    (data,) = gather(SUMMARY, only=manifest["accounts"]["northwind-data"])
    assert data.snapshot.complete
    found = values(data)
    assert (found["password_policy"], found["password_policy.minimum_length"]) == ("absent", None)


@pytest.mark.parametrize(
    ("operation", "lost"),
    [
        ("GetAccountSummary", "root_mfa_enabled"),
        ("GetAccountPasswordPolicy", "password_policy"),
        ("ListVirtualMFADevices", "root_mfa_kind"),
        ("ListOrganizationsFeatures", "central_root_management"),
    ],
)
@pytest.mark.parametrize("fault", ["deny", "not_found_html", "empty"])
def test_a_part_that_cannot_be_read_has_no_row_and_the_others_stay(
    gather: Gather, aws: AwsDouble, operation: str, lost: str, fault: str
) -> None:
    aws.fault(fault, match={"operation": operation})
    (partial,) = gather(SUMMARY, role="")
    assert len(partial.causes) == 1
    found = values(partial)
    assert lost not in found
    assert len(found) >= 6
