"""Asking a time-stamping authority for a token (RFC 3161 over HTTP, section 3.4).

An authority that fails or is slow must never hold up collection: whatever goes wrong comes back as a value that says
what, for the archive to seal. Checking a token needs no network and is in `timestamp_verify`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

import httpx

from collector.archive.timestamp_verify import verify_token

if TYPE_CHECKING:
    from ssl import SSLContext

    from collector.archive.timestamp_verify import Authority, GenTime

_MOST_BYTES = 65_536
_NONCE_BITS = 64
_ALGORITHM_SHA256 = bytes.fromhex("300d06096086480165030402010500")  # AlgorithmIdentifier, with the NULL that all take
_VERSION_1 = bytes.fromhex("020101")
_CERTIFICATE_PLEASE = bytes.fromhex("0101ff")


class Cause(StrEnum):
    """Why there is no token."""

    UNREACHABLE = "unreachable"
    """No whole answer within the time, or none at all."""
    REFUSED = "refused"
    """Another HTTP status than 200."""
    INVALID = "invalid"
    """An answer that is no token over this text, in answer to this request, by this authority."""
    CLOCK = "clock"
    """A token whose time this machine's clock contradicts: one of the two is wrong."""
    TAKEN = "taken"
    """Something else lies under the name of the token in the archive."""


@dataclass(frozen=True, slots=True)
class Token:
    """What to keep, byte for byte (TimeStampResp in DER, checked), and the time it shows."""

    response: bytes
    time: GenTime


@dataclass(frozen=True, slots=True)
class Unstamped:
    """The authority at `url` gave no token that holds; `detail` is a sentence for people."""

    url: str
    cause: Cause
    detail: str


class Answer(NamedTuple):
    """An HTTP answer: status, content type without parameters in lower case, and the body as it came over the wire."""

    status: int
    content_type: str
    body: bytes


def request_token(
    note_text: bytes,
    authority: Authority,
    *,
    nonce: int,
    timeout: float,
    proxy: str | None = None,
    tls: SSLContext | None = None,
) -> Token | Unstamped:
    """A token over exactly `note_text`, checked, or why there is none; it never takes longer than `timeout` seconds.

    `nonce` is a fresh random number of at most 64 bits. `proxy` and `tls` are as for `post`.
    """
    body = request_bytes(note_text, nonce)
    try:
        answer = post(authority.url, body, "application/timestamp-query", timeout=timeout, proxy=proxy, tls=tls)
    except OSError as error:
        return Unstamped(authority.url, Cause.UNREACHABLE, str(error))
    if answer.status != httpx.codes.OK:
        return Unstamped(authority.url, Cause.REFUSED, f"answered HTTP {answer.status}")
    try:
        return Token(answer.body, verify_token(answer.body, note_text, authority, nonce=nonce))
    except ValueError as error:
        return Unstamped(authority.url, Cause.INVALID, str(error))


def request_bytes(note_text: bytes, nonce: int) -> bytes:
    """The TimeStampReq in DER: version 1, SHA-256 of the text, nonce, certReq true.

    Written here because rfc3161-client draws the nonce itself.
    """
    if not 0 <= nonce < 1 << _NONCE_BITS:
        raise ValueError(f"a nonce has at most {_NONCE_BITS} bits and no sign")
    imprint = _element(0x30, _ALGORITHM_SHA256 + _element(0x04, sha256(note_text).digest()))
    number = _element(0x02, nonce.to_bytes(nonce.bit_length() // 8 + 1, "big"))  # always room for a sign bit of zero
    return _element(0x30, _VERSION_1 + imprint + number + _CERTIFICATE_PLEASE)


def post(
    url: str,
    body: bytes,
    content_type: str,
    *,
    timeout: float,
    proxy: str | None = None,
    tls: SSLContext | None = None,
) -> Answer:
    """Send one POST and take the answer whole. OSError (TimeoutError, ConnectionError) when there is none.

    `timeout` bounds everything together, in seconds: a server that drips a byte now and then gains nothing. No redirect
    is followed, nothing is decompressed, an answer over 64 KiB is refused, and the environment is not read: `proxy` is
    the proxy's address, `tls` what to trust instead of the public authorities. Not inside a running event loop.
    """
    try:
        return asyncio.run(_post(url, body, content_type, timeout, proxy, tls))
    except TimeoutError:
        raise TimeoutError(f"no whole answer within {timeout:g} s") from None
    except httpx.InvalidURL as error:
        raise ConnectionError(f"the address cannot be used: {error}") from error
    except httpx.HTTPError as error:
        raise ConnectionError(f"{type(error).__name__}: {error}".rstrip(": ")) from error


async def _post(
    url: str, body: bytes, content_type: str, seconds: float, proxy: str | None, tls: SSLContext | None
) -> Answer:
    headers = {"Content-Type": content_type, "Accept-Encoding": "identity"}
    client = httpx.AsyncClient(timeout=None, follow_redirects=False, trust_env=False, proxy=proxy, verify=tls or True)  # noqa: S113 - the next line bounds all of it
    async with asyncio.timeout(seconds), client, client.stream("POST", url, content=body, headers=headers) as response:
        content = b""
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) > _MOST_BYTES:
                raise ConnectionError(f"the answer is longer than {_MOST_BYTES} bytes")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Answer(response.status_code, kind, content)


def _element(tag: int, content: bytes) -> bytes:
    """One DER element with a content under 128 bytes, which is all a request needs."""
    return bytes([tag, len(content)]) + content
