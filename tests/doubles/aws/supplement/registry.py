"""Which calls are answered here instead of by moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws import refusals
from tests.doubles.aws.shapes import problems
from tests.doubles.aws.supplement import (
    backup,
    cloudtrail,
    config,
    guardduty,
    iam,
    jobs,
    kms,
    s3,
    sso_admin,
    sts,
    tagging,
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
    ("batch", "DescribeJobQueues"): jobs.describe_job_queues,
    ("batch", "ListJobs"): jobs.list_batch_jobs,
    ("cloudtrail", "DescribeTrails"): cloudtrail.describe_trails,
    ("cloudtrail", "GetEventSelectors"): cloudtrail.get_event_selectors,
    ("cloudtrail", "GetTrailStatus"): cloudtrail.get_trail_status,
    ("cloudtrail", "LookupEvents"): cloudtrail.lookup_events,
    ("config", "SelectResourceConfig"): config.select_resource_config,
    ("glue", "GetJobRuns"): jobs.get_job_runs,
    ("glue", "ListJobs"): jobs.list_glue_jobs,
    ("guardduty", "DescribeOrganizationConfiguration"): guardduty.describe_organization_configuration,
    ("guardduty", "ListMembers"): guardduty.list_members,
    ("iam", "GenerateCredentialReport"): iam.generate_credential_report,
    ("iam", "GetCredentialReport"): iam.get_credential_report,
    ("iam", "ListOrganizationsFeatures"): iam.list_organizations_features,
    ("iam", "ListVirtualMFADevices"): iam.list_virtual_mfa_devices,
    ("kms", "DescribeKey"): kms.describe_key,
    ("kms", "GetKeyRotationStatus"): kms.get_key_rotation_status,
    ("kms", "ListAliases"): kms.list_aliases,
    ("resourcegroupstaggingapi", "GetResources"): tagging.get_resources,
    ("s3", "GetBucketEncryption"): s3.get_bucket_encryption,
    ("s3", "ListBuckets"): s3.list_buckets,
    ("sso-admin", "ListAccountsForProvisionedPermissionSet"): (sso_admin.list_accounts_for_provisioned_permission_set),
    ("sso-admin", "ListInstances"): sso_admin.list_instances,
    ("stepfunctions", "ListExecutions"): jobs.list_executions,
    ("stepfunctions", "ListStateMachines"): jobs.list_state_machines,
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
