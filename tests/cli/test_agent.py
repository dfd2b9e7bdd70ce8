"""The collector's own page: what changed in it, what it may do, who can change the archive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.archive.clouds import gcs_bucket
from tests.doubles.gcs.server import running_gcs

if TYPE_CHECKING:
    from tests.conftest import Program

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
    assert "can delete" in page["archive"]["who_can_write_or_delete"]
    assert page["archive"]["collector_can_shorten_retention"].startswith("no")
    (log,) = page["archive"]["access_log"]
    assert (log["name"], log["kept"]) == ("log of the directory", "off")

    shown = collector("agent")
    assert shown.code == 0
    assert "CISO, CHG-7" in shown.out
    assert "GenerateCredentialReport" in shown.out
    assert "a local directory keeps none" in shown.out


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


def test_a_period_shows_its_own_changes_only(collector: Program) -> None:
    assert collector("snapshot", *LITTLE).code == 0
    assert json.loads(collector("agent", "--json", "--from", "2001-01-01", "--to", "2001-12-31").out)["changes"] == []
