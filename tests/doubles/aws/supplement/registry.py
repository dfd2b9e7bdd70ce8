"""Which calls are answered here instead of by moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws import refusals
from tests.doubles.aws.shapes import problems
from tests.doubles.aws.supplement import (
    backup,
    cloudtrail,
    ecr,
    guardduty,
    iam,
    inspector2,
    kms,
    s3,
    securityhub,
    ssm,
    sso_admin,
    sts,
)
from tests.doubles.aws.supplement.asked import Asked, Seeded
from tests.doubles.aws.wire import Answer, Call, encode, parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Supplement = Callable[[Asked], Mapping[str, Any] | Answer]

SUPPLEMENTS: dict[tuple[str, str], Supplement] = {
    ("backup", "CreateBackupSelection"): backup.create_backup_selection,
    ("backup", "GetBackupSelection"): backup.get_backup_selection,
    ("backup", "ListBackupJobs"): backup.list_backup_jobs,
    ("backup", "ListBackupSelections"): backup.list_backup_selections,
    ("backup", "ListProtectedResources"): backup.list_protected_resources,
    ("cloudtrail", "DescribeTrails"): cloudtrail.describe_trails,
    ("cloudtrail", "GetEventSelectors"): cloudtrail.get_event_selectors,
    ("cloudtrail", "GetTrailStatus"): cloudtrail.get_trail_status,
    ("cloudtrail", "LookupEvents"): cloudtrail.lookup_events,
    ("ecr", "BatchGetRepositoryScanningConfiguration"): ecr.batch_get_repository_scanning_configuration,
    ("guardduty", "DescribeOrganizationConfiguration"): guardduty.describe_organization_configuration,
    ("guardduty", "ListMembers"): guardduty.list_members,
    ("iam", "GenerateCredentialReport"): iam.generate_credential_report,
    ("iam", "GetCredentialReport"): iam.get_credential_report,
    ("iam", "ListOrganizationsFeatures"): iam.list_organizations_features,
    ("iam", "ListVirtualMFADevices"): iam.list_virtual_mfa_devices,
    ("inspector2", "BatchGetAccountStatus"): inspector2.batch_get_account_status,
    ("inspector2", "ListCoverage"): inspector2.list_coverage,
    ("inspector2", "ListFindings"): inspector2.list_findings,
    ("kms", "DescribeKey"): kms.describe_key,
    ("kms", "GetKeyRotationStatus"): kms.get_key_rotation_status,
    ("kms", "ListAliases"): kms.list_aliases,
    ("s3", "GetBucketEncryption"): s3.get_bucket_encryption,
    ("s3", "ListBuckets"): s3.list_buckets,
    ("securityhub", "GetFindings"): securityhub.get_findings,
    ("ssm", "DescribeInstanceInformation"): ssm.describe_instance_information,
    ("ssm", "DescribeInstancePatchStates"): ssm.describe_instance_patch_states,
    ("sso-admin", "ListAccountsForProvisionedPermissionSet"): (sso_admin.list_accounts_for_provisioned_permission_set),
    ("sso-admin", "ListInstances"): sso_admin.list_instances,
    ("sts", "AssumeRole"): sts.assume_role,
}

_BROKEN = 500


def supplemented(call: Call, seeded: Seeded, ask_moto: Callable[[], Answer]) -> Answer:
    """Answer from a supplement where there is one, and from moto otherwise."""
    supplement = SUPPLEMENTS.get((call.service, call.operation))
    if supplement is None:
        return ask_moto()
    try:
        result = supplement(Asked(call, parameters(call), seeded, ask_moto))
    except refusals.RefusedError as error:
        return refusals.error_answer(call, error.code, str(error), error.status)
    if isinstance(result, Answer):
        return result
    wrong = problems(call.model.output_shape, dict(result))
    if wrong:
        # A double that makes up members would teach the collector to read them.
        return refusals.error_answer(call, "DoubleBroken", "; ".join(wrong), _BROKEN)
    return encode(call, result)
