"""Logs: to standard error, for a person or a machine, and never with a secret in them."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import click
import structlog

from collector.redact import masked

if TYPE_CHECKING:
    from collections.abc import MutableMapping

LEVELS = ("debug", "info", "warning", "error")


def configure(level: str, *, as_json: bool) -> None:
    """Set logging up for the whole process. botocore's own loggers stay silent: they print headers and bodies."""
    logging.getLogger("botocore").setLevel(logging.CRITICAL)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # the service hears of the same by events
    logging.getLogger("httpx").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def note(text: str, level: int = logging.INFO) -> None:
    """One line on standard error for whoever called, whatever is logged; where that is JSON, it is JSON as well."""
    processors = structlog.get_config()["processors"]
    if isinstance(processors[-1], structlog.processors.JSONRenderer):
        every = structlog.make_filtering_bound_logger(logging.NOTSET)
        structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors, every).log(level, text)
    else:
        click.echo(text, err=True)


def _mask(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask whatever looks like a secret in any field of a log line."""
    return {name: masked(value) if isinstance(value, str) else value for name, value in event.items()}
