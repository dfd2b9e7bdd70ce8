"""Azure Resource Manager as it is read: every operation with the permission it takes, and how Azure says no."""

from __future__ import annotations

from collector.model import Cause
from collector.source.rest.api import Api
from collector.source.rest.dialect import Dialect
from collector.source.rest.queries import search
from connectors.azure.graph import PATH, SHOWN, registration_operation
from connectors.azure.group_members import COUNT, DIRECTORY, MEMBERS
from connectors.azure.kinds import ALL
from connectors.azure.packages import RESOURCES, SUBSCRIPTIONS
from connectors.azure.resource_operations import PIPELINE_QUERY, RESOURCE
from connectors.azure.tenant_operations import TENANT, TENANTS

SECRETS = frozenset({
    "client_secret", "connectionString", "connectionStrings", "password", "private_key", "secret", "token",
    # The addresses that alerts are sent to are their own passwords.
    "serviceUri", "httpTriggerUrl", "callbackUrl", "webhookProperties", "webHookProperties",
    # What an availability test sends may sign it in.
    "Configuration", "Headers", "RequestBody",
    "eventHubConnectionString", "storageAccountConnectionString",
})  # fmt: skip
"""Names of fields that hold secrets where nobody would look for one."""
DIALECT = Dialect(
    codes=("/error/code", "/code"),
    messages=("/error/message", "/message"),
    causes={
        "MissingSubscriptionRegistration": Cause.NOT_CONFIGURED,
        "SubscriptionNotRegistered": Cause.NOT_CONFIGURED,
        "MissingRegistrationForSubscription": Cause.NOT_CONFIGURED,
        "AadPremiumLicenseRequired": Cause.UNLICENSED,
        "TooManyRequests": Cause.THROTTLED,
        "RateLimiting": Cause.THROTTLED,
        "SubscriptionRequestsThrottled": Cause.THROTTLED,
        "SubscriptionNotFound": Cause.DENIED,
        "AuthorizationFailed": Cause.DENIED,
    },
    errors=("/error",),
    request_ids=("x-ms-request-id", "x-ms-correlation-request-id"),
    secrets=SECRETS,
    advice="the identity may not read this; `collector permissions azure` prints what it needs",
)
_PROVIDERS = sorted({provider for kinds in ALL for provider in kinds.providers} | set(SHOWN.providers))
API = Api(
    [
        *TENANT,
        *DIRECTORY,
        *RESOURCE,
        SHOWN.operation,
        *(kinds.operation for kinds in ALL),
        *(registration_operation(provider) for provider in _PROVIDERS),
    ],
    dialect=DIALECT,
    queries={PATH: search, PIPELINE_QUERY: search},
)
OWN_ALWAYS = frozenset({TENANTS, SUBSCRIPTIONS})
"""What the connection itself reads, whatever is collected."""
OWN = frozenset({TENANTS, SUBSCRIPTIONS, RESOURCES, MEMBERS, COUNT, SHOWN.query, *(kinds.query for kinds in ALL)})
"""What is read once in a run, for all subscriptions or all evidence types."""
