"""What an entry of the audit log did, in the words that all providers share, and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collector.answer import Answer

_NAMED = {
    "add user": "user_created",
    "invite external user": "user_created",
    "delete user": "user_deleted",
    "hard delete user": "user_deleted",
    "disable account": "user_deactivated",
    "enable account": "user_reactivated",
    "restore user": "user_reactivated",
    "add member to role": "role_granted",
    "add eligible member to role": "role_granted",
    "add scoped member to role": "role_granted",
    "remove member from role": "role_revoked",
    "remove eligible member from role": "role_revoked",
    "remove scoped member from role": "role_revoked",
    "add member to group": "group_added",
    "remove member from group": "group_removed",
    "user registered security info": "mfa_enrolled",
    "user registered all required security info": "mfa_enrolled",
    "user deleted security info": "mfa_reset",
    "admin deleted security info": "mfa_reset",
    "admin updated security info": "mfa_reset",
    "reset password (by admin)": "password_reset",
    "reset user password": "password_reset",
    "reset password (self-service)": "password_reset",
    "change user password": "password_reset",
    "change password (self-service)": "password_reset",
    "add app role assignment grant to user": "app_assigned",
    "add app role assignment to service principal": "app_assigned",
    "add app role assignment to group": "app_assigned",
    "add delegated permission grant": "app_assigned",
    "consent to application": "app_assigned",
    "remove app role assignment from user": "app_unassigned",
    "remove app role assignment from service principal": "app_unassigned",
    "remove delegated permission grant": "app_unassigned",
    "add conditional access policy": "policy_changed",
    "update conditional access policy": "policy_changed",
    "delete conditional access policy": "policy_changed",
    "update authorization policy": "policy_changed",
    "add policy": "policy_changed",
    "update policy": "policy_changed",
    "delete policy": "policy_changed",
    "disable strong authentication": "mfa_reset",
}
"""Names of activities as Microsoft's reference lists them, in lower case."""


def action(entry: Answer, target: dict[str, Any] | None) -> str:
    """The word for it; `other` where none fits."""
    name = str(entry.get("activityDisplayName") or "").strip().lower()
    if name == "update user":
        return _update(target)
    if name in _NAMED:
        return _NAMED[name]
    if "(pim" in name:
        if "requested" in name:
            return "other"  # only a request: what came of it has an entry of its own
        return next((word for start, word in _NAMED.items() if name.startswith(start)), "other")
    return "other"


def of_interest(entry: Answer) -> list[dict[str, Any] | None]:
    """The targets, one for each row: the accounts where there are any, else the first of all; None where none is named.

    An entry on a group names the group and its member: the member is who was acted on.
    """
    targets: list[dict[str, Any]] = entry.get("targetResources") or []
    accounts = [one for one in targets if str(one.get("type") or one.get("Type") or "").lower() == "user"]
    others: list[dict[str, Any] | None] = [*targets[:1]]
    return [*accounts] or others or [None]


def _update(target: dict[str, Any] | None) -> str:
    """What an update of a user changed, as far as access hangs on it."""
    for one in (target or {}).get("modifiedProperties") or []:
        if one.get("displayName") == "AccountEnabled":
            new = str(one.get("newValue") or "").lower()
            return "user_deactivated" if "false" in new else "user_reactivated" if "true" in new else "other"
    return "other"
