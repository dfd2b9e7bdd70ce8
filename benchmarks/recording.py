"""Makes the tape of an estate: the double is seeded, collected from once through a recording proxy, and ended.

In a process of its own (`python -m benchmarks.recording SIZE TAPE`), since what it takes in memory must not count.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.running import ROLE, ROOT, configure, ended, environment, serving
from tests.doubles.aws.estate.size import DEMO, TENFOLD
from tests.doubles.aws.process import running_aws

SIZES = {"demo": DEMO, "tenfold": TENFOLD}
_THREADS = 8
_SOURCES = ("collector/source", "connectors", "tests/doubles/aws")


def tape_of(size: str) -> Path:
    """The tape of an estate of this size; made when there is none for this state of the connectors and the double."""
    tape = Path(tempfile.gettempdir()) / "evidence-benchmark" / f"{size}-{_state()}.tape"
    if not tape.exists():
        tape.parent.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "benchmarks.recording", size, str(tape)], cwd=ROOT, check=True)  # noqa: S603 - ours
    return tape


def record(size: str, tape: Path) -> None:
    """Seed, collect, and keep every answer."""
    with running_aws() as double, tempfile.TemporaryDirectory(prefix="recording-") as name:
        double.seed(SIZES[size], role=ROLE)
        folder = Path(name)
        configure(folder, _THREADS)
        unproved = tape.with_suffix(".unproved")
        with serving(unproved, "--record", double.endpoint) as proxy:
            ran = ended([sys.executable, "-m", "collector", "snapshot"], folder, environment(proxy))
        if ran.code:
            raise SystemExit(f"the collection to be recorded was incomplete ({ran.code}): {ran.errors}")
        unproved.replace(tape)


def _state() -> str:
    """What the questions and the answers follow from."""
    digest = hashlib.sha256((ROOT / "benchmarks" / "tape.py").read_bytes())
    for file in (file for source in _SOURCES for file in sorted((ROOT / source).rglob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


if __name__ == "__main__":
    record(sys.argv[1], Path(sys.argv[2]))
