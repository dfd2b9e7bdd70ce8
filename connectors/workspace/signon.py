"""By whom people are signed in to Google, and what they sign in to by Google."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.records import AppGrant
from connectors.workspace import workspace
from connectors.workspace.activities import events
from connectors.workspace.cloud_operations import OIDC_PROFILES, SAML_PROFILES
from connectors.workspace.moments import written
from connectors.workspace.report_operations import SAML_LOG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.source.rest.source import RestSource
    from connectors.workspace.activities import Event

_PROFILES = {SAML_PROFILES: "saml", OIDC_PROFILES: "oidc"}
_SIGNED_IN = "login_success"


@workspace.evidence("gws.sso_apps", yields=AppGrant, needs=[SAML_PROFILES, OIDC_PROFILES, SAML_LOG])
def sso_apps(source: RestSource) -> Iterator[AppGrant]:
    """SSO profiles and SAML apps in use.

    Every profile by which another identity provider signs people in to Google; and every application that somebody
    signed in to through Google by SAML within the last days (`token_log_days`), with the last time. An application that
    nobody used in that time is not in the list: Google has no list of those that are set up.

    Whole when both lists of profiles and the log are read to their end.
    """
    for operation, profiles in source.each(_PROFILES, lambda one: list(source.list(one))):
        for profile in profiles:
            config = profile.get("idpConfig") or {}
            yield AppGrant(
                key=profile["name"],
                seen=[profile],
                app=profile.get("displayName") or profile["name"],
                kind=f"identity_provider_{_PROFILES[operation]}",
                publisher=config.get("entityId") or config.get("issuerUri"),
                status="active",
            )
    start = written(source.now - timedelta(days=source.settings.token_log_days))
    latest: dict[str, Event] = {}
    for activity in source.list(SAML_LOG, eventName=_SIGNED_IN, startTime=start):
        for event in events(activity):
            app = event.text("application_name")
            if event.name == _SIGNED_IN and app and event.at and (app not in latest or _later(event, latest[app])):
                latest[app] = event
    for app, event in latest.items():
        yield AppGrant(
            key=f"saml {app}", seen=[event.seen], app=app, kind="saml_app", last_used_at=event.at, status="active"
        )


def _later(event: Event, other: Event) -> bool:
    return event.at is not None and other.at is not None and event.at > other.at
