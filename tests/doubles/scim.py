"""A real SCIM 2.0 server (scim2-server) on loopback, which keeps a journal, and can be told to fail."""

from __future__ import annotations

import contextlib
import json
import threading
from dataclasses import dataclass, field
from functools import cache
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
from scim2_server.memory import InMemoryStorage
from scim2_server.service import ScimService
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider

from tests.doubles.rest import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scim2_models import ScimProvider

    from tests.doubles.rest import Given

TOKEN = "scim-" + "0f1e2d3c4b5a" * 3
USER, GROUP = ("urn:ietf:params:scim:schemas:core:2.0:" + name for name in ("User", "Group"))
JSON = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}


@dataclass
class ScimDouble:
    """A running provider."""

    client: httpx.Client
    """By which the tests put things in."""
    url: str = ""
    asked: list[str] = field(default_factory=list)
    """Method, path and query of every request."""
    faults: list[Fault] = field(default_factory=list)
    happens: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What is done before so many more list requests are answered."""
    without_members: bool = False
    """Whether lists of groups leave members out, as many providers do."""

    def fault(self, given: Given, *, path: str = "", skip: int = 0, times: int = 10**9) -> None:
        self.faults.append(Fault(given, path, skip, times))

    def add(self, kind: str, body: dict[str, Any]) -> str:
        """A resource, made over HTTP; its id."""
        schema = USER if kind == "Users" else GROUP
        made = self.client.post(f"{self.url}/{kind}", json={"schemas": [schema], **body}, headers=JSON)
        assert made.status_code == 201, made.text
        identity: str = made.json()["id"]
        return identity

    def person(self, name: str, **more: Any) -> str:
        emails = [{"value": f"{name.title()}@northwind.example", "primary": True}, {"value": f"{name}@home.example"}]
        return self.add("Users", {"userName": name, "active": True, "emails": emails, **more})

    def group(self, name: str, *, users: Iterable[str] = (), groups: Iterable[str] = ()) -> str:
        members = [{"value": one, "type": "User"} for one in users]
        members += [{"value": one, "type": "Group"} for one in groups]
        return self.add("Groups", {"displayName": name, "members": members})

    def remove(self, kind: str, identity: str) -> None:
        assert self.client.delete(f"{self.url}/{kind}/{identity}", headers=JSON).status_code == 204

    def injected(self, method: str, path: str) -> Given | None:
        if method != "GET":
            return None
        self.asked.append(f"{method} {path}")
        lists = sum("count=" in one and "count=1" not in one.split("&") for one in self.asked)
        if then := self.happens.pop(lists, None):
            then()
        for fault in self.faults:
            if fault.path in path:
                if fault.skip:
                    fault.skip -= 1
                elif fault.fired < fault.times:
                    fault.fired += 1
                    return fault.given
        return None


@contextlib.contextmanager
def running_scim() -> Iterator[ScimDouble]:
    """An empty provider, in threads of this process."""
    provider = _provider()
    # No TLS is spoken here, and loading the usual certificates takes longer than a test.
    double = ScimDouble(httpx.Client(trust_env=False, timeout=30, verify=False))  # noqa: S501
    service = ScimService(provider, secret="of-this-test-alone")  # noqa: S106 - signs cursors of a server that lives for a test
    application = BearerTokenApplication(InMemoryStorage(), provider, service=service, bearer_tokens=[TOKEN])

    def front(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        path = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        given = double.injected(environ["REQUEST_METHOD"], path)
        if given is not None:
            headers = {"Content-Type": "application/scim+json", **given.headers}
            start(f"{given.status} As told", [*headers.items(), ("Content-Length", str(len(given.sent)))])
            return [given.sent]
        body = b"".join(application(environ, start))
        if double.without_members and environ["PATH_INFO"].endswith("/Groups"):
            told = json.loads(body)
            for one in told.get("Resources", ()):
                one.pop("members", None)
            shorter = json.dumps(told).encode()
            # The server has announced its length already.
            return [shorter + b" " * (len(body) - len(shorter))]
        return [body]

    with make_server("127.0.0.1", 0, front, server_class=_Threads, handler_class=_Quiet) as server:
        double.url = f"http://127.0.0.1:{server.server_port}/v2"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield double
        finally:
            server.shutdown()
            thread.join()
            double.client.close()


@cache
def _provider() -> ScimProvider:
    """The schemas of RFC 7643: the same for every server, and slow to read."""
    return load_default_provider()


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass
