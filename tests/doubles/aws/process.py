"""The double as a process of its own, for tests and for the demo."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.clients import HOME_REGION, MANAGEMENT_KEY
from tests.doubles.aws.control import ask_control
from tests.doubles.aws.estate.build import seed_estate
from tests.doubles.aws.estate.size import DEMO, Size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_ROOT = Path(__file__).parents[3]
_READY = "listening on "
_START_SECONDS = 30
_STOP_SECONDS = 5


class AwsDouble:
    """A running double: where it is, what it holds, how it fails."""

    def __init__(self, endpoint: str, errors: Path) -> None:
        self.endpoint = endpoint
        self.errors = errors

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead any plain boto3 to this double, and nowhere else."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            # boto3 puts the account id before this host; as part of a user name it changes no address.
            "AWS_ENDPOINT_URL_S3_CONTROL": self.endpoint.replace("//", "//double@"),
            "AWS_ACCESS_KEY_ID": MANAGEMENT_KEY,
            "AWS_SECRET_ACCESS_KEY": "loopback-only",
            "AWS_DEFAULT_REGION": HOME_REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def seed(self, size: Size = DEMO, *, role: str = "EvidenceCollector") -> dict[str, Any]:
        """Fill the double with the estate and return its manifest."""
        return seed_estate(self.endpoint, size, role=role)

    def fault(self, fault: str = "", *, match: Mapping[str, str], **rule: Any) -> None:
        """Add one rule to the fault plan; see `tests.doubles.aws.faults.Rule` for its fields."""
        self.control("POST", "faults", [{"match": dict(match), "fault": fault, **rule}])

    def clear_faults(self) -> None:
        """Answer well again."""
        self.control("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """The rules in force, with how often each has fired: a test's proof that its fault was met."""
        fired: list[dict[str, Any]] = self.control("GET", "faults")
        return fired

    def guard(self, *, on: bool = True) -> None:
        """Let IAM users and assumed roles do only what their policies allow; see `tests.doubles.aws.permits`."""
        self.control("POST", "guard", given=on)

    def requests(self) -> list[dict[str, Any]]:
        """Every kind of request seen, with its count."""
        seen: list[dict[str, Any]] = self.control("GET", "requests")
        return seen

    def clear_requests(self) -> None:
        """Start counting anew."""
        self.control("DELETE", "requests")

    def add_seeded(self, kind: str, account: str, region: str, items: Sequence[Mapping[str, Any]]) -> None:
        """Give a supplement more items, such as an event or a backup job that has just come about."""
        batch = {"kind": kind, "account": account, "region": region, "items": list(items)}
        self.control("POST", "seeded", [batch])

    @contextlib.contextmanager
    def seeded_besides(
        self, kind: str, account: str, region: str, items: Sequence[Mapping[str, Any]]
    ) -> Iterator[None]:
        """Give a supplement more items, and take them back."""
        self.add_seeded(kind, account, region, items)
        try:
            yield
        finally:
            batch = {"kind": kind, "account": account, "region": region, "items": list(items)}
            self.control("POST", "unseeded", [batch])

    def reset(self) -> None:
        """Empty the double: estate, faults and journal."""
        self.control("POST", "reset")

    def control(self, method: str, name: str, given: object = None) -> Any:
        """Call one of the double's own endpoints."""
        return ask_control(self.endpoint, method, name, given)


@contextlib.contextmanager
def running_aws(port: int = 0) -> Iterator[AwsDouble]:
    """Start a double, wait until it answers, and end it on leaving."""
    command = [sys.executable, "-m", "tests.doubles.aws.server", "--port", str(port), "--leashed"]
    with tempfile.TemporaryDirectory(prefix="aws-double-") as folder:
        errors = Path(folder) / "stderr"
        with errors.open("wb") as stderr:
            # The command is this interpreter and a constant.
            process = subprocess.Popen(  # noqa: S603
                command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True
            )
            with process:
                try:
                    yield AwsDouble(endpoint(process, errors), errors)
                finally:
                    ended(process)


def endpoint(process: subprocess.Popen[str], errors: Path, seconds: float = _START_SECONDS) -> str:
    """Where a double that was just started says that it listens."""
    too_late = threading.Timer(seconds, process.kill)
    too_late.start()
    line = process.stdout.readline() if process.stdout else ""
    too_late.cancel()
    if not line.startswith(_READY):
        raise RuntimeError(f"the AWS double did not start: {errors.read_text()[-2000:]}")
    return line.removeprefix(_READY).strip()


def ended(process: subprocess.Popen[str]) -> None:
    """End a double."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
