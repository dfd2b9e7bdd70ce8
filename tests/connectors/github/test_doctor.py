"""`collector doctor` and `collector permissions` over GitHub: what would be missing, before it is missed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Program
from tests.connectors.github.gathering import NORTHWIND, connector

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.github.process import GithubDouble


@pytest.fixture
def program(github: GithubDouble, tmp_path: Path) -> Program:
    (tmp_path / "collector.toml").write_text(
        f'[github]\nbase_url = "{github.url}"\norganisations = ["{NORTHWIND}"]\nattempts = 1\n'
    )
    return Program(tmp_path, {"GITHUB_TOKEN": github.token, "AWS_EC2_METADATA_DISABLED": "true"})


def test_one_refused_call_names_exactly_what_would_be_lost(program: Program, github: GithubDouble) -> None:
    hooks, known = "GET /orgs/{org}/hooks", len(connector().types)
    github.fault("forbidden", operation=hooks)
    ended = program("doctor")
    assert ended.code == 1, ended.text
    head, row, verdict = ended.out.splitlines()
    assert head.split("\t") == ["evidence type", "scope", "cause", "call", "why"]
    assert row.split("\t")[:3] == ["github.webhooks_streams", NORTHWIND, "denied"]
    assert hooks in row.split("\t")[3]
    assert "`collector permissions github` prints what it needs" in row.split("\t")[4]
    assert verdict == f"{known - 1} of {known} snapshots can be read; 1 would be incomplete"
    assert [one.name for one in program.folder.iterdir()] == ["collector.toml"]
    tried = sum(one["count"] for one in github.requests())
    assert tried < 4 * known, "a page of each list, and details of one item"


def test_permissions_are_those_of_the_evidence_that_is_asked_for(program: Program) -> None:
    ended = program("permissions", "github", "--only", "github.pulls.merged")
    assert ended.code == 0, ended.text
    policy = json.loads(ended.out)
    assert policy["app_manifest"]["default_permissions"] == {
        "checks": "read",
        "contents": "read",
        "issues": "read",
        "metadata": "read",
        "pull_requests": "read",
        "statuses": "read",
    }
    assert policy["fine_grained_token"]["organization_permissions"] == {}
