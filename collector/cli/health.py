"""`collector health`: ask the service on this machine whether it lives. A container's health check."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import httpx

from collector import config as configuration
from collector.cli import options
from collector.cli.main import COMPLETE, INCOMPLETE
from collector.errors import UsageError

_SECONDS = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what a service that listens everywhere is asked at


@click.command("health")
@options.config_option
@click.option("--listen", metavar="HOST:PORT", help="Where the service answers, instead of the configured.")
@click.option("--ready", is_flag=True, help="Whether it can do its work, not only whether it lives.")
def command(config_file: Path | None, listen: str | None, *, ready: bool) -> None:
    """Ask the service that runs here whether it is well. Exits 0 when it says so, 1 when not or nobody answers."""
    where = listen or options.read_config(config_file).serve.listen
    if where == "none":
        raise UsageError("[serve] listen is none, so there is nobody to ask; give the service an address")
    try:
        host, port = configuration.address(where)
    except ValueError as error:
        raise UsageError(f"--listen: {error}") from error
    host = _EVERYWHERE.get(host, host)
    url = httpx.URL(scheme="http", host=host, port=port, path="/readyz" if ready else "/healthz")
    try:
        answer = httpx.get(url, timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        click.echo(f"{url}: {error}", err=True)
        sys.exit(INCOMPLETE)
    click.echo(answer.text.strip())
    sys.exit(COMPLETE if answer.is_success else INCOMPLETE)
