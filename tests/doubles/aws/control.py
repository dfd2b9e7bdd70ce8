"""Calls on the double's own endpoints, from outside."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

_SECONDS = 60


def ask_control(endpoint: str, method: str, name: str, given: object = None) -> Any:
    """Call `/_double/<name>`; an error of the double's is raised with its message."""
    body = None if given is None else json.dumps(given).encode()
    try:
        return json.loads(_ask(f"{endpoint}/_double/{name}", method, body))
    except urllib.error.HTTPError as error:
        with error:
            raise ValueError(f"the double refused {method} {name}: {error.read().decode()}") from error


def ask_moto_control(endpoint: str, name: str) -> None:
    """Call `/moto-api/<name>`."""
    _ask(f"{endpoint}/moto-api/{name}", "POST", b"")


def _ask(url: str, method: str, body: bytes | None) -> bytes:
    # The scheme is the double's own, and a proxy in the environment must not come between.
    request = urllib.request.Request(url, body, method=method)  # noqa: S310
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=_SECONDS) as response:
        return bytes(response.read())
