"""What every command about a period asks for, and what it opens to answer: the log, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import click

from collector.archive.reader import Reader
from collector.cli import options
from collector.errors import UsageError
from collector.period.engine import control_over, newest
from collector.period.history import about
from collector.period.narrowed import Log
from collector.period.span import Period

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from collector.period.engine import ControlPeriod
    from collector.period.looks import Leaf

F = TypeVar("F", bound="Callable[..., object]")
DAY = click.DateTime(["%Y-%m-%d"])


def period_options(command: F) -> F:
    """`--from`, `--to` and `--zone`."""
    command = click.option(
        "--zone", default="UTC", show_default=True, help="The time zone of the period: its edges are midnights there."
    )(command)
    command = click.option("--to", "last", type=DAY, required=True, help="Its last day.")(command)
    return click.option("--from", "first", type=DAY, required=True, help="The first day of the period.")(command)


def period_of(first: datetime, last: datetime, zone: str) -> Period:
    """The period that the options state."""
    return Period.of(first.date(), last.date(), zone)


@dataclass
class Told:
    """All that an archive tells of a period."""

    reader: Reader
    period: Period
    leaves: list[Leaf]
    content: Callable[[str], bytes]
    """Gives a sealed document by its SHA-256."""

    @cached_property
    def as_of(self) -> datetime:
        """When its newest leaf was made."""
        return newest(self.leaves)

    @cached_property
    def log(self) -> Log:
        """The providers' own logs in it."""
        return Log(self.leaves, self.content)

    @cached_property
    def controls(self) -> list[str]:
        """Every control that anything was ever judged under."""
        return sorted({body["control"] for _, body in self.leaves if body["kind"] == "outcome"})

    def control(self, control: str) -> ControlPeriod:
        """One control over the period; UsageError for one of which nothing was judged."""
        if control not in self.controls:
            raise UsageError(f"{control}: nothing was judged under a control of that name; there are: {self.known}")
        leaves = about(control, lambda: iter(self.leaves))
        return control_over(control, leaves, self.content, self.period, self.as_of, self.log)

    @property
    def known(self) -> str:
        """The controls in words."""
        return ", ".join(self.controls) or "none"


def told(config_file: Path | None, archive_path: str | None, period: Period) -> Told:
    """Open the archive and read its log."""
    reader = Reader(options.store(options.read_config(config_file, archive_path)))
    return Told(reader, period, [(leaf.index, leaf.body) for leaf in reader.leaves()], reader.content)
