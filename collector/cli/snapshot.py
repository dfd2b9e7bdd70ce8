"""`collector snapshot`: collect everything now, due or not."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collector.assess.controls import load_controls, with_parameters
from collector.cli import collecting, display, options
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.engine.pool import Pool
from collector.plan import chosen
from collector.redact import Redactor
from collector.run import judge


@click.command("snapshot")
@options.config_option
@options.archive_option
@click.option("--only", multiple=True, metavar="TYPE", help="Only these evidence types; `aws.iam.*` works. Repeatable.")
@click.option("--scope", "scopes", multiple=True, help="Only these accounts, by id or name. Repeatable.")
@click.option("--dry-run", is_flag=True, help="Print what would be collected, and collect nothing.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    only: tuple[str, ...],
    scopes: tuple[str, ...],
    *,
    dry_run: bool,
) -> None:
    """Collect everything now: the one-shot before audit fieldwork.

    Without a configuration file it collects from the account that the credentials in the environment belong to,
    into ./evidence. Exits 0 only when every evidence type was complete.
    """
    config = options.read_config(config_file, archive_path)
    providers = options.providers(config)
    controls = with_parameters(load_controls(), config.controls)
    types = chosen(providers.types, only) if providers.connectors else []
    openings = providers.sign_in()
    with Pool(config.collect.threads) as pool:
        # Whatever is wrong with accounts or arguments comes to light here, before an archive is made.
        with options.opened(openings, options.unkept(pool, types)) as connections:
            tasks = options.planned(connections, types, scopes)
        if dry_run:
            display.plan(tasks)
            return
        store, keys, archive = open_or_make(config.archive)
        redactor = Redactor(keys.redaction)
        order = collecting.order("snapshot", tasks, config, providers, controls, redactor, options.now)
        gathered = collecting.gathered(order, openings, archive, pool, redactor, options.now)
    # The connections are closed, and their memory is free again for the judging.
    finished = judge(order, gathered, archive, store, options.now)
    display.summary(finished)
    sys.exit(COMPLETE if finished.complete else INCOMPLETE)
