"""Watched places: a bucket is listed over all its pages and only ever read; what is too large is not taken."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from collector.errors import UnreadableError, UsageError
from collector.source.files.shelf import Bucket, Folder, newest, shelf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
OBJECTS = {
    "hr/2026-03-01.csv": (b"old", "2026-03-01T00:00:00Z"),
    "hr/2026-03-02.csv": (b"new", "2026-03-02T00:00:00Z"),
    "hr/archive/2026-03-09.csv": (b"deeper", "2026-03-09T00:00:00Z"),
}


class Counter(ThreadingHTTPServer):
    """A bucket that shows one object a page, and writes down what it is asked."""

    daemon_threads = True
    refused = False
    cut = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Clerk)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"s3://exports/hr/?region=eu-central-1&endpoint=http://127.0.0.1:{self.server_port}"


class Clerk(BaseHTTPRequestHandler):
    server: Counter

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.asked.append(self.command)
        if self.server.refused:
            self._answer(403, b"<Error><Code>AccessDenied</Code></Error>")
        elif "list-type" in query:
            keys = sorted(OBJECTS)
            at = int(query.get("continuation-token", ["0"])[0])
            content, modified = OBJECTS[keys[at]]
            more = at + 1 < len(keys)
            token = f"<NextContinuationToken>{at + 1}</NextContinuationToken>" if more else ""
            body = (
                f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{token}<Contents><Key>{keys[at]}</Key>"
                f"<LastModified>{modified}</LastModified><Size>{len(content)}</Size></Contents></ListBucketResult>"
            )
            self._answer(200, body.encode())
        else:
            content = OBJECTS[parts.path.removeprefix("/exports/")][0]
            self._answer(200, content[:1] if self.server.cut else content)

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def counter() -> Iterator[Counter]:
    with Counter() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_prefix_is_listed_over_all_pages_and_its_newest_file_read(counter: Counter) -> None:
    bucket = shelf(counter.url, CREDENTIALS)
    assert isinstance(bucket, Bucket)
    listed = bucket.listed()
    assert [one.name for one in listed] == ["hr/2026-03-01.csv", "hr/2026-03-02.csv"], "nothing deeper"
    (last,) = newest(listed, every=False)
    piece = bucket.read(last, 10)
    assert (piece.name, piece.content) == ("2026-03-02.csv", b"new")
    assert piece.modified_at == last.modified_at
    assert set(counter.asked) == {"GET"}


def test_a_refusal_a_cut_and_a_large_object_are_gaps(counter: Counter) -> None:
    bucket = shelf(counter.url, CREDENTIALS)
    (last,) = newest(bucket.listed(), every=False)
    with pytest.raises(UnreadableError, match="larger than 2 bytes"):
        bucket.read(last, 2)
    counter.cut = True
    with pytest.raises(UnreadableError, match="1 bytes came, 3 were listed"):
        bucket.read(last, 10)
    counter.refused = True
    with pytest.raises(UnreadableError, match="AccessDenied") as caught:
        bucket.listed()
    assert caught.value.gap.cause == "denied"


def test_a_folder_gives_plain_files_alone(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a")
    (tmp_path / ".hidden.csv").write_text("h")
    (tmp_path / "note.txt").write_text("n")
    (tmp_path / "inner.csv").mkdir()
    (tmp_path / "link.csv").symlink_to(tmp_path / "note.txt")
    assert [one.name for one in Folder(str(tmp_path / "*.csv")).listed()] == ["a.csv"]
    with pytest.raises(UnreadableError, match="cannot be read"):
        Folder(str(tmp_path / "nowhere" / "*.csv")).listed()


def test_other_places_cannot_be_watched() -> None:
    for path in ("ftp://host/x", "s3://bucket/prefix?key=x", "s3:///x"):
        with pytest.raises(UsageError):
            shelf(path, CREDENTIALS)
