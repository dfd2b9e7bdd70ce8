"""`collector snapshot`: collect everything now, due or not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import click

from collector.archive.reader import Reader
from collector.assess.controls import load_controls, with_parameters
from collector.cli import collecting, display, options, stopping, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.cli.spent import spent
from collector.errors import UsageError
from collector.plan import chosen
from collector.recent import kept
from collector.redact import Redactor
from collector.run import judge
from collector.shards import Shard, plan_digest, refuse_again


@click.command("snapshot")
@options.config_option
@options.archive_option
@click.option("--only", multiple=True, metavar="TYPE", help="Only these evidence types; `aws.iam.*` works. Repeatable.")
@click.option("--scope", "scopes", multiple=True, help="Only these accounts, by id or name. Repeatable.")
@click.option("--shard", "shard_text", metavar="I/N", help="Only this share of the tasks, such as 2/5; needs --run.")
@click.option("--run", "run_id", help="The id that the shards of one run have in common.")
@click.option("--dry-run", is_flag=True, help="Print what would be collected, and collect nothing.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    only: tuple[str, ...],
    scopes: tuple[str, ...],
    shard_text: str | None,
    run_id: str | None,
    *,
    dry_run: bool,
) -> None:
    """Collect everything now: the one-shot before audit fieldwork.

    Without a configuration file it collects from the account that the credentials in the environment belong to,
    into ./evidence. Exits 0 only when every evidence type was complete.
    """
    cut = _cut(shard_text, run_id)
    config = options.read_config(config_file, archive_path)
    parties, people = vouchers.parties(config.archive), options.pseudonyms(config)
    providers = options.providers(config)
    controls = with_parameters(load_controls(), config.controls)
    types = chosen(providers.types, only) if providers.connectors else []
    openings = providers.sign_in()
    with stopping.stoppable(config.collect.threads, config.serve.grace_seconds) as run:
        # Whatever is wrong with accounts or arguments comes to light here, before an archive is made.
        with options.opened(openings, options.unkept(run.pool, types)) as connections:
            tasks = options.planned(connections, types, scopes)
        shard = cut and replace(cut, plan=plan_digest(tasks))
        tasks = shard.share(tasks) if shard else tasks
        if dry_run:
            display.plan(tasks)
            return
        run.until.refuse()
        store, keys, archive = open_or_make(config.archive)
        if shard:
            refuse_again(Reader(store).leaves(), shard.id)
        redactor = Redactor(keys.redaction)
        order = collecting.order("snapshot", tasks, config, providers, controls, redactor, options.now, parties)
        order = replace(order, until=run.until)
        if providers.attachable:
            order = replace(order, standing=kept(archive), narrowed=bool(scopes))
        if shard:
            order = replace(order, run=shard.id, shard=shard, controls=())
        gathered = collecting.gathered(order, openings, archive, run.pool, redactor, options.now, people=people)
    # The connections are closed, and their memory is free again for the judging.
    finished = judge(order, gathered, archive, store, options.now)
    display.summary(finished, spent(finished, store.traffic, config.archive))
    if shard:
        display.note(f"a shard is not judged; once all {shard.of} are sealed: collector assess --run {shard.run}")
    run.leave(COMPLETE if finished.complete else INCOMPLETE)


def _cut(shard: str | None, run: str | None) -> Shard | None:
    """The share asked for, before its plan is known."""
    if shard is None and run is None:
        return None
    if shard is None or run is None:
        raise UsageError("--shard and --run go together: a run's shards know each other by its id")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", run):
        raise UsageError(f"--run {run}: an id has up to 64 letters, digits, - and _")
    return Shard.parse(shard, run)
