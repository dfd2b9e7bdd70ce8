"""The year, made once for a state of the sources, however many test processes want it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_SOURCES = ("collector", "connectors", "schedules", "tests/doubles/aws", "tests/doubles/github", "tests/doubles/year")
_NO_SOURCE = {"__pycache__", "node_modules"}
_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own in it, that nobody else may enter
SEED = 1


def year(seed: int = SEED, *, tell: bool = False) -> Path:
    """The folder of the year: collector.toml, the archive and its keys, `year.json`. It is not to be changed.

    Whoever comes while another makes it waits. It is moved to its place when it is whole.
    """
    home = Path(tempfile.gettempdir()) / f"evidence-year-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    if home.stat().st_uid != os.getuid():
        raise PermissionError(f"{home} belongs to somebody else")
    folder = home / f"{_state()}-{seed}"
    with (home / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            made(folder, seed, tell=tell)
    return folder


def made(folder: Path, seed: int, *arguments: str, tell: bool = False) -> None:
    """Make a year there, in a process of its own: it needs a working directory, an environment and memory for itself.

    It is made in memory where there is some: every commit waits for the disk several times.
    """
    fast = _MEMORY if os.access(_MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="evidence-year-", dir=fast) as scratch:
        unfinished = Path(scratch) / "year"
        command = [sys.executable, "-m", "tests.doubles.year", str(unfinished), "--seed", str(seed), *arguments]
        heard = None if tell else subprocess.PIPE
        ended = subprocess.run(  # noqa: S603 - this interpreter, and arguments of our own
            command, cwd=_ROOT, stdout=heard, stderr=subprocess.PIPE, text=True, check=False
        )
        if ended.returncode:
            raise RuntimeError(f"the year could not be made: {ended.stderr[-4000:]}")
        moving = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(moving, ignore_errors=True)
        shutil.copytree(unfinished, moving)
        moving.rename(folder)


def _state() -> str:
    """What the year follows from."""
    digest = hashlib.sha256((_ROOT / "requirements.lock").read_bytes())
    for source in _SOURCES:
        for file in sorted((_ROOT / source).rglob("*")):
            if file.is_file() and file.suffix != ".md" and _NO_SOURCE.isdisjoint(file.parts):
                digest.update(str(file.relative_to(_ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
