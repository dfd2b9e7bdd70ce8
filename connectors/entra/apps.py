"""Which applications there are, what they prove themselves by, and what they were let do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import AppGrant, Credential
from connectors.entra import entra
from connectors.entra.directory_operations import (
    APP_ROLE_HOLDERS,
    APPLICATION_COUNT,
    APPLICATIONS,
    CONSENTS,
    SERVICE_PRINCIPAL_COUNT,
    SERVICE_PRINCIPALS,
)
from connectors.entra.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_SIGN_IN = frozenset({"openid", "profile", "email", "offline_access"})
"""What an application needs to sign somebody in, and nothing more."""
_ADMIN = ("RoleManagement.ReadWrite", "AppRoleAssignment.ReadWrite", "full_access_as_")
"""Beginnings of the permissions by which an application can give itself any other, or act as anybody."""
_LISTS = {"passwordCredentials": "secret", "keyCredentials": "certificate"}


@entra.evidence(
    "entra.apps",
    yields=(AppGrant, Credential),
    needs=[APPLICATIONS, APPLICATION_COUNT, SERVICE_PRINCIPALS, SERVICE_PRINCIPAL_COUNT, CONSENTS, APP_ROLE_HOLDERS],
)
def apps(source: RestSource) -> Iterator[AppGrant | Credential]:
    """Applications, secrets and consents.

    Every secret and certificate of the tenant's own applications and of each service principal, with its owner and when
    it runs out; the value itself is never given. Everything that an application may do: delegated rights that a person
    or an administrator consented to, and rights of its own. A consent for everyone reaches everything. Entra does not
    say here when a secret or a consent was last used.

    Whole when applications and service principals are as many as the directory counts, and every list was read to its
    end.
    """
    applications = list(source.list(APPLICATIONS))
    principals = list(source.list(SERVICE_PRINCIPALS))
    for application in applications:
        yield from _credentials(application, "application", _owners(application))
    for principal in principals:
        yield from _credentials(principal, "service principal", None)
    by_id = {one["id"]: one for one in principals}
    for consent in source.list(CONSENTS):
        yield _consent(consent, by_id)
    # Rights of their own are given on the principals that offer any to applications.
    offering = [one for one in principals if _offered(one)]
    for resource, holders in source.each(
        offering, lambda one: list(source.list(APP_ROLE_HOLDERS, principal_id=one["id"]))
    ):
        for holder in holders:
            if holder.get("principalType") == "ServicePrincipal":
                yield _right(holder, resource, by_id)
    _whole(source, "applications", APPLICATION_COUNT, applications)
    _whole(source, "service principals", SERVICE_PRINCIPAL_COUNT, principals)


def _whole(source: RestSource, name: str, count: str, found: Sequence[Answer]) -> None:
    source.total(f"{name} listed = {name} counted", expected=source.get(count)["@odata.count"], found=len(found))


def _credentials(holder: Answer, what: str, owner: str | None) -> Iterator[Credential]:
    for name, kind in _LISTS.items():
        if holder.get(name) is None:
            continue
        for one in holder.parts(name):
            yield Credential(
                key=f"{what} {holder['id']} {one['keyId']} {one.get('usage') or ''}".strip(),
                seen=[one, holder],
                credential_id=f"{holder.get('displayName') or holder['id']} {kind} {one['keyId']}{_use(one)}",
                principal_id=holder.get("appId"),
                kind=kind,
                status="active",
                created_at=moment(one.get("startDateTime")),
                expires_at=moment(one.get("endDateTime")),
                owner=owner,
            )


def _use(credential: Answer) -> str:
    """A signing key of a service principal stands in the list twice, to sign and to verify."""
    return f" {credential['usage']}" if credential.get("usage") else ""


def _owners(application: Answer) -> str | None:
    """Who answers for it; None where nobody does."""
    found = application.get("owners") or []
    names = sorted(one.get("userPrincipalName") or one.get("displayName") or one["id"] for one in found)
    return ", ".join(names) or None


def _consent(consent: Answer, principals: Mapping[str, Answer]) -> AppGrant:
    client, resource = principals.get(consent["clientId"]), principals.get(consent["resourceId"])
    scopes = (consent.get("scope") or "").split()
    return AppGrant(
        key=consent["id"],
        seen=[consent, *(one for one in (client, resource) if one is not None)],
        app=_title(client, consent["clientId"]),
        kind="app",
        publisher=_publisher(client),
        permissions=tuple(f"{one}:{_level([one])}" for one in sorted(scopes)),
        access=_level(scopes),
        everything=_everyone(consent.get("consentType")),
        granted_to="everyone" if consent.get("consentType") == "AllPrincipals" else consent.get("principalId"),
        status=_state(client),
    )


def _right(holder: Answer, resource: Answer, principals: Mapping[str, Answer]) -> AppGrant:
    client = principals.get(holder["principalId"])
    roles = {one["id"]: one.get("value") for one in resource.get("appRoles") or []}
    value = roles.get(holder.get("appRoleId"))
    return AppGrant(
        key=holder["id"],
        seen=[holder, resource, *([client] if client is not None else [])],
        app=_title(client, holder.get("principalDisplayName") or holder["principalId"]),
        kind="app",
        publisher=_publisher(client),
        permissions=None if value is None else (f"{value}:{_level([value])}",),
        access=None if value is None else _level([value]),
        everything=True,
        granted_to=resource.get("displayName"),
        granted_at=moment(holder.get("createdDateTime")),
        status=_state(client),
    )


def _offered(principal: Answer) -> bool:
    roles: list[dict[str, Any]] = principal.get("appRoles") or []
    return any("Application" in (one.get("allowedMemberTypes") or []) for one in roles)


def _title(principal: Answer | None, otherwise: str) -> str:
    return otherwise if principal is None else principal.get("displayName") or otherwise


def _publisher(principal: Answer | None) -> str | None:
    if principal is None:
        return None
    verified = (principal.get("verifiedPublisher") or {}).get("displayName")
    return verified or principal.get("appOwnerOrganizationId")


def _state(principal: Answer | None) -> str | None:
    enabled = None if principal is None else principal.get("accountEnabled")
    return None if enabled is None else "active" if enabled else "suspended"


def _everyone(consent: str | None) -> bool | None:
    return {"AllPrincipals": True, "Principal": False}.get(consent or "")


def _level(scopes: Sequence[str]) -> str:
    """Read, write or admin: the widest, by the words that permissions are named with."""
    levels = {_of_scope(one) for one in scopes}
    return "admin" if "admin" in levels else "write" if "write" in levels else "read"


def _of_scope(scope: str) -> str:
    words = set(scope.split("."))
    if words & {"FullControl"} or scope.startswith(_ADMIN):
        return "admin"
    return "read" if words & {"Read", "ReadBasic"} or scope in _SIGN_IN else "write"
