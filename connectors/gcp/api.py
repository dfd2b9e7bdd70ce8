"""Google's interfaces as they are read, where they are, and how Google says no."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.base import Base
from collector.source.rest.dialect import Dialect
from collector.source.rest.queries import search
from connectors.gcp.kinds import BY_KIND
from connectors.gcp.operations import HIERARCHY, WHO
from connectors.gcp.project_operations import OF_PROJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.gcp.settings import GcpSettings

_HOSTS = {
    "oauth": "www.googleapis.com",
    "manager": "cloudresourcemanager.googleapis.com",
    "asset": "cloudasset.googleapis.com",
    "logging": "logging.googleapis.com",
    "findings": "securitycenter.googleapis.com",
    "watchers": "securitycentermanagement.googleapis.com",
    "compute": "compute.googleapis.com",
    "activity": "policyanalyzer.googleapis.com",
    "monitoring": "monitoring.googleapis.com",
    "sql": "sqladmin.googleapis.com",
    "containers": "containeranalysis.googleapis.com",
    "osconfig": "osconfig.googleapis.com",
    "dataflow": "dataflow.googleapis.com",
    "run": "run.googleapis.com",
    "builds": "cloudbuild.googleapis.com",
    "workflows": "workflowexecutions.googleapis.com",
    "scheduler": "cloudscheduler.googleapis.com",
}
_REASONS = tuple(f"/error/details/{place}/reason" for place in range(3))
_THROTTLED = ("RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "rateLimitExceeded", "userRateLimitExceeded")
_OFF = ("SERVICE_DISABLED", "accessNotConfigured", "SERVICE_NOT_ACTIVATED")

DIALECT = Dialect(
    # The newer list of details says more than the older one of errors, and both more than the status.
    codes=(*_REASONS, "/error/errors/0/reason", "/error/status"),
    causes={
        **dict.fromkeys(_THROTTLED, Cause.THROTTLED),
        **dict.fromkeys(_OFF, Cause.NOT_CONFIGURED),
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT": Cause.DENIED,
    },
    messages=("/error/message",),
    errors=("/error",),
    headers={"accept": "application/json"},
    request_ids=(),
    secrets=frozenset({"privateKeyData", "private_key", "privateKey", "password", "rootPassword", "auth_token"}),
    advice="a role lacks the permission; `collector permissions gcp` prints the role",
)
API = Api([*HIERARCHY, *BY_KIND, *OF_PROJECTS], dialect=DIALECT, queries={"/v2/entries:list": search})
OWN = frozenset({WHO})
"""What every evidence type rests on: read once in a run. The hierarchy is read once, too, by Google's own package."""


def addresses(base_url: str) -> Mapping[str, Base]:
    """Where each interface is; below one address each of Google's hosts is a path. UsageError for no address."""
    below = base_url.rstrip("/")
    return {name: Base(f"{below}/{host}" if below else f"https://{host}") for name, host in _HOSTS.items()}


def hosts(settings: GcpSettings, _: object) -> list[str]:
    """The interfaces, and who gives tokens."""
    return ["oauth2.googleapis.com", *sorted({base.place for base in addresses(settings.base_url).values()})]
