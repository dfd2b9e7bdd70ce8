"""What people decide in issues: requests with their approvals, and incidents."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import Approval, Incident
from connectors.github import github
from connectors.github.actors import actor
from connectors.github.change_operations import TIMELINE
from connectors.github.repositories import LISTED, at, in_scope, moment
from connectors.github.shared_operations import ISSUES, KEPT_FOR_GOOD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_REFERENCE = re.compile(r"(?:\b([\w.-]+/[\w.-]+))?#([0-9]+)\b", re.ASCII)


@github.evidence(
    "github.issues.requests",
    yields=Approval,
    needs=[*LISTED, ISSUES, TIMELINE],
    kind=Kind.POPULATION,
    keeps_days=KEPT_FOR_GOOD,
)
def requests(source: RestSource) -> Iterator[Approval]:
    """Request and approval tickets.

    Population: every issue that carries a label of a request, as the configuration names them, and was opened or in
    any way updated within the window, in every repository, archived ones included. Pull requests are none. One that
    is approved or closed later is in a later window again.

    It counts as approved when a person writes a comment that begins with a word of approval, or sets a label of that
    name (the configuration has the words); where several do, the first who did not ask for it. What it refers to are
    the numbers in its title and text. Complete when every list and every timeline was read.
    """
    types = {label.lower(): kind for label, kind in source.settings.request_labels.items()}
    for repository, issue, events in _tickets(source, types.keys()):
        approver, approved_at = _approval(source, issue, events)
        closed = _closing(events)
        closer = actor(None if closed is None else closed.get("actor"), source.settings)
        status = "closed" if issue["closed_at"] else "open" if approver is None else "approved"
        kinds = {types[one] for one in _labels(issue) if one in types}
        yield Approval(
            key=_number(repository, issue),
            seen=[issue, *events],
            request_id=_number(repository, issue),
            type="emergency" if "emergency" in kinds else min(kinds),
            title=issue["title"],
            requested_by=actor(issue["user"], source.settings).login,
            requested_at=moment(issue["created_at"]),
            approved_by=approver,
            approved_at=approved_at,
            status=status,
            closed_at=moment(issue["closed_at"]),
            closed_by=closer.login,
            closed_by_kind=closer.kind,
            refers_to=_references(repository, issue),
        )


@github.evidence(
    "github.issues.incidents",
    yields=Incident,
    needs=[*LISTED, ISSUES, TIMELINE],
    kind=Kind.POPULATION,
    keeps_days=KEPT_FOR_GOOD,
)
def incidents(source: RestSource) -> Iterator[Incident]:
    """Incident tickets with timeline.

    Population: every issue that carries a label of an incident, as the configuration names them, and was opened or in
    any way updated within the window, in every repository, archived ones included. Pull requests are none.

    An incident counts as acknowledged when it is first assigned, or when a person other than its author first writes
    in it. `severity` is that of its label, where the configuration knows it. Complete when every list and every
    timeline was read.
    """
    wanted = {one.lower() for one in source.settings.incident_labels}
    severities = {label.lower(): severity for label, severity in source.settings.severity_labels.items()}
    for repository, issue, events in _tickets(source, wanted):
        told = [severities[one] for one in _labels(issue) if one in severities]
        yield Incident(
            key=_number(repository, issue),
            seen=[issue, *events],
            incident_id=_number(repository, issue),
            title=issue["title"],
            severity=min(told, key=list(severities.values()).index, default=None),
            opened_at=moment(issue["created_at"]),
            opened_by=actor(issue["user"], source.settings).login,
            acknowledged_at=_acknowledged(source, issue, events),
            resolved_at=moment(issue["closed_at"]),
            owner=next((one["login"] for one in issue["assignees"] or ()), None),
            labels=tuple(sorted(one["name"] for one in issue["labels"])),
        )


def _tickets(source: RestSource, labels: Collection[str]) -> Iterator[tuple[Answer, Answer, list[Answer]]]:
    """The issues with any of these labels, each with its repository and all that happened in it."""
    window = source.window
    since = f"{window.start:%Y-%m-%dT%H:%M:%SZ}"
    places = [one for one in in_scope(source, archived=True) if one.get("has_issues", True)]
    for repository, issues in source.each(places, lambda one: list(source.list(ISSUES, **at(one), since=since))):
        chosen = [
            one
            for one in issues
            if "pull_request" not in one
            and window.start <= moment(one["updated_at"])
            and moment(one["created_at"]) < window.end
            and not set(_labels(one)).isdisjoint(labels)
        ]
        for issue, events in source.each(chosen, partial(_timeline, source, repository)):
            yield repository, issue, events


def _timeline(source: RestSource, repository: Answer, issue: Answer) -> list[Answer]:
    return list(source.list(TIMELINE, **at(repository), issue_number=issue["number"]))


def _labels(issue: Answer) -> list[str]:
    return [one["name"].lower() for one in issue["labels"]]


def _number(repository: Answer, issue: Answer) -> str:
    return f"{repository['full_name']}#{issue['number']}"


def _approval(source: RestSource, issue: Answer, events: Sequence[Answer]) -> tuple[str | None, datetime | None]:
    marks = tuple(one.lower() for one in source.settings.approval_marks)
    asked = actor(issue["user"], source.settings).login
    found: list[tuple[bool, str, str]] = []
    for one in events:
        who = actor(one.get("actor") or one.get("user"), source.settings)
        if who.login is not None and who.kind == "human" and _approves(one, marks):
            found.append((who.login == asked, one["created_at"], who.login))
    if not found:
        return None, None
    _, at_last, login = min(found)
    return login, moment(at_last)


def _approves(event: Mapping[str, Any], marks: tuple[str, ...]) -> bool:
    if event["event"] == "labeled":
        return event["label"]["name"].lower() in marks
    return event["event"] == "commented" and (event.get("body") or "").lstrip().lower().startswith(marks)


def _closing(events: Sequence[Answer]) -> Answer | None:
    """The last time that it was closed."""
    return next((one for one in reversed(events) if one["event"] == "closed"), None)


def _acknowledged(source: RestSource, issue: Answer, events: Sequence[Answer]) -> datetime | None:
    author = actor(issue["user"], source.settings).login
    for one in events:
        who = actor(one.get("actor") or one.get("user"), source.settings)
        answered = one["event"] == "commented" and who.kind == "human" and who.login != author
        if one["event"] == "assigned" or answered:
            return moment(str(one["created_at"]))
    return None


def _references(repository: Answer, issue: Answer) -> tuple[str, ...]:
    text = f"{issue['title']}\n{issue['body'] or ''}"
    found = {f"{repo or repository['full_name']}#{number}" for repo, number in _REFERENCE.findall(text)}
    return tuple(sorted(found - {_number(repository, issue)}))
