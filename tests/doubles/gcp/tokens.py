"""Google's token endpoints: a key, a federated workload, a machine, a person, and who may read as whom."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.doubles.rest import Given

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.rest import Asked

ACCOUNT = "collector@evidence.iam.gserviceaccount.com"
READER = "reader@evidence.iam.gserviceaccount.com"
PERSON = "auditor@northwind.example"
_MACHINE = "/computeMetadata/v1/instance/service-accounts"
_KEY = rsa.generate_private_key(65537, 2048)


class Tokens:
    """Hands out tokens, and knows who holds each, with which scopes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.denied = False
        """Whether nobody may read as the reader."""
        self._held: dict[str, tuple[str, frozenset[str]]] = {}

    def key_file(self, folder: Path) -> str:
        """A service account's key whose token endpoint is here."""
        pem = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        return _file(
            folder / "key.json",
            {
                "type": "service_account",
                "client_email": ACCOUNT,
                "private_key": pem,
                "token_uri": f"{self.url}/token",
            },
        )

    def person_file(self, path: Path) -> str:
        """What gcloud leaves when a person signs in."""
        return _file(
            path,
            {
                "type": "authorized_user",
                "client_id": "gcloud",
                "client_secret": "not so secret",
                "refresh_token": "refresh",
            },
        )

    def federation_file(self, folder: Path, *, reads_as: str = "") -> str:
        """A workload identity federation configuration that is exchanged here."""
        (folder / "proof").write_text("a workload's own proof")
        address = f"{self.url}/v1/projects/-/serviceAccounts/{reads_as}:generateAccessToken"
        return _file(
            folder / "federation.json",
            {
                "type": "external_account",
                "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
                "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
                "token_url": f"{self.url}/v1/token",
                "credential_source": {"file": str(folder / "proof")},
                **({"service_account_impersonation_url": address} if reads_as else {}),
            },
        )

    def holder(self, asked: Asked) -> tuple[str, frozenset[str]] | None:
        """Whose token a request brings, and its scopes; None when it brings none of ours."""
        return self._held.get(asked.headers.get("authorization", "").removeprefix("Bearer "))

    def answer(self, asked: Asked) -> Given | None:
        """What this part of Google answers; None for what is another's."""
        if asked.path.startswith(f"{_MACHINE}/"):
            return self._machine(asked)
        if asked.method != "POST":
            return None
        if asked.path == "/token":
            return self._granted(parse_qs(asked.body.decode()))
        if asked.path == "/v1/token":
            return self._exchanged(parse_qs(asked.body.decode()))
        if asked.path.endswith(":generateAccessToken"):
            return self._as_reader(asked)
        return None

    def _new(self, who: str, scopes: frozenset[str]) -> str:
        token = f"ya29.{secrets.token_hex(20)}"
        self._held[token] = (who, scopes)
        return token

    def _given(self, who: str, scopes: frozenset[str]) -> dict[str, Any]:
        return {"access_token": self._new(who, scopes), "expires_in": 3599, "token_type": "Bearer"}

    def _granted(self, form: dict[str, list[str]]) -> Given:
        if form.get("refresh_token") == ["refresh"]:
            return Given(200, self._given(PERSON, _BOTH))
        try:
            claims = jwt.decode(
                form["assertion"][0], _KEY.public_key(), algorithms=["RS256"], options={"verify_aud": False}
            )
        except (jwt.InvalidTokenError, KeyError):
            return Given(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        return Given(200, self._given(ACCOUNT, frozenset(claims["scope"].split())))

    def _exchanged(self, form: dict[str, list[str]]) -> Given:
        if form.get("subject_token") != ["a workload's own proof"]:
            return Given(400, {"error": "invalid_grant"})
        given = self._given("", frozenset(form["scope"][0].split()))
        return Given(200, {**given, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})

    def _machine(self, asked: Asked) -> Given:
        if asked.headers.get("metadata-flavor") != "Google":
            return Given(403, b"", {"Content-Type": "text/html"})
        if asked.path.endswith("/token"):
            return Given(200, self._given(ACCOUNT, _BOTH), {"Metadata-Flavor": "Google"})
        return Given(200, {"email": ACCOUNT, "scopes": [], "aliases": []}, {"Metadata-Flavor": "Google"})

    def _as_reader(self, asked: Asked) -> Given:
        who = asked.path.rpartition("/")[2].partition(":")[0]
        if self.holder(asked) is None or self.denied:
            return Given(403, {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}})
        token = self._new(who, frozenset(asked.json["scope"]))
        return Given(200, {"accessToken": token, "expireTime": "2099-01-01T00:00:00Z"})


_AUTH = "https://www.googleapis.com/auth/"
_BOTH = frozenset({f"{_AUTH}cloud-platform", f"{_AUTH}userinfo.email"})


def _file(path: Path, info: dict[str, Any]) -> str:
    path.write_text(json.dumps(info))
    return str(path)
