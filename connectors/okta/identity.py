"""Who the collector is at Okta: an administrator's API token, or a service app with a private key."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.auth.credential import NoTokenError
from collector.source.rest.auth.granting import TokenEndpoint
from collector.source.rest.auth.jwt import private_key
from collector.source.rest.auth.oauth import private_key as signed_in
from collector.source.rest.client import Ask
from connectors.okta.api import BY_TOKEN, DIALECT, SCOPES
from connectors.okta.operations import ME, ORGANISATION

if TYPE_CHECKING:
    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential, Renewed
    from collector.source.rest.auth.jwt import PrivateKey
    from collector.source.rest.base import Base
    from collector.source.rest.client import Client
    from collector.source.rest.dialect import Dialect
    from collector.source.rest.wire import Wire
    from connectors.okta.settings import OktaSettings

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - an address


@dataclass(frozen=True, slots=True)
class Identity:
    """What signs the requests, and how Okta is asked who that is."""

    credential: Credential
    dialect: Dialect
    asks: str
    """The operation that proves the credential, and is on record in every snapshot."""
    pointer: str
    granted_to: str = ""
    """Whom the token was granted to: Okta does not tell a program who it is."""


def identity(settings: OktaSettings, outside: Outside, wire: Wire, base: Base) -> Identity:
    """The one that the settings name; UsageError when its secret is not there, or Okta gives no token for it."""
    if not settings.client_id:
        return Identity(bearer(settings.token, outside.environment), BY_TOKEN, ME, "/profile/login")
    key = private_key(Path(settings.private_key_file))
    credential = _granted(TokenEndpoint(wire, base, TOKEN_PATH, outside), settings, key)
    return Identity(credential, DIALECT, ORGANISATION, "/id", f"client {settings.client_id}")


def prove(who: Identity, client: Client, base: Base) -> None:
    """UsageError when Okta does not accept the credentials."""
    call = client.call(Ask(who.asks, who.asks, base, base.at(who.asks.split(" ")[1], {})))
    if call.reply is None or call.cause is not None:
        raise UsageError(f"Okta at {base.place} could not be asked who we are: {call.detail}")
    if call.reply.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        raise UsageError(
            f"Okta at {base.place} did not accept the credentials (HTTP {call.reply.status}): "
            "check [okta] base_url, and token or client_id and private_key_file"
        )
    if call.reply.status != HTTPStatus.OK:
        raise UsageError(f"Okta at {base.place} did not say who we are (HTTP {call.reply.status}): try again")


def _granted(endpoint: TokenEndpoint, settings: OktaSettings, key: PrivateKey) -> Renewed:
    """The app's token for every scope that it was granted.

    Okta gives none at all where one scope of several was not granted. Then each is tried by itself, and whatever needs
    a missing one is a gap in its own evidence.
    """

    def of(scopes: tuple[str, ...]) -> Renewed:
        return signed_in(endpoint, settings.client_id, key, " ".join(scopes), key_id=settings.key_id)

    granted = SCOPES
    try:
        if not _gives(of(SCOPES)):
            granted = tuple(scope for scope in SCOPES if _gives(of((scope,))))
    except NoTokenError as error:
        raise UsageError(f"Okta gave no token to the app {settings.client_id}: {error}") from error
    if not granted:
        raise UsageError(f"the app {settings.client_id} was granted no scope; `collector permissions okta` prints them")
    return of(granted)


def _gives(credential: Renewed) -> bool:
    """Whether there is a token for these scopes; NoTokenError for any reason but that one was not granted."""
    try:
        credential.token()
    except NoTokenError as error:
        if error.code != "invalid_scope":
            raise
        return False
    return True
