"""What the events of Okta's System Log are called in the collector's words."""

from __future__ import annotations

WORDS = {
    "user.lifecycle.create": "user_created",
    "user.lifecycle.activate": "user_reactivated",
    "user.lifecycle.reactivate": "user_reactivated",
    "user.lifecycle.unsuspend": "user_reactivated",
    "user.lifecycle.deactivate": "user_deactivated",
    "user.lifecycle.suspend": "user_suspended",
    "user.lifecycle.delete.completed": "user_deleted",
    "user.account.reset_password": "password_reset",
    "user.mfa.factor.activate": "mfa_enrolled",
    "user.mfa.factor.deactivate": "mfa_reset",
    "user.mfa.factor.reset_all": "mfa_reset",
    "group.user_membership.add": "group_added",
    "group.user_membership.remove": "group_removed",
    "application.user_membership.add": "app_assigned",
    "application.user_membership.remove": "app_unassigned",
    "user.account.privilege.grant": "role_granted",
    "user.account.privilege.revoke": "role_revoked",
    "group.privilege.grant": "role_granted",
    "group.privilege.revoke": "role_revoked",
}
"""An activation gives access whether it is the first one or not, and has the same word."""
_POLICY = ("policy.lifecycle.", "policy.rule.")


def word(event_type: str) -> str:
    """The word for an event; `other` for one that has none."""
    return "policy_changed" if event_type.startswith(_POLICY) else WORDS.get(event_type, "other")


def beginning(*prefixes: str) -> str:
    """The filter for events whose type begins with one of these."""
    return " or ".join(f'eventType sw "{prefix}"' for prefix in prefixes)


def any_of(*types: str) -> str:
    """The filter for events of these types."""
    return " or ".join(f'eventType eq "{one}"' for one in types)
