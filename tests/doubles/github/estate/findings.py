"""Scanning that is on or off, and what it found: fixed in time, too late, dismissed well or badly, leaked, revoked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.nouns import Alert

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.ground import Ground

LIMIT_DAYS = {"critical": 7, "high": 30, "medium": 90, "low": 180}
_FEATURES = ("secret_scanning", "push_protection", "dependabot", "dependabot_updates", "code_scanning")
_DEPENDENCY, _CODE = "dependabot", "code_scanning"
_LEAK_HOURS = 72


def seed_features(ground: Ground) -> None:
    """All on, but in the fourth and in every eleventh repository."""
    for place, repo in enumerate(ground.org.repos.values()):
        off = place == 3 or place % 11 == 10
        repo.features = dict.fromkeys(_FEATURES, not off)
        if off and repo.name in ground.regimes:
            ground.manifest.deviates("CHG-08", ground.full(repo.name), "scanning_off")
            ground.manifest.deviates("IAM-19", ground.full(repo.name), "secret_scanning_off")


def seed_vulnerabilities(ground: Ground) -> None:
    """Each outcome for each severity, of dependencies and of code; repositories in turn."""
    names = [name for name in ground.regimes if ground.org.repos[name].features["dependabot"]]
    place = 0
    for kind in (_DEPENDENCY, _CODE):
        for _ in range(ground.size.copies):
            for severity, days in LIMIT_DAYS.items():
                for outcome in (
                    "open_past_limit",
                    "open",
                    "fixed",
                    "fixed_late",
                    "dismissed",
                    "dismissed_without_reason",
                ):
                    _vulnerability(ground, ground.org.repos[names[place % len(names)]], kind, severity, days, outcome)
                    place += 1


def seed_leaks(ground: Ground) -> None:
    """Secrets found in code, and pushes past the block."""
    names = [name for name in ground.regimes if ground.org.repos[name].features["secret_scanning"]]
    outcomes = (
        ("open_past_limit", 200, None, None, ""), ("open", 5, None, None, ""), ("revoked", 3000, 10, "revoked", ""),
        ("resolved_late", 3000, 100, "revoked", ""), ("not_revoked", 3000, 10, "wont_fix", ""),
        ("false_positive", 2000, 3, "false_positive", ""),
        ("bypass_unreviewed", 1000, 2, "revoked", "unreviewed"), ("bypass_reviewed", 1000, 2, "revoked", "reviewed"),
    )  # fmt: skip
    place = 0
    for _ in range(ground.size.copies):
        for why, ago, hours, resolution, bypass in outcomes:
            _leak(ground, ground.org.repos[names[place % len(names)]], why, ago, hours, resolution, bypass)
            place += 1


def _number(ground: Ground, kind: str, repo: Repo) -> int:
    return 1 + sum(one.kind == kind and one.repo == repo.name for one in ground.org.alerts)


def _vulnerability(ground: Ground, repo: Repo, kind: str, severity: str, days: int, outcome: str) -> None:
    late = outcome in {"open_past_limit", "fixed_late"}
    took = timedelta(days=days * 1.4 if late else days * 0.6)
    born = ground.org.end - (took if outcome.startswith("open") else took + timedelta(days=20))
    one = Alert(kind, _number(ground, kind, repo), repo.name, "open", born, born, severity)
    person = ground.org.with_role("member")[3].login
    if outcome.startswith("fixed"):
        one.state, one.fixed_at, one.updated_at = "fixed", born + took, born + took
    elif outcome.startswith("dismissed"):
        one.state, one.dismissed_at, one.updated_at, one.dismissed_by = "dismissed", born + took, born + took, person
        one.reason = "tolerable_risk" if kind == _DEPENDENCY else "won't fix"
        if outcome.endswith("without_reason"):
            one.reason = None
    one.about = {"name": f"package-{one.number}" if kind == _DEPENDENCY else f"py/rule-{one.number}"}
    ground.org.alerts.append(one)
    item = f"{ground.full(repo.name)}/{kind}/{one.number}"
    if outcome in {"open_past_limit", "fixed_late", "dismissed_without_reason"}:
        ground.manifest.deviates("LOG-08", item, outcome, severity=severity)
    else:
        ground.manifest.near_miss("LOG-08", item, outcome, severity=severity)


def _leak(
    ground: Ground, repo: Repo, why: str, ago: int, hours: int | None, resolution: str | None, bypass: str
) -> None:
    born: datetime = ground.ago(hours=ago)
    person = ground.org.with_role("member")[2].login
    about: dict[str, Any] = {"bypassed_by": person if bypass else None, "reviewer": None}
    if bypass == "reviewed":
        about["reviewer"] = ground.org.with_role("admin")[1].login
    one = Alert("secret_scanning", _number(ground, "secret_scanning", repo), repo.name, "open", born, born, about=about)
    if hours is not None:
        at = born + timedelta(hours=hours)
        one.state, one.reason, one.fixed_at, one.updated_at, one.dismissed_by = "resolved", resolution, at, at, person
    ground.org.alerts.append(one)
    item = f"{ground.full(repo.name)}/secret_scanning/{one.number}"
    if why in {"open_past_limit", "resolved_late", "not_revoked", "bypass_unreviewed"}:
        ground.manifest.deviates("IAM-19", item, why, limit_hours=_LEAK_HOURS)
    else:
        ground.manifest.near_miss("IAM-19", item, why)
