"""`collector respond`: seal what was found to be the cause of a deviation, who owns it, and what is done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from collector.cli import options
from collector.cli.stating import item_named, needed, state
from collector.errors import UsageError
from collector.seal import response_leaf

if TYPE_CHECKING:
    from pathlib import Path


@click.command("respond")
@click.argument("control")
@click.argument("item")
@options.config_option
@options.archive_option
@click.option("--provider", help="Of the item in this provider alone.")
@click.option("--scope", "unit", help="Of the item in this scope alone.")
@click.option("--cause", help="What was found to be the cause.")
@click.option("--owner", help="Who answers for it.")
@click.option("--response", help="What is done about it.")
def command(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    control: str,
    item: str,
    config_file: Path | None,
    archive_path: str | None,
    provider: str | None,
    unit: str | None,
    cause: str | None,
    owner: str | None,
    response: str | None,
) -> None:
    """Seal what the company says of a deviation of ITEM under CONTROL: the columns of the register that no API gives.

    A later one counts, and all are kept. It closes nothing: only evidence does.
    """
    said = {"cause": cause, "owner": owner, "response": response}
    told = {name: needed(text, f"--{name}") for name, text in said.items() if text is not None}
    if not told:
        raise UsageError("say at least one of --cause, --owner and --response")
    config = options.read_config(config_file, archive_path)
    named = item_named(config, control, item, provider, unit)
    leaf = state(
        config,
        lambda _, now: response_leaf(
            named, cause=told.get("cause"), owner=told.get("owner"), response=told.get("response"), by=options.user(),
            at=now,
        ),
    )  # fmt: skip
    click.echo(f"sealed as leaf {leaf}")
