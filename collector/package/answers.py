"""Raw contents as files: byte for byte, named by their SHA-256, so that `sha256sum` alone can check them."""

from __future__ import annotations

import csv
import re
from html import unescape
from typing import TYPE_CHECKING

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from collector.package.sealed import Archived

_XML = re.compile(r"\s*<(\?xml\s|[A-Za-z])")
_ACTIVE = ("xhtml", "w3.org/2000/svg", "xml-stylesheet", "<!doctype", "<!entity")
"""What makes a browser run or fetch something out of XML; such an answer is shown as plain text."""


def extension(content: bytes) -> str:
    """How a reader's programs should open it. Nothing that a browser would execute gets a name that lets it."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return "txt"
    if text.lstrip().startswith(("{", "[")) and _is_json(content):
        return "json"
    if _XML.match(text):
        plain = unescape(text).lower()
        return "txt" if plain.lstrip().startswith("<html") or any(word in plain for word in _ACTIVE) else "xml"
    return "csv" if _is_csv(text) else "txt"


def write(archive: Archived, digests: Iterable[str], folder: Path, kind: str | None = None) -> dict[str, str]:
    """Write each content once; its file name by its digest. `kind` is the extension, where it is known."""
    names: dict[str, str] = {}
    for digest in sorted(set(digests)):
        content = archive.content(digest)
        names[digest] = f"{digest}.{kind or extension(content)}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / names[digest]).write_bytes(content)
    return names


def _is_json(content: bytes) -> bool:
    try:
        canonical.decode(content)
    except ValueError:
        return False
    return True


def _is_csv(text: str) -> bool:
    """Whether at least two lines have the same number of cells, and that is more than one."""
    head = text.splitlines()[:2]
    if len(head) < 2:  # noqa: PLR2004 - a header and a row
        return False
    try:
        first, second = (len(row) for row in csv.reader(head, strict=True))
    except (csv.Error, ValueError):
        return False
    return first == second > 1
