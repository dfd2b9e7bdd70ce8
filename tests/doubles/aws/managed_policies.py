"""AWS's own policies, a dozen of them: moto's 1,500 would take a second to load for each account."""

from __future__ import annotations

import json

from moto.iam import models
from moto.iam.aws_managed_policies import aws_managed_policies_data

_KEPT = (
    "AdministratorAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSSupportAccess",
    "Billing",
    "IAMFullAccess",
    "IAMReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
    "SecurityAudit",
    "ViewOnlyAccess",
)


def keep_few_policies() -> None:
    """Leave moto the policies that estates and tests attach."""
    known = json.loads(aws_managed_policies_data)
    kept = json.dumps({name: known[name] for name in _KEPT})
    # The name under which moto's models have imported it, and which each new account reads.
    vars(models)["aws_managed_policies_data"] = kept
