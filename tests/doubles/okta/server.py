"""The org over HTTP. It judges too: what writes, or is asked of no endpoint it has, is in `complaints`."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.doubles.okta.asking import Asked, RefusedError, Told
from tests.doubles.okta.limits import Limits
from tests.doubles.okta.routes import ROUTES
from tests.doubles.okta.signing_in import TOKEN_PATH, Doors
from tests.doubles.rest import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.doubles.okta.org import Org
    from tests.doubles.rest import Given


@dataclass
class Move:
    """Something that happens in the org when a path was asked for so many times."""

    path: str
    after: int
    do: Callable[[Org], object]


@dataclass
class OktaDouble:
    """A running org."""

    org: Org
    url: str = ""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    latency: float = 0.0
    """Seconds by which every answer is late."""
    doors: Doors = field(default_factory=Doors)
    limits: Limits = field(init=False)
    unlicensed: set[str] = field(default_factory=set)
    """Beginnings of paths whose feature the org lacks."""
    faults: list[Fault] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock)

    def fault(self, given: Given, *, path: str = "", skip: int = 0, times: int = 10**9) -> Fault:
        """An answer in place of what would come; `path` may have a piece of the query in it."""
        self.faults.append(Fault(given, path, skip, times))
        return self.faults[-1]

    def templates(self) -> set[str]:
        """The endpoints that were asked, as Okta's description calls them."""
        return {
            next((route.template for route in ROUTES if route.named(one.path) is not None), one.path)
            for one in self.asked
        }

    def injected(self, asked: Asked) -> Given | None:
        with self._lock:
            self.asked.append(asked)
            whole = f"{asked.path}?{'&'.join(f'{name}={value}' for name, value in asked.query.items())}"
            for fault in self.faults:
                if fault.path in whole:
                    if fault.skip:
                        fault.skip -= 1
                    elif fault.fired < fault.times:
                        fault.fired += 1
                        return fault.given
        return None

    def answer(self, asked: Asked) -> Told:
        if asked.path == TOKEN_PATH and asked.method == "POST":
            return self.doors.hand_out(asked)
        if asked.method != "GET":
            self.complaints.append(f"{asked.method} {asked.path}")
            return Told({}, 405)
        with self._lock:
            allowed, headers = self.limits.spend(asked.path)
        try:
            told = self._routed(asked) if allowed else _slow()
        except RefusedError as refused:
            told = Told(refused.body, refused.status)
        return Told(told.body, told.status, [*told.headers, *headers])

    def _routed(self, asked: Asked) -> Told:
        for route in ROUTES:
            named = route.named(asked.path)
            if named is None:
                continue
            if route.scope:
                self.doors.check(asked, route.scope)
            if any(asked.path.startswith(one) for one in self.unlicensed):
                raise RefusedError(
                    403, "E0000015", "You do not have permission to access the feature you are requesting"
                )
            with self.org.lock:
                told = route.answer(self.org, asked, named, self.clock())
                self._move(asked.path)
                return told
        self.complaints.append(f"no such endpoint: {asked.path}")
        raise RefusedError(404, "E0000022", "The endpoint does not support the provided HTTP method")

    def _move(self, path: str) -> None:
        for move in self.moves:
            if move.path == path:
                move.after -= 1
                if move.after == 0:
                    move.do(self.org)


def _slow() -> Told:
    refused = RefusedError(429, "E0000047", "API call exceeded rate limit due to too many requests.")
    return Told(refused.body, refused.status)


@contextlib.contextmanager
def running_okta(org: Org, *, clock: Callable[[], datetime] | None = None, port: int = 0) -> Iterator[OktaDouble]:
    """The org on a free port of this machine, in threads of this process."""
    server = _Server(("127.0.0.1", port), _Handler)
    server.double = OktaDouble(
        org, f"http://127.0.0.1:{server.server_address[1]}", clock or (lambda: datetime.now(UTC))
    )
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.double
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    double: OktaDouble
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *_: Any) -> None:
        """A client that goes away is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url, double = urlsplit(self.path), self.server.double
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, url.path, dict(parse_qsl(url.query)), headers, body, double.url)
        if double.latency:
            time.sleep(double.latency)
        given = double.injected(asked)
        if given is None:
            told = double.answer(asked)
            self._send(told.status, json.dumps(told.body).encode(), told.headers, cut=0)
            return
        time.sleep(given.seconds)
        if given.reset:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(given.status, given.sent, list(given.headers.items()), cut=100 * given.cut)

    def _send(self, status: int, sent: bytes, headers: Any, *, cut: int) -> None:
        self.send_response_only(status)
        for name, value in [
            ("Content-Type", "application/json"),
            ("Date", formatdate(self.server.double.clock().timestamp(), usegmt=True)),
            ("X-Okta-Request-Id", f"req{len(self.server.double.asked):017d}"),
            *headers,
            ("Content-Length", str(len(sent) + cut)),
        ]:
            self.send_header(name, value)
        self.close_connection = bool(cut)
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.wfile.write(sent)
            self.wfile.flush()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        pass
