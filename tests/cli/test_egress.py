"""What a firewall has to let out, from the declarations and the configuration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from collector.registry import installed, load

if TYPE_CHECKING:
    from pathlib import Path

EVERYTHING = """
[archive]
path = "s3://bucket/prefix?region=eu-central-1"
authorities = [{ url = "https://tsa.example/tsr", root_certificates = "roots.pem" }]
witnesses = [{ url = "https://witness.example", key = "name+00000000+AAAA" }]
[notify]
url = "https://hooks.example/secret-path"
secret = "env:SECRET"
[aws]
[github]
token = "env:GITHUB_TOKEN"
[okta]
base_url = "https://example.okta.com"
token = "env:OKTA"
[scim]
base_url = "https://idp.example/scim/v2"
token = "env:SCIM"
[entra]
[gws]
subject = "admin@example.com"
"""
CALLING_NOBODY = {"hris", "records"}


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "collector.toml").write_text(EVERYTHING)
    ended = CliRunner().invoke(cli, ["egress"], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    found: dict[str, set[str]] = {}
    for line in ended.output.splitlines()[1:]:
        host, purpose = line.split("\t")
        found.setdefault(purpose, set()).add(host)
    return found


def test_each_provider_names_its_hosts(listed: dict[str, set[str]]) -> None:
    assert listed["evidence of github"] == {"api.github.com"}
    assert listed["evidence of okta"] == {"example.okta.com"}
    assert listed["evidence of scim"] == {"idp.example"}
    assert listed["evidence of entra"] == {"login.microsoftonline.com", "graph.microsoft.com"}
    assert {"oauth2.googleapis.com", "admin.googleapis.com"} <= listed["evidence of gws"]
    aws = listed["evidence of aws"]
    assert {"iam.amazonaws.com", "s3.REGION.amazonaws.com", "ec2.REGION.amazonaws.com"} <= aws
    # These have no other.
    only = {"artifact.us-east-1.amazonaws.com", "organizations.us-east-1.amazonaws.com"}
    assert {host for host in aws if "us-east-1" in host or host.startswith("artifact.")} == only


def test_the_archive_and_those_around_it_are_named_and_nothing_secret(listed: dict[str, set[str]]) -> None:
    own = {"bucket.s3.eu-central-1.amazonaws.com", "cloudtrail.REGION.amazonaws.com"}
    assert listed["the archive"] == own | {"sts.eu-central-1.amazonaws.com", "iam.amazonaws.com"}
    assert listed["a time-stamping authority"] == {"tsa.example"}
    assert listed["a witness"] == {"witness.example"}
    assert listed["notifications"] == {"hooks.example"}
    assert "secret-path" not in str(listed)


def test_every_connector_that_calls_somebody_says_whom() -> None:
    connectors, _ = load(installed())
    assert {name for name, one in connectors.items() if one.hosts is None} == CALLING_NOBODY
