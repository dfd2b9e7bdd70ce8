"""An AWS on loopback: `python -m tests.doubles.aws.server --port 0`.

moto behind a fault plan, in a process of its own, over HTTP/1.1 with connections kept alive. Never bound
to anything but 127.0.0.1: it accepts every signature.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from typing import TYPE_CHECKING, ClassVar

# moto reads these when it is imported.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

from moto.moto_server.werkzeug_app import MotoRequestHandler  # after the environment
from werkzeug.serving import make_server  # after the environment

from tests.doubles.aws.front import Front  # after the environment
from tests.doubles.aws.managed_policies import keep_few_policies
from tests.doubles.aws.regions import limit_regions  # after the environment

if TYPE_CHECKING:
    from tests.doubles.aws.wire import Answer

_HOST = "127.0.0.1"


class KeepAliveHandler(MotoRequestHandler):
    """A request handler that keeps connections alive, which werkzeug's own never does."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    front: ClassVar[Front]

    def run_wsgi(self) -> None:
        """Answer one request, or fall silent."""
        body = self._body()
        answer = self.front.answer(self.make_environ(), body)
        if answer.wait_seconds:
            time.sleep(answer.wait_seconds)
        if answer.silent:
            self.close_connection = True
        else:
            self._send(answer)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the journal has it."""

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(parts)

    def _send(self, answer: Answer) -> None:
        promised = len(answer.body) if answer.promised_length is None else answer.promised_length
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(name, value)
        if not any(name.lower() == "date" for name, _ in answer.headers):
            self.send_header("Date", self.date_time_string())
        self.send_header("Content-Length", str(promised))
        if promised != len(answer.body):
            self.close_connection = True
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


def main() -> None:
    """Serve until killed."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--port", type=int, default=0, help="0 takes a free one")
    arguments.add_argument("--leashed", action="store_true", help="end when standard input is closed")
    given = arguments.parse_args()
    if given.leashed:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    limit_regions()
    keep_few_policies()
    KeepAliveHandler.front = Front()
    server = make_server(_HOST, given.port, _never, threaded=True, request_handler=KeepAliveHandler)
    sys.stdout.write(f"listening on http://{_HOST}:{server.port}\n")
    sys.stdout.flush()
    server.serve_forever()


def _end_with_parent() -> None:
    # A parent that was killed has no time to end its children; its end of the pipe closes all the same.
    sys.stdin.buffer.read()
    os._exit(0)


def _never(_environ: object, _start_response: object) -> list[bytes]:
    raise AssertionError("the handler answers without WSGI")


if __name__ == "__main__":
    main()
