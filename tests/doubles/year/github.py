"""GitHub in the simulated year: a small organisation whose pull requests, runs and alerts come about day by day."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

from tests.doubles.aws.process import ended, endpoint
from tests.doubles.github.process import GithubDouble
from tests.doubles.year import almanac
from tests.doubles.year.moment import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from random import Random

    from tests.doubles.year.staff import Staff

_ADDRESS = "http://127.0.0.2/api/v3"
"""Nobody listens there: the double is reached as the proxy that leads to it, and so has one address in every year."""
_CONFIGURATION = f"""\
[github]
base_url = "{_ADDRESS}"
organisations = ["northwind"]
attempts = 2
"""


class GithubYear:
    """The running double."""

    configuration = _CONFIGURATION

    def __init__(self, double: GithubDouble) -> None:
        self._double = double
        token: str = double.control("GET", "credentials")["token"]
        # Not http_proxy: AWS's own library would take that one for a part of its calls.
        self.environment: Mapping[str, str] = {"GITHUB_TOKEN": token, "all_proxy": double.url}

    def move(self, moment: datetime) -> None:
        """See `part.Estate`."""
        tell(self._double.url, moment)

    def facts(self) -> Mapping[str, object]:
        """See `part.Estate`."""
        asked = Counter[str]()
        for one in self._double.requests():
            asked[one["operation"]] += one["count"]
        return {"manifest": self._double.control("GET", "manifest"), "requests": {"asked": asked.total()}}


@contextlib.contextmanager
def running(_staff: Staff, chance: Random, folder: Path) -> Iterator[GithubYear]:
    """Start the double, and end it on leaving."""
    errors = folder / "github-double.txt"
    command = [sys.executable, "-m", "tests.doubles.year.github_server", "--seed", str(chance.randrange(1 << 16))]
    with errors.open("wb") as stderr:
        process = subprocess.Popen(  # noqa: S603 - this interpreter and constants
            [*command, "--end", almanac.END.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        with process:
            try:
                yield GithubYear(GithubDouble(endpoint(process, errors, almanac.PATIENCE_SECONDS)))
            finally:
                ended(process)
