"""Google's token endpoint, with the delegation of the Admin console behind it; and signing without a key (IAM, STS)."""

from __future__ import annotations

import json
import secrets
from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.doubles.rest import Given
from tests.doubles.workspace.estate import ADMINISTRATOR

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.rest import Asked

ACCOUNT = "collector@evidence.iam.gserviceaccount.com"
WORKLOAD = "a workload's own proof"
_MACHINE = "/computeMetadata/v1/instance/service-accounts"
_KEY = rsa.generate_private_key(65537, 2048)


class Tokens:
    """Hands out tokens of delegated scopes in the administrator's name, and knows what each opens."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.delegated: set[str] | None = None
        """The scopes that the Admin console lists for the service account; None: any."""
        self.administrators = {ADMINISTRATOR}
        self.asked: list[str] = []
        """The scopes of every token that was asked for."""
        self._opens: dict[str, frozenset[str]] = {}
        self._federated: set[str] = set()

    def key_file(self, folder: Path) -> str:
        """A service account's key whose token endpoint is here."""
        pem = _KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        info = {
            "type": "service_account",
            "client_email": ACCOUNT,
            "private_key": pem,
            "token_uri": f"{self.url}/token",
        }
        path = folder / "key.json"
        path.write_text(json.dumps(info))
        return str(path)

    def federation_file(self, folder: Path) -> str:
        """A workload identity federation configuration that is exchanged here."""
        (folder / "proof").write_text(WORKLOAD)
        info = {
            "type": "external_account",
            "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
            "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
            "token_url": f"{self.url}/v1/token",
            "credential_source": {"file": str(folder / "proof")},
        }
        path = folder / "federation.json"
        path.write_text(json.dumps(info))
        return str(path)

    def opens(self, asked: Asked) -> frozenset[str] | None:
        """The scopes of the token that a request brings; None when it brings none of ours."""
        return self._opens.get(asked.headers.get("authorization", "").removeprefix("Bearer "))

    def answer(self, asked: Asked) -> Given | None:
        """What this part of Google answers; None for what is another's."""
        if asked.path.startswith(f"{_MACHINE}/default/"):
            return self._machine(asked)
        if asked.method != "POST":
            return None
        if asked.path == "/token":
            return self._granted(parse_qs(asked.body.decode()))
        if asked.path == "/v1/token":
            return self._exchanged(parse_qs(asked.body.decode()))
        if asked.path.endswith(":signJwt"):
            return self._signed(asked)
        return None

    def _granted(self, form: dict[str, list[str]]) -> Given:
        try:
            claims = jwt.decode(
                form["assertion"][0], _KEY.public_key(), algorithms=["RS256"], options={"verify_aud": False}
            )
        except jwt.InvalidTokenError:
            return Given(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        scopes = frozenset(claims["scope"].split())
        self.asked += sorted(scopes)
        if claims.get("sub") not in self.administrators:
            return Given(400, {"error": "invalid_grant", "error_description": "Invalid email or User ID"})
        if self.delegated is not None and not scopes <= self.delegated:
            said = (
                "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any"
            )
            return Given(401, {"error": "unauthorized_client", "error_description": f"{said} of the scopes requested."})
        token = f"ya29.{secrets.token_hex(20)}"
        self._opens[token] = scopes
        return Given(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def _exchanged(self, form: dict[str, list[str]]) -> Given:
        if form.get("subject_token") != [WORKLOAD]:
            return Given(400, {"error": "invalid_grant"})
        granted = self._signer()
        return Given(200, {**granted, "issued_token_type": "urn:ietf:params:oauth:token-type:access_token"})

    def _machine(self, asked: Asked) -> Given:
        """The metadata server of a machine in Google's cloud; it answers those alone who say that they mean it."""
        if asked.headers.get("metadata-flavor") != "Google":
            return Given(403, b"", {"Content-Type": "text/html"})
        if asked.path.endswith("/token"):
            return Given(200, self._signer(), {"Metadata-Flavor": "Google"})
        return Given(200, {"email": "machine@evidence.example", "scopes": []}, {"Metadata-Flavor": "Google"})

    def _signer(self) -> dict[str, Any]:
        """A token of who may have claims signed."""
        token = f"federated.{secrets.token_hex(8)}"
        self._federated.add(token)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def _signed(self, asked: Asked) -> Given:
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self._federated:
            return Given(403, {"error": {"code": 403, "message": "no", "status": "PERMISSION_DENIED"}})
        claims: dict[str, Any] = json.loads(asked.json["payload"])
        return Given(200, {"keyId": "1", "signedJwt": jwt.encode(claims, _KEY, "RS256")})


def claims_of(assertion: str) -> dict[str, Any]:
    """What an assertion says, without asking who signed it."""
    part = assertion.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
