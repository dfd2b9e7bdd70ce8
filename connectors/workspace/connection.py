"""Signs in to Google Workspace as an administrator, and opens the one organisation that this is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.model import Scope
from collector.source.rest.client import Ask
from collector.source.rest.pointer import find
from collector.source.rest.proof import prove
from collector.source.rest.reads import Reads
from collector.source.rest.request import Request
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from connectors.workspace.api import API, DIALECT, OWN, addresses
from connectors.workspace.calls import CallsByScope
from connectors.workspace.directory_operations import WHO

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from connectors.workspace.settings import WorkspaceSettings


def sign_in(settings: WorkspaceSettings, outside: Outside) -> Callable[[Surroundings], WorkspaceConnection]:
    """Ask Google who the administrator is; UsageError when it refuses, or there are no credentials."""
    wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
    try:
        calls = CallsByScope(settings, wire, outside)
        customer = _customer(settings, calls)
    except UsageError:
        wire.close()
        raise
    return lambda around: WorkspaceConnection(settings, customer, calls, wire, around)


def _customer(settings: WorkspaceSettings, calls: CallsByScope) -> str:
    """Google's id of the organisation that the administrator belongs to."""
    base, operation = addresses(settings.base_url)["admin"], API.operation(WHO)
    request = Request(operation, base.place, {"userKey": settings.subject})
    call = calls.call(Ask(WHO, operation.bucket, base, base.at(request.path, request.first().parameters)))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"Google at {base.place} could not be asked who {settings.subject} is: {call.detail}")
    proved = prove(operation, call.reply, DIALECT, slow=call.slow)
    if proved.fault is not None:
        advice = "check [gws] subject and credentials_file, and the delegation in the Admin console"
        if call.reply.status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
            advice = "try again"
        raise UsageError(f"Google did not say who {settings.subject} is ({proved.fault[1]}): {advice}")
    return str(find(proved.answer, "/customerId"))


class WorkspaceConnection:
    """One organisation, in one administrator's name."""

    def __init__(
        self,
        settings: WorkspaceSettings,
        customer: str,
        calls: CallsByScope,
        wire: Wire,
        around: Surroundings,
    ) -> None:
        self._settings = settings
        self._customer = customer
        self._wire = wire
        self._reads = Reads(calls, API, addresses(settings.base_url), around, own=OWN)

    def scopes(self) -> Sequence[Scope]:
        """The organisation, by Google's id of it; its name is the administrator's domain."""
        return [Scope("gws", self._customer, self._settings.subject.rpartition("@")[2])]

    def home(self) -> Scope:
        """The organisation."""
        return self.scopes()[0]

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        """One source, for the organisation."""
        administrator = self._reads.request(WHO, {"userKey": self._settings.subject})
        who = self._reads.introduced(recorder, administrator, "/primaryEmail")
        source = RestSource(
            self._reads,
            recorder,
            who,
            evidence.needs,
            scope=scope,
            settings=self._settings,
            window=window,
            bound={"customer": scope.unit_id, "customerId": scope.unit_id},
        )
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()
