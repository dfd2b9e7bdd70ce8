"""What many tests stand on: one seeded AWS double for each test process, and the program as a user starts it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path  # noqa: TC003 - the dataclass below names it
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from tests.doubles.aws.process import AwsDouble, running_aws

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Estate:
    """A running, seeded double and the manifest of what was seeded: the oracle for what must be found."""

    double: AwsDouble
    manifest: dict[str, Any]

    def account(self, name: str) -> str:
        """The id of an account by its name."""
        identity: str = self.manifest["accounts"][name]
        return identity


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True)
class Program:
    """The collector, as a user starts it: a process of its own in a folder of its own."""

    folder: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, **environment: str) -> Ended:
        ended = subprocess.run(  # noqa: S603 - this interpreter, and arguments of our own tests
            [sys.executable, "-m", "collector", *arguments],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """fsync(2) tells only after a loss of power, which no test has, and tests would mostly wait for the disk.

    In this process alone: programs that tests start sync as they do anywhere. That a store asks for it, and in which
    order, is held in tests/archive/test_local.py.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _uncollected() -> Iterator[None]:
    """What a connection to AWS collects when it closes is small beside all that a test process has to walk for it.

    In this process alone, like the above. Python's own schedule goes on.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "collect", lambda generation=2: 0)  # noqa: ARG005 - the library's own signature
        yield


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: a worker often waits for the programs and the doubles that it started."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes begin first: begun last, one of them would run alone while all else is done.

    The very first makes the simulated year. Who only reads it comes last, or would wait for it with work left to do.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    begins, reads_the_year = item.get_closest_marker("first"), "year" in getattr(item, "fixturenames", ())
    if begins:
        return 0 if reads_the_year else 1
    return 3 if reads_the_year else 2


@pytest.fixture(autouse=True)
def _unconfigured_logs() -> Iterator[None]:
    """A command that ran inside a test process must not decide what later tests hear of the log."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def seeded() -> Iterator[Estate]:
    with running_aws() as double:
        yield Estate(double, double.seed())


@pytest.fixture
def estate(seeded: Estate) -> Iterator[Estate]:
    """The seeded estate, answering well at first; what a test breaks is mended after it."""
    seeded.double.clear_faults()
    seeded.double.clear_requests()
    yield seeded
    seeded.double.clear_faults()


@pytest.fixture
def collector(estate: Estate, tmp_path: Path) -> Program:
    """The program, signed in to the estate's management account, with the role for the others configured."""
    (tmp_path / "collector.toml").write_text(
        f'[collect]\nthreads = 16\n[aws]\nrole = "{estate.manifest["role"]}"\ntimeout_seconds = 2\nattempts = 2\n'
    )
    return Program(tmp_path, estate.double.environment)
