"""The port, over real connections: fixed paths, and nothing for whoever asks in another way."""

from __future__ import annotations

import http.client
import socket
from contextlib import closing
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from collector.errors import UsageError
from schedules.port import Answer, Port

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def port() -> Iterator[Port]:
    answers = {
        "/healthz": lambda: Answer(b"alive\n"),
        "/readyz": lambda: Answer(b"no run yet\n", status=HTTPStatus.SERVICE_UNAVAILABLE),
    }
    with Port(("127.0.0.1", 0), answers) as opened:
        yield opened


def asked(port: Port, path: str, method: str = "GET", host: str = "") -> tuple[int, bytes, str]:
    with closing(http.client.HTTPConnection(*port.address, timeout=10)) as connection:
        connection.putrequest(method, path, skip_host=bool(host))
        if host:
            connection.putheader("Host", host)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["Content-Security-Policy"] or ""


def test_each_path_has_its_answer(port: Port) -> None:
    status, body, policy = asked(port, "/healthz")
    assert (status, body) == (200, b"alive\n")
    assert policy.startswith("default-src 'none'")
    assert asked(port, "/readyz")[:2] == (503, b"no run yet\n")
    assert asked(port, "/healthz", "HEAD")[:2] == (200, b"")


@pytest.mark.parametrize("path", ["/other", "/../etc/passwd", "/healthz/", "/%2e%2e/healthz"])
def test_there_is_nothing_else(port: Port, path: str) -> None:
    assert asked(port, path)[0] == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_told_to_it(port: Port, method: str) -> None:
    assert asked(port, "/healthz", method)[0] in {405, 501}


def test_a_page_elsewhere_cannot_read_it_under_its_own_name(port: Port) -> None:
    """DNS rebinding: a browser would send the foreign name."""
    assert asked(port, "/healthz", host="evil.example")[0] not in {200, 503}


def test_many_that_say_nothing_leave_room_for_who_asks(port: Port) -> None:
    silent = [socket.create_connection(port.address) for _ in range(3)]
    assert asked(port, "/healthz")[0] == 200
    for one in silent:
        one.close()


def test_an_address_that_is_taken_is_named(port: Port) -> None:
    with pytest.raises(UsageError, match="choose another with --listen, or none"):
        Port(port.address, {})
