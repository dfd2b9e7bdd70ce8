"""Signing in to GitHub: by token and as an App, and what becomes of a refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector.errors import UsageError
from connectors.github.connection import addresses
from tests.connectors.github.gathering import connector, gather

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.github.process import GithubDouble

REPOS = "github.repos"


def as_app(double: GithubDouble, folder: Path) -> dict[str, Any]:
    key = folder / "app.pem"
    key.write_text(double.credentials["private_key"])
    return {"app_id": str(double.credentials["app_id"]), "private_key_file": str(key), "organisations": ()}


def test_an_app_finds_its_organisation_and_reads_it(github: GithubDouble, tmp_path: Path) -> None:
    found = gather(github, REPOS, settings=as_app(github, tmp_path))
    assert found.snapshot.scope.unit_id == "northwind"
    assert found.table("repository")
    assert found.snapshot.caller


def test_an_enterprise_server_has_both_interfaces_side_by_side(github: GithubDouble) -> None:
    at = addresses("https://git.example/api/v3")
    assert (str(at[""]), str(at["graphql"])) == ("https://git.example/api/v3", "https://git.example/api")
    assert gather(github, REPOS, settings={"base_url": f"{github.url}/api/v3"}).snapshot.complete


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"organisations": ("elsewhere",)}, "the App is not installed in elsewhere"),
        ({"app_id": "99999999"}, "did not accept the credentials"),
    ],
)
def test_an_app_that_cannot_be_used_is_bad_input(
    github: GithubDouble, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        gather(github, REPOS, settings=as_app(github, tmp_path) | settings)


def test_a_token_that_is_refused_is_bad_input_and_is_not_repeated(github: GithubDouble) -> None:
    github.fault("unauthorized", operation="POST /graphql")
    with pytest.raises(UsageError, match="did not accept the credentials") as refused:
        gather(github, REPOS)
    assert github.token not in str(refused.value)


def test_an_installation_that_is_suspended_half_way_is_a_gap(github: GithubDouble, tmp_path: Path) -> None:
    github.control("POST", "installation", {"suspended": True})
    found = gather(github, REPOS, settings=as_app(github, tmp_path))
    assert found.causes == ["denied"]
    assert found.rows == []


def test_the_policy_only_reads_and_covers_every_operation() -> None:
    github = connector()
    policy = github.policy(github.types.values())
    granted = policy["app_manifest"]["default_permissions"]
    assert set(granted.values()) == {"read"}
    token = policy["fine_grained_token"]
    assert token["repository_permissions"] | token["organization_permissions"] == granted
    assert [one["operation"] for one in policy["not_asked_for"]] == ["GET /orgs/{org}/rulesets/rule-suites"]
    assert {"pull_requests", "contents", "administration", "actions", "deployments", "issues"} <= granted.keys()


def test_an_app_with_what_the_policy_asks_for_is_shown_everything_but_who_bypasses(
    github: GithubDouble, tmp_path: Path
) -> None:
    known = connector()
    github.permit(known.policy(known.types.values())["app_manifest"]["default_permissions"])
    for evidence in ("github.branch_rules", "github.pulls.merged", "github.commits.default", "github.environments"):
        found = gather(github, evidence, settings=as_app(github, tmp_path))
        assert found.snapshot.gaps == (), evidence
    rules = gather(github, "github.branch_rules", settings=as_app(github, tmp_path)).rows
    assert any(row["bypass_actors"] is None for row in rules), "a ruleset shows that only to who may write it"
