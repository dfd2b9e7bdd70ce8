"""Resource Graph is believed as far as it is whole, and two lists of the same must be the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.azure.gathering import gathered
from tests.doubles.arm.ids import subscription_id
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.arm.tenant import Tenant

GRAPH = "/providers/Microsoft.ResourceGraph/resources"
NETWORK, VAULTS = "azure.network.exposure", "azure.keyvault"


def page(**changed: Any) -> Given:
    row = {
        "id": f"/subscriptions/{subscription_id(0)}/x",
        "name": "x",
        "type": "t",
        "subscriptionId": subscription_id(0),
    }
    whole = {"totalRecords": 1, "count": 1, "data": [row], "facets": [], "resultTruncated": "false"}
    return Given(200, {name: value for name, value in {**whole, **changed}.items() if value is not None})


def test_pages_are_read_to_the_last_row_that_is_counted(tenant: Tenant) -> None:
    tenant.page = 1  # and twenty rows to a page of Resource Graph
    found = gathered(tenant, "azure.resources.inventory", "azure.subscriptions")
    graph = [each for each in found[0].exchanges if each["operation"] == f"POST {GRAPH} resources"]
    assert len(graph) == 4
    assert all(one.snapshot.complete for one in found)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"totalRecords": 5}, "/totalRecords says 5, but 1 rows came"),
        ({"resultTruncated": "true"}, "no $skipToken leads on"),
        ({"resultTruncated": None}, "no $skipToken leads on"),
        ({"totalRecords": None}, "does not say how many rows"),
        ({"count": 2}, "/count says 2, but 1 rows came"),
        ({"$skipToken": 7}, "$skipToken is no token"),
    ],
)
def test_rows_that_are_missing_break_the_list(tenant: Tenant, changed: dict[str, Any], said: str) -> None:
    tenant.double.fault(page(**changed), path=GRAPH)
    found = gathered(tenant, NETWORK)
    assert all({gap.cause.value for gap in one.snapshot.gaps} == {"truncated"} for one in found)
    assert said in found[0].snapshot.gaps[0].detail


def test_a_resource_that_resource_graph_does_not_have_yet_shows_in_the_total(tenant: Tenant) -> None:
    vault = next(one for one in tenant.estate.tables["resources"] if one["name"] == "kv0")
    tenant.blind.add(vault["id"].lower())
    one, other = gathered(tenant, VAULTS)
    (untied,) = [total for total in one.snapshot.totals if not total.ties]
    assert (untied.expected, untied.found) == (1, 0)
    assert "in both" in untied.name
    assert other.snapshot.complete


def test_the_whole_tenant_is_asked_once_for_all_subscriptions(tenant: Tenant) -> None:
    found = gathered(tenant, NETWORK, VAULTS)
    assert all(one.snapshot.complete for one in found)
    posts = [path for method, path in tenant.answered if method == "POST"]
    assert len(posts) == 3, "two groups of kinds, and the subscriptions that are shown"
    lists = [path for _, path in tenant.answered if path.endswith("/resources") and "resourcegraph" not in path]
    assert len(lists) == 2, "once for each subscription"
