"""The simulated year, made once for all test processes, and its commands."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path  # noqa: TC003 - the dataclass below names it
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.cli.main import cli
from tests.doubles.year.almanac import END, START
from tests.doubles.year.cached import year as cached_year

if TYPE_CHECKING:
    from collector.archive.reader import Leaf

DAY = timedelta(days=1)
PERIOD = ("--from", f"{START:%Y-%m-%d}", "--to", f"{END - DAY:%Y-%m-%d}")


@dataclass
class Year:
    """What is sealed of the year, and what was done to the estate."""

    folder: Path
    told: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """What the program has said of each control."""

    @property
    def place(self) -> str:
        return str(self.folder / "evidence")

    @cached_property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.folder / "evidence"))

    @cached_property
    def leaves(self) -> list[Leaf]:
        return list(self.reader.leaves())

    @cached_property
    def figures(self) -> dict[str, Any]:
        made: dict[str, Any] = json.loads((self.folder / "year.json").read_text())
        return made

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [leaf.body for leaf in self.leaves if leaf.body["kind"] == kind]

    def rows(self, leaf: int) -> list[dict[str, Any]]:
        return trace.lines(self.reader, self.leaves[leaf].body["records"])

    def lines(self, cited: dict[str, Any]) -> list[dict[str, Any]]:
        return trace.lines(self.reader, cited)

    def said(self, *arguments: str) -> str:
        ended = CliRunner().invoke(cli, [*arguments, "--archive", self.place], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    def table(self, *arguments: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.said(*arguments, "--csv"))))

    def history(self, control: str, *items: str) -> list[dict[str, str]]:
        """What `collector history` says of the period: of all items, or of those that end so."""
        if control not in self.told:
            self.told[control] = self.table("history", control, *PERIOD)
        return [row for row in self.told[control] if not items or row["item"].endswith(items)]


@pytest.fixture(scope="session")
def year() -> Year:
    return Year(cached_year())
