"""A server that answers what a test tells it to, word by word over real HTTP."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What is sent back. `cut`: the body ends before its announced length; `silent`: nothing comes at all."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    silent: bool = False
    hangs_up: bool = False


class Wire(ThreadingHTTPServer):
    """Answers one request after the other from a list, and keeps what it was asked.

    What `always` has a pattern of the request's line for is answered by that, and neither counted nor kept.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.always: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.over = threading.Event()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Wire
    protocol_version = "HTTP/1.1"  # so that it answers to Expect: 100-continue

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = f"{self.command} {self.path}"
        answer = next((one for part, one in self.server.always.items() if re.search(part, line)), None)
        if answer is None:
            self.server.asked.append((line, {name.lower(): value for name, value in self.headers.items()}, body))
            answer = self.server.answers.pop(0)
        self.close_connection = True
        if answer.silent:
            self.server.over.wait(30)
        if answer.silent or answer.hangs_up:
            return
        content = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (1000 if answer.cut else 0)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        pass
