"""A gate before an S3 server that ignores If-None-Match: it answers 412 itself when the name is taken.

Ceph 16 does so in buckets with versions, and the collector rightly refuses to use it. Behind this gate everything else
is the real server: signatures, identities, policies, versions, locks. Requests pass as they were signed, Host included.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .buckets import Server

_TAKEN = b"<Error><Code>PreconditionFailed</Code><Message>the name is taken</Message></Error>"
_HOP_BY_HOP = {"connection", "expect", "transfer-encoding"}


@contextlib.contextmanager
def gate_before(server: Server) -> Iterator[Gate]:
    """A running gate. It looks at names with the owner's credentials, one conditional put at a time."""
    with Gate(server) as gate:
        threading.Thread(target=gate.serve_forever, daemon=True).start()
        try:
            yield gate
        finally:
            gate.shutdown()


class Gate(ThreadingHTTPServer):
    """Listens on a free port of the loopback."""

    def __init__(self, server: Server) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.owner = server.client
        self.behind = server.endpoint
        self.one_at_a_time = threading.Lock()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def place(self, url: str) -> str:
        """The same archive's URL, through the gate."""
        before, after = (quote(endpoint, safe="") for endpoint in (self.behind, self.endpoint))
        assert before in url
        return url.replace(before, after)

    def is_taken(self, path: str) -> bool:
        """Whether a name has a current version: a delete marker frees it, as on S3."""
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        # Listed, not read: what another identity has put, the bucket's owner may list and not read.
        found = self.owner.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", ())
        return any(one["Key"] == key for one in found)


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gate

    def do_PUT(self) -> None:
        if self.headers.get("If-None-Match") != "*":
            self.do_GET()
            return
        with self.server.one_at_a_time:
            if self.server.is_taken(urlsplit(self.path).path):
                self._body()
                self._answer(412, [], _TAKEN)
            else:
                self.do_GET()

    def do_GET(self) -> None:
        body = self._body()
        behind = http.client.HTTPConnection(urlsplit(self.server.behind).netloc, timeout=60)
        with contextlib.closing(behind):
            behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self._kept([*self.headers.items()]):
                behind.putheader(name, value)
            behind.endheaders(body or None)
            answer = behind.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())

    do_HEAD = do_POST = do_DELETE = do_GET  # noqa: N815 - http.server names them

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _kept(self, headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
        return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in self._kept(headers):
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""
