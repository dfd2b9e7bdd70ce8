"""The auditor's own list of requests: each number, and the files of the package that answer to it by name.

Nothing is guessed: a request is answered by what it names (a control, a criterion, an evidence type), or by a word that
one part of the package is about. One that names nothing is listed as such, for a person to answer.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder

_NUMBER = ("number", "no", "no.", "#", "id", "ref", "reference", "request number", "request id", "item")
_TEXT = ("request", "description", "text", "evidence requested", "title")
_PARTS = {
    "02-scope/index.html": ("scope", "subservice", "user entity", "carve-out", "system description"),
    "05-coverage/index.html": ("coverage", "completeness of collection", "schedule"),
    "06-exceptions/index.html": ("exception", "deviation"),
    "07-integrity/index.html": ("integrity", "chain of custody", "hash", "tamper"),
    "01-how-made/index.html": ("read-only", "permissions of the tool", "how the list", "query used"),
    "04-records/index.html": ("policy", "policies", "document", "register"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A file of the package, and why it answers."""

    place: str
    words: str


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the auditor's list."""

    number: str
    text: str
    answers: Sequence[Answer]


def read(content: bytes, name: str) -> list[tuple[str, str]]:
    """Number and text of each line; UsageError when the list cannot be read."""
    try:
        text = content.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name}: not a CSV file in UTF-8: {error}") from error
    head = [cell.strip().lower() for cell in lines[0]] if lines else []
    number = next((head.index(one) for one in _NUMBER if one in head), None)
    if number is None:
        raise UsageError(f"{name}: its first line must name a column number, no, id or ref; it has: {', '.join(head)}")
    if not any(one in head for one in _TEXT):
        raise UsageError(f"{name}: its first line must name a column request or description")
    rows = [[*line, *[""] * (len(head) - len(line))] for line in lines[1:] if any(cell.strip() for cell in line)]
    said = [at for at in range(len(head)) if at != number]
    return [(row[number].strip(), " · ".join(row[at].strip() for at in said if row[at].strip())) for row in rows]


def answered(binder: Binder, lines: Sequence[tuple[str, str]]) -> list[Request]:
    """Each request with the files that answer to it by name."""
    return [Request(number, text, list(_answers(binder, text))) for number, text in lines]


def _answers(binder: Binder, text: str) -> Iterator[Answer]:
    told: set[str] = set()
    for control in binder.controls:
        header = control.rule.header
        names = [control.id, *header.criteria, *header.evidence]
        if found := [
            one for one in names if re.search(rf"(?<![\w.]){re.escape(one)}(?![\w]|\.\d)", text, re.IGNORECASE)
        ]:
            place = f"03-controls/{control.id}/index.html"
            told.add(place)
            yield Answer(place, f"{control.id} {header.title} ({', '.join(found)})")
    for place, words in _PARTS.items():
        if found := [one for one in words if re.search(rf"\b{re.escape(one)}s?\b", text, re.IGNORECASE)]:
            yield Answer(place, f"{place.partition('/')[0]} ({', '.join(found)})")
