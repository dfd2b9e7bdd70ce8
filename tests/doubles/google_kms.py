"""Google Cloud KMS on loopback: getPublicKey and asymmetricSign as its discovery document (v1) has them, and a token.

It refuses what the service refuses: a call without its token, a checksum that does not fit, a key that is disabled or
of another algorithm. `mode` makes it fail in one way, for the next `ill` requests.
"""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from collector.archive.kms_google import crc32c
from tests.doubles.tsa import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

RING = "projects/p1/locations/europe-west3/keyRings/evidence/cryptoKeys"
FOR_EVER = 1 << 30
_REFUSALS = {"unknown": (401, "UNAUTHENTICATED"), "denied": (403, "PERMISSION_DENIED"), "busy": (503, "UNAVAILABLE")}
_TOKEN = "loopback-token"  # noqa: S105 - of a server that lives as long as the test


@dataclass
class GoogleKmsDouble:
    """A running service. `keys` by resource name; `signed` counts signatures by key; `requests` all calls."""

    keys: dict[str, PrivateKeyTypes] = field(default_factory=dict)
    disabled: set[str] = field(default_factory=set)
    mode: str = "well"
    ill: int = 0
    url: str = ""
    requests: list[str] = field(default_factory=list)
    signed: dict[str, int] = field(default_factory=dict)

    def key(self, name: str, private: PrivateKeyTypes | None = None) -> str:
        """A new key; the place the collector calls it by."""
        resource = f"{RING}/{name}/cryptoKeyVersions/1"
        self.keys[resource] = private or Ed25519PrivateKey.generate()
        return f"gcp-kms:{resource}?endpoint={self.url}"

    def account(self, path: Path) -> Path:
        """The file of a service account whose tokens come from here."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        account = {
            "type": "service_account",
            "project_id": "p1",
            "private_key_id": "1",
            "private_key": pem,
            "client_email": "collector@p1.iam.gserviceaccount.com",
            "token_uri": f"{self.url}/token",
        }
        path.write_text(json.dumps(account))
        return path

    def answer(self, method: str, path: str, token: str, body: bytes) -> tuple[int, dict[str, Any]]:
        self.requests.append(f"{method} {path}")
        if path == "/token":
            granted = parse_qs(body.decode())["assertion"][0].count(".") == 2
            return (200, {"access_token": _TOKEN, "expires_in": 3600}) if granted else _error(400, "INVALID_ARGUMENT")
        mode, self.ill = self.mode if self.ill else "well", max(0, self.ill - 1)
        if token != f"Bearer {_TOKEN}":
            mode = "unknown"
        if mode in _REFUSALS:
            return _error(*_REFUSALS[mode])
        name, _, verb = path.removeprefix("/v1/").replace("/publicKey", ":publicKey").partition(":")
        if name not in self.keys:
            return _error(404, "NOT_FOUND")
        if name in self.disabled:
            return _error(400, "FAILED_PRECONDITION")
        good = self._public(name) if verb == "publicKey" else self._signature(name, json.loads(body))
        return good if mode == "well" else _spoilt(*good, mode)

    def _public(self, name: str) -> tuple[int, dict[str, Any]]:
        key = self.keys[name]
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        algorithm = "EC_SIGN_ED25519" if isinstance(key, Ed25519PrivateKey) else "RSA_SIGN_PKCS1_2048_SHA256"
        return 200, {"name": name, "algorithm": algorithm, "pem": pem.decode(), "pemCrc32c": str(crc32c(pem))}

    def _signature(self, name: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        key, message = self.keys[name], b64decode(asked["data"])
        if not isinstance(key, Ed25519PrivateKey) or int(asked["dataCrc32c"]) != crc32c(message):
            return _error(400, "INVALID_ARGUMENT")
        self.signed[name] = self.signed.get(name, 0) + 1
        signature = key.sign(message)
        return 200, {
            "name": name,
            "signature": b64encode(signature).decode(),
            "signatureCrc32c": str(crc32c(signature)),
            "verifiedDataCrc32c": True,
            "protectionLevel": "SOFTWARE",
        }


def _error(code: int, status: str) -> tuple[int, dict[str, Any]]:
    return code, {"error": {"code": code, "status": status, "message": f"the double says {status}"}}


def _spoilt(status: int, answer: dict[str, Any], mode: str) -> tuple[int, dict[str, Any]]:
    spoilt: dict[str, dict[str, Any]] = {
        "other name": {"name": "projects/p1/another"},
        "unverified": {"verifiedDataCrc32c": False},
        "flipped": {"signature": b64encode(bytes(64)).decode(), "pem": "-----changed"},
        "unread": {"signatureCrc32c": "x", "pemCrc32c": "x"},
    }
    return status, answer | spoilt[mode]


@contextlib.contextmanager
def running_google_kms() -> Iterator[GoogleKmsDouble]:
    """A service without keys."""
    double = GoogleKmsDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, told = double.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as double.url:
        yield double
