"""Answers of the GitHub double, taken down once and given again, some of them spoilt."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

from tests.doubles.rest import Given
from tests.fuzzing.mutations import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.rest import Asked

    Spoiling = Callable[[Reply], Reply]

_KEPT = ("content-type", "link", "etag", "x-ratelimit-remaining", "x-github-request-id")


class Recorded:
    """A server's answers by request: asked of `upstream` the first time, and from memory ever after."""

    def __init__(self, upstream: str, own: Callable[[], str]) -> None:
        self._upstream = upstream
        self._own = own
        self._held: dict[tuple[str, str, bytes], Reply] = {}
        self._lock = threading.Lock()
        self.spoilt: dict[tuple[str, str, bytes], Spoiling] = {}
        """What to do to which answers, each time that they are asked for."""
        self.met: set[tuple[str, str, bytes]] = set()
        self.asked: list[tuple[str, str, bytes]] = []
        self.sealed = False
        """Whether what is not known is not asked for any more."""

    def answer(self, asked: Asked) -> Given:
        """The answer to a request."""
        key = (asked.method, f"{asked.path}?{urlencode(sorted(asked.query.items()))}", asked.body)
        with self._lock:
            self.asked.append(key)
            if key not in self._held and not self.sealed:
                self._held[key] = self._fetched(asked)
        reply = self._held.get(key) or Reply(404, {"content-type": "application/json"}, b'{"message": "Not Found"}')
        spoil = self.spoilt.get(key)
        if spoil is not None:
            self.met.add(key)
            reply = spoil(reply)
        elif asked.headers.get("if-none-match") == reply.headers.get("etag", ""):
            return Given(304, b"", {"Content-Type": ""})
        return Given(reply.status, reply.body, {"Content-Type": "", **reply.headers})

    def _fetched(self, asked: Asked) -> Reply:
        headers = {"authorization": asked.headers["authorization"], "accept": asked.headers.get("accept", "*/*")}
        answer = httpx.request(
            asked.method,
            self._upstream + asked.path,
            params=dict(asked.query),
            headers=headers,
            content=asked.body or None,
            trust_env=False,
            timeout=60,
        )
        here = self._own()
        kept = {name: answer.headers[name].replace(self._upstream, here) for name in _KEPT if name in answer.headers}
        return Reply(answer.status_code, kept, answer.content.replace(self._upstream.encode(), here.encode()))


def is_sign_in(key: tuple[str, str, bytes]) -> bool:
    """Whether a request asks who we are: without an answer nothing is read at all."""
    return key[1].startswith("/graphql") and "viewer" in json.loads(key[2])["query"]
