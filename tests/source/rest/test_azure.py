"""azure-identity itself, against a token endpoint on loopback: TLS, authority and all."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme
from azure.identity import ClientSecretCredential

from collector.model import Cause
from collector.source.rest.auth.azure import azure
from collector.source.rest.auth.credential import NoTokenError
from tests.doubles.rest import Given, running_rest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.source.rest.conftest import Forge

SCOPE = "https://management.azure.com/.default"


def test_a_token_of_azure_identity(forge: Forge, tmp_path: Path) -> None:
    forge.real_time = True
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with running_rest(context) as entra:
        host = entra.url.removeprefix("https://")
        entra.route(
            "GET /t/v2.0/.well-known/openid-configuration",
            Given(
                200,
                {
                    "authorization_endpoint": f"{entra.url}/t/authorize",
                    "token_endpoint": f"{entra.url}/t/oauth2/v2.0/token",
                    "issuer": f"{entra.url}/t/v2.0",
                },
            ),
        )
        entra.route("POST /t/oauth2/v2.0/token", Given(401, {"error": "invalid_client", "error_description": "s3cret"}))
        credential = ClientSecretCredential(
            "t",
            "id",
            "s3cret",
            authority=host,
            disable_instance_discovery=True,
            connection_verify=str(tmp_path / "ca.pem"),
        )
        renewed = azure(credential, SCOPE, forge.outside())
        with pytest.raises(NoTokenError) as refused:
            renewed.token()
        assert refused.value.cause is Cause.DENIED
        assert "s3cret" not in str(refused.value)
        entra.route(
            "POST /t/oauth2/v2.0/token", Given(200, {"access_token": "at", "expires_in": 3600, "token_type": "Bearer"})
        )
        assert renewed.token() == "at"
        assert not renewed.renew("at"), "azure-identity keeps it: there is no other"
        credential.close()
