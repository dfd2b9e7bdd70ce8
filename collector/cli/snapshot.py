"""`collector snapshot`: collect everything now, due or not."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive.reader import Reader
from collector.assess.controls import load_controls, with_parameters
from collector.cli import at_hand, collecting, display, options, stopping, vouchers
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.cli.opening import open_or_make
from collector.cli.spent import spent
from collector.errors import UsageError
from collector.plan import chosen
from collector.recent import kept
from collector.redact import Redactor
from collector.run import judge
from collector.shards import Shard, plan_digest, refuse_again

if TYPE_CHECKING:
    from collector.config import Config


@click.command("snapshot")
@options.config_option
@options.archive_option
@click.option("--only", multiple=True, metavar="TYPE", help="Only these evidence types; `aws.iam.*` works. Repeatable.")
@click.option("--scope", "scopes", multiple=True, help="Only these accounts, by id or name. Repeatable.")
@click.option("--shard", "shard_text", metavar="I/N", help="Only this share of the tasks, such as 2/5; needs --run.")
@click.option("--run", "run_id", help="The id that the shards of one run have in common.")
@click.option("--dry-run", is_flag=True, help="Print what would be collected, and collect nothing.")
@click.option(
    "--package",
    "package_folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write the auditor's package of this date there too, and a zip of it; needs no configuration.",
)
def command(
    config_file: Path | None,
    archive_path: str | None,
    only: tuple[str, ...],
    scopes: tuple[str, ...],
    shard_text: str | None,
    run_id: str | None,
    package_folder: Path | None,
    *,
    dry_run: bool,
) -> None:
    """Collect everything now: the one-shot before audit fieldwork.

    Without a configuration file it collects from the account that the credentials in the environment belong to,
    into ./evidence. Exits 0 only when every evidence type was complete.

    With --package and no provider's table it collects from every provider whose usual credentials are at hand; without
    any configuration file the archive is in FOLDER too. A provider that does not let it in is a gap in the package.
    """
    cut = _cut(shard_text, run_id)
    if package_folder and cut:
        raise UsageError("--package goes without --shard: a shard is not judged; package the run once it is assessed")
    if package_folder and not (archive_path or config_file or options.DEFAULT_FILE.exists()):
        archive_path = str(package_folder / "evidence")
    config = options.read_config(config_file, archive_path)
    parties, people = vouchers.parties(config.archive), options.pseudonyms(config)
    unconfigured = package_folder is not None and not config.providers
    providers = at_hand.found(config) if unconfigured else options.providers(config)
    controls = with_parameters(load_controls(), config.controls)
    types = chosen(providers.types, only) if providers.connectors else []
    providers, openings = at_hand.signed_in(providers) if unconfigured else (providers, providers.sign_in())
    with stopping.stoppable(config.collect.threads, config.serve.grace_seconds) as run:
        # Whatever is wrong with accounts or arguments comes to light here, before an archive is made.
        with options.opened(openings, options.unkept(run.pool, types)) as connections:
            providers, alive = at_hand.reached(providers, connections) if unconfigured else (providers, connections)
            tasks = options.planned(alive, types, scopes)
        openings = {name: openings[name] for name in alive}
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
    if package_folder:
        _package(config, package_folder / f"package-{finished.run}", stopped=run.until.asked)
    run.leave(COMPLETE if finished.complete else INCOMPLETE)


def _package(config: Config, folder: Path, *, stopped: bool) -> None:
    """Write the package of the date of the run, and say where to begin."""
    if stopped:
        display.note("stopped early, so no package was written; `collector package --type1 DATE` writes one")
        return
    # What makes a package takes a fifth of a second to import, which a snapshot on a schedule need not pay.
    from collector.cli.package import of_one_date, packed  # noqa: PLC0415 - as said above
    from collector.package.binder.shelf import Folder  # noqa: PLC0415 - as said above

    shelf = Folder(folder)
    day = of_one_date(config, options.store(config), shelf)
    click.echo(f"\n{folder / 'index.html'}: begin to read here")
    click.echo(f"{packed(shelf)}: the same as one file")
    click.echo(f"{options.verifier_key(config)}: the key to check it with; hand it over apart from the package")
    click.echo(
        f"This shows how things stood on {day} (UTC), and no more. It is no evidence that any control operated over a "
        "period: that takes collecting again and again (`collector serve`, `collector run --due`)."
    )


def _cut(shard: str | None, run: str | None) -> Shard | None:
    """The share asked for, before its plan is known."""
    if shard is None and run is None:
        return None
    if shard is None or run is None:
        raise UsageError("--shard and --run go together: a run's shards know each other by its id")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", run):
        raise UsageError(f"--run {run}: an id has up to 64 letters, digits, - and _")
    return Shard.parse(shard, run)
