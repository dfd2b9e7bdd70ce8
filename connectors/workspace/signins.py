"""What Google noticed at sign-in: suspicious ones, accounts that it disabled, factors taken on and given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Kind
from collector.records import AccessEvent, Alert
from connectors.workspace import people, workspace
from connectors.workspace.activities import of_window
from connectors.workspace.directory_operations import USERS
from connectors.workspace.report_operations import KEPT, LOGIN_LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource

ALERTS = (
    "account_disabled_generic",
    "account_disabled_hijacked",
    "account_disabled_password_leak",
    "account_disabled_spamming",
    "account_disabled_spamming_through_relay",
    "gov_attack_warning",
    "suspicious_login",
    "suspicious_login_less_secure_app",
    "suspicious_programmatic_login",
    "user_signed_out_due_to_suspicious_session_cookie",
)
FACTORS = {"2sv_enroll": "mfa_enrolled", "2sv_disable": "mfa_reset"}


@workspace.evidence(
    "gws.audit.login",
    yields=(Alert, AccessEvent),
    needs=[LOGIN_LOG, USERS],
    kind=Kind.POPULATION,
    keeps_days=KEPT,
    late_minutes=720,
)
def login_log(source: RestSource) -> Iterator[Alert | AccessEvent]:
    """Login security events.

    Of the window, every sign-in that Google holds to be suspicious, every account that it disabled by itself and every
    warning of an attack by a government, as alerts; and every enrolment in 2-step verification and every end of one, as
    events. Ordinary sign-ins are not in the list. The log says neither how severe an alert is nor what became of it.

    Each kind of event is asked for by name: whole when all of them were read to the last page. Google may show an event
    some hours later: windows overlap by twelve.
    """
    known = people.directory(source)
    for event in of_window(source, LOGIN_LOG, (*ALERTS, *FACTORS)):
        target = known.account(event.text("affected_email_address"), event.at) or event.actor_id or event.actor
        if event.name in FACTORS:
            yield AccessEvent(
                key=event.id,
                seen=[event.seen],
                event_id=event.id,
                at=event.at,
                actor=event.actor,
                actor_kind=event.actor_kind,
                action=FACTORS[event.name],
                target=target,
                outcome="success",
            )
        else:
            yield Alert(
                key=event.id,
                seen=[event.seen],
                alert_id=event.id,
                source="login",
                kind=event.name,
                opened_at=event.at,
                target=target,
            )
