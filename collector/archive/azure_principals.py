"""Who can write or delete in an Azure container: by roles on it and on all above it, and by the account's own keys."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import HttpResponseError

from collector.archive.azure_lock import locks_versions
from collector.archive.azure_management import ROLES_VERSION, account_of, at_or_above, container_id, role_of
from collector.archive.azure_rights import powers_of
from collector.archive.principals import (
    ACTING,
    CHANGES,
    MEMBERS,
    Held,
    Power,
    Principal,
    Principals,
    Stops,
    key_of,
    unread,
)
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.azure_calls import AzureCalls

_UNTIL = "until its date; Azure refuses it to everybody, and the removal of container and account with it"
_HELD = {
    Power.OVERWRITE: Held(Stops.YES, "until its date; Azure refuses it to everybody"),
    Power.DELETE: Held(Stops.YES, _UNTIL),
    Power.LOCK: Held(Stops.PARTLY, "a locked policy can only be made longer; other settings of the account can change"),
}
"""What a locked policy of the container stops."""
_HELD_VERSIONS = _HELD | {
    Power.OVERWRITE: Held(Stops.PARTLY, "each version stays until its date; another can be put over it"),
    Power.DELETE: Held(Stops.PARTLY, "each version stays until its date; none may be left that is the current one"),
}
_LISTS = (
    ("roleAssignments", ROLES_VERSION, "role assignment"),
    ("roleEligibilityScheduleInstances", "2020-10-01", "role that its holder may activate, assigned"),
)
_BEYOND = (
    "cannot be told from the container: global administrators of the tenant, who can give themselves any right, and "
    "those to whose tenant the subscription is delegated (Lighthouse); deny assignments, which only "
    "take away, are not looked at"
)
_LEVELS = (
    ("/containers/", "the container"),
    ("/storageaccounts/", "the account"),
    ("/resourcegroups/", "the resource group"),
    ("/subscriptions/", "the subscription"),
    ("/managementgroups/", "a management group"),
)
_FORBIDDEN = 403


def principals(calls: AzureCalls) -> Principals:
    """As `Place.principals`."""
    try:
        held = _HELD_VERSIONS if locks_versions(calls) else _HELD
    except ArchiveError:  # the lock's own read-back says so
        held = _HELD_VERSIONS
    if not calls.container.subscription:
        told = "cannot be told from the container: Azure's management alone knows; add ?subscription=…&group=… to the"
        return Principals((), (f"{told} archive's URL", MEMBERS, ACTING), held, "azure.rbac.assignments")
    untold: list[str] = []
    account = _account(calls, untold)
    # Keys that nobody can use give nothing; where that could not be read they count.
    keys = account.get("allowSharedKeyAccess") is not False
    named = [*_by_account(account, keys=keys), *_by_roles(calls, untold, keys=keys)]
    beyond = (*untold, _BEYOND, MEMBERS, ACTING)
    return Principals(tuple(named), beyond, held, "azure.rbac.assignments", calls.container.subscription)


def _account(calls: AzureCalls, untold: list[str]) -> Mapping[str, Any]:
    try:
        found = account_of(calls)
    except ArchiveError as error:
        untold.append(unread("Microsoft.Storage/storageAccounts/read", error, denied=_refused(error)))
        return {}
    encryption = found.get("encryption") or {}
    if encryption.get("keySource") == "Microsoft.Keyvault":
        vault = encryption.get("keyvaultproperties") or {}
        untold.append(key_of(f"{vault.get('keyname')} in {vault.get('keyvaulturi')}"))
    if found.get("isHnsEnabled"):
        untold.append("the account has folders with access lists of their own, which were not looked at")
    return found


def _by_account(account: Mapping[str, Any], *, keys: bool) -> Iterator[Principal]:
    """Those whom the account lets in without any role."""
    if keys:
        known = (
            "the account takes its keys" if account else "the account, which could not be read: it may take its keys"
        )
        sealed = {name: account[name] for name in ("sasPolicy", "keyPolicy") if account.get(name)}
        signed = json.dumps(sealed, ensure_ascii=False) if sealed else "no policy on links or keys"
        name = "whoever has a key of the account, or a link signed with one (SAS)"
        yield Principal(name, CHANGES | {Power.LOCK}, known, on=signed)
    if account.get("isSftpEnabled") and account.get("isLocalUserEnabled") is not False:
        yield Principal("local users of the account (SFTP)", CHANGES, "the account takes local users")


def _by_roles(calls: AzureCalls, untold: list[str], *, keys: bool) -> list[Principal]:
    found: list[tuple[dict[str, Any], str]] = []
    for kind, version, told in _LISTS:
        try:
            found += [(one, told) for one in at_or_above(calls, kind, version)]
        except ArchiveError as error:
            untold.append(unread(f"Microsoft.Authorization/{kind}/read", error, denied=_refused(error)))
    roles = {_definition(one): _role(calls, _definition(one), untold) for one, _ in found}
    given = {name: None if role is None else powers_of(role, keys=keys) for name, role in roles.items()}
    return [
        _principal(calls, one, told, roles[name], given[name])
        for one, told in found
        # Who may only read is left out; of a role that could not be read nobody is.
        if given[name := _definition(one)] is None or given[name]
    ]


def _principal(
    calls: AzureCalls,
    one: Mapping[str, Any],
    told: str,
    role: Mapping[str, Any] | None,
    may: frozenset[Power] | None,
) -> Principal:
    scope = str(one["scope"])
    level = next((name for part, name in _LEVELS if part in f"{scope.lower()}/"), "everything of the tenant")
    inherited = "" if scope.lower() == container_id(calls).lower() else ", inherited"
    conditions = [one.get("condition"), *(each.get("condition") for each in (role or {}).get("permissions", ()))]
    return Principal(
        f"{one.get('principalType') or 'principal'} {one['principalId']}",
        may,
        f"{told} on {level}{inherited} ({scope})",
        on=f"role {role.get('roleName') if role else _definition(one)}",
        condition=" ".join(str(each) for each in conditions if each),
    )


def _definition(one: Mapping[str, Any]) -> str:
    return str(one["roleDefinitionId"]).rsplit("/", 1)[-1].lower()


def _role(calls: AzureCalls, definition: str, untold: list[str]) -> dict[str, Any] | None:
    try:
        return role_of(calls, definition)
    except ArchiveError as error:
        right = unread("Microsoft.Authorization/roleDefinitions/read", error, denied=_refused(error))
        untold.append(f"what role {definition} gives {right}")
        return None


def _refused(error: ArchiveError) -> bool:
    return isinstance(error.__cause__, HttpResponseError) and error.__cause__.status_code == _FORBIDDEN
