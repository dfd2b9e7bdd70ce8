"""Signing in by token and as an app, what must be granted for it, and the commands over it all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from collector.config import table
from collector.errors import UsageError
from connectors.okta.settings import OktaSettings
from tests.conftest import Program
from tests.connectors.okta.gathering import connector, gather, gathered
from tests.doubles.okta.limits import Limits
from tests.doubles.okta.routes import ROUTES
from tests.doubles.okta.signing_in import TOKEN
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.okta.server import OktaDouble

KEY = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def app(okta: OktaDouble, tmp_path: Path) -> dict[str, Any]:
    """The settings of a service app that the org knows."""
    pem = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(pem)
    okta.doors.public_key = KEY.public_key()
    return {"client_id": okta.doors.client_id, "private_key_file": str(tmp_path / "key.pem")}


def test_by_token_the_caller_is_who_made_it(okta: OktaDouble) -> None:
    found = gather(okta, "okta.apps")
    assert found.snapshot.caller == "ada.admin@northwind.example"
    assert found.snapshot.scope.unit_id == okta.org.id
    assert {one.headers["authorization"] for one in okta.asked} == {f"SSWS {TOKEN}"}
    assert TOKEN.encode() not in b"".join(found.kept.values())


def test_as_an_app_with_a_private_key(okta: OktaDouble, app: dict[str, Any]) -> None:
    found = gather(okta, "okta.users", settings=app)
    assert found.snapshot.complete
    assert found.snapshot.caller == f"client {okta.doors.client_id}"
    assert {one.headers["authorization"].split(" ")[0] for one in okta.asked if one.method == "GET"} == {"Bearer"}


def test_a_scope_that_was_not_granted_costs_its_own_evidence_alone(okta: OktaDouble, app: dict[str, Any]) -> None:
    okta.doors.scopes -= {"okta.apiTokens.read", "okta.governance.accessCertifications.read"}
    tokens, apps = gathered(okta, "okta.api_tokens", "okta.apps", settings=app)
    assert tokens.causes == ["denied"]
    assert apps.snapshot.complete


@pytest.mark.parametrize("wrong", ["token", "key", "address"])
def test_credentials_that_do_not_work_are_refused_before_anything_is_read(
    okta: OktaDouble, app: dict[str, Any], wrong: str
) -> None:
    if wrong == "key":
        okta.doors.public_key = rsa.generate_private_key(65537, 2048).public_key()
        settings = app
    elif wrong == "token":
        okta.fault(Given(401, {"errorCode": "E0000011"}))
        settings = {}
    else:
        settings = {"base_url": "http://okta.example"}
    with pytest.raises(UsageError):
        gather(okta, "okta.apps", settings=settings)


def test_a_table_without_the_address_is_refused() -> None:
    with pytest.raises(UsageError, match="base_url"):
        table({}, OktaSettings, "[okta]")


def test_permissions_are_what_the_double_saw_called(okta: OktaDouble) -> None:
    """By the double's own list of which scope opens which endpoint."""
    assert all(one.snapshot.complete for one in gathered(okta))
    printed = connector().policy(connector().types.values())
    seen = {route.scope for route in ROUTES if route.template in okta.templates() and route.scope}
    assert set(printed["service_app"]["scopes"]) == seen
    assert all(scope.endswith(".read") for scope in seen)
    only = connector().policy([connector().types["okta.api_tokens"]])
    assert only["service_app"]["scopes"] == ["okta.apiTokens.read", "okta.users.read"]
    assert only["wider_role"] == []


def test_with_the_printed_scopes_and_no_more_everything_is_read(okta: OktaDouble) -> None:
    okta.doors.scopes = frozenset(connector().policy(connector().types.values())["service_app"]["scopes"])
    assert all(one.snapshot.complete for one in gathered(okta))


def test_rate_limits_are_kept_by_endpoint_and_a_share_is_left(okta: OktaDouble) -> None:
    okta.limits = Limits(okta.clock, on=True, override={".*": 10_000})
    found = gathered(okta, "okta.users", "okta.factors", "okta.log.lifecycle")
    assert all(one.snapshot.complete for one in found)
    assert okta.limits.refused == 0
    assert set(okta.limits.most) > {"/api/v1/users", "/api/v1/logs"}


def configured(okta: OktaDouble, folder: Path) -> Program:
    folder.joinpath("collector.toml").write_text(
        f'[okta]\nbase_url = "{okta.url}"\nattempts = 2\nservice_users = ["svc-*"]\n'
    )
    return Program(folder, {"OKTA_API_TOKEN": TOKEN})


def test_doctor_reads_little_and_names_what_would_be_lost(okta: OktaDouble, tmp_path: Path) -> None:
    program = configured(okta, tmp_path)
    okta.unlicensed = {"/governance", "/api/v1/device"}
    ended = program("doctor")
    assert ended.code == 1, ended.text
    lost = {tuple(line.split("\t")[::2][:2]) for line in ended.out.splitlines()[1:-1]}
    assert lost == {("okta.certifications", "unlicensed"), ("okta.devices", "unlicensed")}
    assert "13 of 15 snapshots can be read" in ended.out
    assert json.loads(program("permissions", "okta").out)["service_app"]["admin_role"] == "READ_ONLY_ADMIN"
    assert len([one for one in okta.asked if one.path.endswith("/factors")]) == 1
