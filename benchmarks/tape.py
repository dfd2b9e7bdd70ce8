"""A recording of AWS: every answer one collection was given, by the question it answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_VOLATILE = re.compile(
    r"(?P<name>\b(?:createdAfter|createdBefore|RoleSessionName|ClientToken)=|"
    r'"(?:StartTime|EndTime|ClientToken)": ?)(?P<value>"[^"]*"|[^&\s,}]*)'
)
"""What differs between two runs that ask the same: the window's ends, a session's name, tokens against repetition."""
_MOMENT = re.compile(r"\b1[78]\d{8}(?:\d{3}|\.\d+)?\b")
"""The window's ends again, in seconds or milliseconds since 1970."""
_FOREVER = rb"<Expiration>2099-01-01T00:00:00Z</Expiration>"
_EXPIRATION = re.compile(rb"<Expiration>[^<]*</Expiration>")
_GENERATED = re.compile(rb"<GeneratedTime>[^<]*</GeneratedTime>")
_OWN = {"connection", "content-length", "keep-alive", "transfer-encoding"}
"""Headers that belong to a connection, not to an answer."""


class Answer(msgspec.Struct, frozen=True):
    """An answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def on_the_wire(self, *, head_only: bool = False) -> bytes:
        """The whole answer of a connection that stays open."""
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers if name.lower() not in _OWN]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if head_only else self.body)


Tape = dict[str, list[Answer]]
"""The answers to each question, in the order they were given: one that is asked again may have another answer."""


def question(method: str, target: str, headers: Mapping[str, str], body: bytes) -> str:
    """What is asked, by whom, where: the same text for the same question in every run."""
    credential = _CREDENTIAL.search(headers.get("authorization", ""))
    signed = " ".join(credential.group("key", "region", "service")) if credential else "unsigned"
    asked = f"{signed} {headers.get('x-amz-target', '')}\n{method} {target}\n{body.decode('latin-1')}"
    return _MOMENT.sub("*", _VOLATILE.sub(r"\g<name>*", asked))


def load(path: Path) -> Tape:
    """A recording as if it were made now: credentials that do not expire, a credential report that is young."""
    tape = msgspec.msgpack.decode(path.read_bytes(), type=Tape)
    young = f"<GeneratedTime>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</GeneratedTime>".encode()
    return {asked: [_renewed(answer, young) for answer in answers] for asked, answers in tape.items()}


def save(path: Path, tape: Mapping[str, Sequence[Answer]]) -> None:
    """Write a recording; a file that is there is whole."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(msgspec.msgpack.encode(tape))
    unfinished.replace(path)


def _renewed(answer: Answer, young: bytes) -> Answer:
    body = _GENERATED.sub(young, _EXPIRATION.sub(_FOREVER, answer.body))
    return Answer(answer.status, answer.headers, body)
