"""Notifications, delivered to a real server on loopback: signed, tried again, and given up."""

from __future__ import annotations

import hmac
import json
import threading
import time
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from schedules import notify
from schedules.clocks import Times
from schedules.notify import SIGNATURE, Notifier, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = b"a shared secret"
TIMES = Times(lambda: datetime.now(UTC), time.monotonic)


class Receiver(ThreadingHTTPServer):
    """Answers with the statuses it is given, then 204; keeps what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.came: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.headers[SIGNATURE], body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setattr(notify, "PAUSES", (0.01, 0.01, 0.01, 0.01))
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def told(receiver: Receiver, url: str = "") -> list[str]:
    """What became of one notification."""
    outcomes: list[str] = []
    heard = threading.Event()

    def hear(outcome: str) -> None:
        outcomes.append(outcome)
        heard.set()

    notifier = Notifier(Target(url or receiver.url, SECRET), TIMES, hear)
    notifier.tell({"run": "r1", "gaps": []})
    assert heard.wait(20)
    notifier.end(5)
    return outcomes


def test_what_is_delivered_is_signed(receiver: Receiver) -> None:
    assert told(receiver) == ["delivered"]
    ((header, body),) = receiver.came
    assert json.loads(body) == {"run": "r1", "gaps": []}
    moment, _, found = header.removeprefix("t=").partition(",v1=")
    assert found == hmac.new(SECRET, moment.encode() + b"." + body, sha256).hexdigest()
    assert abs(int(moment) - time.time()) < 60


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_receiver_that_is_down_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status, status]
    assert told(receiver) == ["delivered"]
    assert len(receiver.came) == 3


@pytest.mark.parametrize("status", [301, 400, 401, 404])
def test_a_refusal_is_taken_for_an_answer(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    assert told(receiver) == ["given_up"]
    assert len(receiver.came) == 1


def test_a_receiver_that_stays_down_is_given_up(receiver: Receiver) -> None:
    receiver.statuses = [500] * 9
    assert told(receiver) == ["given_up"]
    assert len(receiver.came) == 5
    assert told(receiver, "http://127.0.0.1:1/hook") == ["given_up"]
