"""Signs in to a SCIM provider, and opens it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.model import Scope
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.base import Base
from collector.source.rest.client import Ask, Client
from collector.source.rest.pace import Pace
from collector.source.rest.reads import Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from connectors.scim.api import WHO, api

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from collector.source.rest.api import Api
    from connectors.scim.settings import ScimSettings

_HOLDER = "the holder of the token"
"""SCIM has no call that tells who asks."""


def sign_in(settings: ScimSettings, outside: Outside) -> Callable[[Surroundings], ScimConnection]:
    """Sign in with the token; UsageError when there is none, or the provider refuses it."""
    base, credential = Base(settings.base_url), bearer(settings.token, outside.environment)
    wire, made = Wire(outside, Limits(timeout=settings.timeout_seconds)), api(settings.page_size)
    pace = Pace(outside.clock, outside.sleep)
    client = Client(wire, pace, credential, made.dialect, outside, attempts=settings.attempts)
    try:
        _prove(client, base)
    except UsageError:
        wire.close()
        raise
    return lambda around: ScimConnection(settings, base, made, client, wire, around)


class ScimConnection:
    """One provider, by one token."""

    def __init__(
        self, settings: ScimSettings, base: Base, made: Api, client: Client, wire: Wire, around: Surroundings
    ) -> None:
        self._settings = settings
        self._api = made
        self._wire = wire
        self._place = base.place
        self._reads = Reads(client, made, {"": base}, around, own=frozenset({WHO}))

    def scopes(self) -> Sequence[Scope]:
        """The provider."""
        return [self.home()]

    def home(self) -> Scope:
        """The provider, by the name it was given."""
        return Scope("scim", self._settings.name or self._place, self._place)

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        """One source, for the provider."""
        who = self._reads.introduced(recorder, self._reads.request(WHO, {}), "", granted_to=_HOLDER)
        source = RestSource(
            self._reads, recorder, who, evidence.needs, scope=scope, settings=self._settings, window=window, bound={}
        )
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()


def _prove(client: Client, base: Base) -> None:
    """UsageError when the provider does not accept the token. Anything else that is wrong is for snapshots to say."""
    call = client.call(Ask(WHO, "", base, base.at("/Users", {"startIndex": 1, "count": 1})))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"the SCIM provider at {base.place} could not be asked: {call.detail}")
    if call.reply.status == HTTPStatus.UNAUTHORIZED:
        raise UsageError(f"the SCIM provider at {base.place} did not accept the token: check [scim] base_url and token")
