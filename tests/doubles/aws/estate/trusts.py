"""Roles and whom they trust: services, GitHub, a SAML provider, outside accounts; and an over-broad policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU, GLOBAL
from tests.doubles.aws.estate.identity import ADMINISTRATOR
from tests.doubles.aws.estate.organisation import trust

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground

_OUTSIDE = "999988887777"
_GITHUB = "token.actions.githubusercontent.com"
_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"


def seed_trusts(ground: Ground) -> None:
    """Providers and roles in production."""
    iam, account = ground.prod.client("iam"), ground.prod.id
    github = iam.create_open_id_connect_provider(
        Url=f"https://{_GITHUB}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6" * 40]
    )["OpenIDConnectProviderArn"]
    metadata = f"<EntityDescriptor>{'a' * 1000}</EntityDescriptor>"
    saml = iam.create_saml_provider(Name="okta", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    for kind in ("iam.oidc_providers", "iam.saml_providers"):
        ground.manifest.count(account, GLOBAL, kind)
    our_repo = {"StringEquals": {f"{_GITHUB}:sub": "repo:northwind/shop:ref:refs/heads/main"}}
    outside: dict[str, Any] = {"AWS": f"arn:aws:iam::{_OUTSIDE}:root"}
    audience = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
    roles = {
        "app-runtime": trust({"Service": "ec2.amazonaws.com"}),
        "github-deploy": trust({"Federated": github}, our_repo, _WEB_IDENTITY),
        "github-any-repository": trust({"Federated": github}, None, _WEB_IDENTITY),
        "okta-admin": trust({"Federated": saml}, audience, "sts:AssumeRoleWithSAML"),
        "vendor-monitoring": trust(outside, {"StringEquals": {"sts:ExternalId": "nw-4711"}}),
        "vendor-forgotten": trust(outside),
        "legacy-batch": trust({"Service": "ec2.amazonaws.com"}),
    }
    for name, policy in roles.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)
        ground.manifest.count(account, GLOBAL, "iam.roles")
    iam.attach_role_policy(RoleName="okta-admin", PolicyArn=ADMINISTRATOR)
    _date_roles(ground, iam)
    _allow_everything(ground, iam)
    _share(ground)
    for control, role, why in (
        ("IAM-04", "okta-admin", "administrator by role"),
        ("VEN-05", "github-any-repository", "any GitHub repository may assume it"),
        ("VEN-05", "vendor-forgotten", "outside account without an external id"),
        ("VEN-06", "vendor-forgotten", "unused for 200 days"),
    ):
        ground.manifest.deviates(control, account, GLOBAL, role, why)
    ground.manifest.facts["outside_account"] = _OUTSIDE


def _date_roles(ground: Ground, iam: Any) -> None:
    roles = {role["RoleName"]: role["RoleId"] for role in iam.list_roles()["Roles"]}
    for name, days in (("app-runtime", 0.2), ("vendor-monitoring", 1), ("vendor-forgotten", 200)):
        path = ["roles", roles[name]]
        ground.edit_iam(ground.prod.id, [*path, "last_used"], {"time": ground.ago(days)})
        ground.edit_iam(ground.prod.id, [*path, "last_used_region"], EU)


def _allow_everything(ground: Ground, iam: Any) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    narrow = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::nw-prod-assets/*"}
    for name, statement, role in (
        ("everything", everything, "legacy-batch"),
        ("read-assets", narrow, "app-runtime"),
    ):
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        arn = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        ground.manifest.count(ground.prod.id, GLOBAL, "iam.policies")
    ground.manifest.deviates("IAM-11", ground.prod.id, GLOBAL, "everything", "Action * on Resource *")


def _share(ground: Ground) -> None:
    ram = ground.prod.client("ram")
    ram.create_resource_share(name="partner-subnets", allowExternalPrincipals=True)
    ground.manifest.count(ground.prod.id, EU, "ram.shares")
    why = "may be shared outside the organisation"
    ground.manifest.deviates("VEN-05", ground.prod.id, EU, "partner-subnets", why)
