"""What a person sees: progress, tables and closing lines. Plain lines when standard output is no terminal."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from collector.archive.vouching import Party
from collector.cli import logs
from collector.model import Verdict
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from collector.archive.vouching import Voucher
    from collector.model import Exchange, Gap, Snapshot
    from collector.plan import Task
    from collector.run import Finished

_console = Console(highlight=False, soft_wrap=True)
_errors = Console(highlight=False, soft_wrap=True, stderr=True)
_SHOWN = 12
"""How many gaps the closing table spells out; all of them are on the report page."""


def note(text: str) -> None:
    """One line for the person, on standard error, so that it never mixes with what is piped on."""
    logs.note(text)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table, or tab-separated lines where standard output is no terminal."""
    if not _console.is_terminal:
        click.echo("\t".join(columns))
        for row in rows:
            click.echo("\t".join(str(cell) for cell in row))
        return
    drawn = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    _console.print(drawn)


def plan(tasks: Sequence[Task]) -> None:
    """What would be collected."""
    rows = [
        (task.evidence.id, task.scope.unit_id, task.scope.name, _window(task), " ".join(task.evidence.needs))
        for task in tasks
    ]
    table(f"{len(tasks)} snapshots", ("evidence type", "scope", "name", "window", "calls"), rows)


@contextmanager
def progress(total: int) -> Iterator[Callable[[Snapshot, Sequence[Exchange]], None]]:
    """A callable to tell of each snapshot as it is done: a live bar, or one line each where there is no terminal."""
    if not _console.is_terminal:
        yield lambda snapshot, _: note(_line(snapshot))
        return
    columns = (
        SpinnerColumn(),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=_console, transient=True) as bar:
        task = bar.add_task("collecting", total=total)

        def done(snapshot: Snapshot, _: Sequence[Exchange]) -> None:
            if not snapshot.complete:
                bar.console.print(_line(snapshot))
            bar.update(task, advance=1, description=f"{snapshot.evidence_type} {snapshot.scope.unit_id}")

        yield done


@contextmanager
def steps() -> Iterator[Callable[[str, int, int], None]]:
    """A callable to tell of what is being read, how much is done, how much there is: a live bar on a terminal only."""
    if not _errors.is_terminal:
        yield lambda *_: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_errors, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def summary(finished: Finished, spent: Iterable[str] = ()) -> None:
    """The closing tables: what was collected, what is missing, what deviates; then `spent`, and how it all ended."""
    _evidence(finished)
    _gaps([*finished.gaps, *(gap for snapshot in finished.snapshots for gap in snapshot.gaps)])
    _totals(finished)
    _missed(finished)
    _lost(finished)
    rows = [
        (one.control.id, one.control.title, *(one.counts[verdict] for verdict in Verdict))
        for one in finished.assessments
    ]
    table("Controls", ("control", "", "pass", "deviation", "n/a", "cannot tell"), rows)
    deviations = sum(one.counts[Verdict.DEVIATION] for one in finished.assessments)
    untold = sum(one.counts[Verdict.CANNOT_TELL] for one in finished.assessments)
    whole = sum(snapshot.complete for snapshot in finished.snapshots)
    for line in spent:
        click.echo(line)
    for finding in finished.findings:
        click.echo(f"FINDING  {finding.object}: {finding.problem}")
    for provider, seconds in finished.clock.beyond.items():
        way = "ahead of" if seconds > 0 else "behind"
        click.echo(
            f"FINDING  clock: that of {provider} is {abs(seconds)} s {way} the collector's, and they may differ by "
            f"{finished.clock.limit} s; times and windows are by the collector's, so set it right"
        )
    for voucher in finished.vouched.vouchers:
        click.echo(_vouched(voucher, finished.vouched.commit))
    click.echo(f"the archive is {finished.lock}")
    click.echo(
        f"run {finished.run}: {whole} of {len(finished.snapshots)} snapshots complete; "
        f"{deviations} deviations; {untold} items that cannot be told"
    )


