"""IAM users with passwords, factors and keys of all ages; the root users; the password rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.doubles.aws.estate.ground import EU, GLOBAL
from tests.doubles.aws.supplement.iam import CREDENTIALS

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
# Not a secret: nothing checks it.
_PASSWORD = "Loopback-0nly-!"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Person:
    """One IAM user: days since each event, None for never or none."""

    name: str
    console_days: float | None = None
    factor: bool = True
    key_days: float | None = None
    key_used_days: float | None = None
    key_active: bool = True
    administrator: bool = False
    deviations: tuple[tuple[str, str], ...] = ()


_STORY = (
    Person("anna.keller", 1, key_days=20, key_used_days=1),
    Person("ben.ortiz", 2, factor=False, deviations=(("IAM-02", "console password without a factor"),)),
    Person("carla.nunes", 3, key_days=200, key_used_days=3, deviations=(("IAM-10", "key older than 90 days"),)),
    Person("dmitri.volkov", 4, key_days=120, deviations=(("IAM-10", "key older than 90 days, never used"),)),
    Person("eve.martin", 1, administrator=True, deviations=(("IAM-04", "administrator by direct grant"),)),
    Person("felix.braun", 150, deviations=(("IAM-10", "password unused for 90 days"),)),
    Person("svc-deploy", factor=False, key_days=30, key_used_days=0.1),
    Person("svc-retired", factor=False, key_days=400, key_used_days=300, key_active=False),
)
_OTHERS_IN_DATA = 3


def seed_users(ground: Ground) -> None:
    """The story's users in production; of the rest, every third in the data account."""
    for person in _STORY:
        _hire(ground, ground.prod, person)
    for number in range(max(0, ground.size.users - len(_STORY))):
        account = ground.data if number % _OTHERS_IN_DATA == 0 else ground.prod
        _hire(ground, account, Person(f"person-{number:04}", 1 + number % 30))


def seed_groups(ground: Ground) -> None:
    """Two groups in production, with members."""
    iam = ground.prod.client("iam")
    for name, policy in (("engineers", "PowerUserAccess"), ("auditors", "SecurityAudit")):
        iam.create_group(GroupName=name)
        iam.attach_group_policy(GroupName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        ground.manifest.count(ground.prod.id, GLOBAL, "iam.groups")
    for name in ("anna.keller", "ben.ortiz", "carla.nunes"):
        iam.add_user_to_group(GroupName="engineers", UserName=name)
    iam.add_user_to_group(GroupName="auditors", UserName="anna.keller")


def seed_rules(ground: Ground) -> None:
    """Password rules in two accounts and none in the data account."""
    for account in (ground.management, ground.prod):
        account.client("iam").update_account_password_policy(
            MinimumPasswordLength=14,
            RequireSymbols=True,
            RequireNumbers=True,
            RequireUppercaseCharacters=True,
            RequireLowercaseCharacters=True,
            AllowUsersToChangePassword=True,
            PasswordReusePrevention=24,
        )
    data = ground.data.id
    ground.manifest.deviates("IAM-02", data, GLOBAL, "password policy", "none set")


def seed_roots(ground: Ground) -> None:
    """Root users: a hardware factor, a virtual one, and one without any but with a key."""
    management, prod, data = (account.id for account in ground.accounts)
    for account in (management, prod):
        ground.edit_iam(account, ["account_summary", "_account_mfa_enabled"], 1)
        ground.put(CREDENTIALS, account, "", {"user": "<root_account>", "mfa_active": "true"})
    _give_root_a_virtual_factor(ground)
    ground.manifest.deviates("IAM-03", management, GLOBAL, "<root_account>", "factor is virtual, not hardware")
    ground.edit_iam(data, ["account_summary", "_account_access_keys_present"], 1)
    key = {"access_key_1_active": "true", "access_key_1_last_rotated": _column(ground.ago(500))}
    used = {"password_last_used": _column(ground.ago(12))}
    ground.put(CREDENTIALS, data, "", {"user": "<root_account>", **key, **used})
    ground.manifest.deviates("IAM-03", data, GLOBAL, "<root_account>", "no factor")
    ground.manifest.deviates("IAM-03", data, GLOBAL, "<root_account>", "has an access key")


def _give_root_a_virtual_factor(ground: Ground) -> None:
    account = ground.management.id
    device = ground.management.client("iam").create_virtual_mfa_device(VirtualMFADeviceName="root-account-mfa-device")[
        "VirtualMFADevice"
    ]["SerialNumber"]
    path: list[str | int] = ["virtual_mfa_devices", str(device)]
    root = {"Path": "/", "UserName": "", "UserId": account, "Arn": f"arn:aws:iam::{account}:root"}
    ground.edit_iam(account, [*path, "enable_date"], {"time": ground.ago(700)})
    ground.edit_iam(account, [*path, "user"], {**root, "CreateDate": ground.ago(900)})
    ground.manifest.count(account, GLOBAL, "iam.virtual_mfa_devices")


def _hire(ground: Ground, account: Account, person: Person) -> None:
    iam = account.client("iam")
    iam.create_user(UserName=person.name)
    ground.manifest.count(account.id, GLOBAL, "iam.users")
    user = ["users", person.name]
    ground.edit_iam(account.id, [*user, "create_date"], {"time": ground.ago(410)})
    if person.console_days is not None:
        iam.create_login_profile(UserName=person.name, Password=_PASSWORD)
        used = {"time": ground.ago(person.console_days)}
        ground.edit_iam(account.id, [*user, "password_last_used"], used)
    if person.factor:
        _enrol(ground, account, person.name)
    if person.key_days is not None:
        _issue_key(ground, account, person)
    if person.administrator:
        iam.attach_user_policy(UserName=person.name, PolicyArn=ADMINISTRATOR)
    for control, why in person.deviations:
        ground.manifest.deviates(control, account.id, GLOBAL, person.name, why)


def _enrol(ground: Ground, account: Account, name: str) -> None:
    iam = account.client("iam")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName=name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
    )
    ground.manifest.count(account.id, GLOBAL, "iam.virtual_mfa_devices")


def _issue_key(ground: Ground, account: Account, person: Person) -> None:
    iam = account.client("iam")
    key = iam.create_access_key(UserName=person.name)["AccessKey"]["AccessKeyId"]
    path: list[str | int] = ["users", person.name, "access_keys", 0]
    ground.edit_iam(account.id, [*path, "create_date"], {"time": ground.ago(person.key_days or 0)})
    if person.key_used_days is not None:
        used = {"key_use": [ground.ago(person.key_used_days), "s3", EU]}
        ground.edit_iam(account.id, [*path, "last_used"], used)
    if not person.key_active:
        iam.update_access_key(UserName=person.name, AccessKeyId=key, Status="Inactive")
    ground.manifest.count(account.id, GLOBAL, "iam.access_keys")


def _column(moment: str) -> str:
    return moment[:19] + "+00:00"
