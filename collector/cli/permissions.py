"""`collector permissions`: the least privilege that a provider must grant."""

from __future__ import annotations

import json

import click

from collector import registry
from collector.cli.options import refuse_broken
from collector.errors import UsageError
from collector.plan import chosen


@click.command("permissions")
@click.argument("provider")
@click.option("--only", multiple=True, metavar="TYPE", help="Only what these evidence types need. Repeatable.")
def command(provider: str, only: tuple[str, ...]) -> None:
    """Print the read-only policy that PROVIDER must grant, written from what the evidence types declare."""
    if provider not in registry.installed():
        raise UsageError(f"{provider}: no such connector; installed are {', '.join(registry.installed())}")
    connectors, broken = registry.load([provider])
    refuse_broken(broken)
    connector = connectors[provider]
    click.echo(json.dumps(connector.policy(chosen(connector.types.values(), only)), indent=2))
