"""GitHub's own descriptions of its interfaces, from npm as the lock names them; none of it is kept here."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

_PACKAGES = Path(__file__).parent / "npm"
_FOLDER = _PACKAGES / "node_modules" / "@octokit"
_OPENAPI = _FOLDER / "openapi" / "generated" / "ghec.json"
_SCHEMA = _FOLDER / "graphql-schema" / "schema.graphql"
_SECONDS = 300


class NoDescriptionsError(Exception):
    """They could not be had; the message says why."""


@cache
def openapi() -> dict[str, Any]:
    """The description of REST, with what only Enterprise Cloud has."""
    told: dict[str, Any] = json.loads(_fetched(_OPENAPI).read_bytes())
    return told


@cache
def graphql_schema() -> str:
    """The public schema of GraphQL, in its own language."""
    return _fetched(_SCHEMA).read_text(encoding="utf-8")


def _fetched(path: Path) -> Path:
    with (_PACKAGES / "package.json").open() as lock:
        # Several test processes may want them at once: one fetches, the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            _fetch()
    if not path.exists():
        raise NoDescriptionsError(f"npm did not bring {path.name}")
    return path


def _fetch() -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NoDescriptionsError("npm is not installed, so GitHub's own descriptions cannot be fetched")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        # The command is npm and constants.
        ended = subprocess.run(command, cwd=_PACKAGES, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as error:
        raise NoDescriptionsError(f"npm took longer than {_SECONDS} s") from error
    if ended.returncode:
        raise NoDescriptionsError(f"npm ci failed: {ended.stderr[-500:]}")
