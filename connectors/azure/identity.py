"""As whom the collector asks: a token from Entra by Azure's own library, or one that something else renews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.auth.credential import NoTokenError

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
    if settings.sign_in == "token":
        return bearer(token, outside.environment)
    try:
        # Azure's library is large, and only who collects from Azure needs it.
        from collector.source.rest.auth.azure import azure  # noqa: PLC0415
        from collector.source.rest.auth.azure_ways import Login, way  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(f"signing in to Azure needs {error.name}: pip install '.[azure]'") from error
    secret = ""
    if settings.sign_in == "client_secret":
        secret = bearer(settings.client_secret, outside.environment).token()
    login = Login(
        settings.tenant_id,
        settings.client_id,
        secret,
        settings.certificate_file,
        settings.login_host,
        # Where a company names its own authority host, Microsoft's list of hosts cannot know it.
        known_host=not settings.authority,
        ca_file=outside.environment.get("SSL_CERT_FILE", ""),
    )
    signer = azure(way(settings.sign_in, login), audience, outside)
    try:
        signer.token()
    except NoTokenError as error:
        raise UsageError(
            f"{error}; check [azure] sign_in, tenant_id, client_id and what proves the identity"
        ) from error
    return signer
