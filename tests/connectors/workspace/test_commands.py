"""The commands, as a person uses them with a `[gws]` table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.errors import UsageError
from tests.connectors.workspace.gathering import connector
from tests.doubles.workspace.estate import ADMINISTRATOR

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.workspace.server import WorkspaceDouble


@pytest.fixture
def configured(google: WorkspaceDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WorkspaceDouble:
    key = google.tokens.key_file(tmp_path)
    (tmp_path / "collector.toml").write_text(
        f'[gws]\nsubject = "{ADMINISTRATOR}"\ncredentials_file = "{key}"\nbase_url = "{google.url}"\nattempts = 1\n'
    )
    monkeypatch.chdir(tmp_path)
    return google


def test_doctor_finds_that_all_is_well_and_changes_nothing(configured: WorkspaceDouble) -> None:
    ended = CliRunner().invoke(cli, ["doctor"], catch_exceptions=False)
    assert ended.stdout.splitlines() == ["11 of 11 snapshots can be read; 0 would be incomplete"]
    assert ended.exit_code == 0
    assert configured.complaints == []
    assert {one.method for one in configured.rest.asked} == {"GET", "POST"}
    assert {one.path for one in configured.rest.asked if one.method == "POST"} == {"/token"}


def test_doctor_names_what_a_missing_scope_costs(configured: WorkspaceDouble) -> None:
    policy = connector().policy(connector().types.values())
    configured.tokens.delegated = set(policy["oauth_scopes"])
    ended = CliRunner().invoke(cli, ["doctor"], catch_exceptions=False)
    assert ended.exit_code == 1
    head, *rows, verdict = ended.stdout.splitlines()
    assert head.split("\t")[0] == "evidence type"
    lost = sorted({name for one in policy["could_write"] for name in one["evidence"]})
    assert sorted({row.split("\t")[0] for row in rows}) == lost
    assert {row.split("\t")[2] for row in rows} == {"denied"}
    assert verdict == "8 of 11 snapshots can be read; 3 would be incomplete"


def test_permissions_prints_the_line_that_the_admin_console_takes() -> None:
    ended = CliRunner().invoke(cli, ["permissions", "gws"], catch_exceptions=False)
    printed = json.loads(ended.stdout)
    assert printed == connector().policy(connector().types.values())
    assert printed["domain_wide_delegation"].count(",") == len(printed["oauth_scopes"]) - 1


def test_a_table_without_an_administrator_is_bad_input(configured: WorkspaceDouble, tmp_path: Path) -> None:
    (tmp_path / "collector.toml").write_text(f'[gws]\nbase_url = "{configured.url}"\n')
    ended = CliRunner().invoke(cli, ["doctor"])
    assert isinstance(ended.exception, UsageError)
    assert "[gws]" in str(ended.exception)
    assert "subject" in str(ended.exception)
