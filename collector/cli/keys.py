"""`collector keys`: which keys sign, and replacing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.archive.archive import Archive
from collector.archive.keyring import LOG, ROLES
from collector.archive.keys import Keys, key_name
from collector.cli import display, options

if TYPE_CHECKING:
    from collector.config import Config

_PLACE = "aws-kms:KEY or gcp-kms:projects/…/cryptoKeyVersions/1"
_role_argument = click.argument("role", type=click.Choice(ROLES))
_to_option = click.option("--to", "place", default="", metavar="PLACE", help=f"The new key is in a KMS: {_PLACE}.")


@click.command("keys", cls=click.Group, invoke_without_command=True)
@click.pass_context
@options.config_option
@options.archive_option
def command(context: click.Context, config_file: Path | None, archive_path: str | None) -> None:
    """Show the keys that sign the archive, and the former ones; replace one of them.

    `rotate` replaces a key in good time. `revoke` replaces one that may be in other hands.
    """
    context.obj = config = options.read_config(config_file, archive_path)
    if context.invoked_subcommand is None:
        _show(Keys.load(config.archive.keys_path))


@command.command("rotate")
@_role_argument
@_to_option
@click.pass_obj
def rotate(config: Config, role: str, place: str) -> None:
    """Let a new key sign from the next commit on; the old one is deleted here, and stays good for what it signed."""
    _replaced(config, role, place, None)


@command.command("revoke")
@_role_argument
@click.option("--since", type=click.IntRange(0), required=True, help="The first commit that a thief may have signed.")
@_to_option
@click.pass_obj
def revoke(config: Config, role: str, since: int, place: str) -> None:
    """Let a new key sign from the next commit on, and say for all time that the old one may have been stolen.

    `collector verify` then names every commit from --since up to the revocation as in doubt.
    """
    _replaced(config, role, place, since)


def _replaced(config: Config, role: str, place: str, since: int | None) -> None:
    store = options.store(config)
    archive = Archive.open(store, Keys.load(config.archive.keys_path))
    committed = archive.replace_key(role, options.now(), place=place, since=since)
    keys = Keys.load(config.archive.keys_path)
    click.echo(
        f"commit {committed.sequence} replaced the {role}'s key; from commit {committed.sequence + 1} on "
        f"{keys.signer(role).verifier_key} signs"
    )
    click.echo(f"Back up {keys.directory} now: the old backup cannot write to this archive any more.")
    if since is not None:
        click.echo(f"Tell your auditor that commits {since} to {committed.sequence} are in doubt, and why.")
    if role == LOG:
        click.echo(f"\nHand this verifier key to your auditor, out of band:\n{keys.log.verifier_key}")
    else:
        click.echo("\nYour auditor's verifier key stays the same: it is the log's.")


def _show(keys: Keys) -> None:
    rows = []
    for role in ROLES:
        file = keys.directory / key_name(role)
        for term in reversed(keys.ring.terms(role)):
            in_force = term.last is None
            place = keys.place(role) or str(file)
            signs = f"{term.first} …" if in_force else f"{term.first} to {term.last}"
            mode = f"{file.stat().st_mode & 0o777:04o}" if in_force else ""
            rows.append((role, term.key.key_id.hex(), signs, place if in_force else "replaced", mode))
    display.table("Keys", ("role", "id", "commits", "where", "mode"), rows)
    click.echo(f"verifier keys of {keys.origin}, the newest first; any of them will do for an auditor:")
    for term in reversed(keys.ring.log):
        click.echo(str(term.key))
    click.echo("\nHand the first to your auditor, out of band.")
