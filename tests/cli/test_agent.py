"""The collector's own page: what changed in it, what it may do, who can change the archive."""

from __future__ import annotations

import json
import os
import pwd
from typing import TYPE_CHECKING

import pytest

from collector.archive.places import google_bucket_at
from tests.archive.clouds import gcs_bucket
from tests.conftest import Program
from tests.doubles.aws.clients import Account
from tests.doubles.aws.process import running_aws
from tests.doubles.gcs.server import running_gcs

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = ("put", "overwrite", "delete", "change the lock", "change who may")
LITTLE = ("--only", "aws.iam.account_summary", "--scope", "northwind-prod")


def test_aq_14_who_can_change_the_collector_its_rules_and_the_archive(collector: Program) -> None:
    file = collector.folder / "collector.toml"
    first = file.read_text()
    assert collector("snapshot", *LITTLE).code == 0
    file.write_text(f'approved_by = "CISO, CHG-7"\n{first}\n[controls.IAM-10]\nmax_age = 60\n')
    assert collector("snapshot", *LITTLE).code == 0
    assert collector("keys", "rotate", "collector").code == 0
    page = json.loads(collector("agent", "--json").out)

    changed = {(one["what"], one["before"], one["after"]): one for one in page["changes"]}
    assert changed["controls.IAM-10.max_age", None, "60"]["approved_by"] == "CISO, CHG-7"
    assert [one["what"] for one in page["changes"]][:2] == ["version", "code"]
    assert any(one["what"] == "key of the collector: rotation" for one in page["changes"])
    assert all(one["at"] and one["leaf"] for one in page["changes"])

    (aws,) = (one for one in page["rights"] if one["provider"] == "aws")
    actions = aws["policy"]["Statement"][0]["Action"]
    named = {one.partition(": ")[0] for one in aws["beyond_reading"]}
    reading = ("Get", "List", "Describe", "Lookup", "BatchGet", "SelectResourceConfig")
    assert {one for one in actions if not one.partition(":")[2].startswith(reading)} == named

    assert page["archive"]["lock_now"].startswith("not locked")
    assert page["archive"]["lock_as_sealed_in_the_period"] == {"not locked": 2}
    root, *others = page["archive"]["who_can_write_or_delete"]
    assert root["principal"].startswith("root (uid 0)")
    assert root["may"] == dict.fromkeys(EVERYTHING, "no"), "there is no lock that could stop it"
    owner = f"user {pwd.getpwuid(os.getuid()).pw_name} (uid {os.getuid()})"
    (by,) = (one for one in others if (one["principal"], one["known_from"]) == (owner, "owner of the folder"))
    assert by["may"] == {"put": "no", "overwrite": "no", "delete": "no", "change who may": "no"}
    assert str(collector.folder) in by["on"]
    assert any("whoever administers this machine" in one for one in page["archive"]["who_else_could"])
    assert page["archive"]["collector_can_shorten_retention"].startswith("no")
    (log,) = page["archive"]["access_log"]
    assert (log["name"], log["kept"]) == ("log of the directory", "off")

    shown = collector("agent")
    assert shown.code == 0
    assert "CISO, CHG-7" in shown.out
    assert "GenerateCredentialReport" in shown.out
    assert "a local directory keeps none" in shown.out
    assert (
        f"{owner}\tallow\tput (no), overwrite (no), delete (no), change who may (no)\towner of the folder" in shown.out
    )
    assert "whoever administers this machine" in shown.out


def test_aq_14_the_access_log_of_an_archive_in_a_bucket(bare: Program) -> None:
    """In a Google bucket, of which nobody logs who reads and writes, until its owner turns it on."""
    with running_gcs() as gcs:
        url = gcs_bucket(gcs, lock="object")
        assert bare("snapshot", "--archive", url, "--only", "aws.iam.account_summary").code == 0

        def told() -> dict[str, str]:
            page = json.loads(bare("agent", "--json", "--archive", url).out)
            return {one["name"]: f"{one['kept']}: {one['told']}" for one in page["archive"]["access_log"]}

        before = told()
        configs = [{"service": "storage.googleapis.com", "auditLogConfigs": [{"logType": "DATA_WRITE"}]}]
        gcs.service.project_policy = {"etag": "x", "auditConfigs": configs}
        after = told()
    log = "Data Access audit logs of the project"
    assert before[log].startswith("could not tell: project 123456789012 does not log writes of objects")
    assert after[log] == "on: writes, in Cloud Logging of project 123456789012"


