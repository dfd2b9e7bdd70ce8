"""KMS keys and secrets of production: rotated, not rotated, asymmetric, dying, and open to everyone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.estate.ground import EU

if TYPE_CHECKING:
    from tests.doubles.aws.estate.ground import Ground


def seed_keys(ground: Ground) -> None:
    """Five keys; two have aliases."""
    kms, account = ground.prod.client("kms"), ground.prod.id
    rotated = _key(ground, kms, "data", KeyUsage="ENCRYPT_DECRYPT")
    kms.enable_key_rotation(KeyId=rotated)
    kms.create_alias(AliasName="alias/nw-data", TargetKeyId=rotated)
    unrotated = _key(ground, kms, "old application key", KeyUsage="ENCRYPT_DECRYPT")
    kms.create_alias(AliasName="alias/nw-legacy", TargetKeyId=unrotated)
    ground.manifest.deviates("IAM-18", account, EU, unrotated, "not rotated")
    _key(ground, kms, "release signing", KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")
    dying = _key(ground, kms, "to be deleted", KeyUsage="ENCRYPT_DECRYPT")
    kms.schedule_key_deletion(KeyId=dying, PendingWindowInDays=30)
    ground.manifest.deviates("IAM-18", account, EU, dying, "pending deletion")
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everyone]})
    # The key would lock its maker out, were there no "everyone" in it.
    shared = _key(ground, kms, "shared", KeyUsage="ENCRYPT_DECRYPT", Policy=policy)
    kms.enable_key_rotation(KeyId=shared)
    ground.manifest.deviates("IAM-18", account, EU, shared, "usable by everyone")


def seed_secrets(ground: Ground) -> None:
    """Rotated last week, never rotated, rotated long ago; values are of no interest."""
    client, account = ground.prod.client("secretsmanager"), ground.prod.id
    for name, rotates, rotated_days, made_days in (
        ("shop/database", True, 7, 300),
        ("shop/payment-gateway", False, None, 250),
        ("shop/mailer", True, 200, 700),
        ("shop/new-partner", False, None, 10),
    ):
        client.create_secret(Name=name, SecretString="loopback-only")  # nothing checks it
        path = ["secrets", name]
        _set(ground, [*path, "created_date"], made_days)
        _set(ground, [*path, "last_changed_date"], rotated_days or made_days)
        if rotates:
            _rotate(ground, path, rotated_days or 0)
        ground.manifest.count(account, EU, "secretsmanager.secrets")
    why = "older than 90 days and never rotated"
    ground.manifest.deviates("IAM-10", account, EU, "shop/payment-gateway", why)
    why = "last rotated 200 days ago although due every 30"
    ground.manifest.deviates("IAM-10", account, EU, "shop/mailer", why)


def _rotate(ground: Ground, path: list[str], days: int) -> None:
    function = f"arn:aws:lambda:{EU}:{ground.prod.id}:function:rotate"
    for attribute, value in (
        ("rotation_requested", True),
        ("rotation_enabled", True),
        ("rotation_lambda_arn", function),
        ("auto_rotate_after_days", 30),
    ):
        ground.edit("secretsmanager", ground.prod.id, EU, [*path, attribute], value)
    _set(ground, [*path, "last_rotation_date"], days)
    _set(ground, [*path, "next_rotation_date"], days - 30)


def _set(ground: Ground, path: list[str], days: float) -> None:
    ground.edit("secretsmanager", ground.prod.id, EU, path, {"epoch": ground.ago(days)})


def _key(ground: Ground, kms: Any, description: str, **settings: str) -> str:
    made = kms.create_key(Description=description, **settings)["KeyMetadata"]["KeyId"]
    ground.manifest.count(ground.prod.id, EU, "kms.customer_keys")
    return str(made)
