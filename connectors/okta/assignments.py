"""Who is in which group, and who may use which application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import AccessGrant
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import APP_GROUPS, APP_USERS, APPS, GROUP_USERS, GROUPS
from connectors.okta.people import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_VIA = {"USER": "direct", "GROUP": "group"}


@okta.evidence("okta.assignments", yields=AccessGrant, needs=[GROUPS, GROUP_USERS, APPS, APP_USERS, APP_GROUPS])
def assignments(source: RestSource) -> Iterator[AccessGrant]:
    """Group and application assignments.

    For every group its members, but for the built-in groups, of which everybody or every administrator is one; for
    every application that is switched on its users, each with whether a group or somebody brought them there, and its
    groups. None of these administers Okta itself: `okta.admin_roles` has who does.

    Whole when every group and every application was visited.
    """
    groups = [group for group in source.list(GROUPS) if group.get("type") != "BUILT_IN"]
    named = {group["id"]: str((group.get("profile") or {}).get("name") or group["id"]) for group in groups}
    for group, members in source.each(groups, lambda one: list(source.list(GROUP_USERS, groupId=one["id"]))):
        for user in members:
            yield AccessGrant(
                key=f"{user['id']} in group {group['id']}",
                seen=[user, group],
                principal_id=user["id"],
                principal_kind=kind(user.get("profile") or {}, source.settings),
                resource=f"group {named[group['id']]}",
                role="member",
                privileged=False,
                via="direct",
            )
    live = [app for app in source.list(APPS) if app.get("status") == "ACTIVE"]
    for app, users in source.each(live, lambda one: list(source.list(APP_USERS, appId=one["id"]))):
        yield from (_of_user(app, user) for user in users)
    for app, assigned in source.each(live, lambda one: list(source.list(APP_GROUPS, appId=one["id"]))):
        for group in assigned:
            yield AccessGrant(
                key=f"group {group['id']} to app {app['id']}",
                seen=[group, app],
                principal_id=group["id"],
                principal_kind="group",
                resource=f"app {app.get('label')}",
                role="user",
                privileged=False,
                via="direct",
            )


def _of_user(app: Answer, user: Answer) -> AccessGrant:
    return AccessGrant(
        key=f"{user['id']} to app {app['id']}",
        seen=[user, app],
        principal_id=user["id"],
        resource=f"app {app.get('label')}",
        role="user",
        privileged=False,
        via=_VIA.get(user.get("scope") or ""),
        granted_at=moment(user.get("created")),
    )
