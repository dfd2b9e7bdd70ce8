"""What was done to accounts and rights, and the sign-ins that matter: Entra's own logs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from collector.model import Cause, Kind
from collector.records import AccessEvent
from connectors.entra import entra
from connectors.entra.actions import action, of_interest
from connectors.entra.directory_operations import ORGANISATION
from connectors.entra.governance_operations import DIRECTORY_AUDITS, ROLE_REQUESTS, SIGN_INS
from connectors.entra.moments import moment, written
from connectors.entra.users import matches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.source.rest.source import RestSource

_LATE = 240
"""Minutes. Microsoft says minutes for most entries of its logs, and a few hours for the slowest."""
_FREE_DAYS = 7
_PREMIUM = frozenset({"41781fb2-bc02-4b7c-bd55-b576c07bb09d", "eec0eb4f-6444-4f95-aba0-50c24d67f998"})
"""The plans Entra ID P1 and P2, with which logs are kept for 30 days."""
_IN_FORCE = frozenset({"Enabled", "Warning"})
"""A plan that has run out is good for another month, with a warning."""
_MODERN = frozenset({"Browser", "Mobile Apps and Desktop clients"})
"""Every other client that the log names uses a protocol that cannot ask for a second factor."""
_OUTCOMES = {"success": "success", "failure": "failure", "timeout": "failure"}
_REQUESTS = {
    "adminAssign": "role_granted",
    "adminUpdate": "role_granted",
    "adminExtend": "role_granted",
    "adminRenew": "role_granted",
    "selfActivate": "role_granted",
    "selfExtend": "role_granted",
    "selfRenew": "role_granted",
    "adminRemove": "role_revoked",
    "selfDeactivate": "role_revoked",
}
_DONE = frozenset({"Provisioned", "Granted", "Revoked"})
_REFUSED = frozenset({"AdminDenied", "Canceled", "Denied", "Failed", "Invalid", "Timedout", "TimedOut"})


@entra.evidence(
    "entra.directory_audits",
    yields=AccessEvent,
    needs=[ORGANISATION, DIRECTORY_AUDITS],
    kind=Kind.POPULATION,
    keeps_days=30,
    late_minutes=_LATE,
)
def directory_audits(source: RestSource) -> Iterator[AccessEvent]:
    """Directory changes.

    Every entry of the audit log in the window: accounts, groups, roles, applications and policies that somebody or
    something changed. One entry that changed several accounts is one row for each. Without a P1 or P2 licence Entra
    keeps the log for 7 days and says nothing of what is older: what the window holds beyond that is a gap.

    Whole when the list was read to its end; windows touch, and overlap by as long as entries may come late.
    """
    _remembered(source)
    window = source.window
    for entry in source.list(DIRECTORY_AUDITS, **{"$filter": _within("activityDateTime", source)}):
        at = moment(entry["activityDateTime"])
        if at is None or not window.start <= at < window.end:
            continue
        for number, target in enumerate(of_interest(entry)):
            yield AccessEvent(
                key=f"{entry['id']} {number}" if number else entry["id"],
                seen=[entry],
                event_id=entry["id"],
                at=at,
                actor=_actor(entry.get("initiatedBy") or {}),
                actor_kind=_actor_kind(entry.get("initiatedBy") or {}),
                action=action(entry, target),
                target=(target or {}).get("id"),
                outcome=_OUTCOMES.get(str(entry.get("result") or "").lower()),
            )


@entra.evidence(
    "entra.sign_ins",
    yields=AccessEvent,
    needs=[ORGANISATION, SIGN_INS],
    kind=Kind.POPULATION,
    keeps_days=30,
    late_minutes=_LATE,
)
def sign_ins(source: RestSource) -> Iterator[AccessEvent]:
    """Sign-ins that matter (break-glass, legacy auth).

    Of all interactive sign-ins in the window those of accounts that `break_glass` names, and those by a protocol that
    cannot ask for a second factor, failed ones included; with `all_sign_ins`, every one. The whole log is read and kept
    as it came; what matters is chosen afterwards. Whether a second factor was used stands in Graph's beta alone, and is
    unknown here. Reading the log needs a P1 or P2 licence.

    Whole when the list was read to its end; windows touch, and overlap by as long as entries may come late.
    """
    _remembered(source)
    window, settings = source.window, source.settings
    for entry in source.list(SIGN_INS, **{"$filter": _within("createdDateTime", source)}):
        at = moment(entry["createdDateTime"])
        if at is None or not window.start <= at < window.end:
            continue
        login, protocol = entry.get("userPrincipalName"), _protocol(entry.get("clientAppUsed"))
        if protocol == "modern" and not settings.all_sign_ins and not matches(login, settings.break_glass):
            continue
        code = (entry.get("status") or {}).get("errorCode")
        yield AccessEvent(
            key=entry["id"],
            seen=[entry],
            event_id=entry["id"],
            at=at,
            actor=login,
            actor_kind="service" if matches(login, settings.service_accounts) else "human",
            action="sign_in",
            target=entry.get("userId"),
            protocol=protocol,
            outcome=None if code is None else "success" if code == 0 else "failure",
        )


@entra.evidence(
    "entra.pim_requests",
    yields=AccessEvent,
    needs=[ROLE_REQUESTS],
    kind=Kind.POPULATION,
    keeps_days=30,
    late_minutes=_LATE,
)
def pim_requests(source: RestSource) -> Iterator[AccessEvent]:
    """Privileged role activations.

    Every request of the window to assign, activate, extend or give up a directory role, by whom, with the ticket that
    was named, and what became of it. The list is read whole: Graph takes no filter by time. It needs a P2 licence.

    Whole when the list was read to its end.
    """
    window = source.window
    for request in source.list(ROLE_REQUESTS):
        at = moment(request.get("createdDateTime"))
        if at is None or not window.start <= at < window.end:
            continue
        by = (request.get("createdBy") or {}).get("user") or {}
        ticket = (request.get("ticketInfo") or {}).get("ticketNumber")
        state = request.get("status")
        yield AccessEvent(
            key=request["id"],
            seen=[request],
            event_id=request["id"],
            at=at,
            actor=by.get("userPrincipalName") or by.get("id"),
            actor_kind="human" if by else None,
            action=_REQUESTS.get(request.get("action") or "", "other"),
            target=request.get("principalId"),
            outcome="success" if state in _DONE else "failure" if state in _REFUSED else None,
            request_ref=ticket or request.get("approvalId"),
        )


def _remembered(source: RestSource) -> None:
    """A gap for what lies further back than this tenant's licence keeps: the log itself does not say that it ends."""
    plans = source.get(ORGANISATION)["value"][0].get("assignedPlans")
    if plans is None:
        source.gap(Cause.DENIED, ORGANISATION, "the tenant's plans are not shown, nor so how long logs are kept")
        return
    if any(one.get("servicePlanId") in _PREMIUM and one.get("capabilityStatus") in _IN_FORCE for one in plans):
        return
    oldest = source.now - timedelta(days=_FREE_DAYS)
    if source.window.start < oldest:
        lost = f"from {written(source.window.start)} to {written(min(oldest, source.window.end))}"
        detail = f"without a P1 or P2 licence logs are kept for {_FREE_DAYS} days; {lost} cannot be read"
        source.gap(Cause.UNLICENSED, "how long logs are kept", detail)


def _within(field: str, source: RestSource) -> str:
    """The window as a filter; whole seconds, and its end included: what is outside is left out afterwards."""
    return f"{field} ge {written(source.window.start)} and {field} le {written(source.window.end)}"


def _actor(by: Mapping[str, Any]) -> str | None:
    user, app = by.get("user") or {}, by.get("app") or {}
    return user.get("userPrincipalName") or user.get("id") or app.get("displayName") or app.get("servicePrincipalId")


def _actor_kind(by: Mapping[str, Any]) -> str | None:
    return "human" if by.get("user") else "service" if by.get("app") else None


def _protocol(client: str | None) -> str | None:
    """Modern or legacy; None where the log does not name the client."""
    return None if not client else "modern" if client in _MODERN else "legacy"
