"""What Azure's management says of a container that blob storage does not: policy, logs, and rights."""

from __future__ import annotations

from functools import partial
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
ROLES_VERSION = "2022-04-01"
"""From this version on assignments have their conditions."""
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


def account_of(calls: AzureCalls) -> dict[str, Any]:
    """The properties of the storage account. ArchiveError when they were not told."""
    asked = "Get Storage Account"
    found = calls.answer(asked, "", lambda: _got(calls, _account(calls), _VERSION)).get("properties")
    if not isinstance(found, dict) or "creationTime" not in found:  # every account has one: what has none is no account
        raise ArchiveError(f"{asked} of {calls.container} was answered by no account; see what answers there")
    return found


def at_or_above(calls: AzureCalls, kind: str, version: str) -> list[dict[str, Any]]:
    """Whom something of Azure's authorization names at the container or at anything above it: their properties.

    `kind` is `roleAssignments` or `roleEligibilityScheduleInstances`. ArchiveError when the list was not told to its
    end: part of it is no list.
    """
    asked = {"api-version": version, "$filter": "atScope()"}
    url: str | None = f"{_base(calls)}{container_id(calls)}/providers/Microsoft.Authorization/{kind}"
    found: list[dict[str, Any]] = []
    seen: set[str] = set()
    while url is not None:
        page = calls.answer(f"List of {kind}", "", partial(_sent, calls, url, asked))
        listed, following = page.get("value"), page.get("nextLink")
        astray = url in seen or (following and urlsplit(following)[:2] != urlsplit(url)[:2])
        if astray or not isinstance(listed, list) or not all(map(_is_assignment, listed)):
            raise ArchiveError(
                f"List of {kind} of {calls.container} was answered by no list, or one without an end; see what answers "
                "there"
            )
        seen.add(url)
        found += [one["properties"] for one in listed]
        url, asked = following or None, {}
    return found


def role_of(calls: AzureCalls, definition: str) -> dict[str, Any]:
    """The properties of a role definition, by its id. ArchiveError when they were not told."""
    asked = f"Get of role {definition}"
    path = f"{container_id(calls)}/providers/Microsoft.Authorization/roleDefinitions/{quote(definition, safe='')}"
    found = calls.answer(asked, "", lambda: _got(calls, path, ROLES_VERSION)).get("properties")
    rights = found.get("permissions") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(rights, list) or not all(isinstance(one, dict) for one in rights):
        raise ArchiveError(f"{asked} was answered by no role; see what answers there")
    return found


def container_id(calls: AzureCalls) -> str:
    """The container as Azure's management names it."""
    return f"{_account(calls)}/blobServices/default/containers/{quote(calls.container.name, safe='')}"


def _is_assignment(one: Any) -> bool:  # noqa: ANN401 - any JSON value
    properties = one.get("properties") if isinstance(one, dict) else None
    return isinstance(properties, dict) and {"principalId", "roleDefinitionId", "scope"} <= properties.keys()


def _asked(calls: AzureCalls) -> dict[str, Any]:
    found = _told(calls, ("containers", calls.container.name), _VERSION).get("properties")
    return found if isinstance(found, dict) else {}


def _told(calls: AzureCalls, below: tuple[str, ...], version: str) -> dict[str, Any]:
    """What the management says of something below the account's blob service."""
    parts = "/".join(quote(part, safe="") for part in below)
    return _got(calls, f"{_account(calls)}/blobServices/default/{parts}", version)


def _account(calls: AzureCalls) -> str:
    place = calls.container
    named = (
        *("subscriptions", str(place.subscription), "resourceGroups", str(place.group)),
        *("providers", "Microsoft.Storage", "storageAccounts", place.account),
    )
    return "/" + "/".join(quote(part, safe="") for part in named)


def _base(calls: AzureCalls) -> str:
    return calls.container.management or _PUBLIC_CLOUD


def _got(calls: AzureCalls, path: str, version: str) -> dict[str, Any]:
    return _sent(calls, f"{_base(calls)}{path}", {"api-version": version})


def _sent(calls: AzureCalls, url: str, asked: dict[str, str]) -> dict[str, Any]:
    base = _base(calls)
    # A management on this machine is a test's; a token is sent to nobody else than Azure, and never over plain HTTP.
    here = urlsplit(base).hostname in _LOOPBACK
    signed = [] if here else [BearerTokenCredentialPolicy(calls.identity, f"{base}/.default")]
    with PipelineClient[HttpRequest, Any](base, policies=signed) as client:
        response = client.send_request(
            HttpRequest("GET", url, params=asked),
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
