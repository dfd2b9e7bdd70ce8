"""The connections under every REST read: TLS always verified, no cookie kept, no redirect followed by itself.

httpx is used below its client, at its transport: a client would keep cookies, unpack without a limit and read the
environment. This module and `base` are the only ones that know httpx.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import httpx

from collector import __version__
from collector.errors import CollectorError, UsageError
from collector.model import Cause
from collector.source.rest import body
from collector.source.rest.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.connector import Outside

CONNECTIONS = 16
"""To one host at once; more threads wait for their turn."""
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": body.ACCEPTED,
    "user-agent": f"evidence-collector/{__version__}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one send may take."""

    timeout: float = 60.0
    """Seconds for connecting, and for each silence while reading."""
    total: float = 300.0
    """Seconds for the whole answer, however steadily it drips."""
    most_bytes: int = 64 * 1024 * 1024
    """Of one answer, unpacked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one send: the whole of it."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; a header sent more than once is joined by commas."""
    body: bytes


class NoReplyError(CollectorError):
    """No whole answer came; `again` says whether it is worth another try."""

    def __init__(self, cause: Cause, kind: str, detail: str, *, again: bool = True) -> None:
        super().__init__(detail)
        self.cause = cause
        self.kind = kind
        self.detail = detail
        self.again = again


class Wire:
    """Sends from any thread."""

    def __init__(self, outside: Outside, limits: Limits | None = None, *, ca_file: str = "") -> None:
        """`ca_file` holds the certificates to trust in place of the usual ones, as SSL_CERT_FILE does.

        UsageError when it cannot be used.
        """
        self._outside = outside
        self._limits = limits or Limits()
        self._tls = _tls(ca_file or outside.environment.get("SSL_CERT_FILE", ""))
        self._lock = threading.Lock()
        self._transports: dict[tuple[str, str, int | None], httpx.HTTPTransport] = {}

    def send(
        self, method: str, url: httpx.URL | str, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        """One send and its whole answer; NoReplyError when there is none."""
        started = self._outside.clock()
        silence = httpx.Timeout(self._limits.timeout, pool=self._limits.total).as_dict()
        request = httpx.Request(
            method, url, headers={**_HEADERS, **headers}, content=content, extensions={"timeout": silence}
        )
        try:
            return self._answered(self._transport(request.url).handle_request(request), started)
        except body.TooLargeError as error:
            raise NoReplyError(Cause.TRUNCATED, "TooLarge", str(error), again=False) from error
        except body.UndecodableError as error:
            raise NoReplyError(Cause.TRUNCATED, "Undecodable", str(error)) from error
        except httpx.TransportError as error:
            raise _unanswered(error) from error

    def close(self) -> None:
        """Close every connection."""
        for transport in self._transports.values():
            transport.close()

    def _answered(self, response: httpx.Response, started: datetime) -> Reply:
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            encoding = headers.get("content-encoding", "")
            whole = body.read(self._in_time(response.iter_raw(), started), encoding, self._limits.most_bytes)
            return Reply(response.status_code, headers, whole)
        finally:
            response.close()

    def _in_time(self, chunks: Iterator[bytes], started: datetime) -> Iterator[bytes]:
        for chunk in chunks:
            if (self._outside.clock() - started).total_seconds() > self._limits.total:
                detail = f"the answer was not whole after {self._limits.total:.0f} seconds"
                raise NoReplyError(Cause.TIMEOUT, "TotalTimeout", detail)
            yield chunk

    def _transport(self, url: httpx.URL) -> httpx.HTTPTransport:
        key = (url.scheme, url.host, url.port)
        with self._lock:
            if key not in self._transports:
                self._transports[key] = httpx.HTTPTransport(
                    verify=self._tls,
                    trust_env=False,
                    http2=False,
                    limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
                    proxy=proxy_for(url.scheme, url.host, self._outside.environment),
                )
            return self._transports[key]


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file) if ca_file else _usual_tls()
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"ca_file {ca_file}: cannot be used as certificates to trust: {error}") from error


@cache
def _usual_tls() -> ssl.SSLContext:
    """What httpx trusts, read once for all connections: it is part of a package and does not change."""
    return httpx.create_ssl_context(trust_env=False)


def _unanswered(error: httpx.TransportError) -> NoReplyError:
    """What the transport said, without its words: they may hold an address with a token in it."""
    kind = type(error).__name__
    if isinstance(error, httpx.TimeoutException):
        return NoReplyError(Cause.TIMEOUT, kind, "no answer in time, also after retries")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.DecodingError):
        return NoReplyError(Cause.TRUNCATED, kind, "the connection was cut during the answer, also after retries")
    if untrusted := _untrusted(error):
        detail = f"its certificate is not trusted ({untrusted}); ca_file names the authority to trust"
        return NoReplyError(Cause.UNAVAILABLE, "CertificateNotTrusted", detail, again=False)
    if isinstance(error, httpx.ProxyError):
        return NoReplyError(Cause.UNAVAILABLE, kind, "the proxy did not let us through")
    return NoReplyError(Cause.UNAVAILABLE, kind, "the host cannot be reached")


def _untrusted(error: BaseException | None) -> str:
    """Why the certificate was refused, in the words of the TLS library; empty when it was not."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""
