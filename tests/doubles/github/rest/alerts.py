"""Alerts of Dependabot, code scanning and secret scanning, of the organisation and of one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, cursor_page_of, page_of
from tests.doubles.github.rest.people import maybe_user
from tests.doubles.github.rest.repositories import simple
from tests.doubles.github.routes import get
from tests.doubles.github.wire import moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.github.estate.nouns import Alert
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

    Showing = Callable[[World, Request, Alert], dict[str, Any]]

_SECURITY = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}


@get("/orgs/{org}/dependabot/alerts", "vulnerability_alerts:read")
def dependabot_alerts(world: World, request: Request) -> Page:
    """Cursors alone."""
    chosen = _chosen(world, request, "dependabot")
    page = cursor_page_of(request, chosen, key=lambda one: f"{one.repo}/{one.number}")
    return page.each(lambda one: _dependabot(world, request, one))


@get("/orgs/{org}/code-scanning/alerts", "security_events:read", plan="code_scanning")
def code_alerts(world: World, request: Request) -> Page:
    return _listed(world, request, "code_scanning", _code)


@get("/orgs/{org}/secret-scanning/alerts", "secret_scanning_alerts:read", plan="secret_scanning")
def secret_alerts(world: World, request: Request) -> Page:
    return _listed(world, request, "secret_scanning", _secret)


def _listed(world: World, request: Request, kind: str, show: Showing) -> Page:
    """By page, or by cursor where one is given."""
    chosen = _chosen(world, request, kind)
    if request.query.get("after") or request.query.get("before"):
        page = cursor_page_of(request, chosen, key=lambda one: f"{one.repo}/{one.number}")
    else:
        page = page_of(request, chosen)
    return page.each(lambda one: show(world, request, one))


def _chosen(world: World, request: Request, kind: str) -> list[Alert]:
    chosen = [one for one in world.org.alerts if one.kind == kind]
    chosen = [one for one in chosen if world.sees(world.org.repos[one.repo], request.caller)]
    if state := request.query.get("state"):
        chosen = [one for one in chosen if one.state in state.split(",")]
    if severity := request.query.get("severity"):
        chosen = [one for one in chosen if one.severity in severity.split(",")]
    key = "updated_at" if request.query.get("sort") == "updated" else "created_at"
    downwards = request.query.get("direction", "desc") == "desc"
    return sorted(chosen, key=lambda one: (getattr(one, key), one.repo, one.number), reverse=downwards)


def _shared(world: World, request: Request, one: Alert, part: str) -> dict[str, Any]:
    web = f"{WEB}/{world.org.login}/{one.repo}/security/{part}/{one.number}"
    return {
        "number": one.number,
        "state": one.state,
        "url": f"{request.base}/repos/{world.org.login}/{one.repo}/{part}/alerts/{one.number}",
        "html_url": web,
        "created_at": moment(one.created_at),
        "updated_at": moment(one.updated_at),
        "repository": simple(world, request, world.org.repos[one.repo]),
    }


def _dismissal(world: World, request: Request, one: Alert) -> dict[str, Any]:
    return {
        "fixed_at": moment(one.fixed_at),
        "dismissed_at": moment(one.dismissed_at),
        "dismissed_by": maybe_user(world, request, one.dismissed_by),
        "dismissed_reason": one.reason,
        "dismissed_comment": None,
    }


def _dependabot(world: World, request: Request, one: Alert) -> dict[str, Any]:
    package = {"ecosystem": "pip", "name": one.about["name"]}
    weak: dict[str, Any] = {
        "package": package,
        "severity": one.severity,
        "vulnerable_version_range": "< 2.0.0",
        "first_patched_version": {"identifier": "2.0.0"},
    }
    name = f"GHSA-aaaa-bbbb-{one.number:04}"
    advisory: dict[str, Any] = {
        "ghsa_id": name,
        "cve_id": None,
        "summary": f"A weakness in {one.about['name']}",
        "description": "Simulated.",
        "vulnerabilities": [weak],
        "severity": one.severity,
        "cvss": {"score": 7.5, "vector_string": None},
        "cwes": [],
        "identifiers": [{"type": "GHSA", "value": name}],
        "references": [],
        "published_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
        "withdrawn_at": None,
    }
    told: dict[str, Any] = {"dependency": {"package": package, "manifest_path": "requirements.txt", "scope": "runtime"}}
    told |= {"security_advisory": advisory, "security_vulnerability": weak, "auto_dismissed_at": None}
    return _shared(world, request, one, "dependabot") | _dismissal(world, request, one) | told


def _code(world: World, request: Request, one: Alert) -> dict[str, Any]:
    told = _shared(world, request, one, "code-scanning")
    rule: dict[str, Any] = {
        "id": one.about["name"],
        "name": one.about["name"],
        "severity": _SECURITY[one.severity],
        "security_severity_level": one.severity,
        "description": "Simulated",
        "tags": ["security"],
    }
    instance: dict[str, Any] = {
        "ref": "refs/heads/main",
        "analysis_key": "ci",
        "environment": "{}",
        "category": "ci",
        "state": one.state,
    }
    instance |= {"commit_sha": world.ground.sha("alert", one.repo, one.number), "message": {"text": "Simulated"}}
    place: dict[str, Any] = {"path": "src/main.py", "start_line": 1, "end_line": 1, "start_column": 1, "end_column": 2}
    instance |= {"location": place, "classifications": []}
    told |= {"instances_url": f"{told['url']}/instances", "rule": rule, "most_recent_instance": instance}
    return told | _dismissal(world, request, one) | {"tool": {"name": "CodeQL", "guid": None, "version": "2.20.0"}}


def _secret(world: World, request: Request, one: Alert) -> dict[str, Any]:
    told = _shared(world, request, one, "secret-scanning")
    by, reviewer = one.about["bypassed_by"], one.about["reviewer"]
    hidden = request.query.get("hide_secret") == "true"
    if not hidden:
        told["secret"] = f"nw_LEAKED_{one.repo}_{one.number}"
    return told | {
        "locations_url": f"{told['url']}/locations",
        "resolution": one.reason,
        "resolved_at": moment(one.fixed_at),
        "resolved_by": maybe_user(world, request, one.dismissed_by),
        "resolution_comment": None,
        "secret_type": "northwind_api_token",
        "secret_type_display_name": "Northwind API Token",
        "validity": "unknown",
        "push_protection_bypassed": by is not None,
        "push_protection_bypassed_by": maybe_user(world, request, by),
        "push_protection_bypassed_at": moment(one.created_at) if by else None,
        "push_protection_bypass_request_reviewer": maybe_user(world, request, reviewer),
        "push_protection_bypass_request_comment": "Needed for a test" if reviewer else None,
        "publicly_leaked": False,
        "multi_repo": False,
    }
