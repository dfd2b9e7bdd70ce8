"""What a bucket answers when things go wrong, word by word over real HTTP."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.places import Bucket
from collector.archive.s3 import S3Store
from collector.archive.worm import State
from collector.errors import ArchiveError, UsageError

from .buckets import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = (
    "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>"  # as S3 has it
)


def fault(status: int, code: str) -> tuple[int, str]:
    return status, f"<Error><Code>{code}</Code><Message>so it is</Message></Error>"


class Script(ThreadingHTTPServer):
    """Answers one request after the other from a list, and keeps what it was asked; the lock is always there."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[tuple[int, str]] = []
        self.asked: list[tuple[str, dict[str, str]]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Script
    protocol_version = "HTTP/1.1"  # so that it answers to Expect: 100-continue

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "object-lock" in self.path:
            status, body = 200, LOCK
        else:
            self.server.asked.append((f"{self.command} {self.path}", dict(self.headers)))
            status, body = self.server.answers.pop(0)
        self.send_response(status)
        if body.startswith("cut "):
            self.send_header("Content-Length", "1000")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body.encode())
        self.close_connection = True

    do_GET = do_PUT = do_HEAD = _answer  # noqa: N815 - http.server's names

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def script() -> Iterator[Script]:
    with Script() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def store(script: Script, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    endpoint = f"http://127.0.0.1:{script.server_address[1]}"
    Server(endpoint).use(monkeypatch)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return S3Store(Bucket("b", "x/", "us-east-1", endpoint), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))


def test_a_put_carries_condition_checksum_and_lock(script: Script, store: S3Store) -> None:
    script.answers = [(200, "")]
    assert store.put_if_absent("log/1.seg", b"abc")
    ((line, headers),) = script.asked
    assert line == "PUT /b/x/log/1.seg"
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["if-none-match"] == "*"
    assert sent["x-amz-checksum-sha256"] == "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
    assert sent["x-amz-object-lock-mode"] == "COMPLIANCE"
    assert sent["x-amz-object-lock-retain-until-date"].startswith("2028-12-31T00:00:00")
    assert sent["x-amz-meta-retain-until"] == "2028-12-31T00:00:00+00:00"


def test_a_conflict_is_tried_again_and_then_told(script: Script, store: S3Store) -> None:
    script.answers = [fault(409, "ConditionalRequestConflict")] * 2 + [fault(412, "PreconditionFailed")]
    assert not store.put_if_absent("log/1.seg", b"abc")
    script.answers = [fault(409, "ConditionalRequestConflict")] * 2 + [(200, "")]
    assert store.put_if_absent("log/1.seg", b"abc")
    script.answers = [fault(409, "ConditionalRequestConflict")] * 5
    with pytest.raises(ArchiveError, match=r"PutObject of s3://b/x/log/1\.seg was refused: ConditionalRequestConflict"):
        store.put_if_absent("log/1.seg", b"abc")
    assert script.answers == []


def test_a_put_whose_reply_was_lost_says_it_was_there(script: Script, store: S3Store) -> None:
    """botocore sends it again; the archive compares the bytes and knows them for its own."""
    script.answers = [fault(500, "InternalError"), fault(412, "PreconditionFailed")]
    assert not store.put_if_absent("log/1.seg", b"abc")


def test_a_server_that_stays_broken_is_explained(script: Script, store: S3Store) -> None:
    script.answers = [fault(503, "SlowDown")] * 5
    with pytest.raises(ArchiveError, match=r"was refused: SlowDown \(so it is\); see that the endpoint can be reached"):
        store.put_if_absent("log/1.seg", b"abc")
    assert script.answers == []
    script.answers = [fault(403, "AccessDenied")]
    with pytest.raises(ArchiveError, match=r"AccessDenied .so it is.; let the identity of the collector do this"):
        store.put_if_absent("log/1.seg", b"abc")


def test_a_body_that_breaks_off_is_asked_for_again(script: Script, store: S3Store) -> None:
    script.answers = [(200, "cut off"), (200, "whole")]
    assert store.get("log/1.seg") == b"whole"
    script.answers = [(200, "cut off")] * 5
    with pytest.raises(ArchiveError, match=r"GetObject of s3://b/x/log/1\.seg failed"):
        store.get("log/1.seg")


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<ListBucketResult></ListBucketResult>",
        "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    ],
)
def test_a_list_without_its_end_mark_is_no_list(script: Script, store: S3Store, body: str) -> None:
    script.answers = [(200, body)] * 5
    with pytest.raises(ArchiveError, match=r"list without an end|failed"):
        list(store.list("log/"))


def test_a_list_that_never_ends_is_told(script: Script, store: S3Store) -> None:
    page = "<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    script.answers = [(200, f"<ListBucketResult>{page}</ListBucketResult>")] * 9
    with pytest.raises(ArchiveError, match="list without an end"):
        list(store.list("log/"))
    assert len(script.answers) == 7


def test_nobody_there(monkeypatch: pytest.MonkeyPatch) -> None:
    Server("http://127.0.0.1:9").use(monkeypatch)
    monkeypatch.setattr("time.sleep", lambda _: None)
    store = S3Store(Bucket("b", "", "us-east-1", "http://127.0.0.1:9"), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))
    with pytest.raises(UsageError, match=re.escape("ListObjectsV2 of s3://b failed: Could not connect")):
        store.check_writable()
    lock = store.lock()
    assert lock.state is State.UNKNOWN
    assert len(lock.facts["unread"]) == 3


def test_an_endpoint_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    Server("").use(monkeypatch)
    with pytest.raises(UsageError, match="s3://b cannot be used as an archive"):
        S3Store(Bucket("b", "", "us-east-1", "not a url"), 730, lambda: datetime(2026, 11, 1, tzinfo=UTC))
