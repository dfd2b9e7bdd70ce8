"""The ways peers turn ignorance into green, over Azure: injected at the wire, read off the archive and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.arm.ids import subscription_id
from tests.doubles.arm.tenant import GRAPH, refusal
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.connectors.azure.product import Product
    from tests.doubles.arm.tenant import Tenant

ONE, OTHER = subscription_id(0), subscription_id(1)
STORAGE, DIAGNOSTICS, KEYS = "azure.storage.accounts", "azure.diagnostics", "azure.keyvault"
SETTINGS = f"/subscriptions/{ONE}/providers/microsoft.insights/diagnosticsettings"
CONTAINERS = "storageAccounts/stoffered0/blobServices/default/containers"


def test_false_pass_01_azure_a_denied_list_is_not_an_empty_one(product: Product, living: Tenant) -> None:
    living.refused.add(GRAPH)
    assert product("snapshot", "--only", STORAGE).code == 1
    for unit in (ONE, OTHER):
        assert {gap["cause"] for gap in product.gaps(STORAGE, unit)} == {"denied"}
        assert "pass" not in product.outcomes("IAM-15", unit).values()


def test_false_pass_01_azure_what_resource_graph_hides_in_silence_is_missed(product: Product, living: Tenant) -> None:
    """It answers without the subscription, and nothing in its answer says so."""
    living.hidden.add(ONE)
    assert product("snapshot", "--only", STORAGE).code == 1
    assert [gap["cause"] for gap in product.gaps(STORAGE, ONE)] == ["denied"]
    assert "does not show this subscription" in product.page()
    (untied,) = product.untied(STORAGE, ONE)
    assert (untied["expected"], untied["found"]) == (4, 0)
    assert "pass" not in product.outcomes("IAM-15", ONE).values()
    assert product.leaf(STORAGE, OTHER)["complete"]


def test_false_pass_02_azure_a_child_that_is_denied_keeps_its_parent(product: Product, living: Tenant) -> None:
    account = next(one for one in living.estate.tables["resources"] if one["name"] == "stoffered0")
    living.refused.add(f"{account['id']}/blobservices".lower())
    assert product("snapshot", "--only", STORAGE).code == 1
    product.assert_untold(STORAGE, ONE, "IAM-15", "denied", "containers")
    rows = {row["resource_id"]: row["public"] for row in product.rows(STORAGE, ONE) if row["table"] == "resource"}
    assert len(rows) == 4
    assert rows[account["id"]] is None
    assert product.outcomes("IAM-15", ONE)[account["id"]] == "cannot_tell"


def test_false_pass_05_azure_one_denial_ends_nothing_else(product: Product, living: Tenant) -> None:
    living.refused.add(SETTINGS)
    assert product("snapshot", "--only", DIAGNOSTICS, "--only", KEYS).code == 1
    product.assert_untold(DIAGNOSTICS, ONE, "LOG-01", "denied", "diagnosticSettings")
    assert product.leaf(DIAGNOSTICS, OTHER)["complete"]
    assert product.leaf(KEYS, ONE)["complete"]
    assert "pass" in product.outcomes("IAM-18", OTHER).values()


def test_false_pass_06_azure_a_subscription_that_refuses_everything_is_told(product: Product, living: Tenant) -> None:
    living.refused.add(f"/subscriptions/{OTHER}/")
    assert product("snapshot", "--only", KEYS, "--only", DIAGNOSTICS).code == 1
    for evidence, control in ((KEYS, "IAM-18"), (DIAGNOSTICS, "LOG-01")):
        assert {gap["cause"] for gap in product.gaps(evidence, OTHER)} == {"denied"}
        assert set(product.outcomes(control, OTHER).values()) <= {"cannot_tell", "deviation"}
        assert product.leaf(evidence, ONE)["complete"]


def test_false_pass_07_azure_throttled_to_the_end(product: Product, living: Tenant) -> None:
    busy = Given(429, refusal(429, "TooManyRequests", "Slow down.").body, {"retry-after": "0"})
    fault = living.double.fault(busy, path=CONTAINERS)
    assert product("snapshot", "--only", STORAGE).code == 1
    assert fault.fired == 2
    product.assert_untold(STORAGE, ONE, "IAM-15", "throttled", "containers")


def test_false_pass_12_azure_a_source_that_is_not_connected_counts(product: Product, living: Tenant) -> None:
    """A subscription below the root that the identity does not list, and kinds that nobody has collected."""
    for lists in (living.estate.lists["/subscriptions"], living.estate.tables["resourcecontainers"]):
        del lists[1]
    assert product("snapshot", "--only", "azure.subscriptions", "--only", STORAGE).code == 1
    (untied,) = product.untied("azure.subscriptions", ONE)
    assert "below the root management group" in untied["name"]
    assert untied["name"] in product.page()
    assert "pass" not in product.outcomes("IAM-16", ONE).values(), "disks and databases were not collected"


def test_false_pass_16_azure_a_404_is_not_none(product: Product, living: Tenant) -> None:
    living.double.fault(refusal(404, "ResourceNotFound", "Not found."), path="diagnosticSettings")
    assert product("snapshot", "--only", DIAGNOSTICS).code == 1
    product.assert_untold(DIAGNOSTICS, ONE, "LOG-01", "denied", "diagnosticSettings")
    assert "deviation" not in product.outcomes("LOG-01", ONE).values(), "nobody saw that there is no export"


def test_false_pass_17_azure_a_field_that_is_not_given_is_unknown(product: Product, living: Tenant) -> None:
    for row in living.estate.tables["resources"]:
        if row["type"] == "Microsoft.Storage/storageAccounts":
            for name in ("minimumTlsVersion", "supportsHttpsTrafficOnly", "encryption"):
                del row["properties"][name]
    assert product("snapshot", "--only", STORAGE).code == 0
    rows = [row for row in product.rows(STORAGE, ONE) if row["table"] == "resource"]
    assert {(row["encrypted"], row["min_tls"], row["plain_http"]) for row in rows} == {(None, None, None)}
    for control in ("IAM-16", "IAM-17"):
        assert set(product.outcomes(control, ONE).values()) == {"cannot_tell"}


def test_a_provider_that_is_not_registered_is_a_gap_with_its_subscription(product: Product, living: Tenant) -> None:
    """In one subscription there is nothing of it, and nothing could be: that is no empty list."""
    kind = "Microsoft.KeyVault/vaults"
    for lists in (living.estate.tables["resources"], living.estate.lists[f"/subscriptions/{ONE}/resources"]):
        lists[:] = [one for one in lists if one["type"] != kind or OTHER in one["id"]]
    living.unregistered.add((ONE, "microsoft.keyvault"))
    assert product("snapshot", "--only", KEYS).code == 1
    (gap,) = product.gaps(KEYS, ONE)
    assert gap["cause"] == "not_configured"
    assert f"subscription {ONE} subscription 0" in gap["subject"]
    assert product.leaf(KEYS, OTHER)["complete"]
