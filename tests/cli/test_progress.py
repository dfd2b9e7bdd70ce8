"""What `collector verify` shows while it reads, on a terminal, and that it shows nothing elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from tests.archive.conftest import AT, ORIGIN, commit

if TYPE_CHECKING:
    from pathlib import Path


def test_a_terminal_shows_how_far_verification_has_come_and_a_pipe_does_not(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path / "evidence.keys", ORIGIN)
    archive = Archive.create(LocalStore(tmp_path / "evidence"), keys, AT)
    for number in range(3):
        commit(archive, f"r{number}", str(number))
    line = [sys.executable, "-m", "collector", "verify", "--archive", "evidence", "--json"]
    env = os.environ | {"TERM": "xterm"}
    ours, theirs = pty.openpty()
    with subprocess.Popen(line, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:  # noqa: S603 - ours
        os.close(theirs)
        assert process.stdout
        on_terminal = process.stdout.read()
        shown = b"".join(iter(lambda: read(ours), b"")).decode()
    os.close(ours)
    assert process.returncode == 0
    # It is drawn ten times a second, and so small a log is read between two of these.
    assert "contents" in shown
    assert "━" in shown
    assert "3/3" in shown
    piped = subprocess.run(line, cwd=tmp_path, capture_output=True, check=True)  # noqa: S603 - ours
    assert (piped.stdout, piped.stderr) == (on_terminal, b"")


def read(terminal: int) -> bytes:
    """Linux says EIO where nobody writes any more."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b""
