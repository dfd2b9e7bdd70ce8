"""A small made-up provider, `forge`: the real client against a double on loopback."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.connector import Outside, Surroundings
from collector.engine.pool import Pool
from collector.errors import UnreadableError
from collector.model import Cause, Exchange, Gap, Scope
from collector.redact import Redactor
from collector.source.recorder import Recorder
from collector.source.rest.api import Api
from collector.source.rest.auth.bearer import FixedToken
from collector.source.rest.base import Base
from collector.source.rest.client import Client
from collector.source.rest.pace import Pace
from collector.source.rest.reads import Page, Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from tests.doubles.rest import RestDouble, running_rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.api import Operation
    from collector.source.rest.auth.credential import Credential
    from collector.source.rest.dialect import Dialect
    from collector.source.rest.queries import Queries

TOKEN = "ghs_" + "t0ps3cret" * 4
START = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Time:
    """A clock that moves only when someone sleeps; safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._now += timedelta(seconds=seconds)


@dataclass
class Read:
    """What one reading left behind."""

    answers: list[Answer] = field(default_factory=list)
    recorder: Recorder = field(default_factory=Recorder)
    kept: dict[str, bytes] = field(default_factory=dict)
    time: Time = field(default_factory=Time)

    @property
    def complete(self) -> bool:
        return not self.recorder.gaps

    @property
    def ids(self) -> list[Any]:
        return [answer.get("id") for answer in self.answers]

    @property
    def gap(self) -> Gap:
        (gap,) = self.recorder.gaps
        return gap

    @property
    def causes(self) -> set[Cause]:
        return {gap.cause for gap in self.recorder.gaps}

    @property
    def attempts(self) -> list[int]:
        return [exchange.attempts for exchange in self.recorder.exchanges]


def met(base: Base) -> Page:
    """That the provider has told who we are."""
    return Page(
        Exchange("who", 1, "GET /user", base.place, {}, "auditor", START, START, 1, 200, None, None, None, None)
    )


@dataclass
class Forge:
    """The double, and the client under test pointed at it."""

    double: RestDouble
    prefix: str = ""
    limits: Limits = field(default_factory=lambda: Limits(timeout=10, total=20, most_bytes=200_000))
    attempts: int = 3
    patience: float = 900.0
    reserve: float = 0.2
    most_pages: int = 50
    credential: Credential = field(default_factory=lambda: FixedToken(TOKEN))
    environment: dict[str, str] = field(default_factory=dict)
    ca_file: str = ""
    time: Time = field(default_factory=Time)
    dialect: Dialect | None = None
    queries: Queries | None = None
    probe: bool = False
    real_time: bool = False
    wires: list[Wire] = field(default_factory=list)

    @contextmanager
    def source(self, *operations: Operation, shared: bool = False) -> Iterator[tuple[RestSource, Read]]:
        """A source that may read these operations."""
        read = Read(time=self.time)

        def keep(body: bytes) -> str:
            read.kept[canonical.digest(body)] = body
            return canonical.digest(body)

        api = Api(operations, dialect=self.dialect, queries=self.queries)
        names = frozenset(operation.name for operation in operations)
        outside = self.outside()
        base = Base(self.double.url + self.prefix)
        wire = self.wire()
        pace = Pace(outside.clock, outside.sleep, reserve=self.reserve, patience=self.patience)
        client = Client(wire, pace, self.credential, api.dialect, outside, attempts=self.attempts)
        with Pool(4) as pool:
            around = Surroundings(
                outside.clock, pool, keep, Redactor(b"k" * 32), names if shared else frozenset(), self.probe
            )
            reads = Reads(client, api, {"": base}, around, most_pages=self.most_pages)
            yield (
                RestSource(
                    reads,
                    read.recorder,
                    met(base),
                    names,
                    scope=Scope("forge", "northwind"),
                    settings=None,
                    window=None,
                    bound={"org": "northwind"},
                ),
                read,
            )

    def wire(self) -> Wire:
        """Closed when the test is over."""
        self.wires.append(Wire(self.outside(), self.limits, ca_file=self.ca_file))
        return self.wires[-1]

    def outside(self) -> Outside:
        if self.real_time:
            return Outside(lambda: datetime.now(UTC), lambda _: None, self.environment)
        return Outside(self.time.now, self.time.sleep, self.environment)

    def list(self, operation: Operation, *others: Operation, **parameters: Any) -> Read:
        """Read a list to its end, as `collect` does: what breaks it off is a gap."""
        with self.source(operation, *others) as (source, read):
            try:
                read.answers.extend(source.list(operation.name, **parameters))
            except UnreadableError as error:
                read.recorder.gap(error.gap)
        return read

    def get(self, operation: Operation, *others: Operation, **parameters: Any) -> Read:
        """Read one answer; unseen, it is a gap."""
        with self.source(operation, *others) as (source, read):
            read.answers.append(source.look(operation.name, **parameters))
        return read


@pytest.fixture(scope="module")
def service() -> Iterator[RestDouble]:
    with running_rest() as double:
        yield double


@pytest.fixture
def forge(service: RestDouble) -> Iterator[Forge]:
    service.routes.clear()
    service.asked.clear()
    service.faults.clear()
    service.complaints.clear()
    service.token = TOKEN
    made = Forge(service)
    yield made
    for wire in made.wires:
        wire.close()
