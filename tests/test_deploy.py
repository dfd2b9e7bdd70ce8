"""The files an administrator attaches are what the program prints today."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.cli.permissions import command
from collector.config import read
from collector.registry import installed
from connectors.entra.settings import EntraSettings
from connectors.gcp.settings import GcpSettings
from connectors.github.settings import GithubSettings
from connectors.okta.settings import OktaSettings
from connectors.scim.settings import ScimSettings
from connectors.workspace.settings import WorkspaceSettings

AWS = Path(__file__).parents[1] / "deploy" / "aws"
GCP = AWS.parent / "gcp"
AZURE = AWS.parent / "azure"


def test_the_policy_file_is_what_the_program_prints() -> None:
    printed = CliRunner().invoke(command, ["aws"])
    assert printed.exit_code == 0, printed.output
    kept = (AWS / "collector-policy.json").read_text("utf-8")
    assert kept == printed.output, "stale: collector permissions aws > deploy/aws/collector-policy.json"


def test_the_trust_needs_an_external_id_and_lets_in_one_account() -> None:
    trust = json.loads((AWS / "collector-role-trust.json").read_text("utf-8"))
    (statement,) = trust["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Principal"] == {"AWS": "arn:aws:iam::111111111111:role/EvidenceCollectorRunner"}
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": "REPLACE-WITH-YOUR-EXTERNAL-ID"}}


def test_the_identity_may_take_that_role_and_nothing_else() -> None:
    (statement,) = json.loads((AWS / "collector-assume-role.json").read_text("utf-8"))["Statement"]
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Resource"] == "arn:aws:iam::*:role/EvidenceCollector"


def test_the_readme_names_every_file_and_its_settings_are_valid(tmp_path: Path) -> None:
    text = (AWS / "README.md").read_text("utf-8")
    assert all(file.name in text for file in AWS.iterdir() if file.is_file() and file.name != "README.md")
    (settings,) = (part.partition("```")[0] for part in text.split("```toml\n")[1:])
    file = tmp_path / "collector.toml"
    file.write_text(settings)
    used = read(file, installed())
    assert set(used.providers["aws"]) == {"role", "external_id"}


def test_googles_role_is_what_the_program_prints_and_its_settings_are_valid(tmp_path: Path) -> None:
    printed = CliRunner().invoke(command, ["gcp"])
    assert printed.exit_code == 0, printed.output
    kept = (GCP / "collector-role.json").read_text("utf-8")
    assert kept == printed.output, "stale: collector permissions gcp > deploy/gcp/collector-role.json"
    module = (GCP / "module" / "identity.tf").read_text("utf-8")
    assert 'jsondecode(file("${path.module}/../collector-role.json")).includedPermissions' in module
    text = (GCP / "README.md").read_text("utf-8")
    (tmp_path / "collector.toml").write_text(text.partition("```toml\n")[2].partition("```")[0])
    table = read(tmp_path / "collector.toml", installed()).providers["gcp"]
    assert GcpSettings(**table).quota_project == "PROJECT"


PAGES = {
    "entra": EntraSettings,
    "github": GithubSettings,
    "gws": WorkspaceSettings,
    "okta": OktaSettings,
    "scim": ScimSettings,
}
"""That what each page grants is enough, and no more than the doubles saw called, is held with each connector."""


@pytest.mark.parametrize("provider", PAGES)
def test_a_page_says_what_the_program_prints_and_its_settings_are_valid(provider: str, tmp_path: Path) -> None:
    folder = AWS.parent / provider
    printed = CliRunner().invoke(command, [provider])
    assert printed.exit_code == 0, printed.output
    kept = (folder / "collector-permissions.json").read_text("utf-8")
    path = f"deploy/{provider}/collector-permissions.json"
    assert kept == printed.output, f"stale: collector permissions {provider} > {path}"
    text = (folder / "README.md").read_text("utf-8")
    assert all(file.name in text for file in folder.iterdir() if file.name != "README.md")
    (tmp_path / "collector.toml").write_text(text.partition("```toml\n")[2].partition("```")[0])
    table = read(tmp_path / "collector.toml", installed()).providers[provider]
    assert PAGES[provider](**table)


def test_every_provider_that_is_signed_in_to_has_a_page() -> None:
    assert {*PAGES, "aws", "azure", "gcp"} == {*installed()} - {"hris", "records"}


def test_azures_role_is_what_the_program_prints_and_only_reads() -> None:
    printed = CliRunner().invoke(command, ["azure"])
    assert printed.exit_code == 0, printed.output
    kept = (AZURE / "collector-role.json").read_text("utf-8")
    assert kept == printed.output, "stale: collector permissions azure > deploy/azure/collector-role.json"
    (granted,) = json.loads(kept)["properties"]["permissions"]
    assert granted["actions"]
    searching = {"Microsoft.DataFactory/factories/querypipelineruns/action"}
    assert {one for one in granted["actions"] if not one.lower().endswith("/read")} == searching
    assert granted["dataActions"] == []
