"""What an organisation's plan has, and how GitHub says that it lacks the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.doubles.github.wire import RefusedError, absent

if TYPE_CHECKING:
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_PLANS = ("free", "team", "enterprise")
_LEAST = {
    "audit_log": 2,
    "org_rulesets": 1,
    "private_rules": 1,
    "code_scanning": 2,
    "secret_scanning": 2,
    "environments": 2,
}
_UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


def check_plan(world: World, feature: str, request: Request) -> None:
    """Refuse what the plan lacks, in the way of each feature; public repositories have more than private ones."""
    if not feature or _PLANS.index(world.org.plan) >= _LEAST[feature]:
        return
    if "repo" in request.arguments and world.repo(request).visibility == "public":
        return
    if feature in {"audit_log", "environments"}:
        raise absent()
    if feature == "secret_scanning":
        raise RefusedError(404, "Secret scanning is disabled on this repository.")
    if feature == "code_scanning":
        raise RefusedError(403, "Advanced Security must be enabled for this repository to use code scanning.")
    if feature == "org_rulesets":
        raise RefusedError(403, "Upgrade to GitHub Team to enable this feature.")
    raise RefusedError(403, _UPGRADE)
