"""Google's four interfaces as they are read: every operation with the OAuth scope it takes, and how Google says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.base import Base
from collector.source.rest.dialect import Dialect
from connectors.workspace.cloud_operations import CLOUD
from connectors.workspace.directory_operations import DIRECTORY, USERS, WHO
from connectors.workspace.report_operations import REPORTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.workspace.settings import WorkspaceSettings

_ADDRESSES = {
    "admin": "https://admin.googleapis.com",
    "alerts": "https://alertcenter.googleapis.com",
    "identity": "https://cloudidentity.googleapis.com",
    "groups": "https://www.googleapis.com",
}
_REASONS = tuple(f"/error/details/{place}/reason" for place in range(3))
_THROTTLED = (
    "rateLimitExceeded",
    "userRateLimitExceeded",
    "quotaExceeded",
    "dailyLimitExceeded",
    "RATE_LIMIT_EXCEEDED",
    "RESOURCE_EXHAUSTED",
)

DIALECT = Dialect(
    # The newer list of details says more than the older one of errors, and both more than the status.
    codes=(*_REASONS, "/error/errors/0/reason", "/error/status"),
    causes={
        **dict.fromkeys(_THROTTLED, Cause.THROTTLED),
        "accessNotConfigured": Cause.NOT_CONFIGURED,
        "SERVICE_DISABLED": Cause.NOT_CONFIGURED,
        "insufficientPermissions": Cause.DENIED,
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT": Cause.DENIED,
    },
    # For what an edition lacks Google documents no code.
    words={" edition": Cause.UNLICENSED, "license": Cause.UNLICENSED, "subscription": Cause.UNLICENSED},
    messages=("/error/message",),
    # A usage report whose day is not whole yet is an answer with warnings.
    errors=("/error", "/errors", "/warnings"),
    headers={"accept": "application/json"},
    request_ids=(),
    advice="the delegation lacks the scope, or the administrator the right; `collector permissions gws` prints both",
)
API = Api([*DIRECTORY, *REPORTS, *CLOUD], dialect=DIALECT)
OWN = frozenset({WHO, USERS})
"""What nearly every evidence type rests on: read once in a run."""


def addresses(base_url: str) -> Mapping[str, Base]:
    """Where each interface is; UsageError for no address."""
    return {name: Base(base_url or address) for name, address in _ADDRESSES.items()}


def hosts(settings: WorkspaceSettings, _: object) -> list[str]:
    """The interfaces, and who gives and signs tokens."""
    signing = ["iamcredentials.googleapis.com", "sts.googleapis.com"] if settings.service_account else []
    return ["oauth2.googleapis.com", *signing, *(base.place for base in addresses(settings.base_url).values())]
