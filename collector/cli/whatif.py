"""`collector whatif`: what a control would have said of a period under one rule. It seals nothing, and says so."""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from collector import registry
from collector.assess.controls import load_controls, with_parameters
from collector.assess.whatif import replaced
from collector.cli import display, options, periods
from collector.cli.register import tied
from collector.errors import UsageError
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from collector.assess.controls import Control
    from collector.period.engine import ControlPeriod

_COLUMNS = (
    "judged by", "control", "provider", "scope", "item", "carried in", "opened by", "closed by", "state at the end",
    "cause", "rule", "parameters",
)  # fmt: skip
_SEALED, _WHAT_IF = "the rules in force (sealed)", "WHAT-IF (not sealed)"


@click.command("whatif")
@click.argument("control_id", metavar="CONTROL")
@options.config_option
@options.archive_option
@periods.period_options
@click.option("--set", "values", metavar="NAME=VALUE", multiple=True, help="A parameter of the rule; repeatable.")
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV.")
def command(
    control_id: str,
    config_file: Path | None,
    archive_path: str | None,
    first: datetime,
    last: datetime,
    zone: str,
    values: tuple[str, ...],
    *,
    as_csv: bool,
) -> None:
    """Judge all sealed snapshots of a period once more under one rule: CONTROL as it is today, with these parameters.

    The deviations come twice: as they were judged by the rules in force then, which nothing changes, and as they would
    have been. What was sealed before the period is judged by this rule too, as far back as the archive goes: that tells
    what would have been carried in, and when it would have opened.
    """
    config = options.read_config(config_file, archive_path)
    control = _set(_known(with_parameters(load_controls(), config.controls), control_id), values)
    told = periods.told(config_file, archive_path, periods.period_of(first, last, zone))
    sealed = told.control(control_id)
    period, content = told.period, told.reader.content
    leaves, documents = replaced(control, told.leaves, content, period.end, registry.read_once())
    made = replace(told, leaves=leaves, content=lambda sha256: documents.get(sha256) or content(sha256))
    if control_id not in made.controls:
        raise UsageError(f"{control_id}: nothing was judged up to the end of this period")
    would = made.control(control_id)
    rows = [*_rows(_SEALED, sealed), *_rows(_WHAT_IF, would)]
    if as_csv:
        csv.writer(sys.stdout).writerows([_COLUMNS, *rows])
        return
    display.note(f"WHAT-IF: {control_id} by its rule of today, {dict(control.parameters)}; nothing of this is sealed")
    display.table(f"WHAT-IF {control_id}", _COLUMNS[:-2], [row[:-2] for row in rows])
    for name, found in ((_SEALED, sealed), (_WHAT_IF, would)):
        click.echo(f"{name}: {tied(found.register)}")


def _known(controls: list[Control], control_id: str) -> Control:
    found = [one for one in controls if one.id == control_id]
    if not found:
        raise UsageError(f"{control_id}: no rule of that name comes with this version; `collector controls` lists them")
    return found[0]


def _set(control: Control, values: tuple[str, ...]) -> Control:
    """The control with these parameters, each of the type of its default."""
    given: dict[str, Any] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text}: must be NAME=VALUE")
        given[name] = _typed(control.parameters.get(name), value)
    return with_parameters([control], {control.id: given})[0]


def _typed(default: object, value: str) -> object:
    if isinstance(default, int):
        return int(value) if value.isdecimal() else value
    return [part for part in value.split(",") if part] if isinstance(default, list) else value


def _rows(judged_by: str, found: ControlPeriod) -> Iterator[tuple[object, ...]]:
    for one in found.register.deviations:
        law = next(law for law in found.laws if law.first_leaf <= one.first.outcome <= law.last_leaf)
        closed = timestamp(one.closed_by) if one.closed_by else ""
        state = "open" if one.open else "closed"
        yield (
            judged_by, one.control, *one.item, "yes" if one.carried_in else "", timestamp(one.opened_by), closed,
            state, one.cause, law.rule, dict(law.parameters),
        )  # fmt: skip
