from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.github.organisation import TOKEN, Gathered, gathered
from tests.doubles.rest import Given, RestDouble, running_rest

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "xyzzy-plugh-0123456789"  # noqa: S105 - made up
WHEN = "2026-11-01T10:00:00Z"
PATHS = {
    "github.dependabot.alerts": "/orgs/acme/dependabot/alerts",
    "github.code_scanning.alerts": "/orgs/acme/code-scanning/alerts",
    "github.secret_scanning.alerts": "/orgs/acme/secret-scanning/alerts",
}
each = pytest.mark.parametrize("evidence", PATHS)


@pytest.fixture
def forge() -> Iterator[RestDouble]:
    with running_rest() as double:
        double.token = TOKEN
        double.route("POST /graphql", Given(200, {"data": {"viewer": {"login": "auditor"}}}))
        yield double


def alert(number: int, **more: Any) -> dict[str, Any]:
    url = f"https://api.github.com/repos/acme/api/alerts/{number}"
    return {
        "number": number,
        "url": url,
        "state": "open",
        "created_at": WHEN,
        "repository": {"full_name": "acme/api"},
    } | more


def read(forge: RestDouble, evidence: str) -> Gathered:
    return gathered(forge.url, evidence, organisation="acme")


@each
def test_every_page_is_read(forge: RestDouble, evidence: str) -> None:
    path = PATHS[evidence]
    more = {"Link": f'<{forge.url}{path}?after=c2>; rel="next"'}
    last = {"Link": f'<{forge.url}{path}?before=c1>; rel="prev"'}
    forge.route(
        f"GET {path}",
        lambda asked: Given(200, [alert(2)], last) if "after" in asked.query else Given(200, [alert(1)], more),
    )
    found = read(forge, evidence)
    assert ({row["asset_id"] for row in found.rows}, len(found.rows)) == ({"acme/api"}, 2)
    assert found.complete


@each
@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (Given(404, {"message": "Not Found"}), "denied"),
        (Given(403, {"message": "Resource not accessible by integration"}), "denied"),
        (Given(403, {"message": "Advanced Security must be enabled for this repository."}), "unlicensed"),
        (Given(200, {"unlike": "a list"}), "truncated"),
    ],
)
def test_what_is_not_given_is_a_gap_and_no_empty_list(
    forge: RestDouble, evidence: str, given: Given, cause: str
) -> None:
    forge.route(f"GET {PATHS[evidence]}", given)
    found = read(forge, evidence)
    assert (found.rows, found.causes, found.complete) == ([], [cause], False)


def test_the_secret_is_asked_to_be_hidden_and_never_kept_should_it_come(forge: RestDouble) -> None:
    path = PATHS["github.secret_scanning.alerts"]
    forge.route(f"GET {path}", Given(200, [alert(1, secret=SECRET, secret_type="acme_key")]))  # noqa: S106 - a kind of secret
    found = read(forge, "github.secret_scanning.alerts")
    assert forge.asked[-1].query["hide_secret"] == "true"  # noqa: S105 - a flag
    assert found.rows[0]["secret_kind"] == "acme_key"  # noqa: S105 - a kind of secret
    assert SECRET.encode() not in found.kept


def test_membership_events_need_a_plan_that_keeps_them(forge: RestDouble) -> None:
    forge.route("GET /orgs/acme", Given(200, {"login": "acme", "plan": {"name": "team"}}))
    forge.route("GET /orgs/acme/audit-log", Given(200, []))
    found = read(forge, "github.audit.membership")
    assert (found.causes, found.complete) == (["unlicensed"], False)
    assert "/orgs/acme/audit-log" not in forge.paths()


def features(forge: RestDouble) -> None:
    forge.route(
        "GET /orgs/acme/repos", Given(200, [{"id": 1, "name": "api", "full_name": "acme/api", "archived": False}])
    )
    on = {"secret_scanning": {"status": "enabled"}, "secret_scanning_push_protection": {"status": "disabled"}}
    forge.route("GET /repos/acme/api", Given(200, {"full_name": "acme/api", "security_and_analysis": on}))
    forge.route("GET /repos/acme/api/code-scanning/default-setup", Given(200, {"state": "configured"}))


def test_that_dependencies_are_not_watched_is_believed_only_with_proof(forge: RestDouble) -> None:
    features(forge)
    unproved = read(forge, "github.security_features")
    assert unproved.causes == ["denied"]
    assert {row["kind"]: row["state"] for row in unproved.rows}["dependencies"] is None
    forge.route("GET /repos/acme/api/actions/permissions", Given(200, {"enabled": True}))
    proved = read(forge, "github.security_features")
    assert {row["kind"]: row["state"] for row in proved.rows} == {
        "secrets": "enabled",
        "secrets_push": "disabled",
        "dependency_updates": None,
        "dependencies": "disabled",
        "code": "enabled",
    }
    assert proved.complete


def test_apps_are_as_many_as_their_total(forge: RestDouble) -> None:
    app = {
        "id": 1,
        "app_slug": "ci",
        "permissions": {"contents": "write", "metadata": "read"},
        "repository_selection": "all",
    }
    forge.route("GET /orgs/acme/personal-access-tokens", Given(200, []))
    forge.route("GET /orgs/acme/installations", Given(200, {"total_count": 2, "installations": [app]}))
    assert read(forge, "github.installations").causes == ["truncated"]
    forge.route("GET /orgs/acme/installations", Given(200, {"total_count": 1, "installations": [app]}))
    found = read(forge, "github.installations")
    assert (found.rows[0]["access"], found.rows[0]["everything"], found.complete) == ("write", True, True)


@pytest.mark.parametrize(("told", "value"), [(True, "members"), (False, "administrators"), (None, None)])
def test_who_invites_from_outside_is_told_where_github_tells_it(
    forge: RestDouble, *, told: bool | None, value: str | None
) -> None:
    organisation = {"login": "acme", "members_can_invite_outside_collaborators": told, "plan": {"name": "team"}}
    forge.route("GET /orgs/acme", Given(200, {name: one for name, one in organisation.items() if one is not None}))
    rows = {row["name"]: row["value"] for row in read(forge, "github.org.settings").rows}
    assert rows.get("outsiders_invited_by") == value
    assert rows["plan"] == "team"
