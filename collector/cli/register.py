"""`collector register`: every deviation of a period, those that were mended before anyone came too."""

from __future__ import annotations

import csv
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from collector.cli import display, options, periods
from collector.cli.clues import in_words
from collector.normalise import timestamp

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from collector.period.exceptions import Granted
    from collector.period.intervals import Look
    from collector.period.laws import Change
    from collector.period.register import Deviation, Register

_COLUMNS = (
    "id", "control", "provider", "scope", "item", "carried in", "opened after", "opened by", "detected",
    "closed after", "closed by", "state at the end", "at least (hours)", "at most (hours)", "not looked (hours)",
    "cause", "closed because", "rule changed", "log of the provider", "exception", "found cause", "owner", "response",
    "evidence before", "first evidence", "last evidence", "evidence after",
)  # fmt: skip
_SHOWN = ("id", "item", "opened by", "closed by", "state at the end", "at least (hours)", "at most (hours)", "cause",
          "exception", "owner")  # fmt: skip
_HOUR = timedelta(hours=1)


@click.command("register")
@click.argument("controls", metavar="[CONTROL…]", nargs=-1)
@options.config_option
@options.archive_option
@periods.period_options
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, with every column.")
def command(
    controls: tuple[str, ...],
    config_file: Path | None,
    archive_path: str | None,
    first: datetime,
    last: datetime,
    zone: str,
    *,
    as_csv: bool,
) -> None:
    """Show the register of deviations of CONTROLs, or of all, over a period.

    A deviation was opened between the last look that shows none and the first that shows it, and closed likewise; the
    numbers of the evidence leaves stand beside. What was closed stays. Carried in + opened - closed = open. Exceptions
    and responses stand beside a deviation and change no count. Nothing can take a row out: all follows from what is
    sealed.
    """
    found = periods.told(config_file, archive_path, periods.period_of(first, last, zone))
    over = [found.control(one) for one in controls or found.controls]
    registers = [one.register for one in over]
    rows = [_row(one) for register in registers for one in register.deviations]
    if as_csv:
        csv.writer(sys.stdout).writerows([_COLUMNS, *rows])
        return
    places = [_COLUMNS.index(name) for name in _SHOWN]
    for one in over:
        mine = [row for row in rows if row[1] == one.control]
        display.table(one.control, _SHOWN, [[row[place] for place in places] for row in mine])
        click.echo(f"{one.register.control}: {tied(one.register)}")
        for change in one.changes:
            click.echo(_changed(change))


def tied(register: Register) -> str:
    """The totals of a register, and whether they tie."""
    counts = (register.carried_in, register.opened, register.closed, register.open)
    ties = "ties" if register.ties else "DOES NOT TIE"
    return "carried in {} + opened {} - closed {} = open {}: {}".format(*counts, ties)


def _changed(change: Change) -> str:
    """When the rule changed within the period, how, and who approved it."""
    told = [f"{name} {before} -> {after}" for name, (before, after) in change.parameters.items()]
    told += [f"the text, {change.before.rule[:16]} -> {change.after.rule[:16]}"] if change.text else []
    approved = f"approved by {change.approved_by}" if change.approved_by else "no approver is stated"
    return f"{change.after.place + 1}. rule from {timestamp(change.at)} on: {'; '.join(told)}; {approved}"


def _row(one: Deviation) -> tuple[object, ...]:
    return (
        one.id, one.control, *one.item, "yes" if one.carried_in else "", _at(one.opened_after), _at(one.opened_by),
        _at(one.detected), _at(one.closed_after), _at(one.closed_by), "open" if one.open else "closed",
        _hours(one.least), _hours(one.most), _hours(one.unseen), one.cause, one.closed_because, _by_rule(one),
        in_words(opened=one.opening, closed=one.closing), "; ".join(map(_exception, one.exceptions)),
        one.found_cause or "", one.owner or "", one.response or "",
        *map(_leaves, (one.before, one.first, one.last, one.after)),
    )  # fmt: skip


def _at(moment: datetime | None) -> str:
    return timestamp(moment) if moment else ""


def _hours(length: timedelta | None) -> str:
    return "" if length is None else f"{length / _HOUR:.1f}"


def _by_rule(one: Deviation) -> str:
    told = [word for word, changed in (("opened", one.opened_by_rule), ("closed", one.closed_by_rule)) if changed]
    return " and ".join(told)


def _exception(one: Granted) -> str:
    return f"leaf {one.leaf}: {one.reason}, approved by {one.approver}, until {timestamp(one.expires)}"


def _leaves(look: Look | None) -> str:
    return " ".join(map(str, look.leaves)) if look else ""
