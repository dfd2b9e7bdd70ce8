"""The whole seeded estate, collected twice and sealed: made once in a test session, for all its workers to read."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from collector import trace
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from tests.conftest import Ended, Program
from tests.doubles.aws.process import running_aws

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from collector.archive.reader import Leaf

ROLE = "EvidenceCollector"
SNAPSHOTS = 125
"""Of one run: each type in each of three accounts, but for two types that are of the whole organisation."""
CONFIGURATION = f'[collect]\nthreads = 16\n[aws]\nrole = "{ROLE}"\ntimeout_seconds = 20\nattempts = 2\n'


@dataclass(frozen=True)
class Archive:
    """One sealed archive, in the folder of the program that made it. Who changes anything in it works on a copy."""

    folder: Path

    @property
    def program(self) -> Program:
        """The program in this folder, without any credentials: whatever it shows comes from the archive."""
        return Program(self.folder, {})

    @property
    def path(self) -> Path:
        return self.folder / "evidence"

    @cached_property
    def reader(self) -> Reader:
        return Reader(LocalStore(self.path))

    @cached_property
    def leaves(self) -> list[Leaf]:
        return list(self.reader.leaves())

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        """The bodies of all leaves of a kind, oldest first."""
        return [leaf.body for leaf in self.leaves if leaf.body["kind"] == kind]

    def rows(self, evidence: str, account: str) -> list[dict[str, Any]]:
        """The records of the newest snapshot of a type in an account; empty where it was not read."""
        found = [one.body for one in trace.newest(self.leaves, evidence) if one.body["unit"] == account]
        return [row for body in found for row in trace.lines(self.reader, body["records"])]

    def outcomes(self, control: str) -> list[dict[str, Any]]:
        """What was said of each item under a control, last time."""
        leaves = [body for body in self.of_kind("outcome") if body["control"] == control]
        return trace.lines(self.reader, leaves[-1]["outcomes"])

    def copy(self, to: Path) -> Archive:
        return Archive(shutil.copytree(self.folder, to))


@dataclass(frozen=True)
class Oracle:
    """What was seeded, what was found, and what was asked for it."""

    manifest: dict[str, Any]
    once: Archive
    """After one collection."""
    twice: Archive
    """A copy of it after another collection, of the same estate a moment later."""
    first: Ended
    second: Ended
    requests: list[dict[str, Any]]
    """What the double saw during the first collection."""
    doctor: Ended
    """`collector doctor` on the same estate."""
    asked_by_doctor: list[dict[str, Any]]
    """What the double saw during it."""

    def account(self, name: str) -> str:
        identity: str = self.manifest["accounts"][name]
        return identity


def oracle_of(factory: pytest.TempPathFactory) -> Oracle:
    """The oracle; whichever worker comes first makes it, the others wait for it."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = root / "oracle"
    with (root / "oracle.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "facts.json").exists():
            _make(folder)
    facts = json.loads((folder / "facts.json").read_text())
    facts |= {name: Ended(**facts[name]) for name in ("first", "second", "doctor")}
    return Oracle(once=Archive(folder / "once"), twice=Archive(folder / "twice"), **facts)


def _make(folder: Path) -> None:
    # No test can have changed this double: it lives no longer than it takes to collect from it.
    with running_aws() as double:
        manifest = double.seed(role=ROLE)
        once = folder / "once"
        once.mkdir(parents=True)
        (once / "collector.toml").write_text(CONFIGURATION)
        double.clear_requests()
        first = Program(once, double.environment)("snapshot")
        requests = double.requests()
        twice = shutil.copytree(once, folder / "twice")
        second = Program(twice, double.environment)("snapshot")
        double.clear_requests()
        aside = folder / "doctor"
        aside.mkdir()
        (aside / "collector.toml").write_text(CONFIGURATION)
        doctor = Program(aside, double.environment)("doctor")
        asked = double.requests()
    facts = {
        "manifest": manifest,
        "requests": requests,
        "asked_by_doctor": asked,
        "first": asdict(first),
        "second": asdict(second),
        "doctor": asdict(doctor),
    }
    (folder / "facts.json").write_text(json.dumps(facts))
