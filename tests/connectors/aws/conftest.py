"""One seeded AWS on loopback for each xdist worker, and `gather`: the unchanged connector run against it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import pytest

from collector import canonical
from collector.cli.options import outside
from collector.collect import collect
from collector.connector import Surroundings
from collector.engine.pool import Pool
from collector.plan import plan, shared_needs
from collector.redact import Redactor
from collector.registry import load
from connectors.aws.settings import AwsSettings
from tests.doubles.aws.supplement.cloudtrail import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.model import Snapshot
    from tests.conftest import Estate
    from tests.doubles.aws.process import AwsDouble

ROLE = "EvidenceCollector"
IRELAND = "eu-west-1"


class Gathered(NamedTuple):
    """One snapshot with its documents read back: a row for each record, a line for each gap and total."""

    snapshot: Snapshot
    rows: list[dict[str, Any]]
    completeness: list[dict[str, Any]]
    kept: Mapping[str, bytes]
    """Every byte that was kept."""

    def table(self, name: str) -> list[dict[str, Any]]:
        """The rows of one record type."""
        return [row for row in self.rows if row["table"] == name]

    @property
    def causes(self) -> list[str]:
        """The causes of the snapshot's gaps."""
        return [gap.cause.value for gap in self.snapshot.gaps]


class Gather(Protocol):
    """Collects one evidence type in every scope; keywords are the `[aws]` table."""

    def __call__(
        self, evidence_id: str, *, only: str = "", now: datetime | None = None, probe: bool = False, **settings: Any
    ) -> list[Gathered]: ...


@pytest.fixture(scope="session")
def manifest(seeded: Estate) -> dict[str, Any]:
    """What was seeded."""
    return seeded.manifest


@pytest.fixture
def aws(estate: Estate, monkeypatch: pytest.MonkeyPatch) -> AwsDouble:
    """The worker's double, with the environment leading to it and no faults before or after the test."""
    for name, value in estate.double.environment.items():
        monkeypatch.setenv(name, value)
    return estate.double


class History:
    """Events that came about in the management account, of which the estate knows none there."""

    def __init__(self, aws: AwsDouble, unit: str) -> None:
        self.aws, self.unit = aws, unit

    def happened(self, *events: dict[str, Any]) -> None:
        self.aws.add_seeded(EVENTS, self.unit, IRELAND, events)

    def forget(self) -> None:
        batch = {"kind": EVENTS, "account": self.unit, "region": IRELAND, "items": [], "replace": True}
        self.aws.control("POST", "seeded", [batch])


@pytest.fixture
def history(aws: AwsDouble, manifest: dict[str, Any]) -> Iterator[History]:
    made = History(aws, manifest["management"])
    yield made
    made.forget()


@pytest.fixture
def gather(aws: AwsDouble) -> Gather:
    """Run `collect` as the product does, and read back what it kept."""
    assert aws.endpoint.startswith("http://127.0.0.1:")
    return gathered


def gathered(
    evidence_id: str, *, only: str = "", now: datetime | None = None, probe: bool = False, **settings: Any
) -> list[Gathered]:
    """A snapshot for each scope, in the scopes' order; or for the account `only`. By default, all accounts."""
    found, broken = load(["aws"])
    assert not broken, broken
    aws = found["aws"]
    kept: dict[str, bytes] = {}

    def keep(body: bytes) -> str:
        kept[canonical.digest(body)] = body
        return canonical.digest(body)

    def clock() -> datetime:
        return now or datetime.now(UTC)

    chosen = [aws.types[evidence_id]]
    defaults: dict[str, Any] = {"role": ROLE, "attempts": 2, "timeout_seconds": 20}
    own = AwsSettings(**(defaults | settings))
    with Pool(8) as pool:
        around = Surroundings(clock, pool, keep, Redactor(b"k" * 32), shared_needs(chosen), probe)
        connection = aws.sign_in(own, outside())(around)
        try:
            tasks = plan(chosen, connection.scopes(), {"aws": connection.home()}, clock())
            tasks = [task for task in tasks if only in ("", task.scope.unit_id)]
            snapshots = collect(tasks, {"aws": connection}, pool, keep, clock, lambda *_: None)
        finally:
            connection.close()
    return [
        Gathered(one, _lines(kept[one.records.sha256]), _lines(kept[one.completeness.sha256]), kept)
        for one in snapshots
    ]


def _lines(document: bytes) -> list[dict[str, Any]]:
    return [canonical.decode(line) for line in document.splitlines()]
