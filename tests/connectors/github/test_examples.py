"""GitHub's own description judges each request of the connector, and each of its example answers becomes records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from graphql import build_schema, parse, validate

from collector.model import Cause, Window
from connectors.github.api import API, OWN
from tests.connectors.github.gathering import connector, gathered
from tests.doubles.github import contract
from tests.doubles.github.descriptions import NoDescriptionsError, graphql_schema, openapi
from tests.doubles.github.examples import Examples
from tests.doubles.github.process import GithubDouble
from tests.doubles.rest import running_rest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.connectors.github.gathering import Gathered

TYPES = connector().types
OPERATIONS = sorted(OWN.union(*(API.reached(one.needs) for one in TYPES.values())))
REST = [one for one in OPERATIONS if one.startswith("GET ")]
OF_GRAPHQL = {"github.pulls.merged", "github.commits.default", "github.deployments", "github.policy_docs"}
"""GitHub has no example answers of these queries."""
OTHER_EVENTS = {"github.audit.overrides"}
"""The example of the audit log has no event that passes a rule by."""
SOMETIMES = {
    "GET /repos/{owner}/{repo}/pulls",
    "GET /repos/{owner}/{repo}/actions/permissions",
    "GET /repos/{owner}/{repo}/actions/runs/{run_id}/approvals",
    "GET /repos/{owner}/{repo}/issues/{issue_number}",
}
"""What is asked for only where something else was answered than the examples say."""


@pytest.fixture(scope="module", autouse=True)
def _described() -> None:
    try:
        openapi()
    except NoDescriptionsError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("name", REST)
def test_every_request_is_one_that_is_described(name: str) -> None:
    method, path = name.split(" ")
    operation = API.operation(name)
    assert not contract.undescribed(method, path)
    sent = {**operation.parameters, **(operation.pages.first() if operation.pages else {})}
    written = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in sent.items()}
    assert contract.wrong_query(method, path, written) == []


def test_every_query_is_one_of_the_schema() -> None:
    schema = build_schema(graphql_schema(), assume_valid=True, assume_valid_sdl=True)
    documents = [API.operation(one).document for one in OPERATIONS if one.startswith("POST /graphql")]
    assert len(documents) > 8
    assert [wrong.message for one in documents for wrong in validate(schema, parse(one))] == []


@pytest.fixture(scope="module")
def answered(_described: None) -> tuple[Examples, Mapping[str, Gathered]]:
    examples = Examples(OPERATIONS)
    with running_rest() as server:
        server.otherwise = examples.answer
        github = GithubDouble(server.url, {"token": "ghp_" + "a1b2c3d4e5f6" * 3})
        settings = {
            "organisations": ("octo-org",),
            "incident_labels": ("bug",),
            "request_labels": {"bug": "change"},
            "deployable_branches": ("master*",),
        }
        long = Window(datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC))
        found = gathered(github, *TYPES, settings=settings, window=long)
    return examples, {one.snapshot.evidence_type: one for one in found}


@pytest.mark.parametrize("evidence", sorted(TYPES.keys() - OF_GRAPHQL))
def test_every_example_becomes_records(answered: tuple[Examples, Mapping[str, Gathered]], evidence: str) -> None:
    found = answered[1][evidence]
    assert Cause.DEFECT not in {gap.cause for gap in found.snapshot.gaps}, found.snapshot.gaps
    assert found.rows or evidence in OTHER_EVENTS, found.snapshot.gaps
    cited = {request for row in found.rows for request, _, _ in row["origins"]}
    assert cited <= {one["request"] for one in found.exchanges if one["status"] in {200, 204}}


def test_every_request_was_made_and_was_as_described(answered: tuple[Examples, Mapping[str, Gathered]]) -> None:
    examples, found = answered
    assert examples.complaints == []
    assert set(REST) - examples.answered <= SOMETIMES
    assert [gap for one in found.values() for gap in one.snapshot.gaps if gap.cause is Cause.DEFECT] == []
