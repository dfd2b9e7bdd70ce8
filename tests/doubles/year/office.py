"""What the company's own people put into a folder: HR's nightly export, the map of accounts, the scope register."""

from __future__ import annotations

import contextlib
import csv
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tests.doubles.year import almanac
from tests.doubles.year.almanac import at
from tests.doubles.year.staff import FORGOTTEN, FORGOTTEN_LOGIN, SERVICES, Staff

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from random import Random

_FOLDER = Path("office")
_ROSTER, _CLAIMS, _REGISTER = (_FOLDER / f"{name}.csv" for name in ("roster", "accounts", "scope"))
_KNOWN_BEFORE = timedelta(days=14)
"""So long before it HR knows of somebody's last day."""
IN_SCOPE = (almanac.ACCOUNT, "northwind/api", "northwind/web", "northwind/billing")
EXCLUDED = {"northwind/attic": "archived, nothing is released from it", "northwind/blank": "empty, kept for its name"}
UNCLASSIFIED = "northwind/infra"
"""Which nobody has decided on."""
_WATCH = """
[[{table}.watch]]
type = "{kind}"
path = "{path}"
owner = "{owner}"
approved_by = "{approver}"
fresh_hours = {hours}
"""


class OfficeYear:
    """The folder."""

    environment: Mapping[str, str] = {}
    configuration = (
        '[hris]\ncompany = "northwind"\n'
        + _WATCH.format(table="hris", kind="hris.roster", path=_ROSTER, owner="People team", approver="CFO", hours=48)
        + _WATCH.format(table="hris", kind="hris.account_map", path=_CLAIMS, owner="IT", approver="CISO", hours=0)
        + '[records]\ncompany = "northwind"\n'
        + _WATCH.format(
            table="records", kind="records.scope_register", path=_REGISTER, owner="Security", approver="CISO", hours=0
        )
    )

    def __init__(self, staff: Staff) -> None:
        self._staff = staff
        self._people = {name: str(number) for number, name in enumerate(staff.joined, 1)}
        _FOLDER.mkdir()
        _write(_CLAIMS, at(-30), ("account", "account_provider", "kind", "person_id"), list(self._claims()))
        columns = ("unit_id", "decision", "reason", "approved_by", "valid_from", "valid_to")
        _write(_REGISTER, at(-30), columns, list(_decisions()))

    def move(self, moment: datetime) -> None:
        """See `part.Estate`: last night's export."""
        night = moment.replace(hour=1, minute=0)
        night -= timedelta(days=night > moment)
        columns = ("person_id", "name", "work_email", "start_date", "end_date")
        _write(_ROSTER, night, columns, list(self._employed(night)))

    def facts(self) -> Mapping[str, object]:
        """See `part.Estate`."""
        return {
            "people": self._people,
            "last_days": {name: self._staff.last_day(name) for name in self._staff.left},
        }

    def _employed(self, night: datetime) -> Iterator[Sequence[str]]:
        for name, joined in self._staff.joined.items():
            last = self._staff.last_day(name)
            known = last is not None and last <= (night + _KNOWN_BEFORE).date()
            if joined <= night:
                address, given = f"{name}@northwind.example", name.replace(".", " ").title()
                yield self._people[name], given, address, f"{joined:%Y-%m-%d}", f"{last}" if known else ""

    def _claims(self) -> Iterator[Sequence[str]]:
        for name, number in self._people.items():
            yield name, "aws", "person", number
        for name, owner in SERVICES.items():
            yield name, "aws", "service", self._people[owner]
        yield FORGOTTEN_LOGIN, "github", "person", self._people[FORGOTTEN]


def _decisions() -> Iterator[Sequence[str]]:
    since, until = f"{almanac.INSTALLED:%Y-%m-%d}", f"{almanac.END + timedelta(days=90):%Y-%m-%d}"
    for unit in IN_SCOPE:
        yield unit, "in_scope", "runs or builds the service", "CISO", since, until
    for unit, reason in EXCLUDED.items():
        yield unit, "excluded", reason, "CISO", since, until


def _write(file: Path, made: datetime, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([columns, *rows])
    os.utime(file, (made.timestamp(), made.timestamp()))


@contextlib.contextmanager
def running(staff: Staff, _chance: Random, _folder: Path) -> Iterator[OfficeYear]:
    """The folder lies in the year's own, which is the working directory."""
    yield OfficeYear(staff)
