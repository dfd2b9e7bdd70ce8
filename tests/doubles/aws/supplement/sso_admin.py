"""IAM Identity Center: one instance in one place, and where its permission sets are provisioned.

moto has an instance in every account and region, and forgets that an assignment provisions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.ssoadmin.models import ssoadmin_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked
    from tests.doubles.aws.wire import Answer

HOME = "sso:home"
_MOST = 100


def list_instances(asked: Asked) -> Mapping[str, Any] | Answer:
    """moto's instance in the account and region where Identity Center was seeded, and none elsewhere."""
    homes = asked.seeded.of(HOME, "")
    here = {"account": asked.call.account, "region": asked.call.region}
    return asked.ask_moto() if not homes or here in homes else {"Instances": []}


def list_accounts_for_provisioned_permission_set(asked: Asked) -> Mapping[str, Any]:
    """The accounts that some assignment brings the permission set to."""
    assignments = ssoadmin_backends[asked.call.account][asked.call.region].account_assignments
    accounts = {
        assignment.target_id
        for assignment in assignments
        if assignment.permission_set_arn == asked.input["PermissionSetArn"]
    }
    return asked.page("AccountIds", sorted(accounts), "NextToken", "MaxResults", _MOST)
