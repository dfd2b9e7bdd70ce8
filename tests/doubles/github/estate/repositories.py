"""Repositories: their kinds, who reaches them, and what guards their branches."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Repo
from tests.doubles.github.estate.ground import BARE, GUARDED, LENIENT, RULED
from tests.doubles.github.estate.people import BREAK_GLASS
from tests.doubles.github.estate.rules import Protection, Ruleset

if TYPE_CHECKING:
    from tests.doubles.github.estate.ground import Ground

_FIRST = ("api", "web", "billing", "infra", "attic", "blank")
_WORDS = ("ledger", "search", "mailer", "reports", "gateway", "mobile", "events", "tools", "sync", "quota")
_REGIMES = (GUARDED, RULED, LENIENT, BARE)
_BARE = (13,)
_ARCHIVED = (4, 20, 35, 50)
_EMPTY = (5, 40)
_EVALUATED_ONLY, _OPEN_BYPASS, _ADMINS_PASS, _NO_CHECKS, _FORCED = 17, 18, 21, 26, 31
_OLD_NAMES = {2: "payments", 25: "mobile-2-classic"}
_LANGUAGES = ("Python", "TypeScript", "Go", "HCL")


def seed_repositories(ground: Ground) -> None:
    """Public, internal and private ones; archived, empty and renamed ones among them."""
    for place in range(ground.size.repositories):
        turn, word = divmod(place - len(_FIRST), len(_WORDS))
        name = _FIRST[place] if place < len(_FIRST) else f"{_WORDS[word]}-{turn + 1}"
        _repository(ground, place, name)
    repos = ground.org.repos
    ground.manifest.facts["renamed"] = dict(ground.org.renamed)
    ground.manifest.facts["archived"] = [one.name for one in repos.values() if one.archived]
    ground.manifest.facts["empty"] = [name for place, name in enumerate(repos) if place in _EMPTY]


def seed_rules(ground: Ground) -> None:
    """Protections, rulesets of repositories and of the organisation, and the branches that fall short."""
    for place, (name, repo) in enumerate(ground.org.repos.items()):
        regime = ground.regimes.get(name)
        if regime == GUARDED:
            _guard(ground, place, repo)
        elif regime == RULED:
            _rule(ground, place, repo)
        elif regime == LENIENT:
            repo.protections[repo.default_branch] = Protection(approvals=0, dismiss_stale=False, admins=False)
            _falls_short(ground, repo, "no_approval_required", "stale_approval_kept", "admins_bypass")
        elif regime == BARE:
            _falls_short(ground, repo, "unprotected")
    team = ground.org.teams[BREAK_GLASS].id
    org_rules = Ruleset(
        ground.id("ruleset"), "no force push", None, "active", [{"type": "non_fast_forward"}, {"type": "deletion"}],
        ground.org.start, repos_include=tuple(ground.worked_in(RULED)), repos_exclude=("*-sandbox",),
        bypass=[_bypass("Team", team)],
    )  # fmt: skip
    planned = Ruleset(
        ground.id("ruleset"), "two approvals, on trial", None, "evaluate", [_reviewed(2)], ground.ago(days=20),
        include=("~DEFAULT_BRANCH", "refs/heads/release/*"), exclude=("refs/heads/release/old-*",),
    )  # fmt: skip
    ground.org.rulesets += [org_rules, planned]


def _repository(ground: Ground, place: int, name: str) -> None:
    org = ground.org
    created = org.start - timedelta(days=60 - place % 30)
    visibility = "public" if place % 9 == 1 else "internal" if place % 5 == 3 else "private"
    language = _LANGUAGES[place % len(_LANGUAGES)]
    repo = Repo(ground.id("repository"), name, visibility, created, created, place in _ARCHIVED, language=language)
    repo.description = f"The {name} of Northwind"
    repo.default_branch = "master" if place % 11 == 7 else "main"
    repo.teams = {"backend" if place % 2 else "frontend": "write", "security": "read", "engineering": "read"}
    lead = [one.login for one in org.with_role("admin")][place % 3]
    repo.collaborators = {lead: "admin"}
    org.repos[name] = repo
    if place in _OLD_NAMES:
        org.renamed[_OLD_NAMES[place]] = name
    if place in _EMPTY:
        return
    if place not in _ARCHIVED:
        ground.regimes[name] = _regime(place)


def _regime(place: int) -> str:
    if place < len(_REGIMES):
        return _REGIMES[place]
    if place in _BARE:
        return BARE
    return (GUARDED, GUARDED, RULED, GUARDED, LENIENT)[place % 5]


def _guard(ground: Ground, place: int, repo: Repo) -> None:
    rule = Protection(code_owners=place % 2 == 0)
    repo.protections[repo.default_branch] = rule
    if place == _ADMINS_PASS:
        rule.admins = False
        _falls_short(ground, repo, "admins_bypass")
    if place == _NO_CHECKS:
        rule.checks = ()
        _falls_short(ground, repo, "no_checks_required")
    if place == _FORCED:
        rule.force_push = True
        _falls_short(ground, repo, "force_push_allowed")


def _rule(ground: Ground, place: int, repo: Repo) -> None:
    evaluated = place == _EVALUATED_ONLY
    bypass = [_bypass("Team", ground.org.teams[BREAK_GLASS].id)]
    if place == _OPEN_BYPASS:
        bypass.append(_bypass("Team", ground.org.teams["frontend"].id))
    checks = [{"context": "test"}, {"context": "lint"}]
    rules: list[dict[str, Any]] = [
        _reviewed(1),
        {
            "type": "required_status_checks",
            "parameters": {"strict_required_status_checks_policy": True, "required_status_checks": checks},
        },
        {"type": "non_fast_forward"},
        {"type": "deletion"},
    ]
    enforcement = "evaluate" if evaluated else "active"
    ruleset = Ruleset(ground.id("ruleset"), "main", repo.name, enforcement, rules, ground.org.start, bypass=bypass)
    repo.rulesets.append(ruleset)
    if evaluated:
        _falls_short(ground, repo, "rules_only_evaluated")
    if place == _OPEN_BYPASS:
        _falls_short(ground, repo, "bypass_actors")


def _reviewed(approvals: int) -> dict[str, Any]:
    return {
        "type": "pull_request",
        "parameters": {
            "required_approving_review_count": approvals,
            "dismiss_stale_reviews_on_push": True,
            "require_code_owner_review": False,
            "require_last_push_approval": False,
            "required_review_thread_resolution": False,
            "allowed_merge_methods": ["merge", "squash", "rebase"],
        },
    }


def _bypass(kind: str, identity: int | None, mode: str = "always") -> dict[str, Any]:
    return {"actor_id": identity, "actor_type": kind, "bypass_mode": mode}


def _falls_short(ground: Ground, repo: Repo, *whys: str) -> None:
    item = f"{ground.full(repo.name)}@{repo.default_branch}"
    ground.manifest.deviates("CHG-01", item, whys[0], all=list(whys))
