"""Asks an endpoint that hands out tokens. What is sent and what comes back is no evidence: nothing of it is kept."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from collector import canonical
from collector.model import Cause
from collector.source.rest.auth.credential import NoTokenError
from collector.source.rest.pace import pause
from collector.source.rest.wire import NoReplyError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Outside
    from collector.source.rest.base import Base
    from collector.source.rest.wire import Reply, Wire

_ATTEMPTS = 3
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)


class TokenEndpoint:
    """One address that hands out tokens."""

    def __init__(self, wire: Wire, base: Base, path: str, outside: Outside) -> None:
        self._wire = wire
        self._url = base.at(path, {})
        self.outside = outside

    @property
    def url(self) -> str:
        """The whole address: the audience of a signed request."""
        return str(self._url)

    def post(self, *, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON
        """The JSON object that the endpoint answers with; NoTokenError when it refuses, fails or cannot be reached."""
        content = urlencode(form).encode() if form else b""
        reply = self._reply({**(_FORM if form else {}), **(headers or {})}, content)
        if reply.status in {HTTPStatus.OK, HTTPStatus.CREATED}:
            granted = _object(reply)
            if granted is None:
                raise NoTokenError(Cause.UNAVAILABLE, f"{self._place} answered with something that is no token")
            return granted
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            cause = Cause.THROTTLED if reply.status == HTTPStatus.TOO_MANY_REQUESTS else Cause.UNAVAILABLE
            raise NoTokenError(cause, f"{self._place} gave no token: HTTP {reply.status}, also after retries")
        code = (_object(reply) or {}).get("error")
        told = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
        said = f"{self._place} gave no token: HTTP {reply.status} {told}".rstrip()
        raise NoTokenError(Cause.DENIED, said, code=told)

    def value(self, granted: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON value
        """A field of the answer; NoTokenError when it is missing."""
        if granted.get(name) in (None, ""):
            raise NoTokenError(Cause.UNAVAILABLE, f"{self._place} answered without {name}")
        return granted[name]

    @property
    def _place(self) -> str:
        return f"the token endpoint at {self._url.host}"

    def _reply(self, headers: Mapping[str, str], content: bytes) -> Reply:
        for tries in range(1, _ATTEMPTS + 1):
            try:
                reply = self._wire.send("POST", self._url, headers, content)
            except NoReplyError as error:
                if tries == _ATTEMPTS or not error.again:
                    raise NoTokenError(error.cause, f"{self._place}: {error.detail}") from error
            else:
                busy = reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR
                if tries == _ATTEMPTS or not busy:
                    return reply
            self.outside.sleep(pause(tries))
        raise AssertionError("the last try either returns or raises")


def _object(reply: Reply) -> dict[str, Any] | None:
    try:
        answer = canonical.decode(reply.body)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
