"""A file of Google's credentials, as both connectors to Google take it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.errors import UsageError
from collector.source.rest.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADDRESSES = ("token_uri", "token_url", "service_account_impersonation_url")


def read(file: str, table: str) -> Mapping[str, Any]:
    """What the file says; nothing where none is named. UsageError, which names the `table`, where it cannot be used."""
    if not file:
        return {}
    try:
        said = json.loads(Path(file).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"[{table}] credentials_file {file} cannot be read: {error.strerror}") from error
    except ValueError as error:  # its text may quote the file
        raise UsageError(f"[{table}] credentials_file {file} is no JSON") from error
    if not isinstance(said, dict) or not said.get("type"):
        raise UsageError(f"[{table}] credentials_file {file} does not say what kind of credentials it holds")
    for name in _ADDRESSES:
        if said.get(name):
            Base(said[name])  # a signed claim or a token must not travel in clear text
    return said
