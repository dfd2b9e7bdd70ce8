"""Microsoft Graph as it is read: every operation with the permission it takes, and how Graph says no."""

from __future__ import annotations

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.dialect import Dialect
from connectors.entra.directory_operations import DIRECTORY, ORGANISATION
from connectors.entra.governance_operations import GOVERNANCE
from connectors.entra.security_operations import SECURITY

DIALECT = Dialect(
    codes=("/error/code",),
    messages=("/error/message",),
    causes={
        "AadPremiumLicenseRequired": Cause.UNLICENSED,
        "Authentication_RequestFromNonPremiumTenantOrB2CTenant": Cause.UNLICENSED,
        "TooManyRequests": Cause.THROTTLED,
    },
    phrases={
        "neither tenant is b2c or tenant doesn't have premium license": Cause.UNLICENSED,
        "request not applicable to target tenant": Cause.UNLICENSED,
        "tenant does not have a spo license": Cause.UNLICENSED,
        "the tenant needs": Cause.UNLICENSED,
        "your tenant is not licensed": Cause.UNLICENSED,
    },
    errors=("/error",),
    request_ids=("request-id",),
    secrets=frozenset({"client_secret", "password", "private_key", "secret", "secretText", "token"}),
    advice="the application may not read this; `collector permissions entra` prints what it needs",
)
API = Api([*DIRECTORY, *GOVERNANCE, *SECURITY], dialect=DIALECT)
OWN = frozenset({ORGANISATION})
"""What every evidence type rests on: read once in a run."""
