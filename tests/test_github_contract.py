"""The GitHub double against GitHub's own descriptions: every endpoint, with what is seeded behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.doubles.github import contract
from tests.doubles.github.descriptions import NoDescriptionsError, openapi
from tests.doubles.github.process import running_github
from tests.doubles.github.rest import load_routes
from tests.doubles.github.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.doubles.github.process import GithubDouble

load_routes()
OF_INSTALLATIONS = {"/installation/repositories"}
OPERATIONS = sorted(
    (one.method, one.template)
    for one in ROUTES
    if one.method == "GET" and one.permission != "app" and one.template not in OF_INSTALLATIONS
)
EMPTY = {"/orgs/{org}/failed_invitations"}
QUERIES = {
    "/repos/{owner}/{repo}/pulls": {"state": "all", "per_page": "100"},
    "/repos/{owner}/{repo}/issues": {"state": "all", "per_page": "100"},
    "/orgs/{org}/rulesets/rule-suites": {"time_period": "month", "rule_suite_result": "all"},
    "/repos/{owner}/{repo}/rulesets/rule-suites": {"time_period": "month"},
    "/orgs/{org}/secret-scanning/alerts": {"hide_secret": "true"},
    "/search/issues": {"q": "repo:northwind/api is:pr"},
}


@pytest.fixture(scope="module")
def double() -> Iterator[GithubDouble]:
    try:
        openapi()
    except NoDescriptionsError as error:
        pytest.skip(str(error))
    with running_github() as running:
        yield running


@pytest.fixture(scope="module")
def client(double: GithubDouble) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {double.token}"}
    with httpx.Client(base_url=double.url, headers=headers, trust_env=False, timeout=30) as made:
        yield made


@pytest.fixture(scope="module")
def named(client: httpx.Client, double: GithubDouble) -> dict[str, str]:
    """What the templates' names stand for: things of which there is something to see."""
    web = "/repos/northwind/web"
    pull = client.get(f"{web}/pulls", params={"state": "closed"}).json()[-1]
    failed = next(one for one in double.manifest["deviations"]["CHG-02"] if one["why"] == "status_failed")
    failed_sha = client.get(f"/repos/northwind/billing/pulls/{failed['number']}").json()["head"]["sha"]
    tickets = client.get("/repos/northwind/api/issues", params={"labels": "incident", "state": "all"}).json()
    return {
        "failed_sha": failed_sha,
        "org_ruleset_id": str(client.get("/orgs/northwind/rulesets").json()[0]["id"]),
        "org": "northwind",
        "owner": "northwind",
        "repo": "web",
        "username": "ada",
        "team_slug": "engineering",
        "branch": "main",
        "ref": "main",
        "commit_sha": pull["head"]["sha"],
        "pull_number": str(pull["number"]),
        "basehead": f"{pull['base']['sha']}...main",
        "path": "README.md",
        "issue_number": str(tickets[0]["number"]),
        "ruleset_id": str(client.get(f"{web}/rulesets").json()[0]["id"]),
        "environment_name": "production",
        "run_id": str(
            client.get(f"{web}/actions/runs", params={"event": "deployment"}).json()["workflow_runs"][-1]["id"]
        ),
        "deployment_id": str(client.get(f"{web}/deployments").json()[0]["id"]),
        "rule_suite_id": str(
            client.get(f"{web}/rulesets/rule-suites", params={"time_period": "month"}).json()[0]["id"]
        ),
    }


@pytest.mark.parametrize(("method", "template"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_answer_is_as_github_describes_it(
    client: httpx.Client, named: dict[str, str], method: str, template: str
) -> None:
    assert not contract.undescribed(method, template)
    query = QUERIES.get(template, {})
    assert not contract.wrong_query(method, template, query)
    values = dict(named)
    if "{issue_number}" in template:
        values["repo"] = "api"
    if "status" in template and "{ref}" in template:
        values |= {"repo": "billing", "ref": named["failed_sha"]}
    if template == "/orgs/{org}/rulesets/{ruleset_id}":
        values["ruleset_id"] = named["org_ruleset_id"]
    if template.endswith("/protection"):
        values["repo"] = "api"
    answer = client.get(template.format(**values), params=query)
    assert answer.status_code in {200, 204}, answer.text
    body: Any = answer.json() if answer.content else None
    if answer.status_code != 204:
        assert body or template in EMPTY, "nothing to see here proves nothing"
    assert contract.wrong_answer(method, template, answer.status_code, body) == []


def test_a_wrong_answer_is_told() -> None:
    try:
        openapi()
    except NoDescriptionsError as error:
        pytest.skip(str(error))
    assert contract.wrong_answer("GET", "/orgs/{org}/members", 200, [{"login": "ada"}])
    assert contract.wrong_query("GET", "/orgs/{org}/members", {"filter": "everybody", "size": "3"})
    assert contract.undescribed("GET", "/orgs/{org}/nonsense")
