"""IAM Identity Center in the management account: directory, permission sets and who has which, where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU
from tests.doubles.aws.supplement.sso_admin import HOME

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_SETS = ("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess")
_PEOPLE = ("anna.keller", "ben.ortiz", "carla.nunes", "eve.martin", "gina.rossi", "hugo.lindt")


def seed_identity_center(ground: Ground) -> None:
    """Two administrators by group, one by a grant of their own; readers everywhere."""
    account = ground.management
    admin = account.client("sso-admin")
    instance = admin.list_instances()["Instances"][0]
    ground.put(HOME, "", "", {"account": account.id, "region": EU})
    users, groups = _directory(ground, instance["IdentityStoreId"])
    sets = {name: _permission_set(admin, instance["InstanceArn"], name) for name in _SETS}
    grants = (
        ("AdministratorAccess", ground.prod.id, "GROUP", groups["platform"]),
        ("AdministratorAccess", ground.data.id, "USER", users["eve.martin"]),
        ("PowerUserAccess", ground.prod.id, "GROUP", groups["engineers"]),
        ("ReadOnlyAccess", ground.prod.id, "GROUP", groups["auditors"]),
        ("ReadOnlyAccess", ground.data.id, "GROUP", groups["auditors"]),
    )
    for name, target, kind, principal in grants:
        admin.create_account_assignment(
            InstanceArn=instance["InstanceArn"],
            TargetId=target,
            TargetType="AWS_ACCOUNT",
            PermissionSetArn=sets[name],
            PrincipalType=kind,
            PrincipalId=principal,
        )
    ground.manifest.count(account.id, EU, "sso.permission_sets", len(sets))
    ground.manifest.count(account.id, EU, "sso.assignments", len(grants))
    why = "administrator granted to a person, not a group"
    ground.manifest.deviates("IAM-04", ground.data.id, EU, "eve.martin", why)
    ground.manifest.facts["identity_store"] = instance["IdentityStoreId"]


def _directory(ground: Ground, store: str) -> tuple[dict[str, str], dict[str, str]]:
    client, account = ground.management.client("identitystore"), ground.management.id
    extra = max(0, ground.size.directory_users - len(_PEOPLE))
    names = [*_PEOPLE, *(f"worker-{number:04}" for number in range(extra))]
    users = {name: _user(client, store, name) for name in names}
    members = {"platform": names[:2], "engineers": names, "auditors": names[4:6]}
    groups = {}
    for group, people in members.items():
        groups[group] = str(client.create_group(IdentityStoreId=store, DisplayName=group)["GroupId"])
        for person in people:
            client.create_group_membership(
                IdentityStoreId=store, GroupId=groups[group], MemberId={"UserId": users[person]}
            )
        ground.manifest.count(account, EU, "identitystore.memberships", len(people))
    ground.manifest.count(account, EU, "identitystore.users", len(users))
    ground.manifest.count(account, EU, "identitystore.groups", len(groups))
    return users, groups


def _user(client: Any, store: str, name: str) -> str:
    given, _, family = name.replace("-", ".").partition(".")
    made = client.create_user(
        IdentityStoreId=store,
        UserName=name,
        DisplayName=name,
        Name={"GivenName": given, "FamilyName": family},
        Emails=[{"Value": f"{name}@northwind.example", "Type": "work", "Primary": True}],
    )
    return str(made["UserId"])


def _permission_set(admin: Any, instance: str, name: str) -> str:
    made = admin.create_permission_set(InstanceArn=instance, Name=name, SessionDuration="PT4H")
    arn = str(made["PermissionSet"]["PermissionSetArn"])
    admin.attach_managed_policy_to_permission_set(
        InstanceArn=instance,
        PermissionSetArn=arn,
        ManagedPolicyArn=f"arn:aws:iam::aws:policy/{name}",
    )
    return arn
