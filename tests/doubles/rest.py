"""A REST service on loopback that answers as it is told: lists in every paging style, tokens, and every way to fail.

It judges too: whoever writes to it, or brings no token where one is demanded, finds that in `complaints`.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Given:
    """What is answered. `cut` announces more than is sent; `drip` sends a byte at a time, so many seconds apart."""

    status: int = 200
    body: Any = None
    """JSON, or bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False
    reset: bool = False
    seconds: float = 0.0
    drip: float = 0.0
    zipped: bool = False

    @property
    def sent(self) -> bytes:
        plain = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return gzip.compress(plain) if self.zipped else plain


@dataclass
class Fault:
    """Answers in place of what the route would: for matching requests, after `skip` of them, `times` often."""

    given: Given
    path: str = ""
    skip: int = 0
    times: int = 10**9
    fired: int = 0


class RestDouble:
    """The service. Routes are functions of the request; faults go first."""

    def __init__(self, server: ThreadingHTTPServer, scheme: str) -> None:
        self.url = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        self.routes: dict[str, Callable[[Asked], Given]] = {}
        self.fallback: Callable[[Asked], Given] | None = None
        """Answers what no route does: a whole provider."""
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.complaints: list[str] = []
        self.token = ""
        self._lock = threading.Lock()

    def route(self, name: str, answer: Callable[[Asked], Given] | Given) -> None:
        """`GET /path`."""
        self.routes[name] = answer if callable(answer) else lambda _: answer

    def fault(self, given: Given, *, path: str = "", skip: int = 0, times: int = 10**9) -> Fault:
        self.faults.append(Fault(given, path, skip, times))
        return self.faults[-1]

    def answer(self, asked: Asked) -> Given:
        with self._lock:
            self.asked.append(asked)
            if asked.method not in {"GET", "POST"}:
                self.complaints.append(f"{asked.method} {asked.path}")
            for fault in self.faults:
                if fault.path in asked.path:
                    if fault.skip:
                        fault.skip -= 1
                    elif fault.fired < fault.times:
                        fault.fired += 1
                        return fault.given
        if self.token and asked.headers.get("authorization") != f"Bearer {self.token}":
            return Given(401, {"message": "Bad credentials"})
        route = self.routes.get(f"{asked.method} {asked.path}", self.fallback)
        return route(asked) if route else Given(404, {"message": "Not Found"})

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


@contextlib.contextmanager
def running_rest(tls: ssl.SSLContext | None = None) -> Iterator[RestDouble]:
    """A double on a free port; with `tls` over https."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.double = RestDouble(server, "http" if tls is None else "https")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield server.double
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    double: RestDouble
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_: Any) -> None:
        """A client that goes away, or distrusts the certificate, is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        given = self.server.double.answer(Asked(self.command, url.path, query, headers, body))
        time.sleep(given.seconds)
        if given.reset:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(given)

    def _send(self, given: Given) -> None:
        bodiless = given.status in {204, 304}
        sent = b"" if bodiless else given.sent
        self.send_response_only(given.status)
        headers = {"Content-Type": "application/json", **({"Content-Encoding": "gzip"} if given.zipped else {})}
        for name, value in {**headers, **given.headers}.items():
            if value:
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(sent) + 100 * given.cut))
        self.close_connection = given.cut
        self.end_headers()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in [sent[at : at + 1] for at in range(len(sent))] if given.drip else [sent]:
                self.wfile.write(piece)
                time.sleep(given.drip)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        pass
