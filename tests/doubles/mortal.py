"""The collector as a program that can be killed at a chosen put of its archive, by the bare end of its process.

One line of JSON on standard input is one command, `{folder, arguments, at, moment}`; one line on standard output says
how it ended, `{code, puts, out}`. Every command runs in a process of its own, forked from this one, which has imported
the product once and started no thread. `at` is the put to die at, counted from 0 (-1: live on); `moment` is `before`
that put, `within` it (the bytes are on disk and have no name yet), or `after` it.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from collector.archive.local import LocalStore
from collector.cli import main as cli

if TYPE_CHECKING:
    from collections.abc import Callable

KILLED = 137
_OUT, _PUTS = "out.txt", "puts.txt"


def serve() -> None:
    """Run the commands, one after the other."""
    for name in cli.COMMANDS:
        import_module(f"collector.cli.{name}")
    import_module("connectors.aws.connection")
    for line in sys.stdin:
        given = json.loads(line)
        folder = Path(given["folder"])
        (folder / _PUTS).write_text("")
        child = os.fork()
        if child == 0:
            _live(folder, given["arguments"], given["at"], given["moment"])
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        puts = (folder / _PUTS).read_text().splitlines()
        sys.stdout.write(json.dumps({"code": code, "puts": puts, "out": (folder / _OUT).read_text()}) + "\n")
        sys.stdout.flush()


def _live(folder: Path, arguments: list[str], at: int, moment: str) -> None:
    os.chdir(folder)
    out = os.open(_OUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    _mortal(at, moment)
    sys.argv = ["collector", *arguments]
    code: object = 0
    try:
        cli.main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - the last thing this process does is to show it
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)


def _mortal(at: int, moment: str) -> None:
    """Have the store die at that put; each put is noted before it begins, in the folder the process is in."""
    put, link = LocalStore.put_if_absent, Path.hardlink_to
    count, notes = 0, Path(_PUTS).absolute()

    def dying_put(store: LocalStore, key: str, content: bytes) -> bool:
        nonlocal count
        mine, count = count, count + 1
        with notes.open("a") as file:
            file.write(f"{key}\n")
        if (mine, moment) == (at, "before"):
            os._exit(KILLED)
        stored = put(store, key, content)
        if (mine, moment) == (at, "after"):
            os._exit(KILLED)
        return stored

    def dying_link(path: Path, target: Path | str) -> None:
        if (count - 1, moment) == (at, "within"):
            os._exit(KILLED)
        link(path, target)

    _replace(LocalStore, "put_if_absent", dying_put)
    _replace(Path, "hardlink_to", dying_link)


def _replace(owner: type, name: str, by: Callable[..., object]) -> None:
    setattr(owner, name, by)


if __name__ == "__main__":
    serve()
