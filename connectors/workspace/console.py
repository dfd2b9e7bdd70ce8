"""What administrators did: accounts made and ended, roles and groups given and taken, settings changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import AccessEvent
from connectors.workspace import people, workspace
from connectors.workspace.activities import of_window
from connectors.workspace.directory_operations import USERS
from connectors.workspace.report_operations import ADMIN_LOG, KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource
    from connectors.workspace.activities import Event

ACTIONS = {
    "CREATE_USER": "user_created",
    "ARCHIVE_USER": "user_deactivated",
    "SUSPEND_USER": "user_suspended",
    "DELETE_USER": "user_deleted",
    "UNARCHIVE_USER": "user_reactivated",
    "UNDELETE_USER": "user_reactivated",
    "UNSUSPEND_USER": "user_reactivated",
    "ASSIGN_ROLE": "role_granted",
    "GRANT_ADMIN_PRIVILEGE": "role_granted",
    "GRANT_DELEGATED_ADMIN_PRIVILEGES": "role_granted",
    "UNASSIGN_ROLE": "role_revoked",
    "REVOKE_ADMIN_PRIVILEGE": "role_revoked",
    "ADD_GROUP_MEMBER": "group_added",
    "REMOVE_GROUP_MEMBER": "group_removed",
    "CHANGE_PASSWORD": "password_reset",
    "TURN_OFF_2_STEP_VERIFICATION": "mfa_reset",
    "UNENROLL_USER_FROM_STRONG_AUTH": "mfa_reset",
    "REVOKE_SECURITY_KEY": "mfa_reset",
    "GENERATE_2SV_SCRATCH_CODES": "mfa_reset",
    "SECURITY_KEY_REGISTERED_FOR_USER": "mfa_enrolled",
    "CREATE_ROLE": "policy_changed",
    "DELETE_ROLE": "policy_changed",
    "ADD_PRIVILEGE": "policy_changed",
    "REMOVE_PRIVILEGE": "policy_changed",
}
_SETTINGS = ("SECURITY_SETTINGS", "DOMAIN_SETTINGS", "APPLICATION_SETTINGS", "DOCS_SETTINGS", "EMAIL_SETTINGS")
"""Types of events of which each changes a setting, whatever its name."""
_GRANTED = ("ROLE_NAME", "GROUP_EMAIL", "PRIVILEGE_NAME", "SETTING_NAME")


@workspace.evidence(
    "gws.audit.admin",
    yields=AccessEvent,
    needs=[ADMIN_LOG, USERS],
    kind=Kind.POPULATION,
    keeps_days=KEPT,
    late_minutes=180,
)
def admin_log(source: RestSource) -> Iterator[AccessEvent]:
    """Admin console events.

    Every event of the window in the log of the Admin console, also of what the interfaces changed. Those about
    accounts, factors, roles, groups and settings are named in neutral words; all others are in the list as `other`.
    Who was acted on is told by address in the log, and here by the id of the account that had the address then, where
    it is known: for accounts deleted more than 20 days ago it stays an address.

    Whole when the log of the window was read to its last page. Google shows an event minutes later, and in rare cases
    hours: windows overlap by three.
    """
    known = people.directory(source)
    for event in of_window(source, ADMIN_LOG):
        yield AccessEvent(
            key=event.id,
            seen=[event.seen],
            event_id=event.id,
            at=event.at,
            actor=event.actor,
            actor_kind=event.actor_kind,
            action=_action(event),
            target=known.account(event.text("USER_EMAIL"), event.at),
            granted=event.text(*_GRANTED) or _super(event),
            outcome=event.outcome or "success",
        )


def _action(event: Event) -> str:
    if event.name in ACTIONS:
        return ACTIONS[event.name]
    return "policy_changed" if event.type in _SETTINGS or "TWO_STEP_VERIFICATION" in event.name else "other"


def _super(event: Event) -> str | None:
    """The role that an event is about which does not name it: there is one such role."""
    return "_SEED_ADMIN_ROLE" if event.name in {"GRANT_ADMIN_PRIVILEGE", "REVOKE_ADMIN_PRIVILEGE"} else None
