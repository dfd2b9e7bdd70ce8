"""Entra's own token endpoint, as far as it proves who asks: over TLS, and it judges secrets, signatures and tokens."""

from __future__ import annotations

import contextlib
import json
import ssl
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from tests.doubles.graph.ids import TENANT
from tests.doubles.graph.tenant import TOKEN
from tests.doubles.rest import Given, RestDouble, running_rest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.doubles.rest import Asked

CLIENT, SECRET, FEDERATED = "11111111-2222-4333-8444-555555555555", "correct-horse", "a-token-of-the-cluster"
AUDIENCE = "https://graph.microsoft.com/.default"


@dataclass
class Login:
    """The endpoint, and what a client needs to reach it and to be believed."""

    double: RestDouble
    ca_file: Path
    certificate_file: Path
    host: str
    granted: list[str]
    """By what each token was granted."""


@contextlib.contextmanager
def running_login(folder: Path, *, tenant: str = TENANT, token: str = TOKEN, scope: str = AUDIENCE) -> Iterator[Login]:
    """`token` is what it gives to whoever asks for `scope` of `tenant`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    key = _client_certificate(folder / "client.pem")
    with running_rest(context) as double:
        host = double.url.removeprefix("https://")
        login = Login(double, folder / "ca.pem", folder / "client.pem", host, [])
        at = f"{double.url}/{tenant}"
        double.route(
            f"GET /{tenant}/v2.0/.well-known/openid-configuration",
            Given(
                200,
                {
                    "authorization_endpoint": f"{at}/oauth2/v2.0/authorize",
                    "token_endpoint": f"{at}/oauth2/v2.0/token",
                    "issuer": f"{at}/v2.0",
                },
            ),
        )
        public = key.public_key()
        double.route(f"POST /{tenant}/oauth2/v2.0/token", lambda asked: _granted(login, asked, public, scope, token))
        yield login


def _granted(login: Login, asked: Asked, key: rsa.RSAPublicKey, scope: str, token: str) -> Given:
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    refused = Given(401, {"error": "invalid_client", "error_description": f"AADSTS7000215: not {SECRET}"})
    if form.get("client_id") != CLIENT or form.get("scope") != scope:
        return refused
    if form.get("client_secret") == SECRET:
        login.granted.append("secret")
    elif form.get("client_assertion") == FEDERATED:
        login.granted.append("federated")
    elif form.get("client_assertion") and _signed(form["client_assertion"], key):
        login.granted.append("certificate")
    else:
        return refused
    return Given(200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})


def _signed(assertion: str, key: rsa.RSAPublicKey) -> bool:
    """Whether the client's own key signed it; InvalidSignature otherwise."""
    head, claims, signature = assertion.split(".")
    alg = _part(head)["alg"]
    assert _part(claims)["sub"] == CLIENT
    way = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if alg == "PS256" else padding.PKCS1v15()
    key.verify(_bytes(signature), f"{head}.{claims}".encode(), way, hashes.SHA256())
    return True


def _part(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_bytes(text))
    return found


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _client_certificate(path: Path) -> rsa.RSAPrivateKey:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "evidence-collector")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + certificate.public_bytes(pem))
    return key
