"""The organisation as a whole: healthy work, planted deviations and near misses, the same for the same seed and end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate import delivery, findings, history, outsiders, people, repositories, writing
from tests.doubles.github.estate.ground import Ground
from tests.doubles.github.estate.nouns import Organisation

if TYPE_CHECKING:
    from tests.doubles.github.estate.size import Size

LOGIN = "northwind"
_SETTINGS = {
    "two_factor_requirement_enabled": False,
    "default_repository_permission": "read",
    "members_can_create_public_repositories": False,
    "allowed_actions": "selected",
    "patterns_allowed": ["northwind/*", "docker/*"],
    "default_workflow_permissions": "read",
    "can_approve_pull_request_reviews": False,
}
_PARTS = (
    people.seed_people,
    people.seed_teams,
    repositories.seed_repositories,
    repositories.seed_rules,
    history.seed_history,
    delivery.seed_environments,
    delivery.seed_deployments,
    delivery.seed_burst,
    findings.seed_features,
    findings.seed_vulnerabilities,
    findings.seed_leaks,
    outsiders.seed_outsiders,
    outsiders.seed_apps,
    outsiders.seed_credentials,
    writing.seed_policies,
    writing.seed_tickets,
    writing.seed_audit,
)


def build(size: Size, *, seed: int = 42, end: datetime | None = None, plan: str = "enterprise") -> Ground:
    """An organisation whose year ends at `end`, by default the present hour; plans are free, team, enterprise."""
    last = (end or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    org = Organisation(4242, LOGIN, "Northwind", plan, last - timedelta(days=365), last)
    org.settings = dict(_SETTINGS)
    ground = Ground(org, size, seed)
    ground.manifest.facts |= {
        "organisation": LOGIN,
        "plan": plan,
        "seed": seed,
        "start": org.start.isoformat(),
        "end": last.isoformat(),
    }
    for part in _PARTS:
        part(ground)
    return ground
