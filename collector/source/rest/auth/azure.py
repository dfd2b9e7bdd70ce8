"""Azure's own credentials (workload identity, managed identity, client certificate): azure-identity asks, we keep."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ClientAuthenticationError, ServiceRequestError, ServiceResponseError

from collector.model import Cause
from collector.source.rest.auth.credential import NoTokenError, Renewed, Token

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from collector.connector import Outside


def azure(credential: TokenCredential, scope: str, outside: Outside) -> Renewed:
    """The token for one scope: `https://management.azure.com/.default`, or that of another cloud."""

    def fetch() -> Token:
        try:
            granted = credential.get_token(scope)
        except ClientAuthenticationError as error:  # its text may quote what was sent
            raise NoTokenError(Cause.DENIED, f"Entra gave no token for {scope} ({type(error).__name__})") from error
        except (ServiceRequestError, ServiceResponseError) as error:
            raise NoTokenError(Cause.UNAVAILABLE, "Entra's token endpoint could not be asked") from error
        except AzureError as error:
            raise NoTokenError(Cause.UNAVAILABLE, f"Entra gave no token ({type(error).__name__})") from error
        return Token(granted.token, datetime.fromtimestamp(granted.expires_on, UTC))

    return Renewed(fetch, outside.clock)
