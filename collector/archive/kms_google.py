"""Google Cloud KMS over its REST interface: algorithm EC_SIGN_ED25519, signing the data itself.

Requests and answers carry CRC32C checksums, which both sides check: bytes that changed on the way count as no answer.
"""

from __future__ import annotations

import re
import time
from base64 import b64decode, b64encode
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from collector.archive.kms import TIMEOUT_SECONDS, TRIES, ed25519_in
from collector.errors import ArchiveError, UsageError

try:
    import google.auth
    from google.auth import exceptions, transport
except ImportError as _missing:
    raise UsageError(
        "a key in Google Cloud KMS needs the package google-auth: pip install 'evidence-collector[gcp]'"
    ) from _missing

_ENDPOINT = "https://cloudkms.googleapis.com"
_SCOPE = "https://www.googleapis.com/auth/cloudkms"
_ALGORITHM = "EC_SIGN_ED25519"
_VERSION = re.compile(r"projects/[^/]+/locations/[^/]+/keyRings/[^/]+/cryptoKeys/[^/]+/cryptoKeyVersions/[^/]+")
_PAUSE_SECONDS = 0.2
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_ADVICE = {
    HTTPStatus.UNAUTHORIZED: "give valid credentials",
    HTTPStatus.FORBIDDEN: "give the collector's identity the role roles/cloudkms.signerVerifier on this key",
    HTTPStatus.NOT_FOUND: "see that project, location, key ring, key and version are the right ones",
    HTTPStatus.BAD_REQUEST: f"the version must be enabled, and its algorithm {_ALGORITHM}",
}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class GoogleKms:
    """One version of one key, by its resource name."""

    def __init__(self, place: str, key: str, endpoint: str = _ENDPOINT) -> None:
        if not _VERSION.fullmatch(key):
            raise UsageError(
                f"{place}: name a version of a key: "
                "gcp-kms:projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/1"
            )
        parts = urlsplit(endpoint)
        # The access token travels with every request.
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise UsageError(f"{place}: the endpoint must begin with https://")
        self._place = place
        self._key = key
        self._url = f"{endpoint.rstrip('/')}/v1/{key}"
        self._http = httpx.Client(timeout=TIMEOUT_SECONDS)
        self._token = _Transport(self._http)
        try:
            self._credentials, _ = google.auth.default(scopes=[_SCOPE], request=self._token)
        except exceptions.GoogleAuthError as error:
            raise UsageError(f"{place}: no credentials for Google Cloud: {error}") from error

    def public_key(self) -> bytes:
        """cloudkms.cryptoKeyVersions.viewPublicKey."""
        answer = self._asked("GET", "/publicKey", None, _public_key_damage)
        if answer.get("algorithm") != _ALGORITHM:
            raise UsageError(
                f"{self._place} is a key for {answer.get('algorithm')}; make one with: "
                "gcloud kms keys create NAME --purpose asymmetric-signing --default-algorithm ec-sign-ed25519 …"
            )
        return ed25519_in(self._place, answer["pem"].encode())

    def sign(self, message: bytes) -> bytes:
        """cloudkms.cryptoKeyVersions.useToSign."""
        wanted = {"data": b64encode(message).decode(), "dataCrc32c": str(crc32c(message))}
        return b64decode(self._asked("POST", ":asymmetricSign", wanted, self._signature_damage)["signature"])

    def _asked(self, method: str, path: str, body: dict[str, str] | None, damage: Any) -> dict[str, Any]:  # noqa: ANN401 - a function of the answer
        """The whole answer to one request, sent again while it may help."""
        problem = ""
        for attempt in range(TRIES):
            if attempt:
                time.sleep(_PAUSE_SECONDS * 2 ** (attempt - 1))
            try:
                answer = self._sent(method, path, body)
            except (httpx.HTTPError, exceptions.TransportError) as error:
                problem = f"failed: {error or type(error).__name__}"
                continue
            except exceptions.GoogleAuthError as error:
                raise ArchiveError(
                    f"{self._place}: getting an access token failed: {error}; {_OTHER_ADVICE}"
                ) from error
            if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS or answer.is_server_error:
                problem = _told(answer)
                continue
            if answer.status_code != HTTPStatus.OK:
                advice = _ADVICE.get(HTTPStatus(answer.status_code), _OTHER_ADVICE)
                raise ArchiveError(f"{self._place}: {method} {path} {_told(answer)}; {advice}")
            try:
                read: dict[str, Any] = answer.json()
                problem = damage(read)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                problem = f"answered outside its protocol ({error!r})"
            if not problem:
                return read
        raise ArchiveError(f"{self._place}: {method} {path} {problem}, {TRIES} times; {_OTHER_ADVICE}")

    def _sent(self, method: str, path: str, body: dict[str, str] | None) -> httpx.Response:
        url, headers = f"{self._url}{path}", dict[str, str]()
        self._credentials.before_request(self._token, method, url, headers)  # type: ignore[no-untyped-call]  # as above
        return self._http.request(method, url, headers=headers, json=body)

    def _signature_damage(self, answer: dict[str, Any]) -> str:
        if answer["name"] != self._key:
            return f"signed with {answer['name']}"
        if answer.get("verifiedDataCrc32c") is not True:
            return "did not see the checksum of what was to be signed"
        if int(answer["signatureCrc32c"]) != crc32c(b64decode(answer["signature"], validate=True)):
            return "gave a signature that changed on its way (CRC32C)"
        return ""


class _Answer(transport.Response):
    """What google-auth wants to know of an HTTP answer."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        return self._answer.status_code

    @property
    def headers(self) -> httpx.Headers:
        return self._answer.headers

    @property
    def data(self) -> bytes:
        return self._answer.content


class _Transport(transport.Request):
    """google-auth's requests over httpx, so that no second HTTP library is needed."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> _Answer:
        try:
            return _Answer(
                self._http.request(method, url, content=body, headers=headers, timeout=timeout or TIMEOUT_SECONDS)
            )
        except httpx.HTTPError as error:
            raise exceptions.TransportError(error) from error  # type: ignore[no-untyped-call]  # as above


def crc32c(content: bytes) -> int:
    """The CRC-32C of RFC 3720, appendix B.4 (Castagnoli)."""
    register = 0xFFFFFFFF
    for byte in content:
        register = _TABLE[(register ^ byte) & 0xFF] ^ register >> 8
    return register ^ 0xFFFFFFFF


def _table_entry(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_TABLE = [_table_entry(byte) for byte in range(256)]


def _public_key_damage(answer: dict[str, Any]) -> str:
    damaged = int(answer["pemCrc32c"]) != crc32c(answer["pem"].encode())
    return "gave a public key that changed on its way (CRC32C)" if damaged else ""


def _told(answer: httpx.Response) -> str:
    try:
        error = answer.json()["error"]
        return f"answered {answer.status_code} {error['status']}: {error['message']}"
    except (ValueError, KeyError, TypeError):
        return f"answered {answer.status_code}"
