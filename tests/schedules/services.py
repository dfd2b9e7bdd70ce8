"""Services with a short day, started and ended at will: see `fast`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.archive import pin
from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.turn import ledger_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.archive.report import Report
    from collector.ledger import Ledger

ROOT = Path(__file__).parents[2]
PATIENCE = 90


class Services:
    """The archive of one folder, and whoever serves it."""

    def __init__(self, folder: Path, forking: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._forking = forking

    def start(self, *options: object) -> int:
        """A service's process id."""
        return int(self._asked(start=[str(one) for one in options])["pid"])

    def end(self, service: int, number: signal.Signals = signal.SIGTERM) -> int:
        """Its exit code; negative, if the signal ended it."""
        return int(self._asked(end=service, signal=number)["code"])

    def logged(self, service: int, event: str) -> list[dict[str, Any]]:
        """The lines of its log about an event. The last one may have been cut off."""
        log = self.folder / f"{service}.log"
        whole = log.read_text().rpartition("\n")[0].splitlines() if log.exists() else []
        return [one for one in map(json.loads, whole) if one["event"] == event]

    @property
    def store(self) -> LocalStore:
        return LocalStore(self.folder / "evidence")

    @property
    def made(self) -> bool:
        """Whether there is an archive yet."""
        return any(self.folder.glob("evidence/log/*.seg"))

    @property
    def ledger(self) -> Ledger:
        return ledger_of(self.store)

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        leaves = Reader(self.store).leaves() if self.made else iter(())
        return [leaf.body for leaf in leaves if leaf.body["kind"] == kind]

    def verified(self) -> Report:
        keys = self.folder / "evidence.keys"
        return verify(self.store, (keys / "log.pub").read_text().strip(), pin.read(keys))

    def _asked(self, **wanted: object) -> dict[str, Any]:
        assert self._forking.stdin
        assert self._forking.stdout
        self._forking.stdin.write(json.dumps(wanted) + "\n")
        self._forking.stdin.flush()
        answer: dict[str, Any] = json.loads(self._forking.stdout.readline())
        return answer


@contextmanager
def services(folder: Path, configuration: str) -> Iterator[Services]:
    """Nobody serves yet; whoever still does at the end is killed."""
    (folder / "collector.toml").write_text(configuration)
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", "tests.schedules.fast", str(folder), "--forks"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as process:
        try:
            yield Services(folder, process)
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def until(seen: Callable[[], object], what: str) -> None:
    """Wait for something that the services do by themselves."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end, f"{what}: not within {PATIENCE} s"
        time.sleep(0.05)
