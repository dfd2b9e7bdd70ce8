"""The one port: health, metrics and the status page, each at its own fixed path, for reading only.

Python's own server with a few threads: there are four small answers, and no path of a request is ever looked up in a
file system. Each connection carries one request, and has only so long for it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from socket import AF_INET6, SHUT_RDWR, socket
from threading import BoundedSemaphore, Thread, Timer
from typing import TYPE_CHECKING, Any

import structlog

from collector import __version__
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Self

log = structlog.get_logger()
_THREADS = 4
_WAITING = 16
"""How many connections may wait for a thread; the next ones are closed at once."""
_SECONDS = 10.0
"""For a whole request and its answer."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path has to say."""

    body: bytes
    type: str = "text/plain; charset=utf-8"
    status: HTTPStatus = HTTPStatus.OK
    policy: str = "default-src 'none'; frame-ancestors 'none'"
    """The Content-Security-Policy."""


class Port:
    """Listens from the moment it is made; used in a `with` block, it answers until the end of that."""

    def __init__(self, address: tuple[str, int], answers: Mapping[str, Callable[[], Answer]]) -> None:
        """UsageError when the address cannot be listened at."""
        try:
            self._server = _Server(address, answers)
        except OSError as error:
            raise UsageError(
                f"[serve] listen: cannot listen at {address[0]} port {address[1]}: {error.strerror or error}; "
                "choose another with --listen, or none"
            ) from error
        self.address: tuple[str, int] = self._server.socket.getsockname()[:2]
        self._thread = Thread(target=self._server.serve_forever, name="port", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(HTTPServer):
    """With a bounded number of threads, and a bounded time for each connection."""

    def __init__(self, address: tuple[str, int], answers: Mapping[str, Callable[[], Answer]]) -> None:
        self.answers = answers
        if ":" in address[0]:
            self.address_family = AF_INET6
        self.hosts = _LOOPBACK if address[0] in _LOOPBACK else ()
        self._workers = ThreadPoolExecutor(_THREADS, thread_name_prefix="port")
        self._room = BoundedSemaphore(_THREADS + _WAITING)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - socketserver's own types
        """Hand the connection to a thread, or close it when too many wait already."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._workers.submit(self._serve, request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as above
        """Whoever asked went away, or was too slow."""
        del request
        log.debug("connection lost", client=client_address[0])

    def server_close(self) -> None:
        """Stop listening, and leave the threads to their time limit."""
        super().server_close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _serve(self, request: socket, client_address: Any) -> None:  # noqa: ANN401 - as above
        # A time limit on each read alone would let a slow drip hold a thread for hours.
        too_late = Timer(_SECONDS, _cut, (request,))
        too_late.daemon = True
        too_late.start()
        try:
            self.finish_request(request, client_address)
        except OSError:
            self.handle_error(request, client_address)
        finally:
            too_late.cancel()
            self.shutdown_request(request)
            self._room.release()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _SECONDS
    server_version = f"evidence-collector/{__version__}"

    def do_GET(self) -> None:
        """Answer in full."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self._answer(with_body=False)

    def version_string(self) -> str:
        """Without the version of Python."""
        return self.server_version

    def log_message(self, *_: object) -> None:
        """Requests are not logged: there is one every few seconds, for ever."""

    def _answer(self, *, with_body: bool) -> None:
        answer = self._chosen()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Content-Security-Policy", answer.policy)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if with_body:
            self.wfile.write(answer.body)

    def _chosen(self) -> Answer:
        host = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
        # A web page elsewhere could have its own name point here, and read what the browser fetches.
        if self.server.hosts and host.strip("[]") not in self.server.hosts:
            return Answer(b"this is not the host you asked for\n", status=HTTPStatus.MISDIRECTED_REQUEST)
        found = self.server.answers.get(self.path.partition("?")[0])
        return found() if found else Answer(b"nothing here\n", status=HTTPStatus.NOT_FOUND)


def _cut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        log.debug("connection had ended by itself")
