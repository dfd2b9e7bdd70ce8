"""What guards branches: protections, rulesets, and the record of pushes that they were asked about."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Protection:
    """The older kind of rule, on one branch; `approvals` None means that no review is required at all."""

    approvals: int | None = 1
    dismiss_stale: bool = True
    code_owners: bool = False
    last_push: bool = False
    checks: tuple[str, ...] = ("test", "lint")
    strict: bool = True
    admins: bool = True
    force_push: bool = False
    deletion: bool = False
    linear: bool = False
    bypass_users: tuple[str, ...] = ()


@dataclass(slots=True)
class Ruleset:
    """The newer kind; `repo` is None for one of the organisation's."""

    id: int
    name: str
    repo: str | None
    enforcement: str
    rules: list[dict[str, Any]]
    created_at: datetime
    include: tuple[str, ...] = ("~DEFAULT_BRANCH",)
    exclude: tuple[str, ...] = ()
    repos_include: tuple[str, ...] = ("~ALL",)
    repos_exclude: tuple[str, ...] = ()
    bypass: list[dict[str, Any]] = field(default_factory=list)

    def covers(self, repo: str, branch: str, default: str) -> bool:
        """Whether it is about this branch of this repository, enforced or not."""
        if self.repo not in {None, repo}:
            return False
        if self.repo is None and not _chosen(repo, self.repos_include, self.repos_exclude):
            return False
        names = {f"refs/heads/{branch}", "~ALL"} | ({"~DEFAULT_BRANCH"} if branch == default else set())
        return _any(names, self.include) and not _any(names, self.exclude)


@dataclass(slots=True)
class RuleSuite:
    """One push or merge, and what the rules said to it: pass, fail or bypass."""

    id: int
    repo: str
    actor: str
    ref: str
    before: str
    after: str
    at: datetime
    result: str
    rule: str = "pull_request"


def _chosen(repo: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> bool:
    names = {repo, "~ALL"}
    return _any(names, include) and not _any(names, exclude)


def _any(names: set[str], patterns: tuple[str, ...]) -> bool:
    return any(name == pattern or fnmatchcase(name, pattern) for name in names for pattern in patterns)
