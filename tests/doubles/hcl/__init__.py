"""HashiCorp's own formatter of HCL, as WebAssembly from npm: what `terraform fmt` is made of."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = Path(__file__).parent
_SECONDS = 120


def formatter_missing() -> str:
    """Why it cannot run here; empty when it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    return "" if (_HERE / "node_modules" / "@cdktf" / "hcl-tools").is_dir() else f"run npm ci in {_HERE}"


def formatted(texts: Mapping[str, str]) -> dict[str, str]:
    """Each text as the formatter has it."""
    ended = subprocess.run(  # noqa: S603 - a constant command, and our own files
        ["node", str(_HERE / "format.js")],  # noqa: S607 - from the PATH
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise RuntimeError(f"the formatter ended with {ended.returncode}: {ended.stderr[-2000:]}")
    made: dict[str, str] = json.loads(ended.stdout)
    return made
