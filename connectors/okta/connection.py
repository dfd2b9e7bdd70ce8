"""Signs in to an Okta org, and opens it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from collector.errors import UnreadableError, UsageError
from collector.model import Scope
from collector.source.rest.base import Base
from collector.source.rest.client import Client
from collector.source.rest.pace import Pace
from collector.source.rest.reads import Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from connectors.okta.api import API, OWN
from connectors.okta.identity import identity, prove
from connectors.okta.operations import ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from connectors.okta.identity import Identity
    from connectors.okta.settings import OktaSettings


def sign_in(settings: OktaSettings, outside: Outside) -> Callable[[Surroundings], OktaConnection]:
    """Sign in with the token or as the app; UsageError when there is none, or Okta refuses it."""
    base = Base(settings.base_url)
    wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
    try:
        who = identity(settings, outside, wire, base)
        pace = Pace(outside.clock, outside.sleep, reserve=settings.reserve_percent / 100)
        client = Client(wire, pace, who.credential, who.dialect, outside, attempts=settings.attempts)
        prove(who, client, base)
    except UsageError:
        wire.close()
        raise
    return lambda around: OktaConnection(settings, who, Reads(client, API, {"": base}, around, own=OWN), wire)


class OktaConnection:
    """One org, by one identity."""

    def __init__(self, settings: OktaSettings, who: Identity, reads: Reads, wire: Wire) -> None:
        self._settings = settings
        self._who = who
        self._reads = reads
        self._wire = wire
        self._lock = threading.Lock()
        self._scope: Scope | None = None

    def scopes(self) -> Sequence[Scope]:
        """The org, by its id: that stays when its address changes."""
        return [self.home()]

    def home(self) -> Scope:
        """The org. UnreadableError when it does not say its id."""
        with self._lock:
            if self._scope is None:
                request = self._reads.request(ORGANISATION, {})
                (page,) = self._reads.pages(request)
                if page.gap is not None:
                    raise UnreadableError(page.gap)
                self._scope = Scope("okta", str(page.answer["id"]), request.place)
            return self._scope

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        """One source, for the org."""
        asked = self._reads.request(self._who.asks, {})
        who = self._reads.introduced(recorder, asked, self._who.pointer, granted_to=self._who.granted_to)
        source = RestSource(
            self._reads, recorder, who, evidence.needs, scope=scope, settings=self._settings, window=window, bound={}
        )
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()
