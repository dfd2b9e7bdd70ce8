"""Okta's API as it is read, and how Okta says no."""

from __future__ import annotations

from dataclasses import replace

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.dialect import Dialect
from connectors.okta.operations import ME, OPERATIONS, ORGANISATION

DIALECT = Dialect(
    codes=("/errorCode", "/error"),
    causes={
        "E0000006": Cause.DENIED,
        "E0000015": Cause.UNLICENSED,
        "E0000047": Cause.THROTTLED,
        "invalid_scope": Cause.DENIED,
        "insufficient_scope": Cause.DENIED,
    },
    errors=("/errorCode",),
    request_ids=("x-okta-request-id",),
    # Not `password`: what is under that name at Okta is the rules of one.
    secrets=frozenset({"answer", "client_secret", "private_key", "secret", "sharedSecret", "token"}),
    advice="the token or app may not read this; `collector permissions okta` prints what it needs",
)
BY_TOKEN = replace(DIALECT, scheme="SSWS")
"""Okta's own scheme, for the tokens that an administrator makes."""
API = Api(OPERATIONS, dialect=DIALECT)
OWN = frozenset({ORGANISATION, ME})
"""What every evidence type rests on: read once in a run."""
SCOPES = tuple(sorted({one.needs for one in OPERATIONS if one.needs}))
