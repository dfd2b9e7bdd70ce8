"""A provider that answers from memory: to watch the schedule over months, with the real program around it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector.archive.local import LocalStore
from collector.archive.reader import Reader
from collector.archive.verify import verify
from collector.cli.options import Providers
from collector.cli.run import run_due
from collector.config import ArchiveSettings, CollectSettings, Config, ScheduleSettings
from collector.connector import Connector, Per
from collector.engine.pool import Pool
from collector.errors import UnreadableError
from collector.model import Cause, Gap, Kind, Scope
from collector.records import AccessEvent, Resource
from collector.turn import ledger_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from collector.archive.report import Report
    from collector.connector import EvidenceType, Surroundings
    from collector.ledger import Ledger
    from collector.model import Window
    from collector.run import Finished
    from collector.source.recorder import Recorder

KEEPS_DAYS, LATE_MINUTES = 30, 120


@dataclass
class Toy:
    """The provider's state: which units there are, what is denied, and what happens while it is asked."""

    units: list[str] = field(default_factory=lambda: ["one", "two"])
    denied: set[str] = field(default_factory=set)
    """Evidence types that it refuses to answer."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Evidence type and unit, in the order they were asked."""
    interrupt: Callable[[], None] | None = None
    """Called once, in the middle of the next collection."""
    happened: dict[str, datetime] = field(default_factory=dict)
    """Events by id, with their time; every unit has all of them."""
    appears: dict[str, datetime] = field(default_factory=dict)
    """When an event that is late can first be seen."""
    cut: bool = False
    """Whether a list of events breaks off after its first half."""

    def open(self, around: Surroundings) -> ToyConnection:
        return ToyConnection(self, around.clock)


@dataclass
class ToySource:
    toy: Toy
    unit: str
    window: Window | None = None
    now: datetime | None = None
    place: str = "everywhere"
    caller: str = "toy:collector"

    def resources(self, evidence_type: str) -> Iterator[Resource]:
        self.toy.asked.append((evidence_type, self.unit))
        if interrupt := self.toy.interrupt:
            self.toy.interrupt = None
            interrupt()
        if evidence_type in self.toy.denied:
            raise UnreadableError(Gap(Cause.DENIED, f"toy:List {evidence_type}", "HTTP 403: not you"))
        yield Resource(key=f"{self.unit}-1", seen=[], resource_id=f"{self.unit}-1", type="thing")

    def events(self) -> Iterator[AccessEvent]:
        """What happened in the window, as far as it is there already and remembered still."""
        assert self.window
        assert self.now
        first = max(self.window.start, self.now - timedelta(days=KEEPS_DAYS))
        appears = self.toy.appears
        found = [
            (key, at)
            for key, at in sorted(self.toy.happened.items())
            if first <= at < self.window.end and at <= self.now and appears.get(key, at) <= self.now
        ]
        for key, at in found[: len(found) // 2 if self.toy.cut else None]:
            yield AccessEvent(key=key, seen=[], event_id=key, at=at)
        if self.toy.cut:
            raise UnreadableError(Gap(Cause.THROTTLED, "toy:List toy.events", "HTTP 429: later"))


@dataclass
class ToyConnection:
    toy: Toy
    clock: Callable[[], datetime]

    def scopes(self) -> Sequence[Scope]:
        return [Scope("toy", unit, f"name of {unit}") for unit in self.toy.units]

    def home(self) -> Scope:
        return self.scopes()[0]

    def sources(self, _: EvidenceType, scope: Scope, window: Window | None, __: Recorder) -> Sequence[ToySource]:
        return [ToySource(self.toy, scope.unit_id, window, self.clock())]

    def close(self) -> None:
        """There is nothing to let go of."""


@dataclass(frozen=True)
class NoSettings:
    pass


def connector(toy: Toy) -> Connector:
    made = Connector("toy", settings=NoSettings, sign_in=lambda _settings, _outside: toy.open, policy=lambda _: {})

    @made.evidence("toy.things", yields=Resource, needs=["toy:List"])
    def things(source: ToySource) -> Iterator[Resource]:
        """The things."""
        yield from source.resources("toy.things")

    @made.evidence(
        "toy.events",
        yields=(Resource, AccessEvent),
        needs=["toy:Events"],
        kind=Kind.POPULATION,
        keeps_days=KEEPS_DAYS,
        late_minutes=LATE_MINUTES,
    )
    def events(source: ToySource) -> Iterator[Resource | AccessEvent]:
        """The events."""
        yield from source.resources("toy.events")
        yield from source.events()

    @made.evidence("toy.units", yields=Resource, needs=["toy:Units"], per=Per.ESTATE)
    def units(source: ToySource) -> Iterator[Resource]:
        """The units."""
        yield from source.resources("toy.units")

    return made


@dataclass
class World:
    """An archive, a provider, and a clock that stands still until it is moved."""

    folder: Path
    now: datetime
    toy: Toy = field(default_factory=Toy)
    schedule: ScheduleSettings = field(default_factory=ScheduleSettings)

    @property
    def config(self) -> Config:
        archive = ArchiveSettings(path=str(self.folder / "evidence"))
        return Config(archive=archive, collect=CollectSettings(threads=1), schedule=self.schedule)

    @property
    def store(self) -> LocalStore:
        return LocalStore(self.folder / "evidence")

    @property
    def ledger(self) -> Ledger:
        return ledger_of(self.store)

    def run(self, *broken: tuple[str, Gap]) -> Finished | None:
        toys = {} if broken else {"toy": connector(self.toy)}
        settings = dict.fromkeys(toys, NoSettings())
        with Pool(self.config.collect.threads) as pool:
            return run_due(self.config, Providers(toys, settings, list(broken)), lambda: self.now, pool)

    def after(self, **step: float) -> Finished | None:
        self.now += timedelta(**step)
        return self.run()

    def verified(self) -> Report:
        return verify(self.store, (self.folder / "evidence.keys" / "log.pub").read_text().strip())

    def states(self, evidence_type: str, unit: str, since: datetime) -> list[str]:
        """The state of each slot from a moment to now."""
        ledger = self.ledger
        (series,) = (one for one in ledger.series if (one.type, one.unit) == (evidence_type, unit))
        answers = [ledger.answer(series, slot) for slot in ledger.slots(series, since, self.now)]
        return [answer.state.value if answer else "open" for answer in answers]

    def evidence(self) -> list[dict[str, Any]]:
        """The evidence leaves about the provider, without those about the collector itself."""
        return [body for body in self.bodies("evidence") if body["provider"] == "toy"]

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [leaf.body for leaf in Reader(self.store).leaves() if leaf.body["kind"] == kind]
