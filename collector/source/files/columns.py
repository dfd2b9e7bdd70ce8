"""From cells to the fields of a record, by a declared mapping. A cell that is not what it must be is a fault."""

from __future__ import annotations

import re
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from collector.source.files.rows import Formula

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

    from collector.records import Record
    from collector.source.files.rows import Line, Sheet

_COMMON = {"key", "seen", "observed_at", "within"}
_ENDS = {"end_date", "expires_at", "contract_to", "valid_to", "period_end", "report_period_end"}
"""Fields in which a day without a time means its end: who leaves on the 31st works on the 31st."""
_TRUE, _FALSE = {"true", "yes", "y", "1", "x"}, {"false", "no", "n", "0"}
_INTEGER = re.compile(r"[+-]?\d{1,15}")


@dataclass(frozen=True, slots=True)
class Table:
    """How a file of one evidence type is read: into which record, from which columns.

    `aliases` are further names of a field's column; `must` are fields whose column has to be there, though a cell of it
    may be empty; `key` are the fields that tell rows apart; `fixed` are fields that the type itself gives; `demands`
    are, for a field of a few words, these words, and which other fields a row with each of them must have.
    """

    record: type[Record]
    key: tuple[str, ...]
    must: tuple[str, ...] = ()
    aliases: Mapping[str, tuple[str, ...]] | None = None
    fixed: Mapping[str, Any] | None = None
    demands: Mapping[str, Mapping[str, Sequence[str]]] | None = None

    @property
    def fields(self) -> dict[str, tuple[str, bool]]:
        """The record's own fields: the kind of each, and whether a row must have it."""
        return {
            one.name: (str(one.type).removesuffix(" | None"), one.default is MISSING)
            for one in fields(self.record)
            if one.name not in _COMMON
        }


@dataclass(frozen=True, slots=True)
class Style:
    """How the company writes: its time zone, its days where they are not ISO 8601, its names of columns by field."""

    zone: tzinfo
    date_format: str = ""
    columns: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row; line 0 is the file as a whole."""

    line: int
    problem: str


def plain(name: str) -> str:
    """A column's name for comparing: `Employee ID` is `employee_id`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def placed(sheet: Sheet, table: Table, style: Style) -> tuple[dict[str, str], list[Fault]]:
    """Which column holds which field, and what is missing."""
    wanted, faults = dict(style.columns or {}), []
    known = {plain(header): header for header in sheet.headers if header}
    found: dict[str, str] = {}
    for name, (_, needed) in table.fields.items():
        if name in (table.fixed or {}):
            continue
        choices = [wanted[name]] if name in wanted else [name, *(table.aliases or {}).get(name, ())]
        header = next((known[plain(one)] for one in choices if plain(one) in known), None)
        if header is not None:
            found[name] = header
        elif (name in wanted or needed or name in table.must) and sheet.headers:
            faults.append(Fault(0, f"no column {choices[0]!r} for {name}; there are: {', '.join(sheet.headers)}"))
    return found, faults


def fields_of(line: Line, places: Mapping[str, str], table: Table, style: Style) -> tuple[dict[str, Any], list[Fault]]:
    """The fields of one row, and what is wrong with it."""
    values: dict[str, Any] = dict(table.fixed or {})
    faults: list[Fault] = []
    for name, header in places.items():
        kind, needed = table.fields[name]
        try:
            values[name] = value_of(kind, line.cells.get(header), style, ends=name in _ENDS)
        except ValueError as error:
            faults.append(Fault(line.number, f"{header}: {error}"))
            continue
        if values[name] is None and (needed or name in table.key[:1]):
            faults.append(Fault(line.number, f"{header} is empty"))
    return values, faults or [Fault(line.number, problem) for problem in _lacking(values, table)]


def _lacking(values: Mapping[str, Any], table: Table) -> Iterator[str]:
    """What a row does not say, though one of its words demands it."""
    for name, words in (table.demands or {}).items():
        said = str(values.get(name))
        if said not in words:
            yield f"{name} must be one of: {', '.join(words)}"
        elif missing := [one for one in words[said] if not values.get(one)]:
            yield f"{name} is {said}, and it has no {', no '.join(missing)}"


def value_of(kind: str, cell: Any, style: Style, *, ends: bool = False) -> Any:  # noqa: ANN401 - any cell, any field
    """A cell as the field's kind; None for an empty one; ValueError, without its text, for any other."""
    if isinstance(cell, Formula):
        raise ValueError("a formula, which is no value: save the list with values")  # noqa: TRY004 - of a cell
    if isinstance(cell, str):
        cell = cell.strip()
    if cell is None or cell in ("", []):
        return None
    match kind:
        case "str":
            return _text(cell)
        case "bool":
            return _truth(cell)
        case "int":
            return _integer(cell)
        case "datetime":
            return _moment(cell, style, ends=ends)
        case _:
            return _several(cell)


def _text(cell: Any) -> str:  # noqa: ANN401 - any cell
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, list | dict):
        raise ValueError("must be a text")  # noqa: TRY004 - of a cell
    return str(cell)


def _truth(cell: Any) -> bool:  # noqa: ANN401 - any cell
    word = _text(cell).lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("must be yes or no")
    return word in _TRUE


def _integer(cell: Any) -> int:  # noqa: ANN401 - any cell
    text = _text(cell)
    if not _INTEGER.fullmatch(text):
        raise ValueError("must be a whole number")
    return int(text)


def _several(cell: Any) -> tuple[str, ...]:  # noqa: ANN401 - any cell
    if isinstance(cell, list):
        return tuple(_text(one) for one in cell)
    return tuple(part.strip() for part in re.split(r"[;\n|]", _text(cell)) if part.strip())


def _moment(cell: Any, style: Style, *, ends: bool) -> datetime:  # noqa: ANN401 - any cell
    """A day alone begins at midnight in the company's zone, or ends there, where the field is an end."""
    found = cell if isinstance(cell, date) else _read_moment(_text(cell), style)
    if isinstance(found, datetime) and (found.tzinfo is not None or found.time() != time()):
        return found if found.tzinfo else found.replace(tzinfo=style.zone)
    day = found.date() if isinstance(found, datetime) else found
    return datetime.combine(day + timedelta(days=1 if ends else 0), time(), style.zone)


def _read_moment(text: str, style: Style) -> date:
    try:
        if style.date_format:
            return datetime.strptime(text, style.date_format)  # noqa: DTZ007 - the zone is given to it above
        return date.fromisoformat(text) if len(text) == len("2026-01-31") else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"must be a date such as {style.date_format or '2026-01-31'}") from None


def joined(values: Mapping[str, Any], key: Sequence[str]) -> str:
    """The identity of a row."""
    return " ".join(
        part.isoformat() if isinstance(part, datetime) else str(part) for part in map(values.get, key) if part
    )
