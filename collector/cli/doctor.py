"""`collector doctor`: which permissions are missing, and what evidence would be lost without them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive.vouching import stamp
from collector.cli import display, options, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.collect import collect
from collector.engine.pool import Pool

if TYPE_CHECKING:
    from collector.archive.vouching import Parties
    from collector.model import Snapshot


@click.command("doctor")
@options.config_option
def command(config_file: Path | None) -> None:
    """Try every call that collecting would make, as cheaply as it can be tried, and keep nothing.

    Time-stamping authorities are tried too.

    Lists are read up to their first page, and details for one item of each list. Exits 1 when evidence would be lost.
    """
    config = options.read_config(config_file)
    parties = vouchers.parties(config.archive)
    providers = options.providers(config)
    options.refuse_broken(providers.broken)
    openings = providers.sign_in()
    types = providers.types
    with Pool(config.collect.threads) as pool:
        around = options.unkept(pool, types, probe=True)
        with options.opened(openings, around) as connections:
            tasks = options.planned(connections, types)
            with display.progress(len(tasks)) as done:
                tried = collect(tasks, connections, pool, around.keep, options.now, done)
    rows = [
        (one.evidence_type, one.scope.unit_id, gap.cause.value, gap.subject, gap.detail)
        for one in tried
        for gap in one.gaps
    ]
    silent = _silent(parties)
    if rows:
        display.table("Evidence that would be lost", ("evidence type", "scope", "cause", "call", "why"), rows)
    click.echo(_verdict(tried))
    sys.exit(INCOMPLETE if rows or silent else COMPLETE)


def _silent(parties: Parties) -> int:
    """Have each authority stamp a line that says nothing, and name those that do not; how many these are.

    A witness is not asked: it would remember a tree.
    """
    answers = [stamp(authority, b"collector doctor\n", parties, options.now)[0] for authority in parties.authorities]
    for one in answers:
        click.echo(f"{one.name} stamps" if one.time else f"{one.name} does not stamp: {one.cause}, {one.detail}")
    for witness in parties.witnesses:
        click.echo(f"{witness.key.name} is configured as a witness; only runs ask it")
    return sum(one.time is None for one in answers)


def _verdict(tried: list[Snapshot]) -> str:
    lost = sum(bool(one.gaps) for one in tried)
    return f"{len(tried) - lost} of {len(tried)} snapshots can be read; {lost} would be incomplete"
