"""Signs in to a tenant, finds its subscriptions, and opens each."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collector.errors import UnreadableError, UsageError
from collector.model import Scope
from collector.source.rest.auth.microsoft import is_tenant_id
from collector.source.rest.base import Base
from collector.source.rest.client import Ask, Client
from collector.source.rest.pace import Pace
from collector.source.rest.pointer import find
from collector.source.rest.reads import Reads
from collector.source.rest.wire import Limits, Wire
from connectors.azure import packages
from connectors.azure.api import API, OWN
from connectors.azure.group_members import GRAPH
from connectors.azure.identity import credential, graph_credential
from connectors.azure.packages import SUBSCRIPTIONS
from connectors.azure.source import AzureSource
from connectors.azure.subscriptions import BySubscription
from connectors.azure.tenant_operations import TENANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from connectors.azure.settings import AzureSettings

GONE = "Deleted"
"""The one state of a subscription in which nothing of it can be read."""


def sign_in(settings: AzureSettings, outside: Outside) -> Callable[[Surroundings], AzureConnection]:
    """Sign in as the configuration says; UsageError when no token is given, or Resource Manager refuses it."""
    base, graph = Base(settings.manager), Base(settings.graph)
    wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
    try:
        signer = credential(settings, outside)
        reader = graph_credential(settings, outside) if settings.entra_connected else signer

        def client(address: Base) -> Client:
            pace = Pace(outside.clock, outside.sleep, reserve=settings.reserve_percent / 100)
            mine = reader if address is graph else signer
            return Client(wire, pace, mine, API.dialect, outside, attempts=settings.attempts)

        calls = BySubscription(client)
        _accepted(calls, base)
    except UsageError:
        wire.close()
        raise
    bases = {"": base, GRAPH: graph}
    return lambda around: AzureConnection(settings, Reads(calls, API, bases, around, own=OWN), wire)


class AzureConnection:
    """One tenant, and each subscription it opens."""

    def __init__(self, settings: AzureSettings, reads: Reads, wire: Wire) -> None:
        self._settings = settings
        self._reads = reads
        self._wire = wire
        self._lock = threading.Lock()
        self._scopes: list[Scope] = []

    def scopes(self) -> Sequence[Scope]:
        """The subscriptions in every state but deleted, by id, without those that the configuration leaves out."""
        with self._lock:
            if not self._scopes:
                left_out = {one.lower() for one, reason in self._settings.excluded_subscriptions.items() if reason}
                self._scopes = sorted(
                    Scope("azure", one["subscriptionId"], str(one.get("displayName") or ""))
                    for one in self._listed()
                    if one.get("state") != GONE and one["subscriptionId"].lower() not in left_out
                )
            if not self._scopes:
                raise UsageError(
                    "the identity sees no subscription: give it the role of deploy/azure/collector-role.json at the "
                    "root management group"
                )
            return self._scopes

    def home(self) -> Scope:
        """The first subscription: what is about the whole tenant is read in it."""
        return self.scopes()[0]

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[AzureSource]:
        """One source, for the subscription."""
        tenants = self._reads.request(TENANTS, {})
        who = self._reads.introduced(recorder, tenants, "/value/0/tenantId", granted_to=self._settings.client_id)
        source = AzureSource(
            self._reads,
            recorder,
            who,
            evidence.needs,
            scope=scope,
            settings=self._settings,
            window=window,
            bound={"subscription": scope.unit_id, "tenant": self._tenant(who.answer)},
        )
        source.collected = [one.unit_id for one in self.scopes()]
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()

    def _tenant(self, answer: Any) -> str:  # noqa: ANN401 - any JSON value
        """The tenant's id: the configuration's where it gives one, since an identity may see several."""
        wanted = self._settings.tenant_id
        return wanted if is_tenant_id(wanted) else str(find(answer, "/value/0/tenantId"))

    def _listed(self) -> list[Mapping[str, Any]]:
        request = self._reads.request(SUBSCRIPTIONS, {})
        pages = iter(self._reads.pages(request))
        version = request.operation.parameters["api-version"]
        try:
            return [
                one
                for _, items in packages.listed(
                    SUBSCRIPTIONS, pages, address=self._settings.manager, subscription="", version=version
                )
                for one in items
            ]
        except UnreadableError as error:
            raise UsageError(f"the subscriptions cannot be listed: {error.gap.detail}") from error


def _accepted(calls: BySubscription, base: Base) -> None:
    """UsageError unless Resource Manager says which tenant this is: without that nothing can be named."""
    version = API.operation(TENANTS).parameters
    call = calls.call(Ask(TENANTS, "", base, base.at("/tenants", version)))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"Resource Manager at {base.place} could not be asked: {call.detail}")
    if call.reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise UsageError(
            f"Resource Manager at {base.place} did not accept the token (HTTP {call.reply.status}): "
            "check [azure] cloud and sign_in"
        )
    if call.reply.status != HTTPStatus.OK:
        raise UsageError(
            f"Resource Manager at {base.place} did not say which tenant this is (HTTP {call.reply.status}): try again"
        )
