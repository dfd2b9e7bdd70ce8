"""Tokens: fetched from real endpoints over HTTP, renewed by one thread, refused with a reason, and never shown."""

from __future__ import annotations

import base64
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import jwt as independent
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.oauth2.service_account import Credentials as ServiceAccount

from collector.errors import UsageError
from collector.model import Cause
from collector.source.rest.api import Operation
from collector.source.rest.auth import jwt
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.auth.credential import NoTokenError, Renewed, Token
from collector.source.rest.auth.github_app import AppToken, installation
from collector.source.rest.auth.google import google
from collector.source.rest.auth.granting import TokenEndpoint
from collector.source.rest.auth.oauth import client_secret, private_key
from collector.source.rest.base import Base
from tests.doubles.rest import Given
from tests.source.rest.conftest import START, Forge, Time

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.rest import Asked

ONE = Operation("GET /thing")
RSA = rsa.generate_private_key(65537, 2048)
GOOGLE = "https://oauth2.googleapis.com/token"
P256 = ec.generate_private_key(ec.SECP256R1())


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def endpoint(forge: Forge) -> TokenEndpoint:
    return TokenEndpoint(forge.wire(), Base(forge.double.url), "/token", forge.outside())


@pytest.mark.parametrize("key", [RSA, P256], ids=["RS256", "ES256"])
def test_what_is_signed_is_accepted_by_another_verifier(key: jwt.PrivateKey, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(key))
    signed = jwt.signed({"iss": "app", "n": 5}, jwt.private_key(tmp_path / "key.pem"), key_id="k1")
    assert independent.decode(signed, key.public_key(), algorithms=["RS256", "ES256"]) == {"iss": "app", "n": 5}
    assert independent.get_unverified_header(signed)["kid"] == "k1"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n",
        pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - too weak, on purpose
        pem(ec.generate_private_key(ec.SECP384R1())),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_without_showing_it(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(UsageError, match="cannot be read"):
        jwt.private_key(path)
    path.write_bytes(content)
    with pytest.raises(UsageError, match="key") as refused:
        jwt.private_key(path)
    assert "secret" not in str(refused.value)


def test_a_token_is_named_by_reference_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    assert bearer("env:T", {"T": "from-env"}).token() == "from-env"
    assert bearer(f"file:{file}", {}).token() == "from-file"
    file.write_text("two lines\nhere")
    for wrong in ("ghp_abc", "env:", "env:GONE", f"file:{tmp_path}/gone", f"file:{file}", "file:"):
        with pytest.raises(UsageError) as refused:
            bearer(wrong, {"T": "x"})
        assert "ghp_abc" not in str(refused.value)


def test_a_token_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("one")
    credential = bearer(f"file:{file}", {})
    assert not credential.renew("one")
    file.write_text("second")
    assert credential.token() == "second"
    assert credential.renew("one")
    file.unlink()
    with pytest.raises(NoTokenError, match="No such file"):
        credential.token()


def test_many_threads_fetch_one_token_and_renew_it_before_it_ends() -> None:
    time, fetched, lock = Time(), [0], threading.Lock()

    def fetch() -> Token:
        with lock:
            fetched[0] += 1
        return Token(f"t{fetched[0]}", time.now() + timedelta(hours=1))

    credential = Renewed(fetch, time.now)
    with ThreadPoolExecutor(16) as threads:
        assert set(threads.map(lambda _: credential.token(), range(64))) == {"t1"}
        assert set(threads.map(lambda _: credential.renew("t1"), range(16))) == {True}
    assert fetched == [2]
    time.sleep(54 * 60)
    assert credential.token() == "t2"
    time.sleep(2 * 60)
    assert credential.token() == "t3"
    assert "t3" not in repr(Token("t3", START))


def test_a_401_renews_once_and_is_then_a_denial(forge: Forge) -> None:
    forge.double.token = "t2"  # noqa: S105 - of a test
    forge.double.route("GET /thing", Given(200, {"name": "n"}))
    tokens = iter(["t1", "t2", "t3", "t4"])
    forge.credential = Renewed(lambda: Token(next(tokens), START + timedelta(hours=1)), forge.time.now)
    read = forge.get(ONE)
    assert read.complete
    assert read.attempts == [2]
    forge.double.token = "revoked"  # noqa: S105 - of a test
    read = forge.get(ONE)
    assert read.gap.cause is Cause.DENIED
    assert read.attempts == [2]


def test_an_installation_token_is_fetched_by_the_apps_jwt_and_renewed(forge: Forge) -> None:
    granted: list[str] = []

    def grant(asked: Asked) -> Given:
        claims = independent.decode(
            asked.headers["authorization"].removeprefix("Bearer "),
            RSA.public_key(),
            algorithms=["RS256"],
            options={"verify_exp": False, "verify_iat": False},
        )
        assert claims["iss"] == "12"
        now = forge.time.now().timestamp()
        assert claims["iat"] <= now < claims["exp"] <= now + 600
        granted.append(f"ghs_{len(granted)}")
        forge.double.token = granted[-1]
        expires = forge.time.now() + timedelta(hours=1)
        return Given(201, {"token": granted[-1], "expires_at": expires.strftime("%Y-%m-%dT%H:%M:%SZ")})

    forge.double.token = ""
    forge.double.route("POST /app/installations/7/access_tokens", grant)
    forge.double.route("GET /thing", Given(200, {"name": "n"}))
    app = AppToken("12", RSA, forge.outside())
    forge.credential = installation(app, 7, forge.wire(), Base(forge.double.url), forge.outside())
    grants = forge.double.routes["POST /app/installations/7/access_tokens"]
    forge.credential.token()
    assert forge.get(ONE).complete
    assert granted == ["ghs_0"]
    forge.time.sleep(56 * 60)
    forge.double.token = ""
    assert forge.get(ONE).complete
    assert len(granted) == 2
    assert grants is not None
    assert not app.renew("any")


def test_client_credentials_by_secret_and_by_assertion(forge: Forge) -> None:
    asked: list[Asked] = []

    def grant(one: Asked) -> Given:
        asked.append(one)
        return Given(200, {"access_token": f"at{len(asked)}", "expires_in": 3600, "token_type": "Bearer"})

    forge.double.token = ""
    forge.double.route("POST /token", grant)
    assert client_secret(endpoint(forge), "id", "s%cr t", "read").token() == "at1"
    assert asked[0].headers["authorization"] == "Basic " + base64.b64encode(b"id:s%25cr%20t").decode()
    assert private_key(endpoint(forge), "id", P256, "okta.users.read", key_id="k").token() == "at2"
    form = {name: value for name, (value,) in parse_qs(asked[1].body.decode()).items()}
    assert (form["grant_type"], form["scope"]) == ("client_credentials", "okta.users.read")
    claims = independent.decode(
        form["client_assertion"],
        P256.public_key(),
        algorithms=["ES256"],
        audience=f"{forge.double.url}/token",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == claims["sub"] == "id"
    assert len(claims["jti"]) == 32


REFUSALS: dict[str, tuple[Given, Cause]] = {
    "refused": (Given(401, {"error": "invalid_client", "error_description": "s3cret"}), Cause.DENIED),
    "forbidden": (Given(403, b"s3cret", {"Content-Type": "text/plain"}), Cause.DENIED),
    "busy": (Given(503, {}), Cause.UNAVAILABLE),
    "throttled": (Given(429, {}), Cause.THROTTLED),
    "cut": (Given(200, {"access_token": "x"}, cut=True), Cause.TRUNCATED),
    "no token": (Given(200, {"access_token": ""}), Cause.UNAVAILABLE),
    "a list": (Given(200, []), Cause.UNAVAILABLE),
    "a web page": (Given(200, b"<html>", {"Content-Type": "text/html"}), Cause.UNAVAILABLE),
    "redirected": (Given(302, {}, {"Location": "http://127.0.0.1:1/"}), Cause.DENIED),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_no_token_is_a_gap_of_every_read(forge: Forge, what: str) -> None:
    given, cause = REFUSALS[what]
    forge.double.token = ""
    forge.double.route("POST /token", given)
    forge.credential = client_secret(endpoint(forge), "id", "s3cret", "read")
    read = forge.get(ONE)
    assert read.gap.cause is cause
    assert "s3cret" not in read.gap.detail
    (exchange,) = read.recorder.exchanges
    assert (exchange.status, exchange.error, exchange.attempts) == (None, "NoToken", 0)


def test_googles_own_credentials_refresh_over_our_wire(forge: Forge) -> None:
    forge.real_time = True
    forge.double.token = ""
    forge.double.route("POST /token", Given(200, {"access_token": "ya29.x", "expires_in": 3600}))
    account = {
        "type": "service_account",
        "client_email": "a@b.iam.gserviceaccount.com",
        "private_key": pem(RSA).decode(),
        "token_uri": f"{forge.double.url}/token",
    }
    scopes = ["https://www.googleapis.com/auth/cloud-platform.read-only"]
    made = ServiceAccount.from_service_account_info(account, scopes=scopes)  # type: ignore[no-untyped-call]  # google-auth has no types here
    credential = google(made, forge.wire(), forge.outside())
    assert credential.token() == "ya29.x"
    (asked,) = forge.double.asked
    (assertion,) = parse_qs(asked.body.decode())["assertion"]
    assert independent.decode(assertion, RSA.public_key(), algorithms=["RS256"], audience=GOOGLE)
    forge.double.route("POST /token", Given(400, {"error": "invalid_grant", "error_description": "s3cret"}))
    with pytest.raises(NoTokenError, match="RefreshError") as refused:
        credential.renew("ya29.x")
    assert refused.value.cause is Cause.DENIED
    assert "s3cret" not in str(refused.value)


def test_googles_endpoint_that_is_busy_denies_nothing(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)  # google-auth waits by itself
    forge.real_time = True
    forge.double.token = ""
    forge.double.route("POST /token", Given(503, {"error": "server_error"}))
    info = {"client_email": "a@b.iam.gserviceaccount.com", "private_key": pem(RSA).decode()}
    info["token_uri"] = f"{forge.double.url}/token"
    made = ServiceAccount.from_service_account_info(info, scopes=["a"])  # type: ignore[no-untyped-call]  # google-auth has no types here
    with pytest.raises(NoTokenError) as refused:
        google(made, forge.wire(), forge.outside()).token()
    assert refused.value.cause is Cause.UNAVAILABLE
    assert len(forge.double.asked) > 1


def test_what_is_shown_of_a_wire_and_its_world_has_no_secret(forge: Forge) -> None:
    forge.environment = {"TOKEN": "s3cret"}
    assert "s3cret" not in repr(forge.outside())
    assert "s3cret" not in repr(bearer("env:TOKEN", forge.environment))
