"""The commands, as a person uses them with a `[gcp]` table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from tests.connectors.gcp.gathering import connector
from tests.doubles.gcp.server import error

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.gcp.server import GcpDouble


@pytest.fixture
def configured(google: GcpDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GcpDouble:
    key = google.tokens.key_file(tmp_path)
    (tmp_path / "collector.toml").write_text(
        f'[gcp]\ncredentials_file = "{key}"\nbase_url = "{google.url}"\nattempts = 1\n'
    )
    monkeypatch.chdir(tmp_path)
    return google


def test_doctor_finds_that_all_is_well_and_changes_nothing(configured: GcpDouble) -> None:
    ended = CliRunner().invoke(cli, ["doctor"], catch_exceptions=False)
    assert ended.stdout.splitlines() == ["27 of 27 snapshots can be read; 0 would be incomplete"]
    assert ended.exit_code == 0
    assert configured.complaints == []
    posted = {one.path for one in configured.rest.asked if one.method != "GET"}
    assert posted == {"/token", "/logging.googleapis.com/v2/entries:list"}


def test_doctor_names_what_a_missing_permission_costs(configured: GcpDouble) -> None:
    role = set(connector().policy(connector().types.values())["includedPermissions"])
    configured.granted = role - {"securitycenter.findings.list", "cloudasset.assets.searchAllIamPolicies"}
    ended = CliRunner().invoke(cli, ["doctor"], catch_exceptions=False)
    assert ended.exit_code == 1
    _, *rows, verdict = ended.stdout.splitlines()
    assert {row.split("\t")[0] for row in rows} == {"gcp.scc.findings", "gcp.iam.policies"}
    assert {row.split("\t")[2] for row in rows} == {"denied"}
    assert verdict == "25 of 27 snapshots can be read; 2 would be incomplete"


def test_permissions_prints_the_role_of_what_is_asked_for() -> None:
    ended = CliRunner().invoke(cli, ["permissions", "gcp", "--only", "gcp.org.projects"], catch_exceptions=False)
    printed = json.loads(ended.stdout)
    assert printed["includedPermissions"] == [
        "cloudasset.assets.searchAllResources",
        "resourcemanager.folders.get",
        "resourcemanager.folders.list",
        "resourcemanager.organizations.get",
        "resourcemanager.projects.get",
        "resourcemanager.projects.list",
        "serviceusage.services.use",
    ]


def test_false_pass_01_gcp_a_refusal_is_on_the_page_and_in_the_exit_code(configured: GcpDouble, tmp_path: Path) -> None:
    """As a person sees it: nothing of the control passes, the gap is named, and the run does not end with 0."""
    configured.answers.append(("storage.googleapis.com/Bucket", error(403, "PERMISSION_DENIED", "no")))
    runner = CliRunner()
    file = tmp_path / "collector.toml"
    table = file.read_text()
    file.unlink()
    assert runner.invoke(cli, ["init"], catch_exceptions=False).exit_code == 0
    file.write_text(table)
    ended = runner.invoke(cli, ["snapshot", "--only", "gcp.storage.buckets"], catch_exceptions=False)
    assert ended.exit_code == 1
    assert "gcp.storage.buckets" in ended.stdout
    assert "denied" in ended.stdout
    (row,) = (line for line in ended.stdout.splitlines() if line.startswith("IAM-15"))
    told = [int(one) for one in row.split("\t")[2:] if one.isdigit()]
    assert told[0] == 0, "nothing passes"
    assert told[-1] > 0, "it cannot be told"
    assert runner.invoke(cli, ["report"], catch_exceptions=False).exit_code in {0, 1}
    page = (tmp_path / "report" / "index.html").read_text()
    assert "gcp.storage.buckets" in page
    assert "PERMISSION_DENIED" in page
