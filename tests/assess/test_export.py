from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from collector.assess.completeness import provider_of
from collector.assess.controls import with_parameters
from collector.assess.schema import every_table
from collector.errors import UsageError
from collector.export import export
from collector.records import AccessGrant, BackupJob, Key, LogSource, Resource
from tests.assess.sealed import CONTROLS, OTHER, UNIT, Sealed, ago
from tests.assess.test_identity_rules import access_key, person, root

if TYPE_CHECKING:
    from pathlib import Path

    from collector.assess.controls import Control


def estate() -> Sealed:
    sealed = Sealed()
    for unit in (UNIT, OTHER):
        sealed.add("aws.iam.credential_report", [person(), access_key(rotated_at=ago(days=40))], unit=unit)
        sealed.add("aws.iam.account_summary", root("true", "virtual"), unit=unit)
        sealed.add("aws.kms.keys", [Key(key="k", seen=(), key_id="k", aliases=("it's", "two"))], unit=unit)
        sealed.add("aws.backup.jobs", [BackupJob(key="j", seen=(), job_id="j", state="failed")], unit=unit)
        ports = Resource(key="g", seen=(), resource_id="g", type="security_group", open_ports=("22", "all"))
        sealed.add("aws.ec2.exposure", [ports], unit=unit)
        sealed.add("aws.cloudtrail.trails", [LogSource(key="t", seen=(), source="t", enabled=False)], unit=unit)
    sealed.add("aws.sso.assignments", [AccessGrant(key="g", seen=(), principal_id="u", privileged=True)])
    for control in CONTROLS.values():
        sealed.fill(control, (UNIT, OTHER), frozenset(map(provider_of, control.evidence)))
    return sealed


def company() -> list[Control]:
    return with_parameters(CONTROLS.values(), {"IAM-10": {"max_age": 30}, "IAM-15": {"approved_public": ["it's", "b"]}})


def test_every_rule_gives_the_same_outcomes_in_a_plain_duckdb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed, folder = estate(), tmp_path / "tables of a run"
    export(folder, sealed.evidence, sealed.content, company())
    monkeypatch.chdir(folder)
    for assessment in sealed.judge(*company()):
        control = assessment.control
        # What `cat views.sql use/ID.sql rules/ID.sql | duckdb` feeds it.
        script = "".join(
            (folder / name).read_text("utf-8")
            for name in ("views.sql", f"use/{control.id}.sql", f"rules/{control.id}.sql")
        )
        with duckdb.connect() as connection:
            found = {(row[0], row[1], row[2]): (row[3], row[4]) for row in connection.execute(script).fetchall()}
        parts = {f"part: {one.part}" for one in control.header.unseen}
        expected = {
            (one.provider, one.unit, one.item): (one.outcome.value, one.because)
            for one in assessment.outcomes
            if one.item not in parts
        }
        assert found == expected
        assert (folder / "rules" / f"{control.id}.sql").read_text("utf-8") == control.text


def test_the_tables_can_be_read_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = estate()
    export(tmp_path / "run", sealed.evidence, sealed.content, [])
    monkeypatch.chdir(tmp_path / "run")
    assert {path.stem for path in (tmp_path / "run" / "tables").iterdir()} == every_table().keys()
    with duckdb.connect() as connection:
        connection.execute((tmp_path / "run" / "views.sql").read_text("utf-8"))
        snapshots = connection.execute("SELECT count(*), bool_and(complete) FROM snapshot").fetchone()
        assert snapshots == (len(sealed.evidence), True)
        assert connection.execute("SELECT DISTINCT aliases, rotation_on FROM key").fetchone() == (["it's", "two"], None)
        created = connection.execute("SELECT DISTINCT created_at FROM account").fetchone()
        assert created == (ago(days=400).replace(tzinfo=None),)


def test_an_export_is_never_mixed_with_another(tmp_path: Path) -> None:
    (tmp_path / "old.parquet").touch()
    with pytest.raises(UsageError):
        export(tmp_path, [], Sealed().content, [])
