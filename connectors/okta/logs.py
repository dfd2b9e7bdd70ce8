"""What was done to users, their access, the administrators and the rules, as the System Log has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import AccessEvent, Alert
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import LOGS
from connectors.okta.people import is_service
from connectors.okta.words import any_of, beginning, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_DAYS = 90
_LATE = 24 * 60
"""Okta promises no time by which an event is in its log."""
LIFECYCLE = f"{beginning('user.lifecycle.', 'user.mfa.factor.')} or {any_of('user.account.reset_password')}"
ACCESS = beginning("group.user_membership.", "application.user_membership.")
ADMIN = beginning(
    "user.account.privilege.", "group.privilege.", "system.api_token.", "policy.lifecycle.", "policy.rule.", "iam."
)
THREAT = any_of("security.threat.detected", "user.account.report_suspicious_activity_by_enduser", "user.account.lock")
_OUTCOMES = {"SUCCESS": "success", "ALLOW": "success", "FAILURE": "failure", "DENY": "failure"}
_PROGRAMS = {"SystemPrincipal", "PublicClientApp"}
_GIVEN = ("ROLE", "Role", "UserGroup", "AppInstance")


@okta.evidence(
    "okta.log.lifecycle", yields=AccessEvent, needs=[LOGS], kind=Kind.POPULATION, keeps_days=_DAYS, late_minutes=_LATE
)
def lifecycle(source: RestSource) -> Iterator[AccessEvent]:
    """Create, activate, suspend, deactivate, delete user.

    Every event of the window about the life of a user, their factors, or a reset of their password, whatever came of
    it. An activation is called `user_reactivated`, the first one too: both give access. The window has both ends, so
    that Okta's list has an end; whole when its Link header has no next page.
    """
    return _events(source, LIFECYCLE)


@okta.evidence(
    "okta.log.access", yields=AccessEvent, needs=[LOGS], kind=Kind.POPULATION, keeps_days=_DAYS, late_minutes=_LATE
)
def access(source: RestSource) -> Iterator[AccessEvent]:
    """Access given and taken away.

    Every event of the window in which somebody came into a group or left it, or was given an application or lost it.
    Whole as `okta.log.lifecycle` is.
    """
    return _events(source, ACCESS)


@okta.evidence(
    "okta.log.admin", yields=AccessEvent, needs=[LOGS], kind=Kind.POPULATION, keeps_days=_DAYS, late_minutes=_LATE
)
def admin(source: RestSource) -> Iterator[AccessEvent]:
    """Admin grants, tokens and policy changes.

    Every event of the window in which a role was given to a user or group or taken from one, a role of the company's
    own making or its reach was changed, an API token was made or revoked, or a policy or a rule of one was changed.
    Whole as `okta.log.lifecycle` is.
    """
    return _events(source, ADMIN)


@okta.evidence(
    "okta.log.threat", yields=Alert, needs=[LOGS], kind=Kind.POPULATION, keeps_days=_DAYS, late_minutes=_LATE
)
def threat(source: RestSource) -> Iterator[Alert]:
    """Threat and suspicious-activity events.

    Every event of the window in which Okta detected a threat, a user reported something suspicious, or an account was
    locked. Okta does not say who looked at one, or when. Whole as `okta.log.lifecycle` is.
    """
    for event in _in_window(source, THREAT):
        yield Alert(
            key=event["uuid"],
            seen=[event],
            alert_id=event["uuid"],
            source="System Log",
            kind=event.get("eventType"),
            severity=(event.get("severity") or "").lower() or None,
            opened_at=moment(event["published"]),
            target=_done_to(event),
        )


def _events(source: RestSource, wanted: str) -> Iterator[AccessEvent]:
    for event in _in_window(source, wanted):
        actor: Mapping[str, Any] = event.get("actor") or {}
        yield AccessEvent(
            key=event["uuid"],
            seen=[event],
            event_id=event["uuid"],
            at=moment(event["published"]),
            actor=actor.get("alternateId"),
            actor_kind=_kind(actor, source),
            action=word(str(event.get("eventType"))),
            target=_done_to(event),
            granted=next((one.get("displayName") for one in _targets(event) if one.get("type") in _GIVEN), None),
            outcome=_OUTCOMES.get((event.get("outcome") or {}).get("result") or ""),
            request_ref=(event.get("transaction") or {}).get("id"),
        )


def _in_window(source: RestSource, wanted: str) -> Iterator[Answer]:
    """Without `until` the list would never end: Okta would offer a next page for ever."""
    window = source.window
    for event in source.list(LOGS, since=window.start, until=window.end, filter=wanted):
        at = moment(event["published"])
        if at is not None and window.start <= at < window.end:
            yield event


def _targets(event: Answer) -> list[Mapping[str, Any]]:
    return list(event.get("target") or ())


def _done_to(event: Answer) -> str | None:
    """The user it was done to; where it was done to none, the first thing that it was done to."""
    targets = _targets(event)
    people = [one.get("id") for one in targets if one.get("type") == "User"]
    return next(iter([*people, *(one.get("id") for one in targets)]), None)


def _kind(actor: Mapping[str, Any], source: RestSource) -> str | None:
    if actor.get("type") in _PROGRAMS or is_service(str(actor.get("alternateId") or ""), source.settings):
        return "service"
    return "human" if actor.get("type") == "User" else None
