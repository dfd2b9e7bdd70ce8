"""`collector run --due`: do what the schedule has due now, and end. For cron and its kin."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog

from collector import cadence, schedule
from collector.assess.controls import load_controls, with_parameters
from collector.cli import collecting, display, options, stopping, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.cli.spent import spent
from collector.errors import UsageError
from collector.plan import continued
from collector.redact import Redactor
from collector.run import judge
from collector.turn import take
from schedules import shipped
from schedules.passed import Passed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from collector.cli.collecting import Watch
    from collector.cli.options import Providers
    from collector.config import Config
    from collector.ending import Ending
    from collector.engine.pool import Pool
    from collector.plan import Task
    from collector.run import Finished
    from collector.slots import Entry


@click.command("run")
@options.config_option
@options.archive_option
@click.option("--due", "due", is_flag=True, help="Do what is due now (there is nothing else it could do).")
def command(config_file: Path | None, archive_path: str | None, *, due: bool) -> None:
    """Collect what the schedule has due now, and end: for cron, or whatever else calls it often enough.

    The first use seals the schedule, which holds from then on. Slots that went by unserved are sealed as missed. Two at
    once are safe: each slot is served by one of them. Exits 0 only when nothing was missed and all was complete.
    """
    if not due:
        raise UsageError("say `run --due` to collect what is due now; `collector snapshot` collects everything now")
    config = options.read_config(config_file, archive_path)
    with stopping.stoppable(config.collect.threads, config.serve.grace_seconds) as run:
        finished = run_due(config, options.providers(config), options.now, run.pool, run.until)
    run.leave(COMPLETE if finished is None or finished.complete else INCOMPLETE)


def run_due(
    config: Config,
    providers: Providers,
    clock: Callable[[], datetime],
    pool: Pool,
    until: Ending | None = None,
) -> Finished | None:
    """One pass over what is due by this clock, with its progress and its outcome shown; None when nothing is due."""
    done = due_pass(config, providers, clock, pool, display.progress, until)
    if done.finished is None:
        _nothing(done)
    else:
        display.summary(done.finished, spent(done.finished, done.traffic, config.archive))
    return done.finished


def due_pass(
    config: Config,
    providers: Providers,
    clock: Callable[[], datetime],
    pool: Pool,
    watch: Watch,
    until: Ending | None = None,
) -> Passed:
    """One pass over what is due by this clock. `watch` hears of the snapshots; `until` may tell it to end early."""
    parties, people = vouchers.parties(config.archive), options.pseudonyms(config)
    controls = with_parameters(load_controls(), config.controls)
    broken = {name: f"{gap.subject}: {gap.detail}" for name, gap in providers.broken}
    schedule.check_types(config.schedule, [one.id for one in providers.types], broken)
    openings = providers.sign_in()
    with options.opened(openings, options.unkept(pool, providers.types)) as connections:
        tasks = options.planned(connections, providers.types, clock=clock)
    entries = _entries(config, tasks)
    store, keys, archive = open_or_make(config.archive, clock)
    redactor = Redactor(keys.redaction)
    order = collecting.order("due", tasks, config, providers, controls, redactor, clock, parties)
    hold = timedelta(minutes=config.schedule.claim_minutes)
    if until:
        until.refuse()
    skipped = schedule.skipping(config.schedule.skip, entries)
    turn = take(archive, store, entries, order.run, clock(), hold=hold, broken=broken, skipped=skipped)
    finished = None
    if not turn.empty:
        slots = ((task, turn.slot(task.evidence.id, task.scope)) for task in tasks)
        due = continued([replace(task, slot=slot) for task, slot in slots if slot], turn.reached)
        order = replace(order, tasks=due, turn=turn, until=until, standing=turn.standing)
        with structlog.contextvars.bound_contextvars(run=order.run):
            gathered = collecting.gathered(order, openings, archive, pool, redactor, clock, watch, people)
            finished = judge(order, gathered, archive, store, clock)
    return Passed(archive.origin, entries, turn, store.traffic, archive.head, finished)


def _entries(config: Config, tasks: Sequence[Task]) -> list[Entry]:
    for pattern in schedule.strangers(config.schedule, [task.scope for task in tasks]):
        display.note(f"[[schedule.override]] scope = {pattern!r}: none of the scopes found is called that")
    return schedule.entries(tasks, schedule.merged(shipped.schedule(), config.schedule), shipped.memories())


def _nothing(done: Passed) -> None:
    entries = done.entries
    if done.turn.rescheduled:
        click.echo(f"sealed the schedule: {options.counted(len(entries), 'line')}, in force from now on")
    upcoming = [cadence.following(cadence.parse(text), done.turn.at) for text in {entry.cadence for entry in entries}]
    click.echo(f"nothing is due; next: {min(upcoming):%Y-%m-%d %H:%M} UTC" if upcoming else "nothing is scheduled")
