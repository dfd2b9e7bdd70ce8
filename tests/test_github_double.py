"""The GitHub double as clients meet it: pages, conditions, quotas, tokens, plans, faults, GraphQL, and its manifest."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.doubles.github.descriptions import NoDescriptionsError, graphql_schema
from tests.doubles.github.estate.build import build
from tests.doubles.github.estate.size import BIG, SMALL
from tests.doubles.github.process import GithubDouble, running_github

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def running() -> Iterator[GithubDouble]:
    with running_github() as double:
        yield double


@pytest.fixture
def double(running: GithubDouble) -> GithubDouble:
    running.mend()
    return running


@pytest.fixture
def client(double: GithubDouble) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {double.token}"}
    with httpx.Client(base_url=double.url, headers=headers, trust_env=False, timeout=30) as made:
        yield made


def signed(double: GithubDouble, *, ahead: int = 500) -> str:
    now = int(time.time())
    key = serialization.load_pem_private_key(double.credentials["private_key"].encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    claims = {"iat": now - 30, "exp": now + ahead, "iss": str(double.credentials["app_id"])}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=") for one in ({"alg": "RS256"}, claims)]
    text = b".".join(parts)
    signature = base64.urlsafe_b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).rstrip(b"=")
    return (text + b"." + signature).decode()


def installation(double: GithubDouble) -> httpx.Client:
    path = f"/app/installations/{double.credentials['installation_id']}/access_tokens"
    made = httpx.post(double.url + path, headers={"Authorization": f"Bearer {signed(double)}"}, trust_env=False)
    assert made.status_code == 201, made.text
    headers = {"Authorization": f"Bearer {made.json()['token']}"}
    return httpx.Client(base_url=double.url, headers=headers, trust_env=False)


def every(client: httpx.Client, path: str, **query: str) -> list[Any]:
    answer = client.get(path, params=query)
    found: list[Any] = answer.json()
    while "next" in answer.links:
        answer = client.get(answer.links["next"]["url"])
        found += answer.json()
    return found


def asked(client: httpx.Client, query: str, **variables: Any) -> dict[str, Any]:
    try:
        graphql_schema()
    except NoDescriptionsError as error:
        pytest.skip(str(error))
    answer = client.post("/graphql", json={"query": query, "variables": variables}, timeout=60)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("size", [SMALL, BIG])
def test_the_same_seed_and_end_make_the_same_organisation(size: Any) -> None:
    first = build(size)
    again = build(size, end=first.org.end)
    assert first.manifest.as_json() == again.manifest.as_json()
    assert build(size, seed=7, end=first.org.end).manifest.as_json() != first.manifest.as_json()
    assert len(first.org.repos) == size.repositories
    assert sum(len(one.pulls) for one in first.org.repos.values()) == size.pulls


def test_numbers_tie_to_the_manifest(client: httpx.Client, double: GithubDouble) -> None:
    for repo in double.manifest["repositories"]:
        if repo["empty"]:
            continue
        path = f"/repos/northwind/{repo['name']}"
        pulls = every(client, f"{path}/pulls", state="all", per_page="7")
        assert sorted(one["number"] for one in pulls if one["merged_at"]) == repo["pulls"]["merged"]
        issues = [
            one for one in every(client, f"{path}/issues", state="all", per_page="100") if "pull_request" not in one
        ]
        seen = {one["number"] for one in pulls} | {one["number"] for one in issues}
        assert sorted(set(range(1, repo["highest_number"] + 1)) - seen) == repo["deleted_numbers"]


def test_what_has_not_changed_costs_nothing(client: httpx.Client) -> None:
    first = client.get("/orgs/northwind/members")
    again = client.get("/orgs/northwind/members", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["x-ratelimit-remaining"] == first.headers["x-ratelimit-remaining"]


def test_a_spent_quota_refuses(client: httpx.Client, double: GithubDouble) -> None:
    double.control("POST", "limits", {"core": 2})
    assert [client.get("/orgs/northwind").status_code for _ in range(3)] == [200, 200, 403]
    assert client.get("/orgs/northwind").headers["x-ratelimit-remaining"] == "0"


def test_a_renamed_repository_leads_to_its_number(client: httpx.Client) -> None:
    moved = client.get("/repos/northwind/payments/pulls?state=all")
    assert moved.status_code == 301
    assert client.get(moved.headers["location"]).json()[0]["base"]["repo"]["name"] == "billing"


def test_an_installation_may_only_what_it_was_given(double: GithubDouble) -> None:
    with installation(double) as client:
        assert client.get("/installation/repositories").json()["total_count"] == 6
        double.permit({"metadata": "read"})
        refused = client.get("/orgs/northwind/members")
        assert (refused.status_code, refused.json()["message"]) == (403, "Resource not accessible by integration")
        double.control("POST", "installation", {"suspended": True})
        assert client.get("/orgs/northwind").status_code == 403
        double.control("POST", "installation", {"suspended": False, "revoked": True})
        assert client.get("/orgs/northwind").status_code == 401


def test_a_jwt_that_lives_too_long_is_refused(double: GithubDouble) -> None:
    headers = {"Authorization": f"Bearer {signed(double, ahead=5000)}"}
    refused = httpx.get(f"{double.url}/app/installations", headers=headers, trust_env=False)
    assert (refused.status_code, "too far in the future" in refused.text) == (401, True)


def test_plans_lack_what_they_lack(client: httpx.Client, double: GithubDouble) -> None:
    assert client.get("/orgs/northwind/audit-log").status_code == 200
    double.control("POST", "plan", "free")
    for path, status in (
        ("audit-log", 404),
        ("rulesets", 403),
        ("code-scanning/alerts", 403),
        ("secret-scanning/alerts", 404),
    ):
        assert client.get(f"/orgs/northwind/{path}").status_code == status


def test_a_fault_meets_the_request_it_is_about(client: httpx.Client, double: GithubDouble) -> None:
    double.fault("spoofed_next", operation="GET /orgs/{org}/repos", url="https://elsewhere.example/", skip=1, times=1)
    links = [client.get("/orgs/northwind/repos?per_page=2").links["next"]["url"] for _ in range(3)]
    assert [link.startswith("https://elsewhere.example") for link in links] == [False, True, False]
    assert double.faults()[0]["fired"] == 1


def test_pages_shift_while_they_are_read(client: httpx.Client, double: GithubDouble) -> None:
    operation = "GET /repos/{owner}/{repo}/pulls"
    double.move(operation=operation, before=2, do="open_pull", repo="web", times=1)
    first = client.get("/repos/northwind/web/pulls?state=all&per_page=5")
    second = client.get(first.links["next"]["url"])
    assert {one["number"] for one in first.json()} & {one["number"] for one in second.json()}


PULLS = """query($name: String!, $after: String) {
  rateLimit { cost remaining }
  repository(owner: "northwind", name: $name) {
    pullRequests(first: 50, after: $after, states: [MERGED]) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { number author { __typename login } mergedAt
        reviews(first: 10) { nodes { state author { login } commit { oid } } } }
    }
  }
}"""


def test_graphql_holds_every_merged_change(client: httpx.Client, double: GithubDouble) -> None:
    wanted = {one["name"]: one["pulls"]["merged"] for one in double.manifest["repositories"]}
    found: list[int] = []
    after = None
    while True:
        page = asked(client, PULLS, name="infra", after=after)["data"]["repository"]["pullRequests"]
        found += [one["number"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sorted(found) == wanted["infra"]


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ('{repository(owner: "northwind", name: "none"){id}}', "NOT_FOUND"),
        ('{repository(owner: "northwind", name: "api"){stargazerCount}}', "DOUBLE_UNSUPPORTED"),
        ('{repository(owner: "northwind", name: "api"){pullRequests(first: 101){nodes{id}}}}', "EXCESSIVE_PAGINATION"),
        ('{repository(owner: "northwind", name: "api"){pullRequests{nodes{id}}}}', "MISSING_PAGINATION_BOUNDARIES"),
        ('{repository(owner: "northwind", name: "api"){noSuchField}}', None),
    ],
)
def test_graphql_tells_errors_in_a_good_answer(client: httpx.Client, query: str, kind: str | None) -> None:
    assert asked(client, query)["errors"][0].get("type") == kind


def test_graphql_is_partial_where_a_permission_lacks(double: GithubDouble) -> None:
    with installation(double) as client:
        double.permit({"metadata": "read", "contents": "read"})
        told = asked(client, '{repository(owner: "northwind", name: "api"){name pullRequest(number: 1){title}}}')
    assert told["data"]["repository"] == {"name": "api", "pullRequest": None}
    assert told["errors"][0]["type"] == "FORBIDDEN"
