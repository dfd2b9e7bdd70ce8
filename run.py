#!/usr/bin/env python3
"""Sets everything up and runs it: `python3 run.py demo` or `python3 run.py test`. Needs CPython 3.11+, nothing else.

Makes .venv from requirements.lock (every package pinned by hash) when it is missing or older than the lock.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "requirements.lock"
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
COMMANDS = {
    "demo": [str(PYTHON), "-m", "tests.doubles.demo"],
    "test": [str(PYTHON), "-m", "pytest"],
}


def install() -> None:
    """A virtual environment with what the lock names, and this checkout in it."""
    wanted = hashlib.sha256(LOCK.read_bytes() + (HERE / "pyproject.toml").read_bytes()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("setting up .venv from requirements.lock; this takes about a minute the first time", flush=True)
    venv.create(VENV, with_pip=True, clear=VENV.exists())
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    if uv := shutil.which("uv"):  # the same packages by the same hashes, in seconds
        pip = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    subprocess.run([*pip, "--require-hashes", "-r", str(LOCK)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(HERE)], check=True)
    stamp.write_text(wanted)


def main() -> int:
    """Run what was asked for; its exit code is ours."""
    if sys.version_info < (3, 11):
        print(f"this needs Python 3.11 or newer, and {sys.executable} is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        print(f"usage: python3 run.py {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    install()
    return subprocess.run([*COMMANDS[sys.argv[1]], *sys.argv[2:]], cwd=HERE, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        print(f"setting up failed: {' '.join(error.cmd[:5])} … ended with {error.returncode}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
