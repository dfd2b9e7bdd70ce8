"""What was found in the code: vulnerable dependencies, weak code, leaked secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import LeakedSecret, Vulnerability
from connectors.github import github
from connectors.github.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

PERIOD = 365
"""Days of the window. GitHub keeps alerts that are open for as long as they are, so each is read, however old."""
_STATUS = {"open": "open", "fixed": "fixed", "dismissed": "dismissed", "auto_dismissed": "dismissed"}
_SEVERITY = {"critical": "critical", "high": "high", "medium": "medium", "moderate": "medium", "low": "low"}


@github.evidence(
    "github.dependabot.alerts",
    yields=Vulnerability,
    needs=["GET /orgs/{org}/dependabot/alerts"],
    kind=Kind.POPULATION,
    keeps_days=PERIOD,
)
def dependabot(source: RestSource) -> Iterator[Vulnerability]:
    """Dependency vulnerabilities.

    Every Dependabot alert of every state in all repositories of the organisation that the token sees, as it stands
    when it is read. Alerts that GitHub dismissed by itself count as dismissed, without a person. Whole when the
    cursor is exhausted.
    """
    for alert in source.list("GET /orgs/{org}/dependabot/alerts"):
        weakness = alert.get("security_vulnerability") or {}
        yield _vulnerability(
            alert,
            kind="dependency",
            title=(alert.get("security_advisory") or {}).get("summary"),
            severity=_SEVERITY.get(weakness.get("severity", "")),
        )


@github.evidence(
    "github.code_scanning.alerts",
    yields=Vulnerability,
    needs=["GET /orgs/{org}/code-scanning/alerts"],
    kind=Kind.POPULATION,
    keeps_days=PERIOD,
)
def code_scanning(source: RestSource) -> Iterator[Vulnerability]:
    """Code scanning alerts.

    Every alert of every state and tool on default branches. A rule without a security severity is about the quality of
    the code: its alerts are in the list with severity unknown. Whole when the cursor is exhausted.
    """
    for alert in source.list("GET /orgs/{org}/code-scanning/alerts"):
        rule = alert.get("rule") or {}
        yield _vulnerability(
            alert,
            kind="code",
            title=rule.get("description"),
            severity=_SEVERITY.get(rule.get("security_severity_level") or ""),
        )


@github.evidence(
    "github.secret_scanning.alerts",
    yields=LeakedSecret,
    needs=["GET /orgs/{org}/secret-scanning/alerts"],
    kind=Kind.POPULATION,
    keeps_days=PERIOD,
)
def secret_scanning(source: RestSource) -> Iterator[LeakedSecret]:
    """Secret scanning alerts.

    Every alert of every state. GitHub is asked to hide the secret itself; should it come all the same, it is replaced
    by a token before anything is hashed or stored. Whole when the cursor is exhausted.
    """
    for alert in source.list("GET /orgs/{org}/secret-scanning/alerts"):
        yield LeakedSecret(
            key=alert["url"],
            seen=[alert],
            finding_id=alert["url"],
            asset_id=_repository(alert),
            secret_kind=alert.get("secret_type"),
            status=alert.get("state"),
            first_seen_at=moment(alert.get("created_at")),
            resolved_at=moment(alert.get("resolved_at")),
            resolved_by=_login(alert.get("resolved_by")),
            resolution=alert.get("resolution"),
            push_bypassed=alert.get("push_protection_bypassed"),
            push_bypassed_by=_login(alert.get("push_protection_bypassed_by")),
            push_bypass_reason=alert.get("push_protection_bypass_request_comment"),
            push_bypass_reviewed_by=_login(alert.get("push_protection_bypass_request_reviewer")),
        )


def _vulnerability(alert: Answer, *, kind: str, title: str | None, severity: str | None) -> Vulnerability:
    return Vulnerability(
        key=alert["url"],
        seen=[alert],
        finding_id=alert["url"],
        asset_id=_repository(alert),
        kind=kind,
        title=title,
        severity=severity,
        status=_STATUS.get(alert.get("state", "")),
        first_seen_at=moment(alert.get("created_at")),
        fixed_at=moment(alert.get("fixed_at")),
        dismissed_at=moment(alert.get("dismissed_at")),
        dismissed_by=_login(alert.get("dismissed_by")),
        dismissed_reason=alert.get("dismissed_reason"),
    )


def _repository(alert: Answer) -> str | None:
    return (alert.get("repository") or {}).get("full_name")


def _login(user: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """Who it was, where GitHub still knows the account."""
    return user.get("login") if isinstance(user, dict) else None
