"""Secrets planted where people leave them, and in the environment: nothing that a whole run writes or says has them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from backports import zstd

from tests.conftest import Program
from tests.doubles.aws.process import running_aws

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.aws.process import AwsDouble

KEY = "MIIBPLANTEDplantedPLANTED"
PLANTED = {
    "github": "ghp_" + "Planted0" * 5,
    "gitlab": "glpat-Planted-" + "a1B2c3D4e5F6g7H8i9J0",
    "slack": "xoxb-planted-1234567890-abcdef",
    "stripe": "sk_live_" + "Planted0" * 3,
    "google": "AIza" + "Planted_" * 4 + "abc",
    "npm": "npm_" + "Planted0" * 4 + "abcd",
    "jwt": "eyJhbGciOiJub25lIn0.eyJwbGFudGVkIjoidHJ1ZSJ9.c2lnbmF0dXJlLXBsYW50ZWQ",
    "password": "hunter2-planted",
}
ENVIRONMENT = {"AWS_SECRET_ACCESS_KEY": "planted/in/the/environment+0123456789", "EVIDENCE_HOOK": "planted-hook-secret"}
URL = f"https://admin:{PLANTED['password']}@db.northwind.example/prod"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def plant(double: AwsDouble) -> None:
    """In descriptions, tags and policies: where people leave them."""

    def client(service: str) -> Any:
        return boto3.client(
            service, region_name="us-east-1", endpoint_url=double.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=double.environment["AWS_ACCESS_KEY_ID"], aws_secret_access_key="x",  # noqa: S106 - loopback
        )  # fmt: skip

    iam = client("iam")
    trust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole",
         "Condition": {"StringEquals": {"aws:UserAgent": PLANTED["slack"]}}},
    ]}  # fmt: skip
    iam.create_role(RoleName="planted", AssumeRolePolicyDocument=json.dumps(trust), Description=PLANTED["github"])
    pem = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----"
    iam.create_role(RoleName="planted-key", AssumeRolePolicyDocument=json.dumps(trust), Description=pem)
    allow = {"Version": "2012-10-17", "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*",
         "Condition": {"StringLike": {"aws:Referer": [URL, f"Bearer {PLANTED['jwt']}"]}}},
    ]}  # fmt: skip
    iam.put_role_policy(RoleName="planted", PolicyName="inline", PolicyDocument=json.dumps(allow))
    iam.create_user(UserName="planted", Tags=[{"Key": "Owner", "Value": PLANTED["stripe"]}])
    secret = client("secretsmanager").create_secret(
        Name="planted", SecretString=PLANTED["password"], Description=PLANTED["gitlab"],
        Tags=[{"Key": "Owner", "Value": PLANTED["google"]}],
    )  # fmt: skip
    assert secret["ARN"]
    client("ec2").create_security_group(GroupName="planted", Description=PLANTED["npm"])
    s3 = client("s3")
    s3.create_bucket(Bucket="planted-bucket")
    s3.put_bucket_tagging(Bucket="planted-bucket", Tagging={"TagSet": [{"Key": "Owner", "Value": PLANTED["github"]}]})


def written(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, compressed contents also as they are inside."""
    found = {}
    for path in (one for one in folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        found[str(path)] = content
        if path.suffix == ".zst":
            found[f"{path} (inside)"] = zstd.decompress(content)
    return found


def test_nothing_that_a_whole_run_writes_or_says_has_a_planted_secret(tmp_path: Path) -> None:
    with running_aws() as double:
        double.seed()
        plant(double)
        collector = Program(tmp_path, double.environment | ENVIRONMENT)
        (tmp_path / "collector.toml").write_text(
            '[notify]\nurl = "https://127.0.0.1:9/hook"\nsecret = "env:EVIDENCE_HOOK"\n'
        )
        said = [collector("--log-level", "debug", *command) for command in (("--log-json", "snapshot"), ("doctor",))]
    offline = (("report",), ("verify", "--json"), ("export", "--to", "tables"), ("show", "aws.iam.role_trusts"))
    said += [collector("--log-level", "debug", *command) for command in offline]
    assert [one.code for one in said[2:]] == [0, 0, 0, 0]
    everything = written(tmp_path) | {f"output {number}": one.text.encode() for number, one in enumerate(said)}
    assert any(b"planted-bucket" in content for content in everything.values()), "what it was planted in was collected"
    assert any(b"redacted:" in content for content in everything.values())
    secrets = {**PLANTED, **ENVIRONMENT, "key": KEY}
    leaks = [
        (name, place)
        for name, secret in secrets.items()
        for place, content in everything.items()
        if secret.encode() in content
    ]
    assert leaks == []
