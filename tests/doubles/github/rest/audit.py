"""The audit log, which Enterprise Cloud alone has, and which remembers 180 days."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, cursor_page_of
from tests.doubles.github.routes import get
from tests.doubles.github.wire import moment

if TYPE_CHECKING:
    from tests.doubles.github.estate.nouns import AuditEvent
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_KEPT = timedelta(days=180)
_USUAL = timedelta(days=90)


@get("/orgs/{org}/audit-log", "organization_administration:read", plan="audit_log")
def audit_log(world: World, request: Request) -> Page:
    """`phrase` takes `action:` and `created:`; without the latter only the last three months are shown."""
    phrase = request.query.get("phrase", "")
    actions = re.findall(r"action:(\S+)", phrase)
    created = re.findall(r"created:(\S+)", phrase)
    chosen = [one for one in world.org.audit if one.at >= world.org.end - (_KEPT if created else _USUAL)]
    if actions:
        chosen = [one for one in chosen if any(one.action == a or one.action.startswith(f"{a}.") for a in actions)]
    for asked in created:
        chosen = [one for one in chosen if _within(moment(one.at) or "", asked)]
    if request.query.get("order") == "asc":
        chosen.reverse()
    return cursor_page_of(request, chosen, key=lambda one: one.id).each(lambda one: _event(world, one))


def _within(at: str, asked: str) -> bool:
    if ".." in asked:
        start, _, end = asked.partition("..")
        return start <= at and at[: len(end)] <= end
    for sign in (">=", "<=", ">", "<"):
        if asked.startswith(sign):
            end = asked.removeprefix(sign)
            cut = at[: len(end)]
            return {">=": cut >= end, "<=": cut <= end, ">": cut > end, "<": cut < end}[sign]
    return at.startswith(asked)


def _event(world: World, one: AuditEvent) -> dict[str, Any]:
    millis = int(one.at.timestamp() * 1000)
    return {
        "@timestamp": millis,
        "_document_id": one.id,
        "action": one.action,
        "actor": one.actor,
        "actor_id": world.org.people[one.actor].id,
        "created_at": millis,
        "org": world.org.login,
        "org_id": world.org.id,
        "operation_type": "modify",
        **one.fields,
    }
