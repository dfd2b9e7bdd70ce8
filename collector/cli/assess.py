"""`collector assess`: judge a run that several processes collected."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from collector import __version__, code
from collector.archive.reader import Reader
from collector.assess.controls import load_controls, with_parameters
from collector.cli import display, options
from collector.cli.collecting import as_used
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.recent import kept
from collector.redact import Redactor
from collector.run import Order, judge_shards
from collector.shards import broken_in, refuse_again, sealed_shards


@click.command("assess")
@options.config_option
@options.archive_option
@click.option("--run", "run_id", required=True, help="The --run that every shard was collected with.")
def command(config_file: Path | None, archive_path: str | None, run_id: str) -> None:
    """Judge the shards of a run as one, once all of them are sealed. No provider is asked anything.

    Exits 0 only when every shard was complete.
    """
    config = options.read_config(config_file, archive_path)
    providers = options.providers(config)
    reader = Reader(options.store(config))
    shards = sealed_shards(reader.leaves(), run_id)
    refuse_again(reader.leaves(), run_id)
    store, keys, archive = open_or_make(config.archive)
    order = Order(
        run=run_id,
        mode="assess",
        tasks=(),
        types=providers.types,
        broken=broken_in(shards),
        controls=with_parameters(load_controls(), config.controls),
        configuration=as_used(config, providers, Redactor(keys.redaction)),
        version=__version__,
        code=code.digest(),
        standing=kept(archive) if providers.attachable else (),
    )
    finished = judge_shards(order, shards, archive, store, options.now)
    display.summary(finished)
    whole = finished.complete and all(shard["outcome"] == "ok" for shard in shards)
    sys.exit(COMPLETE if whole else INCOMPLETE)
