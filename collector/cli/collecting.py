"""What every command that collects does alike: the order it gives, and the gathering itself."""

from __future__ import annotations

from dataclasses import asdict, fields
from secrets import token_hex
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from collector import __version__, code
from collector.cli import display, options
from collector.connector import SECRET, Surroundings
from collector.plan import shared_needs
from collector.pseudonyms import NOBODY
from collector.run import Order, gather

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from collector.archive.archive import Archive
    from collector.archive.vouching import Parties
    from collector.assess.controls import Control
    from collector.cli.options import Providers
    from collector.config import Config
    from collector.connector import Connection
    from collector.engine.pool import Pool
    from collector.model import Exchange, Snapshot
    from collector.plan import Task
    from collector.pseudonyms import Pseudonyms
    from collector.redact import Redactor
    from collector.run import Gathered

    Openings = Mapping[str, Callable[[Surroundings], Connection]]
    Watch = Callable[[int], AbstractContextManager[Callable[[Snapshot, Sequence[Exchange]], None]]]


def run_id(now: datetime) -> str:
    """A new id for a run that starts now."""
    return f"{now:%Y%m%dT%H%M%SZ}-{token_hex(4)}"


def order(
    mode: str,
    tasks: Sequence[Task],
    config: Config,
    providers: Providers,
    controls: Sequence[Control],
    redactor: Redactor,
    clock: Callable[[], datetime],
    parties: Parties,
) -> Order:
    """What a run is to do, under a new id."""
    return Order(
        run=run_id(clock()),
        mode=mode,
        tasks=tasks,
        types=providers.types,
        broken=providers.broken,
        controls=controls,
        configuration=as_used(config, providers, redactor),
        version=__version__,
        code=code.digest(),
        parties=parties,
        clock_seconds=config.collect.clock_seconds,
    )


def as_used(config: Config, providers: Providers, redactor: Redactor) -> dict[str, object]:
    """The configuration in force, defaults included, as it is sealed with the run: no secret in it."""
    notify = {"url": f"//{urlsplit(config.notify.url).netloc.rpartition('@')[2]}"} if config.notify.url else {}
    return asdict(config) | {
        "notify": asdict(config.notify) | notify,  # its path is often a secret
        "providers": {name: _without_secrets(settings, redactor) for name, settings in providers.settings.items()},
    }


def gathered(
    order: Order,
    openings: Openings,
    archive: Archive,
    pool: Pool,
    redactor: Redactor,
    clock: Callable[[], datetime],
    watch: Watch = display.progress,
    people: Pseudonyms = NOBODY,
) -> Gathered:
    """Connect, collect and seal, while `watch` is told of each snapshot; the connections are closed when it returns."""
    with archive.stage(clock()) as staging, watch(len(order.tasks)) as done:
        needed = shared_needs({task.evidence.id: task.evidence for task in order.tasks}.values())
        put = order.until.gated(staging.put) if order.until else staging.put
        keep = (lambda body: put(people.body(body))) if people.on else put
        around = Surroundings(clock, pool, keep, redactor, needed, people=people)
        with options.opened(openings, around) as connections:
            return gather(order, around, connections, archive, staging, done)


def _without_secrets(settings: Any, redactor: Redactor) -> dict[str, object]:  # noqa: ANN401 - any dataclass
    secret = [one.name for one in fields(settings) if one.metadata == SECRET]
    plain = asdict(settings)
    return plain | {name: redactor.token(plain[name]) for name in secret if plain[name]}
