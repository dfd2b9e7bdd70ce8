"""The one HTTP session under every AWS client of a run, and a memory of what came over it.

botocore's parsers turn some broken answers into empty ones and throw the bytes away. So each attempt is sent here, by
botocore's own session, from its `before-send` event; what came back is remembered for the thread that asked.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.client import BaseClient

_REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id")


@dataclass(slots=True)
class Call:
    """One API call as the wire saw it: `attempts` sends, of which the last is described."""

    parameters: dict[str, Any] = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    attempts: int = 0
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None

    @property
    def request_id(self) -> str | None:
        """The provider's own name for the request, by which it can be found in the provider's log."""
        return next((self.headers[name] for name in _REQUEST_IDS if name in self.headers), None)

    @property
    def server_date(self) -> datetime | None:
        """The provider's clock; None when the header is missing or unreadable."""
        try:
            date = parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError):
            return None
        return date if date.tzinfo else date.replace(tzinfo=UTC)  # "-0000" means UTC, of no known place


class Wire:
    """Sends for every client, from any thread."""

    def __init__(self, clock: Callable[[], datetime], *, connections: int, timeout: float) -> None:
        """`connections` are kept open per host; `timeout` is in seconds, for connecting and for each read."""
        self._clock = clock
        self._connections = connections
        self._timeout = timeout
        self._lock = threading.Lock()
        self._sessions: dict[tuple[tuple[str, str], ...], URLLib3Session] = {}
        self._calls = threading.local()

    def attach(self, client: BaseClient) -> None:
        """Make `client` send through this wire."""
        service = client.meta.service_model.service_id.hyphenize()
        client.meta.events.register_first(f"before-parameter-build.{service}", self._begin)
        client.meta.events.register_last(f"before-send.{service}", self._send)

    def last_call(self) -> Call:
        """What this thread's last call left; a call that was refused before it was sent has no attempts."""
        call: Call = getattr(self._calls, "last", None) or Call()
        self._calls.last = None
        return call

    def _begin(self, params: dict[str, Any], **_: object) -> None:
        self._calls.last = Call(parameters=dict(params))

    def _send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """One attempt. Whatever is raised here goes to botocore's retries, as if its own session had raised it."""
        call: Call = self._calls.last
        call.attempts += 1
        call.status, call.headers, call.body = None, {}, None
        call.started_at = call.started_at or self._clock()
        try:
            response = self._session(request.url).send(request)
            call.body = response.content
            call.status = response.status_code
            call.headers = {name.lower(): value for name, value in response.headers.items()}
            _whole(call, request.url)
            return response
        finally:
            call.ended_at = self._clock()

    def _session(self, url: str) -> URLLib3Session:
        proxies = get_environ_proxies(url)
        with self._lock:
            key = tuple(sorted(proxies.items()))
            if key not in self._sessions:
                verify = botocore.session.get_session().get_config_variable("ca_bundle") or True
                self._sessions[key] = URLLib3Session(
                    verify=verify,
                    proxies=proxies,
                    timeout=self._timeout,
                    max_pool_connections=self._connections,
                )
            return self._sessions[key]

    def close(self) -> None:
        """Close every connection."""
        for session in self._sessions.values():
            session.close()


def _whole(call: Call, url: str) -> None:
    """Botocore's session takes a body that ends early for the whole one; here it counts as a cut connection."""
    announced = call.headers.get("content-length", "")
    if announced.isdecimal() and len(call.body or b"") < int(announced):
        raise ConnectionClosedError(endpoint_url=url)
