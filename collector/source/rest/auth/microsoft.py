"""As whom the collector asks Microsoft: by azure-identity, or by a token that something else renews.

What [azure] and [entra] have in common; each has its own clouds, audiences and places of secrets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.errors import UsageError
from collector.source.rest.auth.bearer import bearer
from collector.source.rest.auth.credential import NoTokenError

if TYPE_CHECKING:
    from collector.connector import Outside
    from collector.source.rest.auth.credential import Credential

WAYS = ("client_secret", "certificate", "managed_identity", "workload_identity", "default", "token")


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrosoftSettings:
    """How an identity proves itself to Entra, and how gently what it reads is read."""

    sign_in: str = "default"
    """client_secret, certificate, managed_identity, workload_identity, token; default: as Azure's own tools find it."""
    tenant_id: str = ""
    """The tenant; for a client secret and a certificate."""
    client_id: str = ""
    """The application; for a client secret and a certificate, or to choose among managed identities."""
    certificate_file: str = ""
    """The application's certificate and private key, in one PEM file."""
    authority: str = ""
    """The host that gives tokens, in place of the cloud's own."""
    timeout_seconds: int = 60
    attempts: int = 6
    """How often a call is sent at most, throttling and failures included."""
    reserve_percent: int = 20
    """How much of each quota is left to the tenant's other programs."""

    def __post_init__(self) -> None:
        if self.sign_in not in WAYS:
            raise ValueError(f"sign_in must be one of {', '.join(WAYS)}, not {self.sign_in!r}")
        if self.sign_in in {"client_secret", "certificate"} and not (self.tenant_id and self.client_id):
            raise ValueError(f"sign_in by {self.sign_in} takes tenant_id and client_id")
        if self.sign_in == "certificate" and not self.certificate_file:
            raise ValueError("sign_in by certificate takes certificate_file")
        if not 0 <= self.reserve_percent <= 90:  # noqa: PLR2004 - the limits are this very check
            raise ValueError(f"reserve_percent must be from 0 to 90, not {self.reserve_percent}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is a table's own of a token."""

    table: str
    """The table of the configuration: azure, entra."""
    login_host: str
    audience: str
    token: str
    """Where a token is that something else renews: `env:NAME` or `file:PATH`."""
    client_secret: str
    """Where the client secret is, likewise."""


def is_tenant_id(tenant: str) -> bool:
    """Whether it is a tenant's id, and not one of its domains, which Microsoft takes in the same places."""
    return len(tenant) == len("00000000-0000-0000-0000-000000000000") and tenant.count("-") == 4  # noqa: PLR2004 - a GUID


def microsoft(settings: MicrosoftSettings, asked: Asked, outside: Outside) -> Credential:
    """The one that the settings name, and that has given a token; UsageError when it gives none."""
    if settings.sign_in == "token":
        return bearer(asked.token, outside.environment)
    try:
        # Azure's library is large, and only who collects from Microsoft needs it.
        from collector.source.rest.auth.azure import azure  # noqa: PLC0415
        from collector.source.rest.auth.azure_ways import Login, way  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise UsageError(f"[{asked.table}] signing in needs {error.name}: pip install '.[azure]'") from error
    secret = ""
    if settings.sign_in == "client_secret":
        secret = bearer(asked.client_secret, outside.environment).token()
    login = Login(
        settings.tenant_id,
        settings.client_id,
        secret,
        settings.certificate_file,
        asked.login_host,
        # Where a company names its own authority host, Microsoft's list of hosts cannot know it.
        known_host=not settings.authority,
        ca_file=outside.environment.get("SSL_CERT_FILE", ""),
    )
    signer = azure(way(settings.sign_in, login), asked.audience, outside)
    try:
        signer.token()
    except NoTokenError as error:
        raise UsageError(
            f"{error}; check [{asked.table}] sign_in, tenant_id, client_id and what proves the identity"
        ) from error
    return signer
