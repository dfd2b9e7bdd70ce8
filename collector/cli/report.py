"""`collector report`: the page an auditor reads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import __version__, config, registry, trace
from collector.archive import pin
from collector.archive.reader import Reader
from collector.cli import options, vouchers
from collector.cli.verify import checked
from collector.coverage import coverage
from collector.errors import ArchiveError
from collector.ledger import State, moment, read
from collector.package.facts import Covered, Description, Facts, Verification
from collector.package.report import write_report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.report import Report
    from collector.archive.worm import Lock


@click.command("report")
@options.config_option
@options.archive_option
@click.option("--run", "run_id", help="Which run; default: the newest.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path("report"), show_default=True, help="The folder."
)
def command(config_file: Path | None, archive_path: str | None, run_id: str | None, folder: Path) -> None:
    """Verify the archive and write the report of a run: a folder with index.html and the raw answers it links to."""
    settings = options.read_config(config_file, archive_path)
    store = options.store(settings)
    reader = Reader(store)
    key = options.verifier_key(settings)
    found, lock = checked(store, key, pin.read(settings.archive.keys_path), vouchers.trusted(settings.archive))
    run = run_id or trace.newest_run(reader.leaves())
    facts = replace(_facts(settings, found, lock, key), covered=_covered(reader, run))
    page = write_report(reader, run, folder, facts)
    click.echo(page.resolve())


def _covered(reader: Reader, run: str) -> Covered | None:
    ended: list[str] = []

    def noted() -> Iterator[tuple[int, dict[str, Any]]]:
        for leaf in reader.leaves():
            if leaf.body["kind"] == "run" and leaf.body["run"] == run:
                ended.append(leaf.body["ended"])
            yield leaf.index, leaf.body

    ledger = read(noted(), reader.content)
    if not ledger.rules or not ended:
        return None
    start, end = ledger.rules[0].at, moment(ended[0])
    found = coverage(ledger, start, end)
    done, due = sum(one.counts.get(State.DONE, 0) for one in found), sum(one.due for one in found)
    return Covered(done, due, start, end) if due else None


def _facts(settings: config.Config, checked: Report, lock: Lock, key: str) -> Facts:
    if checked.head is None:
        raise ArchiveError("the archive has no commit that can be read; `collector verify` says what is wrong")
    # Only for words about the evidence types: a connector that cannot be loaded is in the run's own gaps.
    connectors, _ = registry.load(registry.installed())
    return Facts(
        generated=options.now(),
        generator=__version__,
        organisation=settings.organisation,
        origin=key.split("+", maxsplit=1)[0],
        size=checked.head.size,
        root=checked.head.root.hex(),
        verification=Verification(
            sound=checked.sound,
            key=key,
            faults=tuple(f"{fault.object}: {fault.problem}" for fault in checked.faults),
            notes=tuple(checked.notes),
            stamps=tuple(checked.stamps),
            cosigned=tuple(checked.cosigned),
        ),
        lock=str(lock),
        simulated=settings.simulated,
        descriptions={
            one.id: Description(one.title, one.description)
            for connector in connectors.values()
            for one in connector.types.values()
        },
    )
