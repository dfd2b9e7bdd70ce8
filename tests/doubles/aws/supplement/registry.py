"""Which calls are answered here instead of by moto."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws import refusals
from tests.doubles.aws.shapes import problems
from tests.doubles.aws.supplement import (
    accessanalyzer,
    acm,
    alarms,
    artifact,
    autoscaling,
    backup,
    bedrock,
    cloudtrail,
    config,
    config_rules,
    ecr,
    guardduty,
    iam,
    inspector2,
    jobs,
    kms,
    s3,
    sagemaker,
    securityhub,
    ssm,
    sso_admin,
    sts,
    tagging,
    wafv2,
)
from tests.doubles.aws.supplement.asked import Asked, Seeded
from tests.doubles.aws.wire import Answer, Call, encode, parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Supplement = Callable[[Asked], Mapping[str, Any] | Answer]

SUPPLEMENTS: dict[tuple[str, str], Supplement] = {
    ("accessanalyzer", "ListAnalyzers"): accessanalyzer.list_analyzers,
    ("accessanalyzer", "ListFindingsV2"): accessanalyzer.list_findings_v2,
    ("acm", "ListCertificates"): acm.list_certificates,
    ("artifact", "ListReports"): artifact.list_reports,
    ("autoscaling", "DescribeAutoScalingGroups"): autoscaling.describe_auto_scaling_groups,
    ("autoscaling", "DescribePolicies"): autoscaling.describe_policies,
    ("backup", "CreateBackupSelection"): backup.create_backup_selection,
    ("backup", "GetBackupSelection"): backup.get_backup_selection,
    ("backup", "ListBackupJobs"): backup.list_backup_jobs,
    ("backup", "ListBackupSelections"): backup.list_backup_selections,
    ("backup", "ListBackupVaults"): backup.list_backup_vaults,
    ("backup", "ListCopyJobs"): backup.list_copy_jobs,
    ("backup", "ListProtectedResources"): backup.list_protected_resources,
    ("backup", "ListRestoreJobs"): backup.list_restore_jobs,
    ("batch", "DescribeJobQueues"): jobs.describe_job_queues,
    ("batch", "ListJobs"): jobs.list_batch_jobs,
    ("bedrock", "ListCustomModels"): bedrock.list_custom_models,
    ("bedrock", "ListProvisionedModelThroughputs"): bedrock.list_provisioned_model_throughputs,
    ("cloudtrail", "DescribeTrails"): cloudtrail.describe_trails,
    ("cloudtrail", "GetEventSelectors"): cloudtrail.get_event_selectors,
    ("cloudtrail", "GetTrailStatus"): cloudtrail.get_trail_status,
    ("cloudtrail", "LookupEvents"): cloudtrail.lookup_events,
    ("cloudwatch", "DescribeAlarmHistory"): alarms.describe_alarm_history,
    ("cloudwatch", "DescribeAlarms"): alarms.describe_alarms,
    ("config", "DescribeComplianceByConfigRule"): config_rules.describe_compliance_by_config_rule,
    ("config", "DescribeConfigRuleEvaluationStatus"): config_rules.describe_config_rule_evaluation_status,
    ("config", "GetComplianceDetailsByConfigRule"): config_rules.get_compliance_details_by_config_rule,
    ("config", "SelectResourceConfig"): config.select_resource_config,
    ("ecr", "BatchGetRepositoryScanningConfiguration"): ecr.batch_get_repository_scanning_configuration,
    ("glue", "GetJobRuns"): jobs.get_job_runs,
    ("glue", "ListJobs"): jobs.list_glue_jobs,
    ("guardduty", "DescribeOrganizationConfiguration"): guardduty.describe_organization_configuration,
    ("guardduty", "GetFindings"): guardduty.get_findings,
    ("guardduty", "ListFindings"): guardduty.list_findings,
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
    ("resourcegroupstaggingapi", "GetResources"): tagging.get_resources,
    ("s3", "GetBucketEncryption"): s3.get_bucket_encryption,
    ("s3", "ListBuckets"): s3.list_buckets,
    ("sagemaker", "DescribeEndpoint"): sagemaker.describe_endpoint,
    ("sagemaker", "ListModels"): sagemaker.list_models,
    ("securityhub", "GetFindings"): securityhub.get_findings,
    ("ssm", "DescribeInstanceInformation"): ssm.describe_instance_information,
    ("ssm", "DescribeInstancePatchStates"): ssm.describe_instance_patch_states,
    ("sso-admin", "ListAccountsForProvisionedPermissionSet"): (sso_admin.list_accounts_for_provisioned_permission_set),
    ("sso-admin", "ListInstances"): sso_admin.list_instances,
    ("stepfunctions", "ListExecutions"): jobs.list_executions,
    ("stepfunctions", "ListStateMachines"): jobs.list_state_machines,
    ("sts", "AssumeRole"): sts.assume_role,
    ("wafv2", "ListResourcesForWebACL"): wafv2.list_resources_for_web_acl,
    ("wafv2", "ListWebACLs"): wafv2.list_web_acls,
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
