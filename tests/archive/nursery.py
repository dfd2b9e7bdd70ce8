"""A process that forks writers (writer.py), so that each of many begins at once: libraries are imported here, once.

It reads requests from standard input, a line of JSON each, and answers each by a number: `{"start": [ARGUMENTS],
"environment": {}, "out": FILE, "err": FILE}` by the new writer's process id, `{"end": ID}` by how that writer ended
when it was killed. When its input ends, it kills those that are left.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from collector.archive import held

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Nursery:
    """The test's end of it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.archive.nursery"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def start(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path) -> int:
        return self._asked({"start": arguments, "environment": environment, "out": str(out), "err": str(err)})

    def end(self, writer: int) -> int:
        """Kill it, and wait until it is gone. What it ended with, negative for a signal."""
        return self._asked({"end": writer})

    def _asked(self, request: dict[str, Any]) -> int:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def main() -> None:
    # Contents of the crowd are all different, so whoever looks back for them looks in vain: a few commits will do.
    held.COMMITS = 8
    from collector.archive import azure, gcs, s3  # noqa: F401, PLC0415 - imported before anybody forks

    running: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            running.add(number := forked(request))
        else:
            running.remove(request["end"])
            number = ended(request["end"])
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
    for writer in running:
        ended(writer)


def forked(request: dict[str, Any]) -> int:
    writer = os.fork()
    if writer:
        return writer
    code = 1
    try:
        for descriptor, name in enumerate((os.devnull, request["out"], request["err"])):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), descriptor)
        os.environ.update(request["environment"])
        from .writer import main as write  # noqa: PLC0415 - in the writer alone

        write(*request["start"])
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may come back into the nursery's own loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def ended(writer: int) -> int:
    os.kill(writer, signal.SIGKILL)
    _, status = os.waitpid(writer, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    main()
