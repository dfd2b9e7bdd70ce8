"""What a role lets its holder do, as far as it makes an administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_EVERYTHING = frozenset({"*", "*/write"})
_ACCESS = "microsoft.authorization/roleassignments/write"
_ABOVE = ("/providers/microsoft.management/managementgroups/", "/subscriptions/")
_LEVEL = 2
"""How many words the scope of a whole subscription has."""


def privileged(permissions: Iterable[Mapping[str, Any]], scope: str) -> bool:
    """Whether a role gives every right, or every right over access, on a subscription or more.

    The same role on a resource group or one resource is no right over the platform.
    """
    return _wide(scope) and any(_strong(one) for one in permissions)


def widest(permissions: Iterable[Mapping[str, Any]], scope: str) -> bool:
    """Whether a role lets its holder give anybody any right on a subscription or more."""
    return _wide(scope) and any(_gives_access(one) for one in permissions)


def _strong(permission: Mapping[str, Any]) -> bool:
    actions = {str(one).lower() for one in permission.get("actions") or ()}
    return bool(actions & _EVERYTHING) or _gives_access(permission)


def _gives_access(permission: Mapping[str, Any]) -> bool:
    actions = {str(one).lower() for one in permission.get("actions") or ()}
    denied = {str(one).lower() for one in permission.get("notActions") or ()}
    return any(covers(one, _ACCESS) for one in actions) and not any(covers(one, _ACCESS) for one in denied)


def covers(pattern: str, action: str) -> bool:
    """Whether a pattern of Azure's, in which `*` stands for anything, has an action in it."""
    start, *rest = pattern.split("*")
    if not rest:
        return pattern == action
    if not action.startswith(start):
        return False
    position = len(start)
    for part in rest[:-1]:
        position = action.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return action.endswith(rest[-1]) and len(action) - len(rest[-1]) >= position


def _wide(scope: str) -> bool:
    words = scope.lower().strip("/").split("/")
    return scope == "/" or (
        scope.lower().startswith(_ABOVE) and (len(words) == _LEVEL or words[1] == "microsoft.management")
    )