def _vouched(voucher: Voucher, commit: int) -> str:
    """What one authority or witness gave, or did not."""
    what, lacking = ("stamped", "NOT STAMPED") if voucher.party == Party.AUTHORITY else ("witnessed", "NOT WITNESSED")
    if voucher.time is not None:
        return f"commit {commit} is {what} by {voucher.name} at {timestamp(voucher.time)}"
    if voucher.forked:
        return f"FORK  commit {commit}: the witness {voucher.name} {voucher.detail}"
    return f"commit {commit} is {lacking} by {voucher.name}: {voucher.cause}, {voucher.detail}"


def _evidence(finished: Finished) -> None:
    types = dict.fromkeys(snapshot.evidence_type for snapshot in finished.snapshots)
    rows = []
    for evidence_type in types:
        snapshots = [one for one in finished.snapshots if one.evidence_type == evidence_type]
        whole = sum(one.complete for one in snapshots)
        state = "complete" if whole == len(snapshots) else f"INCOMPLETE in {len(snapshots) - whole} of {len(snapshots)}"
        records = sum(one.records.count for one in snapshots)
        rows.append((evidence_type, len(snapshots), records, sum(one.exchanges.count for one in snapshots), state))
    table("Evidence", ("evidence type", "scopes", "records", "requests", "state"), rows)


def _gaps(gaps: Sequence[Gap]) -> None:
    if not gaps:
        return
    causes = Counter(gap.cause.value for gap in gaps)
    table("Gaps by cause", ("cause", "gaps"), sorted(causes.items()))
    table(
        "Gaps",
        ("cause", "what could not be read", "why"),
        [(g.cause.value, g.subject, g.detail) for g in gaps[:_SHOWN]],
    )
    if len(gaps) > _SHOWN:
        click.echo(f"… and {len(gaps) - _SHOWN} more; `collector report` shows every one")


def _totals(finished: Finished) -> None:
    rows = [
        (one.evidence_type, one.scope.unit_id, total.name, total.expected, total.found)
        for one in finished.snapshots
        for total in one.totals
        if not total.ties
    ]
    if rows:
        table("Totals that do not tie", ("evidence type", "scope", "total", "expected", "found"), rows)


def _missed(finished: Finished) -> None:
    rows = [
        (one.series.type, one.series.unit, one.count, _minute(one.first), _minute(one.last), one.cause.value)
        for one in finished.missed
    ]
    if rows:
        columns = ("evidence type", "scope", "slots", "first (UTC)", "last (UTC)", "cause")
        table("Slots that were missed", columns, rows[:_SHOWN])
    if len(rows) > _SHOWN:
        click.echo(f"… and {len(rows) - _SHOWN} more stretches; `collector coverage` counts every slot")


def _lost(finished: Finished) -> None:
    found = [(one.evidence_type, one.scope, one.lost) for one in finished.snapshots if one.lost]
    for kind, scope, lost in found[:_SHOWN]:
        stretch = f"{timestamp(lost.start)} to {timestamp(lost.end)}"
        click.echo(
            f"LOST  {kind} in {scope}: {stretch}; never read whole, and its source does not remember it any more"
        )
    if len(found) > _SHOWN:
        click.echo(f"… and {len(found) - _SHOWN} more; `collector report` shows every one")


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _line(snapshot: Snapshot) -> str:
    untied = sum(not total.ties for total in snapshot.totals)
    missing = f"INCOMPLETE: {len(snapshot.gaps)} gaps, {untied} totals that do not tie"
    state = "complete" if snapshot.complete else missing
    return f"{snapshot.evidence_type}  {snapshot.scope.unit_id}  {snapshot.records.count} records  {state}"


def _window(task: Task) -> str:
    return "" if task.window is None else f"{task.window.start:%Y-%m-%d}..{task.window.end:%Y-%m-%d}"
