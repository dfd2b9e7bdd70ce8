"""Google Cloud Storage's JSON API over real HTTP on the loopback, as far as its Python client uses it."""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from .state import PROJECT, Refused, Service, sums

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 1000
_POLICY = f"/v1/projects/{PROJECT}:getIamPolicy"
_ROLE = re.compile(r"/v1/(?P<name>(?:(?:projects|organizations)/[^/]+/)?roles/[^/]+)")
_ROUTE = re.compile(r"/(?P<kind>upload/|download/)?storage/v1/b(?:/(?P<bucket>[^/]+))?(?P<rest>/.*)?")


@dataclass
class Session:
    """A resumable upload that has begun."""

    bucket: str
    fields: dict[str, Any]
    content: bytes
    match: str | None


class GcsDouble(ThreadingHTTPServer):
    """The server; `service` is its state, for a test that looks or meddles behind the client's back."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.service = Service()
        self.sessions: dict[str, Session] = {}
        self.numbers = itertools.count(1)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextlib.contextmanager
def running_gcs() -> Iterator[GcsDouble]:
    """A service of our own, empty, on a free port."""
    with GcsDouble() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: GcsDouble
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        self.asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        route = _ROUTE.fullmatch(parts.path)
        try:
            if parts.path == _POLICY and self.command == "POST":
                return self._json(self.server.service.policy())
            if (role := _ROLE.fullmatch(parts.path)) and self.command == "GET":
                return self._json(self.server.service.role(unquote(role["name"])))
            if route is None:
                raise Refused(404, "notFound", "Not Found")  # noqa: TRY301 - one place words the answer
            self._routed(route["kind"] or "", unquote(route["bucket"] or ""), route["rest"] or "")
        except Refused as refused:
            error = {"message": refused.message, "domain": "global", "reason": refused.reason}
            self._json(
                {"error": {"code": refused.status, "message": refused.message, "errors": [error]}}, refused.status
            )

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - http.server's names

    def _routed(self, kind: str, bucket: str, rest: str) -> None:
        if kind == "upload/":
            self._upload(bucket)
        elif rest.startswith("/o/"):
            self._object(bucket, unquote(rest.removeprefix("/o/")), media=kind == "download/")
        elif rest == "/o":
            self._list(bucket)
        else:
            self._bucket(bucket, rest)

    def _upload(self, bucket: str) -> None:
        match = self.asked.get("ifGenerationMatch")
        if self.command == "PUT":
            self._go_on(self.asked["upload_id"])
        elif self.asked.get("uploadType") == "multipart":
            self._put(Session(bucket, *_multipart(self.headers["Content-Type"], self.body), match))
        else:
            self._begin(Session(bucket, json.loads(self.body), b"", match))

    def _object(self, bucket: str, name: str, *, media: bool) -> None:
        service = self.server.service
        match self.command:
            case "GET" if media:
                self._media(bucket, name)
            case "GET":
                self._json(service.shown(bucket, service.get(bucket, name, self.asked.get("generation"))))
            case "PATCH":
                self._json(service.shown(bucket, service.retain(bucket, name, json.loads(self.body))))
            case _:
                service.delete(bucket, name)
                self._send(204, b"")

    def _bucket(self, bucket: str, rest: str) -> None:
        service = self.server.service
        match self.command:
            case "GET" if rest == "/iam":
                self._json(service.bucket_policy(bucket, int(self.asked.get("optionsRequestedPolicyVersion", 1))))
            case "GET":
                self._json(service.described(bucket))
            case "PATCH":
                self._json(service.change(bucket, json.loads(self.body)))
            case "POST" if rest == "/lockRetentionPolicy":
                self._json(service.lock_retention(bucket, self.asked["ifMetagenerationMatch"]))
            case _:
                fields = json.loads(self.body)
                enabled = self.asked.get("enableObjectRetention", "").lower() == "true"
                self._json(service.create(fields.pop("name"), fields, object_retention=enabled))

    def _put(self, session: Session) -> None:
        fields = session.fields
        service = self.server.service
        made = service.put(
            session.bucket, fields.pop("name", None) or self.asked["name"], session.content, fields, session.match
        )
        self._json(service.shown(session.bucket, made))

    def _begin(self, session: Session) -> None:
        """A condition that fails now is refused now; it is asked again when the upload ends."""
        service = self.server.service
        there = service.bucket(session.bucket).live(session.fields["name"])
        if session.match == "0" and there and not service.ignores_conditions:
            raise Refused(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
        number = str(next(self.server.numbers))
        self.server.sessions[number] = session
        where = f"{self.server.endpoint}/upload/storage/v1/b/{session.bucket}/o?uploadType=resumable&upload_id={number}"
        self._send(200, b"", Location=where)

    def _go_on(self, number: str) -> None:
        session = self.server.sessions.get(number)
        if session is None:
            raise Refused(404, "notFound", "There is no such upload.")
        span = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", self.headers.get("Content-Range", "bytes 0-0/*"))
        assert span, self.headers["Content-Range"]
        if span[1] is not None:
            session.content = session.content[: int(span[1])] + self.body
        if span[2] != str(len(session.content)):
            ranges = {"Range": f"bytes=0-{len(session.content) - 1}"} if session.content else {}
            self._send(308, b"", **ranges)
            return
        del self.server.sessions[number]
        self._put(session)

    def _media(self, bucket: str, name: str) -> None:
        found = self.server.service.get(bucket, name, self.asked.get("generation"))
        whole, computed = found.content, sums(found.content)
        headers = {
            "X-Goog-Hash": f"crc32c={computed['crc32c']},md5={computed['md5Hash']}",
            "X-Goog-Generation": str(found.number),
            "X-Goog-Stored-Content-Length": str(len(whole)),
        }
        wanted = self.headers.get("Range")
        if wanted is None:
            self._send(200, whole, **headers)
            return
        span = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
        assert span, wanted
        first = max(0, len(whole) - int(span[2])) if not span[1] else int(span[1])
        last = len(whole) - 1 if not span[1] or not span[2] else min(int(span[2]), len(whole) - 1)
        if first > last:
            raise Refused(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
        self._send(206, whole[first : last + 1], **headers, **{"Content-Range": f"bytes {first}-{last}/{len(whole)}"})

    def _list(self, bucket: str) -> None:
        versions, deleted = (self.asked.get(name, "").lower() == "true" for name in ("versions", "softDeleted"))
        service = self.server.service
        found = service.list(bucket, self.asked.get("prefix", ""), versions=versions, deleted=deleted)
        first = int(self.asked.get("pageToken", 0))
        last = first + min(PAGE, int(self.asked.get("maxResults", PAGE)))
        page: dict[str, Any] = {"kind": "storage#objects"}
        if found[first:last]:
            page["items"] = [service.shown(bucket, one) for one in found[first:last]]
        if found[last:]:
            page["nextPageToken"] = str(last)
        self._json(page)

    def _json(self, answer: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(answer).encode(), **{"Content-Type": "application/json; charset=UTF-8"})

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def _multipart(content_type: str, body: bytes) -> tuple[dict[str, Any], bytes]:
    """The metadata and the bytes of a multipart/related upload."""
    named = re.search(r"boundary=\"?([^\";]+)", content_type)
    assert named, content_type
    boundary = b"--" + named[1].encode()
    _, first, rest = body.split(boundary + b"\r\n", 2)
    fields = json.loads(first.partition(b"\r\n\r\n")[2])
    content = rest.partition(b"\r\n\r\n")[2]
    return fields, content[: content.rindex(b"\r\n" + boundary + b"--")]