def test_aq_14_who_can_write_or_delete_in_a_locked_bucket(bare: Program) -> None:
    """Whom the bucket names, what its lock leaves them, and who else there could be; a refusal changes no exit code."""
    robot, group, role = (
        "serviceAccount:robot@p.iam.gserviceaccount.com",
        "group:ops@x.example",
        "roles/storage.objectUser",
    )
    with running_gcs() as gcs:
        url = gcs_bucket(gcs, lock="object")
        assert bare("snapshot", "--archive", url, "--only", "aws.iam.account_summary").code == 0
        bucket = gcs.service.bucket(google_bucket_at(url).name)
        bucket.bindings = [{"role": role, "members": [robot]}, {"role": "roles/own", "members": [group]}]
        gcs.service.roles = {role: ["storage.objects.create", "storage.objects.delete"], "roles/own": None}
        page = json.loads(bare("agent", "--json", "--archive", url).out)["archive"]
        gcs.service.project_policy = bucket.bindings = None
        refused = bare("agent", "--archive", url)
    assert page["lock_now"].startswith("locked: ")
    known, unknown = page["who_can_write_or_delete"]
    assert known == {
        "principal": robot,
        "effect": "allow",
        "may": {"put": "no", "overwrite": "yes", "delete": "yes"},
        "known_from": f"bucket policy of gs://{bucket.name}",
        "on": role,
        "condition": "",
    }
    assert (unknown["principal"], unknown["may"]) == (group, None)
    assert page["what_the_lock_stops"]["delete"]["stops"] == "yes"
    assert any("DENIED iam.roles.get" in one for one in page["who_else_could"])
    assert refused.code == 0
    assert "could not be read: DENIED storage.buckets.getIamPolicy" in refused.out
    assert "could not be read: DENIED resourcemanager.projects.getIamPolicy" in refused.out


@pytest.mark.slow
def test_aq_14_who_can_write_or_delete_in_a_bucket_of_aws(tmp_path: Path) -> None:
    """The account's own identities, and the sealed evidence that has them as they were."""
    url = "s3://northwind-agent/evidence?region=us-east-1"
    with running_aws() as double:  # its own: what is locked in a bucket stays there
        account = Account.management(double.endpoint)
        account.client("s3", "us-east-1").create_bucket(Bucket="northwind-agent", ObjectLockEnabledForBucket=True)
        iam, trust = account.client("iam"), json.dumps({"Version": "2012-10-17", "Statement": []})
        may = {"Effect": "Allow", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::northwind-agent/*"}
        role = iam.create_role(RoleName="cleaner", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [may]})
        iam.put_role_policy(RoleName="cleaner", PolicyName="clean", PolicyDocument=policy)
        program = Program(tmp_path, double.environment)
        ended = program("snapshot", "--archive", url, "--only", "aws.iam.authorization_details")
        assert ended.code == 0, ended.text
        page = json.loads(program("agent", "--json", "--archive", url).out)["archive"]
        (sealed,) = page["sealed_evidence_of_rights"]
        shown = program("show", str(sealed["leaf"]), "--archive", url).out
    (cleaner,) = (one for one in page["who_can_write_or_delete"] if one["known_from"] == "IAM policy clean (inline)")
    assert (cleaner["principal"], cleaner["may"]) == (f"role {role}", {"delete": "in part"})
    assert (sealed["type"], sealed["unit"]) == ("aws.iam.authorization_details", account.id)
    assert sealed["type"] in shown
    assert sealed["ended"] in shown


def test_a_period_shows_its_own_changes_only(collector: Program) -> None:
    assert collector("snapshot", *LITTLE).code == 0
    assert json.loads(collector("agent", "--json", "--from", "2001-01-01", "--to", "2001-12-31").out)["changes"] == []
