"""What acts in the org besides people: the applications that trust it, and the tokens that open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import AppGrant, Credential
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import APPS, TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource

_STATUS = {"ACTIVE": "active", "INACTIVE": "inactive", "DELETED": "deleted"}


@okta.evidence("okta.apps", yields=AppGrant, needs=[APPS])
def apps(source: RestSource) -> Iterator[AppGrant]:
    """Applications (vendor source).

    Every application of the org, also those that are switched off. Okta does not say who makes one, nor when it was
    last used. Whole when the Link header has no next page.
    """
    for app in source.list(APPS):
        yield AppGrant(
            key=app["id"],
            seen=[app],
            app=app.get("label") or app["id"],
            kind="app",
            granted_at=moment(app.get("created")),
            status=_STATUS.get(app.get("status") or ""),
        )


@okta.evidence("okta.api_tokens", yields=Credential, needs=[TOKENS])
def api_tokens(source: RestSource) -> Iterator[Credential]:
    """API tokens.

    Every API token that is active: when it was made, for whom, and when it ends if nobody uses it. Okta lists no token
    that was revoked or has ended, and never shows the token itself. When one was last used is not given. Whole when
    the answer names no next page.
    """
    for token in source.list(TOKENS):
        yield Credential(
            key=token["id"],
            seen=[token],
            credential_id=token["id"],
            principal_id=token.get("userId"),
            kind="token",
            status="active",
            created_at=moment(token.get("created")),
            expires_at=moment(token.get("expiresAt")),
        )
