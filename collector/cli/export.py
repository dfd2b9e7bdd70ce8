"""`collector export`: a run's tables, for any SQL tool."""

from __future__ import annotations

from pathlib import Path

import click

from collector import trace
from collector.archive.reader import Reader
from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.cli import options
from collector.errors import UsageError
from collector.export import export


@click.command("export")
@options.config_option
@options.archive_option
@click.option("--run", "run_id", help="Which run; default: the newest.")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path), default=Path("tables"), show_default=True, help="The folder."
)
def command(config_file: Path | None, archive_path: str | None, run_id: str | None, folder: Path) -> None:
    """Write a run's record tables as Parquet, and every rule as text that runs on them with plain DuckDB."""
    config = options.read_config(config_file, archive_path)
    reader = Reader(options.store(config))
    leaves = list(reader.leaves())
    run = run_id or trace.newest_run(leaves)
    if not any(leaf.body["kind"] == "run" and leaf.body["run"] == run for leaf in leaves):
        raise UsageError(f"the archive has no finished run {run}; give the id that the run printed")
    evidence = [
        Evidence(leaf.index, leaf.body)
        for leaf in leaves
        if leaf.body["kind"] == "evidence" and leaf.body["run"] == run
    ]
    export(folder, evidence, reader.content, with_parameters(load_controls(), config.controls))
    click.echo(folder.resolve())
