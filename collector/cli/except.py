"""`collector except`: seal that a deviation was approved. It stands beside the deviation, and hides nothing."""  # noqa: N999 - a command is a file of its name

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from collector.cli import options, periods
from collector.cli.stating import item_named, needed, state
from collector.errors import UsageError
from collector.period.span import midnight
from collector.seal import exception_leaf

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@click.command("except")
@click.argument("control")
@click.argument("item")
@options.config_option
@options.archive_option
@click.option("--provider", help="Of the item in this provider alone.")
@click.option("--scope", "unit", help="Of the item in this scope alone.")
@click.option("--reason", required=True, help="Why it is let be.")
@click.option("--approver", required=True, help="Who approved that.")
@click.option("--expires", required=True, type=periods.DAY, help="The last day on which it holds.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of that day.")
def command(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    control: str,
    item: str,
    config_file: Path | None,
    archive_path: str | None,
    provider: str | None,
    unit: str | None,
    reason: str,
    approver: str,
    expires: datetime,
    zone: str,
) -> None:
    """Seal an exception from CONTROL for ITEM.

    It holds from now on and never before. The item is judged as ever, a deviation stays a deviation in every count, and
    the exception is shown beside it. It cannot be taken back; it expires.
    """
    config = options.read_config(config_file, archive_path)
    end = midnight(expires.date() + timedelta(days=1), zone)
    if end <= options.now():
        raise UsageError(f"--expires {expires:%Y-%m-%d}: is over already; an exception holds from now on")
    named = item_named(config, control, item, provider, unit)
    why, who = needed(reason, "--reason"), needed(approver, "--approver")
    leaf = state(
        config,
        lambda _, now: exception_leaf(named, reason=why, approver=who, expires=end, by=options.user(), at=now),
    )
    click.echo(f"sealed as leaf {leaf}; {control} is judged as before, and the exception is shown beside {item}")
