"""What Azure's management says of a container that blob storage does not: its immutability policy, and its logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from azure.core import PipelineClient
from azure.core.pipeline.policies import BearerTokenCredentialPolicy
from azure.core.rest import HttpRequest

from collector.archive.patience import CONNECT_SECONDS, READ_SECONDS
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collector.archive.azure_calls import AzureCalls

_PUBLIC_CLOUD = "https://management.azure.com"
_VERSION = "2023-05-01"
_SETTINGS_VERSION = "2021-05-01-preview"
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def policy_of(calls: AzureCalls) -> dict[str, Any]:
    """`policy_state` ("Locked", "Unlocked", "" for no policy), `policy_days` and the policy's `etag`.

    ArchiveError when it was not told.
    """
    found = calls.answer("Get Container by management", "", lambda: _asked(calls))
    policy = found.get("immutabilityPolicy") or {}
    told = policy.get("properties", {})
    if not isinstance(found.get("hasImmutabilityPolicy"), bool) or (policy and "state" not in told):
        raise ArchiveError(
            f"Get Container by management of {calls.container} said nothing of a policy; see what answers there"
        )
    return {
        "policy_state": str(told.get("state", "")),
        "policy_days": int(told.get("immutabilityPeriodSinceCreationInDays", 0)),
        "etag": str(policy.get("etag", "")),
    }


def diagnostic_settings(calls: AzureCalls) -> list[dict[str, Any]]:
    """What is logged of the account's blobs, and where to: the properties of each diagnostic setting.

    ArchiveError when it was not told.
    """
    parts = ("providers", "Microsoft.Insights", "diagnosticSettings")
    found = calls.answer("List Diagnostic Settings", "", lambda: _told(calls, parts, _SETTINGS_VERSION))
    listed = found.get("value")
    # This list has no pages: one that names a next is not the list that is known here.
    if not isinstance(listed, list) or found.get("nextLink") or not all(_is_setting(one) for one in listed):
        raise ArchiveError(
            f"List Diagnostic Settings of {calls.container} was answered by no list; see what answers there"
        )
    return [one["properties"] for one in listed]


def _is_setting(one: Any) -> bool:  # noqa: ANN401 - any JSON value
    properties = one.get("properties") if isinstance(one, dict) else None
    logged = properties.get("logs") if isinstance(properties, dict) else None
    return isinstance(logged, list) and all(isinstance(each, dict) for each in logged)


def _asked(calls: AzureCalls) -> dict[str, Any]:
    found = _told(calls, ("containers", calls.container.name), _VERSION).get("properties")
    return found if isinstance(found, dict) else {}


def _told(calls: AzureCalls, below: tuple[str, ...], version: str) -> dict[str, Any]:
    """What the management says of something below the account's blob service."""
    place = calls.container
    base = place.management or _PUBLIC_CLOUD
    path = "/".join(
        quote(part, safe="")
        for part in (
            *("subscriptions", str(place.subscription), "resourceGroups", str(place.group)),
            *("providers", "Microsoft.Storage", "storageAccounts", place.account),
            *("blobServices", "default", *below),
        )
    )
    # A management on this machine is a test's; a token is sent to nobody else than Azure, and never over plain HTTP.
    here = urlsplit(base).hostname in _LOOPBACK
    signed = [] if here else [BearerTokenCredentialPolicy(calls.identity, f"{base}/.default")]
    with PipelineClient[HttpRequest, Any](base, policies=signed) as client:
        response = client.send_request(
            HttpRequest("GET", f"{base}/{path}", params={"api-version": version}),
            connection_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
        )
        response.raise_for_status()
        return _document(response)


def _document(response: Any) -> dict[str, Any]:  # noqa: ANN401 - azure-core's response
    try:
        found = response.json()
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
