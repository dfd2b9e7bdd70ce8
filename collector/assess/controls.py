"""The controls: one .sql file each, a TOML header in its leading comment and one query below it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb

from collector import canonical
from collector.assess.header import Header, Parameter, Value, parse
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from importlib.resources.abc import Traversable

_FILE = re.compile(r"\s*/\*(?P<header>.*?)\*/(?P<query>.*)", re.DOTALL)
_VARIABLE = re.compile(r"getvariable\(\s*'([^']*)'\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Control:
    """One control, with the parameters in force."""

    header: Header
    domain: str
    text: str
    """The whole file: what is sealed as the rule."""
    query: str
    parameters: Mapping[str, Value]

    @property
    def id(self) -> str:
        """`IAM-01`."""
        return self.header.id

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return self.header.title

    @property
    def criteria(self) -> Sequence[str]:
        """The trust services criteria it serves, by id."""
        return self.header.criteria

    @property
    def required(self) -> Sequence[str]:
        """The evidence types without which nothing can be told."""
        return self.header.evidence

    @property
    def evidence(self) -> Sequence[str]:
        """The evidence types its rule uses; it sees no others."""
        return [*self.header.evidence, *self.header.helps]

    @property
    def sha256(self) -> str:
        """Digest of the file, header and query."""
        return canonical.digest(self.text.encode())


def parse_control(text: str, *, domain: str, where: str) -> Control:
    """The control that a file describes; UsageError names the file and says what is wrong with it."""
    control = _parsed(text, domain=domain, where=where)
    _check_query(control.query, where)
    return control


def _parsed(text: str, *, domain: str, where: str) -> Control:
    """Without a look at the SQL itself: that starts DuckDB, which nobody needs before there is something to judge."""
    found = _FILE.fullmatch(text)
    if found is None:
        raise UsageError(f"{where}: must begin with its header, a TOML document inside /* … */")
    header, query = parse(found["header"], where), found["query"].strip()
    used, declared = set(_VARIABLE.findall(query)), set(header.parameters)
    if used != declared:
        # A variable that is not set is NULL in DuckDB, and a comparison with it would quietly fall through.
        raise UsageError(
            f"{where}: the query uses the parameters {sorted(used)}, but the header declares {sorted(declared)}"
        )
    defaults = {name: parameter.default for name, parameter in header.parameters.items()}
    return Control(header, domain, text, query, defaults)


def load_controls() -> list[Control]:
    """Every control that comes with the collector, by id."""
    return list(_controls())


@cache
def _controls() -> tuple[Control, ...]:
    controls = [_read(file, domain.name) for domain, file in _shipped()]
    return tuple(sorted(controls, key=lambda control: control.id))


APPROVED_BY = "approved_by"
"""Beside a control's parameters in the configuration: who approved that they are as they are."""


def with_parameters(controls: Iterable[Control], overrides: Mapping[str, Mapping[str, Any]]) -> list[Control]:
    """The controls with the company's own values; UsageError names the nearest control or parameter for a wrong one."""
    known = {control.id: control for control in controls}
    for control_id, said in overrides.items():
        _known(control_id, known, "[controls]", "control")
        control = known[control_id]
        where = f"[controls.{control_id}]"
        values = {name: value for name, value in said.items() if name != APPROVED_BY}
        if not isinstance(said.get(APPROVED_BY, "somebody"), str):
            raise UsageError(f"{where} {APPROVED_BY}: must be a text that names somebody")
        for name, value in values.items():
            _known(name, control.parameters, where, "parameter")
            _same_type(value, control.header.parameters[name], f"{where} {name}")
        known[control_id] = replace(control, parameters={**control.parameters, **values})
    return list(known.values())


def catalogue(controls: Iterable[Control]) -> bytes:
    """Every control that a run may judge by, with its rule and parameters: one canonical line each, by id."""
    return b"".join(
        canonical.encode({"control": one.id, "rule": one.sha256, "parameters": dict(one.parameters)}) + b"\n"
        for one in sorted(controls, key=lambda one: one.id)
    )


def _shipped() -> Iterator[tuple[Traversable, Traversable]]:
    for domain in (files("collector") / "controls").iterdir():
        if domain.is_dir():
            yield from ((domain, file) for file in domain.iterdir() if file.name.endswith(".sql"))


def _read(file: Traversable, domain: str) -> Control:
    where = f"controls/{domain}/{file.name}"
    control = _parsed(file.read_text("utf-8"), domain=domain, where=where)
    if not file.name.startswith(f"{control.id}-"):
        raise UsageError(f"{where}: holds the control {control.id}, but is not named for it")
    return control


def _check_query(query: str, where: str) -> None:
    try:
        statements = duckdb.extract_statements(query)
    except duckdb.ParserException as error:
        raise UsageError(f"{where}: the query is not SQL: {error}") from error
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise UsageError(f"{where}: must hold one query (SELECT) and nothing else")


def _known(name: str, known: Collection[str], where: str, what: str) -> None:
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(sorted(known)) or 'none'}"
        raise UsageError(f"{where}: unknown {what} {name!r}; {hint}")


def _same_type(value: object, parameter: Parameter, where: str) -> None:
    """Like its default, in type: a text for a number would make every comparison in the rule mean something else."""
    alike = type(value) is type(parameter.default)
    if isinstance(value, list):
        alike = alike and all(isinstance(one, str) for one in value)
    if not alike:
        wanted = {int: "a whole number", str: "a text", list: "a list of texts"}[type(parameter.default)]
        raise UsageError(f"{where}: must be {wanted}, such as {parameter.default!r}, not {value!r}")
