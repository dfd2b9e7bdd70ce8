"""Who the collector is at GitHub, a token or an App, and which organisations that opens."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from collector.errors import UsageError
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.auth.github_app import AppToken, installation
from collector.source.rest.auth.jwt import private_key
from collector.source.rest.client import Ask
from connectors.github.shared_operations import APP, INSTALLATIONS, MEMBERSHIPS, WHO

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential
    from collector.source.rest.base import Base
    from collector.source.rest.client import Client
    from collector.source.rest.reads import Reads
    from collector.source.rest.wire import Wire
    from connectors.github.settings import GithubSettings


class Identity(Protocol):
    """Signs in, and finds organisations."""

    @property
    def credential(self) -> Credential:
        """As whom organisations are found."""

    def prove(self, client: Client, bases: Mapping[str, Base]) -> None:
        """UsageError when GitHub does not accept the credentials. `client` sends with `credential`."""

    def organisations(self, reads: Reads) -> dict[str, Credential]:
        """The credential for each organisation, by its login; UsageError when they cannot be listed."""


def identity(settings: GithubSettings, outside: Outside, wire: Wire, base: Base) -> Identity:
    """The one that the settings name; UsageError when its secret is not there or cannot be used."""
    if settings.app_id:
        key = private_key(Path(settings.private_key_file))
        return _App(AppToken(settings.app_id, key, outside), settings, outside, wire, base)
    return _Token(bearer(settings.token, outside.environment), settings)


class _Token:
    """Someone's token: the same for every organisation."""

    def __init__(self, credential: Credential, settings: GithubSettings) -> None:
        self.credential = credential
        self._settings = settings

    def prove(self, client: Client, bases: Mapping[str, Base]) -> None:
        content = b'{"query": "query { viewer { login } }"}'
        base = bases["graphql"]
        headers = {"content-type": "application/json"}
        _accepted(client, Ask(WHO, "graphql", base, base.at("/graphql", {}), "POST", headers, content))

    def organisations(self, reads: Reads) -> dict[str, Credential]:
        """Those that are configured; a fine-grained token lists none by itself."""
        found = list(self._settings.organisations) or [one["login"] for one in _listed(reads, MEMBERSHIPS)]
        if not found:
            raise UsageError(
                "the token lists no organisation, as fine-grained tokens never do: "
                'name them, [github] organisations = ["LOGIN"]'
            )
        return dict.fromkeys(found, self.credential)


class _App:
    """A GitHub App: each organisation that installed it is read by a token of its own."""

    def __init__(self, app: AppToken, settings: GithubSettings, outside: Outside, wire: Wire, base: Base) -> None:
        self.credential: Credential = app
        self._app = app
        self._settings = settings
        self._outside = outside
        self._wire = wire
        self._base = base

    def prove(self, client: Client, bases: Mapping[str, Base]) -> None:
        _accepted(client, Ask(APP, "", bases[""], bases[""].at("/app", {})))

    def organisations(self, reads: Reads) -> dict[str, Credential]:
        """A suspended installation is among them: that it cannot be read is for its snapshots to say."""
        installed: dict[str, Credential] = {
            one["account"]["login"]: installation(self._app, one["id"], self._wire, self._base, self._outside)
            for one in _listed(reads, INSTALLATIONS)
            if one["target_type"] == "Organization"
        }
        known = {login.lower(): login for login in installed}
        for login in self._settings.organisations:
            if login.lower() not in known:
                raise UsageError(f"[github] organisations: the App is not installed in {login}; install it there")
        if not installed:
            raise UsageError("the App is installed in no organisation: install it in those that are to be collected")
        wanted = [known[login.lower()] for login in self._settings.organisations] or list(installed)
        return {login: installed[login] for login in wanted}


def _accepted(client: Client, ask: Ask) -> None:
    call = client.call(ask)
    if call.reply is None or call.cause is not None:
        raise UsageError(f"GitHub at {ask.base.place} could not be asked who we are: {call.detail}")
    if call.reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        raise UsageError(
            f"GitHub at {ask.base.place} did not accept the credentials (HTTP {call.reply.status}): "
            "check [github] token, or app_id and private_key_file"
        )
    if call.reply.status != HTTPStatus.OK:
        raise UsageError(f"GitHub at {ask.base.place} did not say who we are (HTTP {call.reply.status}): try again")


def _listed(reads: Reads, operation: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in reads.pages(reads.request(operation, {})):
        if page.gap is not None:
            raise UsageError(f"the organisations cannot be listed ({operation}): {page.gap.detail}")
        found.extend(page.items)
    return found
