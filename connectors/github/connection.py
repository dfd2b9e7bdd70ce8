"""Signs in to GitHub, finds the organisations, and opens each."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.model import Scope
from collector.source.rest.base import Base
from collector.source.rest.client import Client
from collector.source.rest.pace import Pace
from collector.source.rest.reads import Reads
from collector.source.rest.source import RestSource
from collector.source.rest.wire import Limits, Wire
from connectors.github.api import API, DIALECT, OWN
from connectors.github.identity import identity
from connectors.github.shared_operations import WHO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.recorder import Recorder
    from collector.source.rest.auth.credential import Credential
    from connectors.github.identity import Identity
    from connectors.github.settings import GithubSettings


def sign_in(settings: GithubSettings, outside: Outside) -> Callable[[Surroundings], GithubConnection]:
    """Sign in with the token or as the App; UsageError when there is none, or GitHub refuses it."""
    opening = _Opening(settings, outside)
    try:
        opening.who.prove(opening.client(opening.who.credential), opening.bases)
    except UsageError:
        opening.wire.close()
        raise
    return lambda around: GithubConnection(settings, opening, around)


def addresses(base_url: str) -> dict[str, Base]:
    """Where REST and GraphQL are; an Enterprise Server has them side by side. UsageError for no address."""
    beside = base_url.rstrip("/").removesuffix("/v3") if base_url.rstrip("/").endswith("/api/v3") else base_url
    return {"": Base(base_url), "graphql": Base(beside)}


class _Opening:
    """All that a client is made of, but the credential."""

    def __init__(self, settings: GithubSettings, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside
        self.bases = addresses(settings.base_url)
        self.wire = Wire(outside, Limits(timeout=settings.timeout_seconds))
        self.who: Identity = identity(settings, outside, self.wire, self.bases[""])

    def client(self, credential: Credential) -> Client:
        pace = Pace(self._outside.clock, self._outside.sleep, reserve=self._settings.reserve_percent / 100)
        return Client(self.wire, pace, credential, DIALECT, self._outside, attempts=self._settings.attempts)


class GithubConnection:
    """One identity, and each organisation it opens. GitHub counts quotas by credential, so each has its own pace."""

    def __init__(self, settings: GithubSettings, opening: _Opening, around: Surroundings) -> None:
        self._settings = settings
        self._opening = opening
        self._around = around
        self._lock = threading.Lock()
        self._by_credential: dict[int, Reads] = {}
        self._organisations: Mapping[str, Credential] = {}

    def scopes(self) -> Sequence[Scope]:
        """The organisations, by login."""
        return sorted(Scope("github", login) for login in self._found())

    def home(self) -> Scope:
        """The first of them: nothing is read for all at once."""
        return self.scopes()[0]

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[RestSource]:
        """One source, for the organisation."""
        reads = self._reads(self._found()[scope.unit_id])
        who = reads.introduced(recorder, reads.request(WHO, {}), "/data/viewer/login")
        source = RestSource(
            reads,
            recorder,
            who,
            evidence.needs,
            scope=scope,
            settings=self._settings,
            window=window,
            bound={"org": scope.unit_id},
        )
        return [source]

    def close(self) -> None:
        """Let go of every connection."""
        self._opening.wire.close()

    def _found(self) -> Mapping[str, Credential]:
        with self._lock:
            if not self._organisations:
                who = self._opening.who
                self._organisations = who.organisations(self._opened(who.credential))
            return self._organisations

    def _reads(self, credential: Credential) -> Reads:
        with self._lock:
            return self._opened(credential)

    def _opened(self, credential: Credential) -> Reads:
        if id(credential) not in self._by_credential:
            client = self._opening.client(credential)
            self._by_credential[id(credential)] = Reads(client, API, self._opening.bases, self._around, own=OWN)
        return self._by_credential[id(credential)]
