from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from tests.cli.oracle import oracle_of
from tests.conftest import Ended, Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.oracle import Archive, Oracle
    from tests.conftest import Estate


@pytest.fixture(scope="session")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Oracle:
    return oracle_of(tmp_path_factory)


@dataclass(frozen=True)
class Inside:
    """The same commands without a process of their own, which costs half a second each: for what only reads."""

    archive: Archive

    def __call__(self, command: str, *arguments: str) -> Ended:
        given = [command, *arguments, "--archive", str(self.archive.path)]
        result = CliRunner().invoke(cli, given, catch_exceptions=False)
        return Ended(result.exit_code, result.stdout, result.stderr)


@pytest.fixture(scope="session")
def inside(oracle: Oracle) -> Inside:
    """Reads the archive of one collection."""
    return Inside(oracle.once)


@pytest.fixture
def bare(estate: Estate, tmp_path: Path) -> Program:
    """The program as a newcomer has it: credentials in the environment, and an empty folder."""
    return Program(tmp_path, estate.double.environment)
