"""As whom the collector asks Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.rest.auth.microsoft import Asked, microsoft

if TYPE_CHECKING:
    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential
    from connectors.entra.settings import EntraSettings


def credential(settings: EntraSettings, outside: Outside) -> Credential:
    """The one that the settings name, and that has given a token; UsageError when it gives none."""
    asked = Asked(
        table="entra",
        login_host=settings.login_host,
        audience=settings.audience,
        token=settings.token,
        client_secret=settings.client_secret,
    )
    return microsoft(settings, asked, outside)
