"""Signs in to one tenant and opens it."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

from collector.errors import UnreadableError, UsageError
from collector.model import Scope
from collector.source.rest.auth.microsoft import is_tenant_id
from collector.source.rest.base import Base
from collector.source.rest.client import Ask, Client
from collector.source.rest.pace import Pace
from collector.source.rest.pointer import find
from collector.source.rest.reads import Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from connectors.entra.api import API, OWN
from connectors.entra.directory_operations import ORGANISATION
from connectors.entra.identity import credential

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from connectors.entra.settings import EntraSettings

VERSION = "v1.0"
"""Everything that is read is in it; nothing is taken from Graph's beta."""


def sign_in(settings: EntraSettings, outside: Outside) -> Callable[[Surroundings], EntraConnection]:
    """Sign in as the configuration says; UsageError when no token is given, or Graph refuses it."""
    base = Base(f"{settings.graph}/{VERSION}")
    wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
    try:
        pace = Pace(outside.clock, outside.sleep, reserve=settings.reserve_percent / 100)
        signer = credential(settings, outside)
        client = Client(wire, pace, signer, API.dialect, outside, attempts=settings.attempts)
        _accepted(client, base)
    except UsageError:
        wire.close()
        raise
    return lambda around: EntraConnection(settings, Reads(client, API, {"": base}, around, own=OWN), wire)


class EntraConnection:
    """One tenant."""

    def __init__(self, settings: EntraSettings, reads: Reads, wire: Wire) -> None:
        self._settings = settings
        self._reads = reads
        self._wire = wire
        self._lock = threading.Lock()
        self._scope: Scope | None = None

    def scopes(self) -> Sequence[Scope]:
        """The tenant, by its id."""
        return [self.home()]

    def home(self) -> Scope:
        """The tenant."""
        with self._lock:
            if self._scope is None:
                who = self._reads.identify(self._reads.request(ORGANISATION, {}), "/value/0/id")
                if who.gap is not None:
                    raise UnreadableError(who.gap)
                tenant = str(find(who.answer, "/value/0/id"))
                wanted = self._settings.tenant_id
                if is_tenant_id(wanted) and wanted.lower() != tenant.lower():
                    raise UsageError(f"[entra] tenant_id is {wanted}, but the credentials belong to tenant {tenant}")
                self._scope = Scope("entra", tenant, str(find(who.answer, "/value/0/displayName") or ""))
            return self._scope

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        """One source, for the tenant."""
        who = self._reads.introduced(recorder, self._reads.request(ORGANISATION, {}), "/value/0/id")
        source = RestSource(
            self._reads, recorder, who, evidence.needs, scope=scope, settings=self._settings, window=window, bound={}
        )
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()


def _accepted(client: Client, base: Base) -> None:
    """UsageError unless Graph lets us see the tenant's own name: without that nothing can be named."""
    call = client.call(Ask(ORGANISATION, "", base, base.at("/organization", {})))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"Graph at {base.place} could not be asked: {call.detail}")
    if call.reply.status == HTTPStatus.UNAUTHORIZED:
        raise UsageError(f"Graph at {base.place} did not accept the token (HTTP 401): check [entra] cloud and sign_in")
    if call.reply.status == HTTPStatus.FORBIDDEN:
        raise UsageError(
            f"Graph at {base.place} does not show which tenant this is (HTTP 403): grant the application "
            "Organization.Read.All and consent to it; `collector permissions entra` prints all that it needs"
        )
    if call.reply.status != HTTPStatus.OK:
        raise UsageError(
            f"Graph at {base.place} did not say which tenant this is (HTTP {call.reply.status}): try again"
        )
