"""A provider of as many scopes as are asked for: what a run costs the archive shows without any cloud.

Each scope is one read of one page: its body, three accounts in it, and the exchange that brought it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.answer import Answer
from collector.archive.archive import Archive
from collector.connector import Connector, Surroundings
from collector.engine.pool import Pool
from collector.model import Exchange, Origin, Scope
from collector.plan import plan
from collector.records import Account
from collector.redact import Redactor
from collector.run import Order, gather, judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.archive.keys import Keys
    from collector.archive.store import Store
    from collector.connector import EvidenceType
    from collector.model import Window
    from collector.run import Finished
    from collector.source.recorder import Recorder

many = Connector("many", settings=dict, sign_in=lambda _settings, _outside: Many, policy=lambda _: {})


@dataclass(frozen=True)
class One:
    """One scope, to be read once."""

    scope: Scope
    around: Surroundings
    recorder: Recorder
    place: str = "here"
    caller: str = "a reader"

    def page(self) -> Answer:
        """What the provider says of its accounts: the same each time."""
        unit = self.scope.unit_id
        names = [f"user-{unit}-{number}" for number in range(3)]
        # One scope in a thousand has an answer that is too large for a pack.
        padding = canonical.digest(unit.encode()) * (20_000 if int(unit) % 1_000 == 0 else 1)
        body = self.around.keep(canonical.encode({"users": names, "padding": padding}))
        at, request = self.around.clock(), canonical.digest(unit.encode())[:16]
        self.recorder.exchange(
            Exchange(
                request=request,
                page=1,
                operation="many:ListUsers",
                place=self.place,
                parameters={},
                caller=self.caller,
                started_at=at,
                ended_at=at,
                attempts=1,
                status=200,
                error=None,
                request_id=f"{unit}-{at:%Y%m%dT%H%M%S}",
                server_date=at,
                body=body,
            )
        )
        self.recorder.total("users", expected=len(names), found=len(names))
        return Answer({"users": names}, Origin(request, 1, "users"))


@many.evidence("many.users", yields=Account, needs=["many:ListUsers"])
def users(source: One) -> Iterator[Account]:
    """Every user of a scope."""
    page = source.page()
    for name in page["users"]:
        yield Account(key=name, seen=[page], account_id=name, kind="human", status="active")


class Many:
    """The connection; `count` scopes."""

    def __init__(self, around: Surroundings, count: int = 1) -> None:
        self.around = around
        self.count = count

    def scopes(self) -> Sequence[Scope]:
        return [Scope("many", f"{number:06d}") for number in range(self.count)]

    def home(self) -> Scope:
        return self.scopes()[0]

    def sources(
        self,
        evidence: EvidenceType,  # noqa: ARG002 - there is one
        scope: Scope,
        window: Window | None,  # noqa: ARG002 - what is configured now has none
        recorder: Recorder,
    ) -> Sequence[One]:
        return [One(scope, self.around, recorder)]

    def close(self) -> None:
        """Nothing was opened."""


def run_of(count: int, store: Store, keys: Keys, at: datetime) -> Finished:
    """A whole run over `count` scopes in a process that has just opened the archive, as a scheduled one has."""
    archive = Archive.open(store, keys)
    nothing: dict[str, Any] = {"broken": [], "controls": [], "configuration": {}}

    def clock() -> datetime:
        return at

    with Pool(4) as pool:
        with archive.stage(at) as staging:
            around = Surroundings(clock, pool, staging.put, Redactor(b""), frozenset())
            connection = Many(around, count)
            tasks = plan([*many.types.values()], connection.scopes(), {"many": connection.home()}, at)
            order = Order(
                run=f"{at:%Y%m%dT%H%M%SZ}", mode="snapshot", version="0", code="0" * 64, tasks=tasks,
                types=[*many.types.values()], **nothing,
            )  # fmt: skip
            gathered = gather(order, around, {"many": connection}, archive, staging, lambda *_: None)
        return judge(order, gathered, archive, store, clock)


HOUR = timedelta(hours=1)
QUARTER = datetime(2026, 10, 1, tzinfo=UTC)
"""The first hour of one."""
