"""`collector export`: what is sealed, in forms that other people's tools read."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector import registry, trace
from collector.archive.bagit import write_bag
from collector.archive.layout import checkpoint_key, sequences
from collector.archive.reader import Reader
from collector.archive.tiles import entries, write_tiles
from collector.assess.completeness import Evidence
from collector.assess.controls import load_controls, with_parameters
from collector.cli import options
from collector.errors import UsageError
from collector.excluded import is_register
from collector.export import export

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.archive.reader import Leaf
    from collector.archive.store import Store
    from collector.config import Config

_folder = click.Path(path_type=Path, file_okay=False)


@click.command("export")
@options.config_option
@options.archive_option
@click.option("--run", "run_id", help="Which run's tables; default: the newest.")
@click.option("--to", "tables", type=_folder, help="A run's tables as Parquet  [default: tables]")
@click.option("--tiles", type=_folder, help="The log as C2SP tiles, for tools that read transparency logs.")
@click.option("--bagit", "bag", type=_folder, help="The whole archive as a BagIt bag (RFC 8493).")
@click.option("--verifier", type=click.Path(path_type=Path, dir_okay=False), help="The stand-alone verify.py.")
def command(
    config_file: Path | None,
    archive_path: str | None,
    run_id: str | None,
    tables: Path | None,
    tiles: Path | None,
    bag: Path | None,
    verifier: Path | None,
) -> None:
    """Write a run's record tables as Parquet, and every rule as text that runs on them with plain DuckDB.

    Or the archive itself: as tiles, as a bag; or the program with which a stranger verifies a copy of it.
    """
    config = options.read_config(config_file, archive_path)
    store = options.store(config)
    if tiles:
        _tiles(store, tiles)
    if bag:
        write_bag(store, bag, {"Source-Organization": config.organisation} if config.organisation else {})
    if verifier:
        _verifier(verifier)
    if tables or not (tiles or bag or verifier):
        tables = tables or Path("tables")
        _tables(config, Reader(store), run_id, tables)
    for made in (tiles, bag, verifier, tables):
        if made:
            click.echo(made.resolve())


def _tables(config: Config, reader: Reader, run_id: str | None, folder: Path) -> None:
    leaves = list(reader.leaves())
    run = run_id or trace.newest_run(leaves)
    runs = trace.with_shards(leaves, run)
    if not runs:
        raise UsageError(
            f"--run {run}: this archive has no such run; `collector show TYPE` names the run of each snapshot"
        )
    evidence = [Evidence(leaf.index, leaf.body) for leaf in trace.evidence_of(leaves, runs)]
    evidence += _register(leaves, runs, reader, {one.index for one in evidence})
    controls = with_parameters(load_controls(), config.controls)
    export(folder, evidence, reader.content, controls, registry.read_once())


def _register(leaves: Iterable[Leaf], runs: Collection[str], reader: Reader, own: Collection[int]) -> list[Evidence]:
    """The scope register of an earlier run by which these judged: it says which of their rows count."""
    cited = {
        index
        for leaf in leaves
        if leaf.body["kind"] == "outcome" and leaf.body["run"] in runs
        for index in leaf.body["evidence"]
    } - set(own)
    standing = [Evidence(leaf.index, leaf.body) for leaf in leaves if leaf.index in cited]
    return [one for one in standing if is_register((one.index, one.body), reader.content)]


def _tiles(store: Store, folder: Path) -> None:
    signed = sequences(store.list("log/"), "ckpt")
    if not signed:
        raise UsageError(f"{store}: no checkpoint to export yet")
    write_tiles(entries(Reader(store)), store.get(checkpoint_key(signed[-1])) or b"", folder)


def _verifier(path: Path) -> None:
    if path.exists():
        raise UsageError(f"{path} is here already; name another file")
    path.write_bytes((files("collector.archive.standalone") / "verify.py").read_bytes())
