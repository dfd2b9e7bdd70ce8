"""Signs in to Google Cloud, finds what there is to read, and opens each organisation."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from collector.errors import UnreadableError, UsageError
from collector.model import Scope
from collector.source.rest.client import Ask, Client
from collector.source.rest.pace import Pace
from collector.source.rest.proof import prove
from collector.source.rest.reads import Reads
from collector.source.rest.request import Request
from collector.source.rest.wire import Limits, Wire
from connectors.gcp.api import API, DIALECT, OWN, addresses
from connectors.gcp.hierarchy import Hierarchy
from connectors.gcp.operations import ORGANISATIONS, PROJECTS, WHO
from connectors.gcp.source import GcpSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from collector.source.rest.reads import Page
    from connectors.gcp.settings import GcpSettings


def sign_in(settings: GcpSettings, outside: Outside) -> Callable[[Surroundings], GcpConnection]:
    """Ask Google who we are; UsageError when it refuses, or there are no credentials."""
    wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
    try:
        client = _client(settings, wire, outside)
        _prove(settings, client)
    except UsageError:
        wire.close()
        raise
    return lambda around: GcpConnection(settings, client, wire, around)


def _client(settings: GcpSettings, wire: Wire, outside: Outside) -> Client:
    try:
        # Only who collects from Google has google-auth.
        from collector.source.rest.auth.google import google  # noqa: PLC0415 - as said above
        from connectors.gcp._packages.credentials import credentials  # noqa: PLC0415 - as said above
    except ImportError as error:
        raise UsageError("[gcp] needs Google's packages: pip install 'evidence-collector[gcp]'") from error
    credential = google(credentials(settings, outside.environment), wire, outside)
    # Google counts by project and service; which project that is, a header says.
    quota = {"x-goog-user-project": settings.quota_project} if settings.quota_project else {}
    dialect = replace(DIALECT, headers={**DIALECT.headers, **quota})
    return Client(wire, Pace(outside.clock, outside.sleep), credential, dialect, outside, attempts=settings.attempts)


def _first(settings: GcpSettings) -> str:
    """The call that shows who we are; of an identity without an address Google shows only that it is let in."""
    return ORGANISATIONS if settings.principal else WHO


def _prove(settings: GcpSettings, client: Client) -> None:
    operation = API.operation(_first(settings))
    base = addresses(settings.base_url)[operation.base]
    request = Request(operation, base.place, {})
    call = client.call(Ask(operation.name, operation.bucket, base, base.at(request.path, {})))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"Google at {base.place} could not be asked who we are: {call.detail}")
    proved = prove(operation, call.reply, DIALECT, slow=call.slow)
    if proved.fault is not None:
        known = call.reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        advice = "check [gcp] credentials_file, service_account and principal" if known else "try again"
        raise UsageError(f"Google did not say who we are ({proved.fault[1]}): {advice}")


class GcpConnection:
    """One identity, and each organisation, folder or project that it reads."""

    def __init__(self, settings: GcpSettings, client: Client, wire: Wire, around: Surroundings) -> None:
        self._settings = settings
        self._wire = wire
        self._reads = Reads(client, API, addresses(settings.base_url), around, own=OWN)
        self._hierarchy = Hierarchy(self._reads)

    def scopes(self) -> Sequence[Scope]:
        """What the settings name; else every organisation, or where there is none, every active project by itself."""
        self._identified()  # so that what is found carries who found it
        titles = {one.name: one.title for one in self._hierarchy.listing(ORGANISATIONS).whole()}
        if self._settings.roots:
            return [Scope("gcp", root, titles.get(root, "")) for root in self._settings.roots]
        if titles:
            return sorted(Scope("gcp", name, title) for name, title in titles.items())
        projects = [one for one in self._hierarchy.listing(PROJECTS).whole() if one.active]
        if not projects:
            raise UsageError("[gcp] the identity sees neither an organisation nor a project: grant it the role")
        return sorted(Scope("gcp", f"projects/{one.id}", one.title) for one in projects)

    def home(self) -> Scope:
        """The first of them: nothing is read for all at once."""
        return self.scopes()[0]

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[GcpSource]:
        """One source, for the root and all that is below it."""
        who = self._identified()
        recorder.exchange(who.exchange)
        if who.gap is not None:
            raise UnreadableError(who.gap)
        kind, _, unit = scope.unit_id.partition("/")
        source = GcpSource(
            self._hierarchy,
            scope.unit_id,
            self._reads,
            recorder,
            who,
            evidence.needs,
            scope=scope,
            settings=self._settings,
            window=window,
            bound={"kind": kind, "unit": unit},
        )
        return [source]

    def _identified(self) -> Page:
        """Who Google says we are, asked once in a run."""
        request = self._reads.request(_first(self._settings), {})
        return self._reads.identify(request, "/email", granted_to=self._settings.principal)

    def close(self) -> None:
        """Let go of every connection."""
        self._wire.close()
