"""Replaces secrets in raw answers by stable tokens, before anything is hashed, stored or shown.

A secret is known by the name of its field, or by a pattern that only secrets match; also inside policy documents that
an answer carries as text. The answer is cleaned twice by the same rules, as the connector sees it and as it came over
the wire, so neither can leak what the other hides. One secret gives one token throughout an archive, so that matches
and counts survive; the token is keyed, so that a weak password cannot be guessed from it.
"""

from __future__ import annotations

import hmac
import json
import re
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from collector import canonical

_KINDS = (
    (("PRIVATE KEY",), r"-----BEGIN[ A-Z]*PRIVATE KEY-----.*?-----END[ A-Z]*PRIVATE KEY-----"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{36,}\b"),
    (("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{22,}\b"),
    (("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
    (("xox",), r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}"),
    (("hooks.slack.com",), r"\bhooks\.slack\.com/services/[A-Za-z0-9/]{20,}"),
    (("k_live_", "k_test_"), r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}\b"),
    (("AIza",), r"\bAIza[A-Za-z0-9_-]{35}"),
    (("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    (("pypi-",), r"\bpypi-[A-Za-z0-9_-]{50,}"),
    (("SG.",), r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    (("eyJ",), r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    (("@",), r"(?<=://)[^/\s:@\"'<>\\]+:[^/\s:@\"'<>\\]+(?=@)"),
    (("earer ",), r"(?<=[Bb]earer )[A-Za-z0-9._~+/-]{16,}=*"),
)
"""What a secret looks like. In front of each pattern: words of which any text that it matches has one."""
_MARKS = tuple(mark for marks, _ in _KINDS for mark in marks)
_SECRET = re.compile("|".join(pattern for _, pattern in _KINDS), re.DOTALL)
_XML_PIECE = re.compile(r"<(/?)(?:[\w.-]+:)?([\w.-]+)([^<>]*?)(/?)>|[^<]+|<")


class Redactor:
    """Redacts answers under one archive's key."""

    def __init__(self, key: bytes) -> None:
        """`key` is the archive's redaction key: 32 bytes that never leave the collector."""
        self._key = key

    def token(self, secret: str) -> str:
        """The stable token that stands for `secret`."""
        return "redacted:" + hmac.digest(self._key, secret.encode("utf-8", "surrogatepass"), "sha256").hex()[:24]

    def redact(self, parsed: Any, text: bytes, fields: frozenset[str]) -> tuple[Any, bytes]:  # noqa: ANN401 - any JSON
        """The parsed answer and its text, both without secrets; any value below a name in `fields` is one."""
        clean = self._value(parsed, fields)
        readable = text.decode("utf-8", "surrogateescape")
        if clean == parsed and not _suspicious(readable, fields):
            return parsed, text
        return clean, self._wire(readable, fields).encode("utf-8", "surrogateescape")

    def _value(self, value: Any, fields: frozenset[str], *, secret: bool = False) -> Any:  # noqa: ANN401 - any JSON
        match value:
            case str():
                return self._text(value, fields, secret=secret)
            case dict():
                return {
                    name: self._value(item, fields, secret=secret or name in fields) for name, item in value.items()
                }
            case list():
                return [self._value(item, fields, secret=secret) for item in value]
            case _:
                return value

    def _text(self, text: str, fields: frozenset[str], *, secret: bool) -> str:
        """One string of an answer: a secret, a document in JSON (perhaps percent-encoded), or plain text."""
        if secret:
            return self.token(text) if text else text
        if text.startswith(("%7B", "%7b")):
            plain = unquote(text)
            clean = self._document(plain, fields)
            return text if clean == plain else quote(clean, safe="")
        return self._document(text, fields)

    def _document(self, text: str, fields: frozenset[str]) -> str:
        if text.lstrip().startswith(("{", "[")) and any(name in text for name in fields):
            try:
                document = canonical.decode(text.encode())
            except ValueError:
                pass  # it only looked like JSON: plain text, then
            else:
                clean = self._value(document, fields)
                return text if clean == document else json.dumps(clean, ensure_ascii=False)
        return self._plain(text)

    def _plain(self, text: str) -> str:
        return _SECRET.sub(lambda match: self.token(match[0]), text) if _marked(text) else text

    def _wire(self, text: str, fields: frozenset[str]) -> str:
        """The body of an answer: JSON as a whole; anything else piece by piece, as XML."""
        try:
            document = canonical.decode(text.encode("utf-8", "surrogateescape"))
        except ValueError:
            return self._plain(self._xml(text, fields))
        clean = self._value(document, fields)
        return text if clean == document else json.dumps(clean, ensure_ascii=False, separators=(",", ":"))

    def _xml(self, text: str, fields: frozenset[str]) -> str:
        """Only the text between tags changes: everything else stays as it came."""
        pieces: list[str] = []
        inside: list[str] = []
        for piece in _XML_PIECE.finditer(text):
            closing, name, _, empty = piece.groups()
            if name and closing:
                if inside and inside[-1] == name:
                    inside.pop()
            elif name and not empty:
                inside.append(name)
            elif not name:
                plain = unescape(piece[0])
                clean = self._text(plain, fields, secret=not fields.isdisjoint(inside) and not plain.isspace())
                pieces.append(piece[0] if clean == plain else escape(clean))
                continue
            pieces.append(piece[0])
        return "".join(pieces)


def masked(text: str) -> str:
    """The text without anything that looks like a secret: for logs and messages, which need no stable token."""
    return _SECRET.sub("[redacted]", text)


def _suspicious(text: str, fields: frozenset[str]) -> bool:
    """Whether the text may hold a secret that its parsed form did not show."""
    plain = unquote(text) if "%" in text else text
    if any(name in plain for name in fields) and _as_a_name(fields).search(plain):
        return True
    unescaped = plain.replace("\\/", "/")
    return _marked(unescaped) and _SECRET.search(unescaped) is not None


def _marked(text: str) -> bool:
    """Whether the text may hold a secret at all: a tenth of the price of the patterns, and mostly the whole answer."""
    return any(mark in text for mark in _MARKS)


@cache
def _as_a_name(fields: frozenset[str]) -> re.Pattern[str]:
    """Any of the names where it names something: a tag, or a key of JSON, which may itself stand in a text."""
    return re.compile(f"""[<":](?:{"|".join(sorted(map(re.escape, fields)))})[\\s/>"\\\\&]""")
