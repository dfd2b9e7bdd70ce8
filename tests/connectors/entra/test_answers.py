"""AQ-12 for Entra: what is recorded when Graph says no, says nothing, or says less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from collector import trace
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.connectors.entra.product import Product
    from tests.doubles.graph.tenant import Tenant

METHODS, REPORT = "entra.auth_methods", "userRegistrationDetails"


def refusal(code: str) -> dict[str, dict[str, str]]:
    return {"error": {"code": code, "message": "said so"}}


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (Given(403, refusal("Authorization_RequestDenied")), "denied"),
        (Given(404, refusal("ResourceNotFound")), "denied"),
        (Given(429, refusal("TooManyRequests"), {"Retry-After": "0"}), "throttled"),
        (Given(500, refusal("InternalServerError"), {"Retry-After": "0"}), "unavailable"),
        (Given(200, {"value": []}, seconds=1.5), "timeout"),
        (Given(200, b'{"value": [{"id": "a"', cut=True), "truncated"),
        (Given(200, b'{"value": [{"id": "a"'), "truncated"),
        (Given(200, {"value": None}), "truncated"),
        (Given(403, refusal("Authentication_RequestFromNonPremiumTenantOrB2CTenant")), "unlicensed"),
    ],
    ids=["403", "404", "429", "500", "time-out", "cut", "truncated page", "no list", "no licence"],
)
def test_aq_12_entra_only_a_complete_answer_can_pass(
    product: Product, living: Tenant, given: Given, cause: str
) -> None:
    living.double.fault(given, path=REPORT)
    ended = product("snapshot", "--only", METHODS)
    assert ended.code == 1
    assert cause in ended.out
    assert not product.leaf(METHODS)["complete"]
    assert {gap["cause"] for gap in product.gaps(METHODS) if REPORT in gap["subject"]} == {cause}
    product.assert_nothing_passes("IAM-01")


def test_aq_12_entra_what_came_in_the_end_can_pass_and_tries_are_counted(product: Product, living: Tenant) -> None:
    living.double.fault(Given(429, refusal("TooManyRequests"), {"Retry-After": "0"}), path=REPORT, times=1)
    assert product("snapshot", "--only", METHODS).code == 0
    assert "pass" in product.outcomes("IAM-01").values()
    leaf = product.leaf(METHODS)
    assert leaf["complete"]
    asked = [line for line in exchanges(product) if REPORT in line["operation"]]
    assert [line["attempts"] for line in asked] == [2]


def test_aq_12_entra_none_is_not_could_not_look(product: Product, living: Tenant) -> None:
    """An empty list that Graph proves is complete and has no rows; the same list refused is a gap and has none."""
    living.lists["/identityGovernance/accessReviews/definitions"] = []
    assert product("snapshot", "--only", "entra.access_reviews").code == 0
    assert product.leaf("entra.access_reviews")["complete"]
    assert product.rows("entra.access_reviews") == []
    living.double.fault(Given(403, refusal("AccessDenied")), path="accessReviews")
    assert product("snapshot", "--only", "entra.access_reviews").code == 1
    assert not product.leaf("entra.access_reviews")["complete"]
    assert [gap["cause"] for gap in product.gaps("entra.access_reviews")] == ["denied"]


def test_aq_12_entra_a_gap_never_overwrites_what_was_complete(product: Product, living: Tenant) -> None:
    assert product("snapshot", "--only", METHODS).code == 0
    before = product.leaf(METHODS)
    living.double.fault(Given(403, refusal("Authorization_RequestDenied")), path=REPORT)
    assert product("snapshot", "--only", METHODS).code == 1
    kept = [one.body for one in product.reader.leaves() if one.body.get("type") == METHODS]
    assert [one["complete"] for one in kept] == [True, False]
    assert kept[0] == before
    assert product("verify").code == 0


def exchanges(product: Product) -> list[dict[str, Any]]:
    return trace.lines(product.reader, product.leaf(METHODS)["exchanges"])
