"""As whom the collector asks Azure: one identity, with a token for Resource Manager and one for Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.source.rest.auth.microsoft import Asked, microsoft

if TYPE_CHECKING:
    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential
    from connectors.azure.settings import AzureSettings


def credential(settings: AzureSettings, outside: Outside) -> Credential:
    """The one for Resource Manager that the settings name; UsageError when it gives no token."""
    return _credential(settings, outside, settings.audience, settings.token)


def graph_credential(settings: AzureSettings, outside: Outside) -> Credential:
    """The same identity's for Graph; UsageError when it gives no token."""
    return _credential(settings, outside, settings.graph_audience, settings.graph_token)


def _credential(settings: AzureSettings, outside: Outside, audience: str, token: str) -> Credential:
    asked = Asked(
        table="azure",
        login_host=settings.login_host,
        audience=audience,
        token=token,
        client_secret=settings.client_secret,
    )
    return microsoft(settings, asked, outside)
