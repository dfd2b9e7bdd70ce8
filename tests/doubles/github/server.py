"""A GitHub on loopback, in a process of its own: `python -m tests.doubles.github --size small`."""

from __future__ import annotations

import socket
import sys
import time
import urllib.parse
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.doubles.github.control import controls
from tests.doubles.github.estate.build import build
from tests.doubles.github.front import Front
from tests.doubles.github.limits import Limits
from tests.doubles.github.tokens import Tokens
from tests.doubles.github.wire import Answer, Request
from tests.doubles.github.world import World

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.size import Size

_HOST = "127.0.0.1"
_PREFIXES = ("/api/v3", "/api")
"""Where an Enterprise Server has its interfaces; GraphQL is under the second."""
APP_ID, INSTALLATION_ID = 31337, 7007
READS = (
    "actions", "administration", "checks", "contents", "deployments", "environments", "issues", "metadata",
    "pull_requests", "repository_hooks", "secret_scanning_alerts", "secrets", "security_events", "statuses",
    "vulnerability_alerts", "members", "organization_administration", "organization_hooks",
    "organization_personal_access_tokens", "organization_secrets", "organization_custom_properties",
)  # fmt: skip
"""What the installation may read at first; it may write nothing."""


class Server(ThreadingHTTPServer):
    """Serves one front; every connection has a thread, and is kept alive."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, front: Front, port: int) -> None:
        super().__init__((_HOST, port), Handler)
        self.front = front

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{_HOST}:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no news; anything else is a fault of ours."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server
    server_version = "github.com"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a read."""
        self._answer()

    def do_POST(self) -> None:
        """Answer GraphQL, a token's making, or a control."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a control; GitHub's own are not here."""
        self._answer()

    do_PUT = do_PATCH = do_DELETE  # noqa: N815 - names that the standard library gives

    def log_message(self, *_: object) -> None:
        """Say nothing: the journal has it."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        target = urllib.parse.urlsplit(self.path)
        prefix = next((one for one in _PREFIXES if target.path.startswith(f"{one}/")), "")
        query = dict(urllib.parse.parse_qsl(target.query, keep_blank_values=True))
        names = {name.lower(): value for name, value in self.headers.items()}
        path = urllib.parse.unquote(target.path.removeprefix(prefix))
        base = self.server.front.public or f"http://{names.get('host', _HOST)}{prefix}"
        answer = self.server.front.answer(Request(self.command, base, path, query, names, body))
        if answer.wait_seconds:
            time.sleep(answer.wait_seconds)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        if answer.silent:
            self.close_connection = True
            return
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if answer.status != HTTPStatus.NOT_MODIFIED or name != "Content-Type":  # of a body that there is none of
                self.send_header(name, value)
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(answer.promised or len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)
        if answer.promised > len(answer.body):
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)


def serve(
    size: Size, *, port: int = 0, seed: int = 42, end: datetime | None = None, plan: str = "enterprise"
) -> Server:
    """A seeded server, listening; `serve_forever` makes it answer."""
    ground = build(size, seed=seed, end=end, plan=plan)
    tokens = Tokens(APP_ID, INSTALLATION_ID, dict.fromkeys(READS, "read"))
    return Server(Front(World(ground, tokens, Limits()), controls), port)
