"""Calls with a token for each scope: one that the delegation lacks costs the evidence that rests on it, no other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.source.rest.client import Client
from collector.source.rest.pace import Pace
from connectors.workspace.api import API, DIALECT

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential
    from collector.source.rest.client import Ask, Call
    from collector.source.rest.wire import Wire
    from connectors.workspace.settings import WorkspaceSettings


class CallsByScope:
    """A client for each scope. They share one pace: Google counts by project and user, whatever the token."""

    def __init__(self, settings: WorkspaceSettings, wire: Wire, outside: Outside) -> None:
        """UsageError when google-auth is not installed, or finds no credentials."""
        self._settings = settings
        self._credential = _credentials(settings, wire, outside)
        self._wire = wire
        self._outside = outside
        self._pace = Pace(outside.clock, outside.sleep)
        self._lock = threading.Lock()
        self._clients: dict[str, Client] = {}

    def call(self, ask: Ask) -> Call:
        """Send it with the token of the scope that its operation needs."""
        return self._client(API.operation(ask.operation).needs).call(ask)

    def _client(self, scope: str) -> Client:
        with self._lock:
            if scope not in self._clients:
                credential, attempts = self._credential(scope), self._settings.attempts
                self._clients[scope] = Client(
                    self._wire, self._pace, credential, DIALECT, self._outside, attempts=attempts
                )
            return self._clients[scope]


def _credentials(settings: WorkspaceSettings, wire: Wire, outside: Outside) -> Callable[[str], Credential]:
    try:
        # Only who collects from Google has google-auth.
        from collector.source.rest.auth.google import google  # noqa: PLC0415 - as said above
        from connectors.workspace._packages.delegation import delegation  # noqa: PLC0415 - as said above
    except ImportError as error:
        raise UsageError("[gws] needs the package google-auth: pip install 'evidence-collector[gcp]'") from error
    made = delegation(settings, outside.environment)
    return lambda scope: google(made(scope), wire, outside)
