"""`collector egress`: every host that this configuration makes the collector call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from collector.archive.places import hosts_of
from collector.cli import display, options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.config import Config


@click.command("egress")
@options.config_option
@options.archive_option
def command(config_file: Path | None, archive_path: str | None) -> None:
    """Print the hosts that the collector calls, and what for: what a firewall or proxy has to let out.

    Written from the connectors' declarations and the configuration; nobody is called. REGION stands for each enabled
    region. Where AWS is meant, its endpoints in other partitions end differently.
    """
    config = options.read_config(config_file, archive_path)
    providers = options.providers(config)
    options.refuse_broken(providers.broken)
    rows = [
        (host, f"evidence of {name}")
        for name, connector in providers.connectors.items()
        if connector.hosts
        for host in connector.hosts(providers.settings[name], connector.types.values())
    ]
    display.table("hosts", ("host", "what for"), sorted({*rows, *_own(config)}))


def _own(config: Config) -> Iterator[tuple[str, str]]:
    """The archive, those who vouch for it, and who is told."""
    yield from ((host, "the archive") for host in hosts_of(config.archive.path))
    for url, purpose in (
        *((one.url, "a time-stamping authority") for one in config.archive.authorities),
        *((one.url, "a witness") for one in config.archive.witnesses),
        (config.notify.url, "notifications"),
    ):
        if url:
            yield urlsplit(url).netloc.rpartition("@")[2], purpose
