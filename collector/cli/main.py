"""The command line. Each command is a file of its own, imported when it is asked for."""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import Any

import click
import structlog

from collector import __version__
from collector.cli import logs
from collector.errors import ArchiveError, CollectorError

COMMANDS = (
    "init",
    "snapshot",
    "attach",
    "assess",
    "run",
    "serve",
    "health",
    "verify",
    "coverage",
    "population",
    "history",
    "register",
    "gaps",
    "except",
    "respond",
    "sample",
    "whatif",
    "show",
    "report",
    "package",
    "browse",
    "export",
    "evidence",
    "controls",
    "permissions",
    "egress",
    "agent",
    "doctor",
    "keys",
)

COMPLETE, INCOMPLETE, CANNOT_START, CANNOT_KEEP = 0, 1, 2, 3
"""Exit codes: all is well; something is missing or wrong; bad input, nothing done; the archive could not be used."""


class Commands(click.Group):
    """Finds a command's module by the command's name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """The command; None for a name that is none, which click explains."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"collector.cli.{cmd_name}").command
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(__version__, prog_name="collector")
@click.option("--log-level", default="error", show_default=True, type=click.Choice(logs.LEVELS), help="What is logged.")
@click.option("--log-json", is_flag=True, help="Log JSON lines, for machines.")
def cli(log_level: str, *, log_json: bool) -> None:
    """Collect cloud evidence into a write-once archive that an auditor can check.

    \b
    Exit codes: 0 complete; 1 incomplete, or verification found a fault;
    2 bad input or credentials, nothing was done; 3 the archive could not be used.
    """  # noqa: D301 - \b is click's mark for "do not rewrap"
    logs.configure(log_level, as_json=log_json)


def main() -> Any:  # noqa: ANN401 - click's own
    """Run a command; what the product can explain ends in one sentence and an exit code."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(CANNOT_START)
    except click.Abort:
        logs.note("stopped; nothing of this run was sealed")
        sys.exit(CANNOT_START)
    except ArchiveError as error:
        structlog.get_logger().debug("archive", exc_info=error)
        logs.note(f"archive: {error}", logging.ERROR)
        sys.exit(CANNOT_KEEP)
    except CollectorError as error:
        logs.note(f"error: {error}", logging.ERROR)
        sys.exit(CANNOT_START)
