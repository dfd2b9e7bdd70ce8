"""AWS in the simulated year: one account, two regions, a dozen people, and what became of them."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.doubles.aws.clients import Account
from tests.doubles.aws.control import ask_moto_control
from tests.doubles.aws.process import AwsDouble, ended, endpoint
from tests.doubles.year import almanac, aws_ground
from tests.doubles.year.aws_script import Script
from tests.doubles.year.moment import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from tests.doubles.year.staff import Staff

_CONFIGURATION = "[aws]\nattempts = 2\n"


class AwsYear:
    """The running double, and the script that changes what is in it."""

    def __init__(self, double: AwsDouble, staff: Staff, chance: Random) -> None:
        self._double = double
        self.environment: Mapping[str, str] = double.environment
        self.configuration = _CONFIGURATION
        ask_moto_control(double.endpoint, f"seed?a={chance.randrange(1 << 16)}")
        tell(double.endpoint, almanac.at(-200), seeded=[])
        account = Account.management(double.endpoint)
        aws_ground.lay(account, double)
        self._script = Script(account, double, staff, chance)
        self.counts: Mapping[str, int] = {}

    def move(self, moment: datetime) -> None:
        """See `part.Estate`."""
        for happening in self._script.due(moment):
            tell(self._double.endpoint, happening.at, seeded=[])
            happening.do()
        self.counts = tell(self._double.endpoint, moment, seeded=self._script.standing(moment))

    def facts(self) -> Mapping[str, object]:
        """See `part.Estate`."""
        return {**self._script.facts, "requests": dict(self.counts)}


@contextlib.contextmanager
def running(staff: Staff, chance: Random, folder: Path) -> Iterator[AwsYear]:
    """Start the double, lay the ground, and end it on leaving."""
    errors = folder / "aws-double.txt"
    with errors.open("wb") as stderr:
        command = [sys.executable, "-m", "tests.doubles.year.aws_server"]
        process = subprocess.Popen(  # noqa: S603 - this interpreter and a constant
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
        with process:
            try:
                yield AwsYear(AwsDouble(endpoint(process, errors, almanac.PATIENCE_SECONDS), errors), staff, chance)
            finally:
                ended(process)
