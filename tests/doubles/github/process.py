"""The double as a process of its own, for tests and for the demo."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.control import ask_control

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

READY = "listening on "
_ROOT = Path(__file__).parents[3]
_START_SECONDS = 60
_STOP_SECONDS = 5


@dataclass(slots=True)
class GithubDouble:
    """A running double: where it is, what opens it, what it holds, how it fails."""

    url: str
    """The base of REST; GraphQL is at /graphql under it, and both under /api/v3 and /api as on an Enterprise Server."""
    credentials: dict[str, Any] = field(default_factory=dict)
    """token; app_id, client_id, installation_id and private_key (PEM)."""
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def token(self) -> str:
        """An owner's personal token, which may read everything."""
        token: str = self.credentials["token"]
        return token

    def fault(self, fault: str, **rule: Any) -> None:
        """Add one rule to the fault plan; see `tests.doubles.github.faults.Rule` for its fields."""
        self.control("POST", "faults", [{"fault": fault, **rule}])

    def faults(self) -> list[dict[str, Any]]:
        """The rules in force, with how often each has fired: a test's proof that its fault was met."""
        fired: list[dict[str, Any]] = self.control("GET", "faults")
        return fired

    def requests(self) -> list[dict[str, Any]]:
        """Every kind of request seen, with its count."""
        seen: list[dict[str, Any]] = self.control("GET", "requests")
        return seen

    def move(self, **planned: Any) -> None:
        """Plan what happens between pages; see `tests.doubles.github.moving.plan_move`."""
        self.control("POST", "moves", [planned])

    def happen(self, do: str, repo: str, **more: Any) -> dict[str, Any]:
        """Let it happen now, and learn what changed."""
        changed: dict[str, Any] = self.control("POST", "happen", {"do": do, "repo": repo, **more})
        return changed

    def permit(self, permissions: Mapping[str, str]) -> None:
        """What the installation may do from now on: permission names and levels."""
        self.control("POST", "permissions", dict(permissions))

    def mend(self) -> None:
        """Faults, moves, limits, plan, permissions and the installation as at first; the journal empty."""
        self.control("POST", "mend")

    def control(self, method: str, name: str, given: object = None) -> Any:
        """Call one of the double's own endpoints."""
        return ask_control(self.url, method, name, given)


@contextlib.contextmanager
def running_github(
    size: str = "small", *, plan: str = "enterprise", seed: int = 42, end: datetime | None = None
) -> Iterator[GithubDouble]:
    """Start a double, wait until it answers, and end it on leaving."""
    command = [
        sys.executable,
        "-m",
        "tests.doubles.github",
        "--leashed",
        "--size",
        size,
        "--plan",
        plan,
        "--seed",
        str(seed),
    ]
    command += ["--end", end.isoformat()] if end else []
    with tempfile.TemporaryDirectory(prefix="github-double-") as folder:
        errors = Path(folder) / "stderr"
        with errors.open("wb") as stderr:
            # The command is this interpreter and constants.
            process = subprocess.Popen(  # noqa: S603
                command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
            with process:
                try:
                    double = GithubDouble(_url(process, errors))
                    double.credentials = double.control("GET", "credentials")
                    double.manifest = double.control("GET", "manifest")
                    yield double
                finally:
                    _end(process)


def _url(process: subprocess.Popen[str], errors: Path) -> str:
    too_late = threading.Timer(_START_SECONDS, process.kill)
    too_late.start()
    line = process.stdout.readline() if process.stdout else ""
    too_late.cancel()
    if not line.startswith(READY):
        raise RuntimeError(f"the GitHub double did not start: {errors.read_text()[-2000:]}")
    return line.removeprefix(READY).strip()


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
