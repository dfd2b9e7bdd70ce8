"""The Okta double against Okta's own description: every endpoint, with what is seeded behind it; and our operations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest

from connectors.okta.operations import OPERATIONS
from tests.connectors.okta.gathering import gathered
from tests.doubles.okta import contract
from tests.doubles.okta.estate import build
from tests.doubles.okta.routes import ROUTES
from tests.doubles.okta.server import running_okta
from tests.doubles.okta.signing_in import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.api import Operation
    from tests.doubles.okta.routes import Route
    from tests.doubles.okta.server import OktaDouble

DESCRIBED = [route.template for route in ROUTES if not route.template.startswith("/governance/")]
"""Okta describes its governance API elsewhere."""
QUERIES = {"/api/v1/policies": [{"type": one} for one in ("OKTA_SIGN_ON", "ACCESS_POLICY", "PASSWORD", "MFA_ENROLL")]}


@pytest.fixture(scope="module")
def okta() -> Iterator[OktaDouble]:
    try:
        contract.description()
    except contract.NoDescriptionError as error:
        pytest.skip(str(error))
    with running_okta(build(10, end=datetime.now(UTC))) as double:
        yield double


def paths(okta: OktaDouble, template: str) -> list[str]:
    """Addresses of things of which there is something to see."""
    org = okta.org
    group = next(iter(org.group_roles))
    user = next(one for one, found in org.factors.items() if found)
    ids = {
        "id": ["me", *list(org.users)],
        "userId": list(org.user_roles) if template.endswith("/roles") else [user],
        "roleIdOrLabel": list(org.permissions),
        "groupId": [group],
        "appId": [next(iter(org.apps))],
        "policyId": list(org.rules),
    }
    name = template.partition("{")[2].partition("}")[0]
    return [template.replace(f"{{{name}}}", one) for one in ids[name]] if name else [template]


@pytest.mark.parametrize("template", DESCRIBED)
def test_every_answer_is_as_okta_describes_it(okta: OktaDouble, template: str) -> None:
    headers = {"Authorization": f"SSWS {TOKEN}"}
    seen = 0
    with httpx.Client(base_url=okta.url, headers=headers, trust_env=False) as client:
        for path in paths(okta, template):
            for query in QUERIES.get(template, [{}]):
                answer = client.get(path, params=query)
                assert answer.status_code == 200, answer.text
                seen += bool(answer.json())
                assert contract.wrong_answer(template, 200, answer.json()) == []
    assert seen, "nothing to see here proves nothing"


@pytest.mark.parametrize("route", [one for one in ROUTES if one.template in DESCRIBED], ids=lambda one: one.template)
def test_scopes_are_those_that_okta_names(okta: OktaDouble, route: Route) -> None:
    assert okta
    assert {route.scope} - {""} <= contract.scopes(route.template)


def test_refusals_are_as_okta_describes_them(okta: OktaDouble) -> None:
    answer = httpx.get(
        f"{okta.url}/api/v1/users/00unknown", headers={"Authorization": f"SSWS {TOKEN}"}, trust_env=False
    )
    assert answer.status_code == 404
    assert contract.wrong_answer("/api/v1/users/{id}", 404, answer.json()) == []
    assert httpx.get(f"{okta.url}/api/v1/users", trust_env=False).status_code == 401


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if not one.path.startswith("/governance/")], ids=lambda one: one.name
)
def test_every_operation_of_the_connector_is_described(okta: OktaDouble, operation: Operation) -> None:
    assert okta
    path = operation.path.replace("/users/me", "/users/{id}")
    assert path in contract.description()["paths"]
    assert {operation.needs} - {""} <= contract.scopes(path)
    paging = operation.pages.first() if operation.pages else {}
    assert contract.unknown_query(path, [*operation.parameters, *paging]) == []


def test_everything_that_a_run_asks_is_described(okta: OktaDouble) -> None:
    """Filters and windows too, as they go out."""
    okta.asked.clear()
    assert all(one.snapshot.complete for one in gathered(okta))
    templates = {one.path: next(r.template for r in ROUTES if r.named(one.path) is not None) for one in okta.asked}
    assert set(DESCRIBED) <= set(templates.values())
    for one in okta.asked:
        if templates[one.path] in DESCRIBED:
            assert contract.unknown_query(templates[one.path], list(one.query)) == []


def test_a_wrong_answer_is_told(okta: OktaDouble) -> None:
    assert okta
    assert contract.wrong_answer("/api/v1/users", 200, [{"id": "00u1", "status": "ASLEEP"}])
    assert contract.wrong_answer("/api/v1/users", 200, {"users": []})
    assert contract.unknown_query("/api/v1/users", ["limit", "page"]) == ["page"]
