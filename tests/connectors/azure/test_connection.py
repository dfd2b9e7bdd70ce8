"""Signing in by azure-identity, each of Microsoft's clouds, subscriptions by Azure's own packages, and refusals."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from collector.errors import UndeclaredCallError, UsageError
from connectors.azure.packages import RESOURCES, SUBSCRIPTIONS, listed
from connectors.azure.settings import CLOUDS, AzureSettings
from tests.connectors.azure.gathering import gather, gathered
from tests.connectors.entra.login import CLIENT, SECRET, Login, running_login
from tests.doubles.arm.ids import TENANT, subscription_id
from tests.doubles.arm.tenant import TOKEN, refusal
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.reads import Page
    from tests.connectors.azure.product import Product
    from tests.doubles.arm.tenant import Tenant

PLANS, INVENTORY = "azure.defender.plans", "azure.resources.inventory"


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    audience = "https://management.azure.com/.default"
    folder = tmp_path_factory.mktemp("login")
    with running_login(folder, tenant=TENANT, token=TOKEN, scope=audience) as running:
        yield running


def settings(login: Login, way: str) -> dict[str, Any]:
    return {
        "sign_in": way,
        "authority": login.host,
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "certificate_file": str(login.certificate_file),
    }


@pytest.mark.parametrize("way", ["client_secret", "certificate"])
def test_azure_identity_signs_in(tenant: Tenant, login: Login, way: str) -> None:
    tenant.now = datetime.now(UTC)
    environment = {"SSL_CERT_FILE": str(login.ca_file), "AZURE_CLIENT_SECRET": SECRET}
    found = gathered(tenant, PLANS, settings=settings(login, way), environment=environment)
    assert all(one.snapshot.complete for one in found)
    assert {one.snapshot.caller for one in found} == {CLIENT}
    sealed = b"".join(body for one in found for body in one.kept.values())
    assert TOKEN.encode() not in sealed
    assert SECRET.encode() not in sealed


def test_credentials_that_are_refused_are_bad_input(tenant: Tenant, login: Login) -> None:
    tenant.now = datetime.now(UTC)
    environment = {"SSL_CERT_FILE": str(login.ca_file), "AZURE_CLIENT_SECRET": "wrong"}
    with pytest.raises(UsageError, match=r"Entra gave no token.*check \[azure\] sign_in"):
        gathered(tenant, PLANS, settings=settings(login, "client_secret"), environment=environment)
    with pytest.raises(UsageError, match="did not accept the token"):
        gathered(tenant, PLANS, environment={"AZURE_TOKEN": "another"})


@pytest.mark.parametrize("cloud", CLOUDS)
def test_each_cloud_has_its_hosts(cloud: str) -> None:
    made = AzureSettings(cloud=cloud)
    assert made.login_host == CLOUDS[cloud][0]
    assert made.manager == CLOUDS[cloud][1]
    assert made.graph == f"{CLOUDS[cloud][2]}/v1.0"
    assert made.graph_audience == f"{CLOUDS[cloud][2]}/.default"
    assert made.audience == f"{CLOUDS[cloud][1]}/.default"
    assert AzureSettings(cloud=cloud, base_url="https://proxy.example/").audience == made.audience


@pytest.mark.parametrize(
    "wrong",
    [{"cloud": "moon"}, {"sign_in": "luck"}, {"sign_in": "client_secret"}, {"reserve_percent": 95},
     {"sign_in": "certificate", "tenant_id": "t", "client_id": "c"}],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|takes"):
        AzureSettings(**wrong)


def test_what_azures_packages_read_is_on_record_page_by_page(tenant: Tenant) -> None:
    """They follow the next link; each page is an exchange with its body, and each record cites the page it is from."""
    tenant.page = 7
    found = gathered(tenant, INVENTORY, "azure.subscriptions")
    assert all(one.snapshot.complete for one in found), [one.snapshot.gaps for one in found]
    inventory = [one for one in found if one.snapshot.evidence_type == INVENTORY]
    for one in inventory:
        pages = [each for each in one.exchanges if each["operation"] == RESOURCES]
        assert [each["page"] for each in pages] == list(range(1, len(pages) + 1))
        assert len(pages) == -(-len(one.rows) // 7) > 3
        assert all(each["body"] in one.kept for each in pages)
        assert {row["first_seen_at"] for row in one.rows} == {"2026-01-27T12:00:00Z"}
    (listed,) = [one for one in found if one.snapshot.evidence_type == "azure.subscriptions"]
    assert {row["environment"] for row in listed.rows} == {"production"}
    assert SUBSCRIPTIONS in {each["operation"] for each in listed.exchanges}
    assert {row["parent"] for row in listed.rows} == {f"{TENANT}/Platform"}
    assert [row["status"] for row in listed.rows] == ["active", "active"]


def test_a_page_that_azures_package_cannot_have_is_a_gap(tenant: Tenant) -> None:
    tenant.page = 7
    tenant.double.fault(refusal(403, "AuthorizationFailed", "No."), path="/resources", skip=2)
    found = gathered(tenant, "azure.network.flow_logs", threads=1)
    assert {gap.cause.value for one in found for gap in one.snapshot.gaps} == {"denied"}
    assert all(one.rows for one in found), "Resource Graph's own rows are told; that they are all is not shown"


def test_a_next_page_at_another_host_is_not_asked_for(tenant: Tenant) -> None:
    away = {"value": [], "nextLink": "https://management.azure.com.evil.example/subscriptions?x=1"}
    tenant.double.fault(Given(200, away), path="/resources")
    found = gathered(tenant, "azure.network.flow_logs")
    assert {gap.cause.value for one in found for gap in one.snapshot.gaps} == {"truncated"}


def test_azures_packages_are_imported_only_where_azure_is_collected() -> None:
    code = (
        "import sys; from collector.registry import load; found, broken = load(['azure']); assert not broken; "
        "assert len(found['azure'].types) == 24; print([one for one in sys.modules if one.startswith('azure')])"
    )
    # The command is this interpreter and our own words.
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)  # noqa: S603
    assert ended.stdout.strip() == "[]"


def test_subscriptions_are_excluded_with_a_reason_alone(tenant: Tenant) -> None:
    one, other = subscription_id(0), subscription_id(1)
    found = gathered(tenant, PLANS, "azure.subscriptions", settings={"excluded_subscriptions": {other: "a sandbox"}})
    assert {each.snapshot.scope.unit_id for each in found} == {one}
    assert all(each.snapshot.complete for each in found)
    with_it = gathered(tenant, PLANS, settings={"excluded_subscriptions": {other: ""}})
    assert {each.snapshot.scope.unit_id for each in with_it} == {one, other}


def test_no_subscription_is_bad_input(tenant: Tenant) -> None:
    tenant.estate.lists["/subscriptions"].clear()
    with pytest.raises(UsageError, match="sees no subscription"):
        gathered(tenant, PLANS)


def test_the_root_that_may_not_be_read_is_a_gap(tenant: Tenant) -> None:
    tenant.refused.add("/providers/microsoft.management")
    found = gather(tenant, "azure.subscriptions")
    assert [gap.cause.value for gap in found.snapshot.gaps] == ["denied"]
    assert len(found.rows) == 2


def test_the_throttle_is_respected(tenant: Tenant) -> None:
    busy = Given(429, refusal(429, "TooManyRequests", "Slow down.").body, {"retry-after": "17"})
    tenant.double.fault(busy, path=f"{subscription_id(0)}/providers/Microsoft.Security/pricings", times=1)
    found = gathered(tenant, PLANS)
    assert all(one.snapshot.complete for one in found)
    assert [each["attempts"] for one in found for each in one.exchanges if "pricings" in each["operation"]] == [2, 1]


def test_doctor_names_what_would_be_lost(product: Product, living: Tenant) -> None:
    assert product("doctor").code == 0
    living.refused.add(f"/subscriptions/{subscription_id(0)}/providers/microsoft.security/pricings")
    ended = product("doctor")
    assert ended.code == 1
    assert PLANS in ended.out
    assert living.double.complaints == []


def test_what_azures_package_asks_and_nobody_read_is_a_defect() -> None:
    """Were a newer package to ask for something else, its answers would be those of another question."""

    def read(*urls: str, following: str = "") -> list[Any]:
        answer = {"value": [{"id": "/subscriptions/1"}], **({"nextLink": following} if following else {})}
        pages = [cast("Page", SimpleNamespace(gap=None, url=httpx.URL(url), answer=answer)) for url in urls]
        return list(listed(SUBSCRIPTIONS, iter(pages), address="https://arm.example", subscription="", version="1"))

    ((_, items),) = read("https://arm.example/subscriptions")
    assert items == [{"id": "/subscriptions/1"}]
    with pytest.raises(UndeclaredCallError, match="which is not what was read"):
        read("https://arm.example/tenants")
    with pytest.raises(UndeclaredCallError, match="went on where the list has ended"):
        read("https://arm.example/subscriptions", following="https://arm.example/subscriptions?page=2")
