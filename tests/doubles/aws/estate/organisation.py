"""The organisation: a management account, two members in units of their own, and a role in each to collect by."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import GLOBAL
from tests.doubles.aws.supplement.iam import ORGANISATION_FEATURES

if TYPE_CHECKING:
    from tests.doubles.aws.clients import Account
    from tests.doubles.aws.estate.ground import Ground

_MEMBERS = (("northwind-prod", "Production"), ("northwind-data", "Data"))


def found_organisation(management: Account) -> tuple[Account, Account]:
    """Create the organisation and return its two members."""
    client = management.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    workloads = client.create_organizational_unit(ParentId=root, Name="Workloads")["OrganizationalUnit"]["Id"]
    first, second = (_member(client, root, workloads, *names) for names in _MEMBERS)
    return management.member(first), management.member(second)


def open_doors(ground: Ground) -> None:
    """Put the collector's role in every account, and describe the organisation in the manifest."""
    trusted = {"AWS": f"arn:aws:iam::{ground.management.id}:root"}
    for account in ground.accounts:
        iam = account.client("iam")
        iam.create_role(RoleName=ground.role, AssumeRolePolicyDocument=trust(trusted))
        iam.attach_role_policy(RoleName=ground.role, PolicyArn="arn:aws:iam::aws:policy/SecurityAudit")
        ground.manifest.count(account.id, GLOBAL, "iam.roles")
    for member in (ground.prod, ground.data):
        # Organizations made this one.
        ground.manifest.count(member.id, GLOBAL, "iam.roles")
    for position in range(len(ground.accounts)):
        # Years ago: an account of today would still have days before its controls are due.
        path: list[str | int] = ["accounts", position, "create_time"]
        ground.edit("organizations", ground.management.id, "aws", path, {"time": ground.ago(900)})
    features = {"OrganizationId": _organisation(ground), "EnabledFeatures": ["RootCredentialsManagement"]}
    ground.put(ORGANISATION_FEATURES, ground.management.id, "", features)
    ground.manifest.count(ground.management.id, GLOBAL, "organizations.accounts", 3)
    ground.manifest.count(ground.management.id, GLOBAL, "organizations.units", 3)


def trust(principal: object, condition: dict[str, Any] | None = None, action: str = "sts:AssumeRole") -> str:
    """A role's trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    statement |= {"Condition": condition} if condition else {}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _member(client: Any, root: str, parent: str, name: str, unit: str) -> str:
    made = client.create_account(Email=f"{name}@northwind.example", AccountName=name)
    account_id = str(made["CreateAccountStatus"]["AccountId"])
    unit_id = client.create_organizational_unit(ParentId=parent, Name=unit)["OrganizationalUnit"]["Id"]
    client.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=unit_id)
    return account_id


def _organisation(ground: Ground) -> str:
    described = ground.management.client("organizations").describe_organization()
    return str(described["Organization"]["Id"])
