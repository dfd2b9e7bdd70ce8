"""Signing in by azure-identity itself in every way, each of Microsoft's clouds, and what becomes of a refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector.cli.permissions import command
from collector.errors import UsageError
from connectors.entra.settings import CLOUDS, EntraSettings
from tests.connectors.entra.gathering import connector, gather, gathered
from tests.connectors.entra.login import CLIENT, FEDERATED, SECRET, Login, running_login
from tests.doubles.graph.ids import TENANT
from tests.doubles.graph.tenant import TOKEN
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.connectors.entra.product import Product
    from tests.doubles.graph.tenant import Tenant
    from tests.doubles.rest import Asked

DOMAINS = "entra.password_policy"


@pytest.fixture(scope="module")
def login(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Login]:
    with running_login(tmp_path_factory.mktemp("login")) as running:
        yield running


@pytest.fixture
def living_tenant(tenant: Tenant) -> Tenant:
    """azure-identity knows no clock but the machine's."""
    tenant.now = datetime.now(UTC)
    return tenant


def settings(login: Login, way: str) -> dict[str, Any]:
    return {
        "sign_in": way,
        "authority": login.host,
        "tenant_id": TENANT,
        "client_id": CLIENT,
        "certificate_file": str(login.certificate_file),
    }


def environment(login: Login) -> dict[str, str]:
    return {"SSL_CERT_FILE": str(login.ca_file), "ENTRA_CLIENT_SECRET": SECRET}


@pytest.mark.parametrize("way", ["client_secret", "certificate", "workload_identity", "default"])
def test_each_way_of_signing_in(
    living_tenant: Tenant, login: Login, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    (tmp_path / "federated").write_text(FEDERATED)
    for name, value in {
        "AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "federated"),
        "AZURE_TENANT_ID": TENANT,
        "AZURE_CLIENT_ID": CLIENT,
    }.items():
        monkeypatch.setenv(name, value)
    before = len(login.granted)
    found = gather(
        living_tenant,
        DOMAINS,
        settings=settings(login, way),
        environment=environment(login),
    )
    assert found.snapshot.complete
    assert found.snapshot.caller == TENANT
    proof = {"client_secret": "secret", "certificate": "certificate"}.get(way, "federated")
    assert login.granted[before:] == [proof]
    sealed = b"".join(found.kept.values())
    assert TOKEN.encode() not in sealed
    assert SECRET.encode() not in sealed


def test_a_managed_identity(living_tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """As App Service and its kin offer one: at an address and with a header that the environment names."""
    double = living_tenant.double
    granted = {"access_token": TOKEN, "expires_on": "4102444800", "token_type": "Bearer", "resource": "r"}
    wanted = "https://graph.microsoft.com"

    def identity(asked: Asked) -> Given:
        known = asked.headers.get("x-identity-header") == "h" and asked.query["resource"] == wanted
        return Given(200 if known else 400, granted)

    double.route("GET /msi/token", identity)
    double.token = ""
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"{double.url}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "h")
    found = gather(living_tenant, DOMAINS, settings={"sign_in": "managed_identity"})
    assert found.snapshot.complete


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"client_id": "99999999-2222-4333-8444-555555555555"}, "Entra gave no token"),
        ({"sign_in": "certificate", "certificate_file": "/nowhere.pem"}, "something it needs is missing"),
    ],
)
def test_credentials_that_are_refused_are_bad_input_and_are_not_repeated(
    living_tenant: Tenant, login: Login, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(UsageError, match=said) as refused:
        gather(
            living_tenant, DOMAINS, settings=settings(login, "client_secret") | changed, environment=environment(login)
        )
    assert SECRET not in str(refused.value)
    assert "AADSTS" not in str(refused.value)


def test_a_token_that_graph_refuses_is_bad_input(tenant: Tenant) -> None:
    with pytest.raises(UsageError, match="did not accept the token"):
        gather(tenant, DOMAINS, environment={"ENTRA_TOKEN": "another"})


def test_without_the_right_to_see_the_tenant_nothing_begins(tenant: Tenant) -> None:
    tenant.granted = frozenset()
    with pytest.raises(UsageError, match=r"grant the application Organization\.Read\.All"):
        gather(tenant, DOMAINS)


def test_credentials_of_another_tenant_are_bad_input(tenant: Tenant) -> None:
    with pytest.raises(UsageError, match="but the credentials belong to tenant"):
        gather(tenant, DOMAINS, settings={"tenant_id": TENANT.replace("1", "2")})


@pytest.mark.parametrize(
    ("cloud", "login_host", "graph"),
    [
        ("commercial", "login.microsoftonline.com", "graph.microsoft.com"),
        ("us_government", "login.microsoftonline.us", "graph.microsoft.us"),
        ("us_government_dod", "login.microsoftonline.us", "dod-graph.microsoft.us"),
        ("china", "login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_the_clouds_of_microsoft(cloud: str, login_host: str, graph: str) -> None:
    made = EntraSettings(cloud=cloud)
    assert (made.login_host, made.graph, made.audience) == (login_host, f"https://{graph}", f"https://{graph}/.default")
    assert cloud in CLOUDS


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"cloud": "moon"}, "cloud must be one of"),
        ({"sign_in": "password"}, "sign_in must be one of"),
        ({"sign_in": "client_secret"}, "takes tenant_id and client_id"),
        ({"sign_in": "certificate", "tenant_id": "t", "client_id": "c"}, "takes certificate_file"),
        ({"reserve_percent": 91}, "from 0 to 90"),
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        EntraSettings(**wrong)


def test_the_permissions_are_what_was_really_asked_and_none_writes(tenant: Tenant) -> None:
    """By the double's own journal and its own table: enough to be given everything, and nothing to spare."""
    printed = CliRunner().invoke(command, ["entra"])
    assert printed.exit_code == 0, printed.output
    policy = json.loads(printed.output)
    granted = set(policy["application_permissions"])
    assert all(".Read." in one and "Write" not in one for one in granted)
    tenant.granted = frozenset(granted)
    assert [one.snapshot.evidence_type for one in gathered(tenant) if not one.snapshot.complete] == []
    assert tenant.needed == granted


def test_each_evidence_type_needs_what_its_own_policy_says(tenant: Tenant) -> None:
    entra = connector()
    for evidence in ("entra.users", "entra.role_assignments", "entra.ca_policies", "entra.access_reviews"):
        tenant.granted = frozenset(entra.policy([entra.types[evidence]])["application_permissions"])
        assert gather(tenant, evidence).snapshot.complete, evidence


def test_doctor_names_what_would_be_lost_and_reads_little(product: Product, living: Tenant) -> None:
    granted = frozenset(connector().policy(connector().types.values())["application_permissions"])
    assert product("doctor").code == 0
    living.granted = granted - {"AuditLog.Read.All"}
    living.double.asked.clear()
    ended = product("doctor")
    assert ended.code == 1
    for evidence in ("entra.users", "entra.auth_methods", "entra.guests", "entra.directory_audits", "entra.sign_ins"):
        assert evidence in ended.out
    assert "entra.apps" not in ended.out
    assert len(living.double.asked) < 80
    assert not (product.folder / "evidence").exists()
