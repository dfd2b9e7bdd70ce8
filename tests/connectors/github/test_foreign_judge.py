"""Every call of the connector is one that GitHub describes, and every answer of the double too: Prism says so.

Prism (npm, `.ci/run` installs it) stands between the real connector and the double, with GitHub's own OpenAPI
description, and answers with an error whatever is not as described. GraphQL it lets through; the double holds each
query against GitHub's own schema.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest

from collector.model import Window
from connectors.github.api import API
from connectors.github.change_operations import CLOSED_PULLS, REVIEWS
from tests.connectors.github.gathering import NORTHWIND, connector, gathered
from tests.doubles.github.descriptions import NoDescriptionsError, openapi
from tests.doubles.prism.description import described
from tests.doubles.prism.proxy import prism_missing, validating

if TYPE_CHECKING:
    from tests.doubles.github.process import GithubDouble


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(bool(prism_missing()), reason=prism_missing())
def test_a_server_that_validates_requests_and_answers_has_nothing_to_say(github: GithubDouble) -> None:
    """All but what few need: the list of pull requests where issues are off, and reviews beyond the fiftieth."""
    try:
        openapi()
    except NoDescriptionsError as error:
        pytest.skip(str(error))
    types = connector().types
    operations = sorted(set().union(*(API.reached(one.needs) for one in types.values())))
    with validating(described(operations), github.url) as between:
        github.control("POST", "public", between)
        settings = {"policy_paths": (f"{NORTHWIND}/infra:policies",), "deployable_branches": ("release/*",)}
        end = datetime.now(UTC)
        window = Window(end - timedelta(days=120), end)
        found = gathered(github, *types, settings={"base_url": between, **settings}, window=window)
        elsewhere = API.operation(CLOSED_PULLS)
        named = {"owner": NORTHWIND, "repo": "api"}
        headers = {"authorization": f"Bearer {github.token}", **API.dialect.headers}
        asked_alone = httpx.get(
            between + elsewhere.path.format(**named),
            params=dict(elsewhere.parameters),
            headers=headers,
            trust_env=False,
        )
    incomplete = {one.snapshot.evidence_type: one.snapshot.gaps for one in found if not one.snapshot.complete}
    assert incomplete == {}
    assert all(one.rows for one in found)
    assert asked_alone.json(), asked_alone.text
    asked = {exchange["operation"] for one in found for exchange in one.exchanges}
    assert set(operations) - asked == {CLOSED_PULLS, REVIEWS}
