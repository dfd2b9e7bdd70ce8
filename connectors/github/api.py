"""GitHub's API as it is read: every operation with the permission it takes, and how GitHub says no."""

from __future__ import annotations

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.dialect import Dialect
from collector.source.rest.queries import graphql
from connectors.github.change_operations import CHANGES
from connectors.github.document_operations import DOCUMENTS
from connectors.github.organisation_api import ORGANISATION
from connectors.github.shared_operations import REPOSITORIES, REPOSITORY_HEADS, SHARED, WHO

DIALECT = Dialect(
    codes=("/errors/0/type", "/errors/0/extensions/code"),
    causes={
        "RATE_LIMITED": Cause.THROTTLED,
        "FORBIDDEN": Cause.DENIED,
        "INSUFFICIENT_SCOPES": Cause.DENIED,
        "NOT_FOUND": Cause.DENIED,
        "MAX_NODE_LIMIT_EXCEEDED": Cause.TRUNCATED,
        "RESOURCE_LIMITS_EXCEEDED": Cause.TRUNCATED,
    },
    phrases={
        "api rate limit exceeded": Cause.THROTTLED,
        "you have exceeded a secondary rate limit": Cause.THROTTLED,
        "upgrade to github": Cause.UNLICENSED,
        "advanced security must be enabled": Cause.UNLICENSED,
        "code security must be enabled": Cause.UNLICENSED,
        "code scanning is not enabled": Cause.NOT_CONFIGURED,
        "issues are disabled": Cause.NOT_CONFIGURED,
        "issues has been disabled": Cause.NOT_CONFIGURED,
        "no analysis found": Cause.NOT_CONFIGURED,
        "secret scanning is disabled": Cause.NOT_CONFIGURED,
        "dependabot alerts are disabled": Cause.NOT_CONFIGURED,
    },
    request_ids=("x-github-request-id",),
    headers={"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"},
    advice="the App or token may not read this; `collector permissions github` prints what it needs",
)
API = Api([*SHARED, *CHANGES, *ORGANISATION, *DOCUMENTS], dialect=DIALECT, queries={"/graphql": graphql})
OWN = frozenset({WHO, REPOSITORIES, REPOSITORY_HEADS})
"""What nearly every evidence type rests on: read once in a run."""
