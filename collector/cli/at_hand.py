"""A collection that nobody configured: from every provider whose usual credentials are at hand.

What cannot be signed in to, or does not say what it has, leaves a gap, and the others are collected all the same: who
came with a dozen credentials learns what each of them opens.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from collector import config as configuration
from collector import registry
from collector.cli import display, options
from collector.cli.options import Providers
from collector.errors import UsageError
from collector.guard import guarded
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from collector.cli.collecting import Openings
    from collector.config import Config
    from collector.connector import Connection

Gained = TypeVar("Gained")


def found(config: Config) -> Providers:
    """The connectors whose usual credentials are there, each with the table that they make; UsageError for none."""
    connectors, broken = registry.load(registry.installed())
    usual = {name: one.usual for name, one in connectors.items() if one.usual}
    looked, unusable = _tried(usual, lambda name: usual[name].look(options.outside()))
    broken += unusable
    tables = {name: met for name, met in looked.items() if met is not None}
    absent = [f"{name}: {usual[name].places}" for name in looked.keys() - tables.keys()]
    for name, met in tables.items():
        display.note(f"found {name}: {met.where}")
    if not tables:
        raise UsageError(
            "no provider's credentials are at hand; looked for " + "; ".join(sorted(absent) + _told(broken))
        )
    for line in _told(broken):
        display.note(f"GAP  {line}")
    for line in sorted(absent):
        display.note(f"not here, so not collected from: {line}")
    if others := sorted(connectors.keys() - usual.keys()):
        display.note(f"only ever by a table in collector.toml: {', '.join(others)}")
    settings = {
        name: configuration.table(met.table, connectors[name].settings, f"{name} by {met.where}")
        for name, met in tables.items()
    }
    broken += options.not_connected(config, {*tables, *dict(broken)})
    return Providers({name: connectors[name] for name in tables}, settings, broken)


def signed_in(providers: Providers) -> tuple[Providers, Openings]:
    """What opens a connection to each that lets us in; the others are among what is broken."""

    def sign_in(name: str) -> Callable[..., Connection]:
        return providers.connectors[name].sign_in(providers.settings[name], options.outside())

    opened, broken = _tried(providers.connectors, sign_in)
    return _without(providers, broken), opened


def reached(providers: Providers, connections: Mapping[str, Connection]) -> tuple[Providers, Mapping[str, Connection]]:
    """The connections that say what there is to collect; the others are among what is broken."""

    def reach(name: str) -> Connection:
        connections[name].scopes()
        connections[name].home()
        return connections[name]

    alive, broken = _tried(connections, reach)
    providers = _without(providers, broken)
    if not alive:
        raise UsageError("nothing that is at hand can be collected from; " + "; ".join(_told(providers.broken)))
    return providers, alive


def _tried(
    names: Mapping[str, object], attempt: Callable[[str], Gained]
) -> tuple[dict[str, Gained], list[tuple[str, Gap]]]:
    """What the attempt gains for each; and the gap of each for which it fails."""
    gained: dict[str, Gained] = {}
    broken: list[tuple[str, Gap]] = []
    for name in names:

        def work(name: str = name) -> None:
            try:
                gained[name] = attempt(name)
            except UsageError as error:
                broken.append((name, _unusable(name, error)))

        guarded(f"provider {name}", work, lambda gap, name=name: broken.append((name, gap)))  # type: ignore[misc]
    return gained, broken


def _without(providers: Providers, broken: list[tuple[str, Gap]]) -> Providers:
    for line in _told(broken):
        display.note(f"GAP  {line}")
    return replace(providers, broken=[*providers.broken, *broken])


def _told(broken: list[tuple[str, Gap]]) -> list[str]:
    return [f"{gap.subject}: {gap.detail}" for _, gap in broken]


def _unusable(name: str, error: UsageError) -> Gap:
    return Gap(Cause.NOT_CONFIGURED, f"provider {name}", f"nothing of it was read: {error}")
