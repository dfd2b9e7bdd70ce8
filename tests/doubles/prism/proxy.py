"""Prism, of npm, between a client and a server: what is not as an OpenAPI description says is answered with an error.

Prism is a server that this project did not write: a request that it lets through is one that GitHub describes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROGRAM = Path(__file__).parent / "node_modules" / ".bin" / "prism"
_START_SECONDS = 120


def prism_missing() -> str:
    """Why it cannot run here; empty when it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if _PROGRAM.exists() else f"run npm ci in {_PROGRAM.parents[2]}"


@contextlib.contextmanager
def validating(description: dict[str, Any], upstream: str) -> Iterator[str]:
    """The address of a proxy before `upstream` that lets through only what is described."""
    with TemporaryDirectory(prefix="prism-") as folder:
        file, said = Path(folder) / "description.json", Path(folder) / "said"
        file.write_text(json.dumps(description))
        port = _free_port()
        command = [str(_PROGRAM), "proxy", str(file), upstream, "--errors", "-h", "127.0.0.1", "-p", str(port)]
        with said.open("wb") as out:
            # The command is the program, our own file and an address on loopback.
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)  # noqa: S603
            with process:
                try:
                    _wait(process, port, said)
                    yield f"http://127.0.0.1:{port}"
                finally:
                    process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int, said: Path) -> None:
    last = time.monotonic() + _START_SECONDS
    while time.monotonic() < last and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise RuntimeError(f"Prism did not start: {said.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        return port
