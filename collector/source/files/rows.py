"""Rows out of a CSV file, a workbook or JSON: each with the line it stands on, all cells as they were written."""

from __future__ import annotations

import csv
import zipfile
from collections import Counter
from dataclasses import dataclass
from io import BytesIO, StringIO
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from collector import canonical
from collector.source.files.content import Form, RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that would be worked out only when somebody opens the workbook: no value, so nothing to believe."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its line in the file (its number, in JSON), and its cells by the name of their column."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was read."""

    headers: tuple[str, ...]
    lines: tuple[Line, ...]


def read(form: Form, content: bytes, most: int) -> Sheet:
    """Every row of the file, at most `most`; RefusedError when it is no table, or has more."""
    match form:
        case Form.CSV:
            return _table(_csv(content.decode("utf-8-sig")), most)
        case Form.XLSX:
            return _table(_workbook(content, most), most)
        case Form.JSON:
            return _json(content, most)
        case _:
            raise RefusedError("a list must be CSV, XLSX or JSON")


def _table(rows: Iterable[tuple[int, list[Any]]], most: int) -> Sheet:
    found = iter(rows)
    _, first = next(found, (0, []))
    headers = tuple(str(cell or "").strip() for cell in first)
    while headers and not headers[-1]:
        headers = headers[:-1]
    if not headers or len(headers) > _COLUMNS:
        raise RefusedError(f"its first line must name its columns, {_COLUMNS} at most")
    if twice := [name for name, times in Counter(filter(None, headers)).items() if times > 1]:
        raise RefusedError(f"the column {twice[0]!r} is there twice")
    lines: list[Line] = []
    for number, cells in found:
        if all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells):
            continue
        if any(cell not in {None, ""} for cell in cells[len(headers) :]):
            raise RefusedError(f"line {number} has more cells than the first line has names")
        if len(lines) == most:
            raise RefusedError(f"it has more than {most:,} rows")
        padded = [*cells, *([None] * len(headers))]
        lines.append(Line(number, {name: padded[at] for at, name in enumerate(headers) if name}))
    return Sheet(headers, tuple(lines))


def _csv(text: str) -> Iterator[tuple[int, list[Any]]]:
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            yield before + 1, list(cells)
            before = reader.line_num
    except csv.Error as error:
        raise RefusedError(f"line {before + 1} is no CSV: {error}") from error


def _workbook(content: bytes, most: int) -> Iterator[tuple[int, list[Any]]]:
    """The first sheet. Formulas are not worked out, and the value that some program once saved is not taken."""
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=False, keep_links=False)
        try:
            if len(sheets := [one for one in book.worksheets if one.sheet_state == "visible"]) != 1:
                raise RefusedError(f"the workbook has {len(sheets)} sheets to see; leave the one that is the list")
            # Styled but empty rows may go on for a million lines: they are passed over, and bounded all the same.
            for number, row in enumerate(islice(sheets[0].iter_rows(max_col=_COLUMNS), 8 * most + 1_000), 1):
                yield number, [Formula() if cell.data_type == "f" else cell.value for cell in row]
        finally:
            book.close()
    except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, OSError) as error:
        raise RefusedError(f"the workbook cannot be read: {error}") from error


def _json(content: bytes, most: int) -> Sheet:
    try:
        found = canonical.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise RefusedError(str(error)) from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise RefusedError("its JSON must be a list of objects, one for each row")
    if len(found) > most:
        raise RefusedError(f"it has more than {most:,} rows")
    headers = tuple(dict.fromkeys(name for one in found for name in one))
    return Sheet(headers, tuple(Line(number, one) for number, one in enumerate(found, 1)))
