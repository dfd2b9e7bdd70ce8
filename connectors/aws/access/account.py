"""The settings of an account that protect its root user and its passwords."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Setting
from connectors.aws import aws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.aws.source import AwsSource

SUMMARY = {
    "root_mfa_enabled": "AccountMFAEnabled",
    "root_access_keys_present": "AccountAccessKeysPresent",
    "root_password_present": "AccountPasswordPresent",
    "root_signing_certificates_present": "AccountSigningCertificatesPresent",
}
PASSWORD_POLICY = {
    "minimum_length": "MinimumPasswordLength",
    "require_symbols": "RequireSymbols",
    "require_numbers": "RequireNumbers",
    "require_uppercase": "RequireUppercaseCharacters",
    "require_lowercase": "RequireLowercaseCharacters",
    "max_age_days": "MaxPasswordAge",
    "reuse_prevention": "PasswordReusePrevention",
    "hard_expiry": "HardExpiry",
    "users_may_change": "AllowUsersToChangePassword",
}
NOT_IN_USE = (
    "OrganizationNotFoundException",
    "OrganizationNotInAllFeaturesModeException",
    "ServiceAccessNotEnabledException",
    "AccountNotManagementOrDelegatedAdministratorException",
)


@aws.evidence(
    "aws.iam.account_summary",
    yields=Setting,
    needs=[
        "iam:GetAccountSummary",
        "iam:GetAccountPasswordPolicy",
        "iam:ListVirtualMFADevices",
        "iam:ListOrganizationsFeatures",
    ],
)
def account_summary(source: AwsSource) -> Iterator[Setting]:
    """Root MFA/keys and account password policy.

    One row for each setting, in each account: whether its root user has a second factor, access keys, a password,
    signing certificates (`root_mfa_enabled`, …); of which kind the factor is (`root_mfa_kind`: `virtual` when any of
    the root user's devices is an app, `hardware` when there is a factor and none is, `none`); how many IAM users there
    are; the password policy, field by field; which root credentials are managed for the whole organisation
    (`central_root_management`: the features that are on, `none`, or `absent`).

    An account without a password policy has the row `password_policy` with the value `absent`, and every field of the
    policy with no value; AWS's own minimum of 8 characters then holds. A field with no value beside a policy that is
    `present` is a rule the policy does not have: no maximum age, no ban on reuse.

    `central_root_management` is `absent` in an account that may not be asked: any but the management account and the
    delegated administrator, outside an organisation, or where the organisation has not turned it on.

    Complete when all four answers were had: each is about the whole account, and the list of devices was read to its
    last page. Not told by AWS: how many factors the root user has, and whether a hardware factor resists phishing.
    """
    summary = source.look("iam", "GetAccountSummary", "SummaryMap")
    if summary.seen:
        yield from _counts(source, summary)
    for _, settings in source.each((_password_policy, _central_root_management), lambda read: list(read(source))):
        yield from settings
    yield from _factor(source, summary)


def _counts(source: AwsSource, summary: Answer) -> Iterator[Setting]:
    counts = summary["SummaryMap"]
    for name, field in SUMMARY.items():
        present = counts.get(field)
        yield _setting(source, name, None if present is None else bool(present), summary)
    yield _setting(source, "users", counts.get("Users"), summary)


def _password_policy(source: AwsSource) -> Iterator[Setting]:
    answer = source.get("iam", "GetAccountPasswordPolicy", "PasswordPolicy", absent=("NoSuchEntity",))
    policy = answer.get("PasswordPolicy", {})
    yield _setting(source, "password_policy", "absent" if answer.absent else "present", answer)
    for name, field in PASSWORD_POLICY.items():
        yield _setting(source, f"password_policy.{name}", policy.get(field), answer)


def _factor(source: AwsSource, summary: Answer) -> Iterator[Setting]:
    """That a factor is no app follows from two answers: there is one, and none of the devices is the root user's."""
    devices = list(source.list("iam", "ListVirtualMFADevices", "VirtualMFADevices", AssignmentStatus="Assigned"))
    apps = [device for device in devices if _of_root(device)]
    without = {1: "hardware", 0: "none"}.get(summary.get("SummaryMap", {}).get("AccountMFAEnabled"))
    if apps or without:
        yield _setting(source, "root_mfa_kind", "virtual" if apps else without, summary, *apps)


def _central_root_management(source: AwsSource) -> Iterator[Setting]:
    answer = source.get("iam", "ListOrganizationsFeatures", "EnabledFeatures", absent=NOT_IN_USE)
    features = ",".join(sorted(answer.get("EnabledFeatures", ()))) or "none"
    yield _setting(source, "central_root_management", "absent" if answer.absent else features, answer)


def _of_root(device: Answer) -> bool:
    """Whether the root user holds it: by its owner, or by the name the console has given such devices since 2013."""
    owner = device.get("User", {}).get("Arn", "")
    return str(owner).endswith(":root") or str(device["SerialNumber"]).endswith(":mfa/root-account-mfa-device")


def _setting(source: AwsSource, name: str, value: Any, *seen: Answer) -> Setting:  # noqa: ANN401 - any scalar
    text = str(value).lower() if isinstance(value, bool) else None if value is None else str(value)
    return Setting(key=name, seen=seen, name=name, value=text, applies_to=source.account)
