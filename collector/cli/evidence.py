"""`collector evidence`: the list of what can be collected."""

from __future__ import annotations

import click

from collector import registry
from collector.cli import display
from collector.cli.options import read_config, refuse_broken
from collector.schedule import cadence_of, merged
from schedules import shipped


@click.command("evidence")
def command() -> None:
    """List every evidence type: what it is, its kind, cadence, and the calls it makes."""
    connectors, broken = registry.load(registry.installed())
    refuse_broken(broken)
    rules = merged(shipped.schedule(), read_config(None).schedule)
    rows = [
        (one.id, one.title, one.kind.value, cadence_of(one.id, rules), one.keeps_days or "", ", ".join(one.needs))
        for connector in connectors.values()
        for one in sorted(connector.types.values(), key=lambda one: one.id)
    ]
    display.table("Evidence types", ("evidence type", "title", "kind", "cadence", "source keeps (days)", "calls"), rows)
