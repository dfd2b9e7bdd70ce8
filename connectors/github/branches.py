"""Which branches are deployed, and what guards them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from collector.answer import UNSEEN
from collector.records import BranchRule
from connectors.github import github
from connectors.github.change_operations import BRANCH, BRANCHES, PROTECTION, RULES, RULESET
from connectors.github.repositories import LISTED, at, in_scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource
    from connectors.github.settings import GithubSettings

ROLES = {1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin"}
"""GitHub's own roles in a repository, by the numbers under which rulesets name them."""


@github.evidence(
    "github.branch_rules", yields=BranchRule, needs=[*LISTED, BRANCHES, BRANCH, PROTECTION, RULES, RULESET]
)
def branch_rules(source: RestSource) -> Iterator[BranchRule]:
    """Effective branch rules and bypass list.

    One row for each deployable branch of each repository that is neither archived nor empty: the default branch, and
    those that the configuration names. Protection of the older kind and every ruleset in force, of the repository and
    of the organisation, are taken together: the strictest holds. Rulesets on trial do not count.

    A branch is unprotected where GitHub itself says that its protection is off, and lists no rule for it; a 404 is
    never taken for that. Who may pass by is everyone whom any of the rules lets by. GitHub shows the bypass list of a
    ruleset only to who may write it: where it is not shown, the field has no value.

    Complete when every branch was read, with its protection where it has one, and each ruleset that holds on it.
    """
    places = [
        (repository, branch)
        for repository, branches in source.each(in_scope(source), lambda one: deployable(source, one))
        for branch in branches
    ]
    for (repository, branch), rules in source.each(places, lambda place: _rules(source, *place)):
        yield _branch_rule(repository, branch, *rules)


def deployable(source: RestSource, repository: Answer) -> list[str]:
    """The branches of a repository that are deployed. Without patterns these need no further read."""
    default = repository["default_branch"]
    if not source.settings.deployable_branches:
        return [default]
    named = (one["name"] for one in source.list(BRANCHES, **at(repository)))
    return [default, *(name for name in named if name != default and is_deployable(name, default, source.settings))]


def is_deployable(branch: str, default: str | None, settings: GithubSettings) -> bool:
    """Whether what is merged to a branch is deployed."""
    return branch == default or any(fnmatchcase(branch, one) for one in settings.deployable_branches)


def _rules(source: RestSource, repository: Answer, branch: str) -> tuple[Answer, Answer, list[Answer], list[Answer]]:
    """What the branch says of itself, its protection, the rules on it, and the rulesets that these come from."""
    place = {**at(repository), "branch": branch}
    told = source.get(BRANCH, **place)
    protection = source.get(PROTECTION, **place) if told["protection"]["enabled"] else UNSEEN
    rules = list(source.list(RULES, **place))
    numbers = sorted({one["ruleset_id"] for one in rules})
    return told, protection, rules, [source.get(RULESET, **at(repository), ruleset_id=one) for one in numbers]


def _branch_rule(
    repository: Answer, branch: str, told: Answer, protection: Answer, rules: list[Answer], rulesets: list[Answer]
) -> BranchRule:
    reviews = protection.get("required_pull_request_reviews") or {}
    pulls = [one.get("parameters") or {} for one in rules if one["type"] == "pull_request"]
    kinds = {one["type"] for one in rules}
    guarded = protection.seen
    return BranchRule(
        key=f"{repository['full_name']}@{branch}",
        seen=[repository, told, protection, *rules, *rulesets],
        repo=repository["full_name"],
        branch=branch,
        protected=guarded or bool(rules),
        approvals=max([0, *(one.get("required_approving_review_count") or 0 for one in (reviews, *pulls))]),
        stale_dismissed=_any(reviews.get("dismiss_stale_reviews"), pulls, "dismiss_stale_reviews_on_push"),
        last_push_approved=_any(reviews.get("require_last_push_approval"), pulls, "require_last_push_approval"),
        code_owners=_any(reviews.get("require_code_owner_reviews"), pulls, "require_code_owner_review"),
        checks=tuple(sorted(_checks(protection, rules))),
        force_push=not ((guarded and not protection["allow_force_pushes"]["enabled"]) or "non_fast_forward" in kinds),
        deletion=not ((guarded and not protection["allow_deletions"]["enabled"]) or "deletion" in kinds),
        binds_admins=protection["enforce_admins"]["enabled"] if guarded else None,
        bypass_actors=_bypass(protection, rulesets),
    )


def _any(classic: bool | None, rules: Iterable[Mapping[str, Any]], name: str) -> bool:  # noqa: FBT001 - a field
    return bool(classic) or any(one.get(name) for one in rules)


def _checks(protection: Answer, rules: Iterable[Answer]) -> set[str]:
    names = set((protection.get("required_status_checks") or {}).get("contexts") or ())
    for rule in rules:
        if rule["type"] == "required_status_checks":
            names |= {one["context"] for one in rule["parameters"]["required_status_checks"]}
    return names


def _bypass(protection: Answer, rulesets: list[Answer]) -> tuple[str, ...] | None:
    """Everyone whom any rule lets by; None where a ruleset does not show whom."""
    if any(one.get("bypass_actors") is None for one in rulesets):
        return None
    actors = {_actor(one) for ruleset in rulesets for one in ruleset["bypass_actors"]}
    if protection.seen and not protection["enforce_admins"]["enabled"]:
        actors.add("role admin")
    allowed = (protection.get("required_pull_request_reviews") or {}).get("bypass_pull_request_allowances") or {}
    actors |= {f"user {one['login']}" for one in allowed.get("users") or ()}
    actors |= {f"team {one['slug']}" for one in allowed.get("teams") or ()}
    actors |= {f"app {one['slug']}" for one in allowed.get("apps") or ()}
    return tuple(sorted(actors))


def _actor(told: Mapping[str, Any]) -> str:
    """Rulesets name their actors by number."""
    match told["actor_type"], told.get("actor_id"):
        case "RepositoryRole", int(number):
            return f"role {ROLES.get(number, number)}"
        case "OrganizationAdmin", _:
            return "role organisation owner"
        case "Integration", number:
            return f"app {number}"
        case "DeployKey", _:
            return "any deploy key"
        case kind, number:
            return f"{kind.lower()} {number}"
