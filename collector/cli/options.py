"""What several commands ask for, and what they make of it."""

from __future__ import annotations

import getpass
import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import canonical, registry
from collector import config as configuration
from collector.archive.local import LocalStore
from collector.archive.places import store_at
from collector.connector import Outside, Surroundings
from collector.errors import UsageError
from collector.model import Cause, Gap
from collector.plan import narrowed, plan, shared_needs
from collector.pseudonyms import NOBODY, Pseudonyms
from collector.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from collector.archive.store import Place
    from collector.config import ArchiveSettings, Config
    from collector.connector import Connection, Connector, EvidenceType
    from collector.engine.pool import Pool
    from collector.plan import Task

DEFAULT_FILE = Path("collector.toml")
_KEY_LETTERS = 32

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The configuration file  [default: collector.toml where there is one]",
)
archive_option = click.option(
    "--archive",
    "archive_path",
    metavar="PLACE",
    help="The archive's directory, or s3://, gs:// or az://…, instead of the configured.",
)


def counted(number: int, noun: str) -> str:
    """`1 gap`, `2 gaps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def now() -> datetime:
    """The collector's clock, UTC."""
    return datetime.now(UTC)


def user() -> str:
    """Who is at the keyboard, as the machine knows them; containers may have no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"


def outside() -> Outside:
    """What connections take from the world: clock, sleep and environment."""
    return Outside(now, time.sleep, os.environ)


def read_config(file: Path | None, archive: str | None = None) -> Config:
    """The configuration named, or found here, or the defaults; `archive` overrides where evidence is kept."""
    if file is None and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    config = configuration.read(file, registry.installed()) if file else configuration.Config()
    return configuration.with_archive(config, archive) if archive else config


def place(settings: ArchiveSettings) -> Place:
    """Where the archive is, or is to be."""
    return store_at(settings.path, settings.retain_days, now, os.environ)


def store(config: Config) -> Place:
    """The archive's store; UsageError when there is no archive yet."""
    found = place(config.archive)
    if isinstance(found, LocalStore) and not Path(config.archive.path).is_dir():
        raise UsageError(f"{found}: no archive here; `collector snapshot` or `collector init` makes one")
    return found


def verifier_key(config: Config) -> str:
    """The log's verifier key among the collector's own keys; UsageError when it is not there."""
    public = config.archive.keys_path / "log.pub"
    if not public.is_file():
        raise UsageError(f"{public}: no verifier key here; say where the keys are ([archive] keys), or pass --key")
    return public.read_text("utf-8").strip()


def refuse_broken(broken: Sequence[tuple[str, Gap]]) -> None:
    """UsageError when a connector cannot be loaded: a list without its evidence types would be no list."""
    for _, gap in broken:
        raise UsageError(f"{gap.subject}: {gap.detail}")


@dataclass(frozen=True, slots=True)
class Providers:
    """The connectors that this configuration uses, with their settings, and those that could not be loaded."""

    connectors: Mapping[str, Connector]
    settings: Mapping[str, Any]
    broken: list[tuple[str, Gap]]

    @property
    def types(self) -> list[EvidenceType]:
        """Every evidence type that a run collects with these settings."""
        return [
            evidence
            for name, connector in self.connectors.items()
            for evidence in connector.types.values()
            if connector.collects is None or evidence.id in connector.collects(self.settings[name])
        ]

    @property
    def attachable(self) -> bool:
        """Whether anything may have been attached by hand."""
        return any(connector.collects for connector in self.connectors.values())

    def sign_in(self) -> Mapping[str, Callable[[Surroundings], Connection]]:
        """Prove the credentials of each; what is returned opens the connections."""
        return {name: one.sign_in(self.settings[name], outside()) for name, one in self.connectors.items()}


def providers(config: Config) -> Providers:
    """The connectors whose tables the configuration has; without any such table, those that need none to sign in."""
    connectors, broken = registry.load(config.providers or registry.installed())
    if not config.providers:
        connectors = {name: one for name, one in connectors.items() if one.ambient}
    settings = {
        name: configuration.table(config.providers.get(name, {}), connector.settings, f"[{name}]")
        for name, connector in connectors.items()
    }
    for name, connector in connectors.items():
        watched = set(connector.collects(settings[name])) if connector.collects else set()
        for stranger in sorted(watched - connector.types.keys()):
            near = get_close_matches(stranger, connector.types, 1)
            hint = f"did you mean {near[0]!r}?" if near else "`collector evidence` lists them"
            raise UsageError(f"[[{name}.watch]] type = {stranger!r}: no evidence type has that name; {hint}")
    return Providers(connectors, settings, [*broken, *not_connected(config, {*connectors, *dict(broken)})])


def not_connected(config: Config, known: Collection[str]) -> Iterator[tuple[str, Gap]]:
    """Providers in which people have accounts, as the configuration says, and that it has no table for."""
    for name in config.people.accounts_at:
        if name not in known:
            detail = f"[people] accounts_at says that people have accounts there, but there is no [{name}] table"
            yield name, Gap(Cause.NOT_CONFIGURED, f"provider {name}", detail)


def pseudonyms(config: Config) -> Pseudonyms:
    """What replaces names and addresses; UsageError when its key is not where the configuration says."""
    kind, _, name = config.people.pseudonymise.partition(":")
    if not name:
        return NOBODY
    try:
        key = os.environ.get(name, "") if kind == "env" else Path(name).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"[people] pseudonymise: {name} cannot be read: {error}") from error
    if len(key) < _KEY_LETTERS:
        raise UsageError(f"[people] pseudonymise: the key in {name} is missing or has less than {_KEY_LETTERS} letters")
    return Pseudonyms(key.encode())


def unkept(pool: Pool, types: Sequence[EvidenceType], *, probe: bool = False) -> Surroundings:
    """What a connection is lent when nothing is to be kept."""
    return Surroundings(now, pool, canonical.digest, Redactor(b""), shared_needs(types), probe)


@contextmanager
def opened(
    openings: Mapping[str, Callable[[Surroundings], Connection]], around: Surroundings
) -> Iterator[Mapping[str, Connection]]:
    """The connections, closed at the end."""
    with ExitStack() as stack:
        connections = {name: opening(around) for name, opening in openings.items()}
        for connection in connections.values():
            stack.callback(connection.close)
        yield connections


def planned(
    connections: Mapping[str, Connection],
    types: Sequence[EvidenceType],
    scopes: Sequence[str] = (),
    clock: Callable[[], datetime] = now,
) -> list[Task]:
    """What there is to do in these scopes (by id or name), or in every one that the connections find."""
    found = [scope for connection in connections.values() for scope in connection.scopes()]
    homes = {name: connection.home() for name, connection in connections.items()}
    return plan(types, narrowed(found, scopes), homes, clock())
