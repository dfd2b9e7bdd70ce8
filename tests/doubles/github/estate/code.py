"""A repository's nouns: commits, pull requests, reviews, checks, issues, runs and deployments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.nouns import Secret
    from tests.doubles.github.estate.rules import Protection, Ruleset


@dataclass(slots=True)
class Check:
    """A check run on a commit; without `ended_at` it still runs."""

    id: int
    name: str
    sha: str
    conclusion: str | None
    started_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class Status:
    """A status that an older kind of app sets on a commit."""

    id: int
    context: str
    state: str
    created_at: datetime
    creator: str


@dataclass(slots=True)
class Commit:
    """A commit; author and committer are logins, or None where no account has the address."""

    sha: str
    parents: tuple[str, ...]
    message: str
    author: str | None
    committer: str | None
    authored_at: datetime
    committed_at: datetime
    files: tuple[str, ...] = ()
    verified: bool = True
    checks: list[Check] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    pull: int | None = None
    """The pull request that brought it, if any."""


@dataclass(slots=True)
class Review:
    """What one reviewer said; `state` is as REST writes it: APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED."""

    id: int
    author: str
    state: str
    submitted_at: datetime
    sha: str
    body: str = ""


@dataclass(slots=True)
class Comment:
    """A comment on an issue."""

    id: int
    author: str
    created_at: datetime
    body: str


@dataclass(slots=True)
class Happening:
    """One line of an issue's timeline that is not a comment: labeled, assigned, closed, reopened."""

    id: int
    event: str
    actor: str
    at: datetime
    subject: str = ""
    """The label's name or the assignee's login."""


@dataclass(slots=True)
class Issue:
    """An issue."""

    id: int
    number: int
    title: str
    body: str
    author: str
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    timeline: list[Happening] = field(default_factory=list)


@dataclass(slots=True)
class Pull:
    """A pull request; `method` is merge, squash or rebase once it is merged."""

    id: int
    number: int
    title: str
    body: str
    author: str
    base: str
    branch: str
    created_at: datetime
    updated_at: datetime
    commits: list[str]
    base_sha: str
    closed_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: str | None = None
    merge_sha: str | None = None
    method: str = ""
    draft: bool = False
    labels: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    closes: list[int] = field(default_factory=list)

    @property
    def head(self) -> str:
        """The last commit of the branch."""
        return self.commits[-1]

    @property
    def open(self) -> bool:
        """Whether it is neither merged nor closed."""
        return self.closed_at is None


@dataclass(slots=True)
class Run:
    """One run of a workflow, with who approved its deployment."""

    id: int
    number: int
    workflow: str
    event: str
    branch: str
    sha: str
    actor: str
    status: str
    conclusion: str | None
    created_at: datetime
    updated_at: datetime
    attempt: int = 1
    pull: int | None = None
    approvals: list[tuple[str, str]] = field(default_factory=list)
    """Environment and login."""


@dataclass(slots=True)
class DeploymentStatus:
    """One state that a deployment has been in."""

    id: int
    state: str
    at: datetime
    creator: str


@dataclass(slots=True)
class Deployment:
    """A delivery of a commit; its statuses are in the order they came."""

    id: int
    sha: str
    ref: str
    environment: str
    creator: str
    created_at: datetime
    statuses: list[DeploymentStatus] = field(default_factory=list)
    run: int | None = None


@dataclass(slots=True)
class Environment:
    """A place that is deployed to; `policy` is protected, custom or None."""

    id: int
    name: str
    reviewers: list[tuple[str, str]]
    """User or Team, and its login or slug."""
    policy: str | None
    prevent_self_review: bool
    admins_bypass: bool
    created_at: datetime


@dataclass(slots=True)
class DeployKey:
    """A key that opens one repository."""

    id: int
    title: str
    read_only: bool
    added_by: str
    created_at: datetime
    last_used: datetime | None


@dataclass(slots=True)
class Repo:
    """A repository; `branches` says each branch's head, and an empty repository has none."""

    id: int
    name: str
    visibility: str
    created_at: datetime
    pushed_at: datetime
    archived: bool = False
    default_branch: str = "main"
    description: str = ""
    language: str | None = "Python"
    branches: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """What the head of the default branch holds: path and text."""
    pulls: dict[int, Pull] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    deployments: list[Deployment] = field(default_factory=list)
    environments: list[Environment] = field(default_factory=list)
    keys: list[DeployKey] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    collaborators: dict[str, str] = field(default_factory=dict)
    """Login and role of those added directly: read, triage, write, maintain, admin."""
    teams: dict[str, str] = field(default_factory=dict)
    """Slug and role."""
    protections: dict[str, Protection] = field(default_factory=dict)
    rulesets: list[Ruleset] = field(default_factory=list)
    features: dict[str, bool] = field(default_factory=dict)
    """secret_scanning, push_protection, dependabot, dependabot_updates, code_scanning."""

    @property
    def empty(self) -> bool:
        """Whether nothing was ever pushed."""
        return not self.branches

    def line(self, branch: str | None = None) -> list[Commit]:
        """The first-parent history of a branch, newest first."""
        at = self.branches.get(branch or self.default_branch)
        found = []
        while at:
            commit = self.commits[at]
            found.append(commit)
            at = commit.parents[0] if commit.parents else None
        return found

    def history(self, start: str) -> list[Commit]:
        """Every commit reachable from one, newest first."""
        seen, waiting = {start}, [start]
        while waiting:
            for parent in self.commits[waiting.pop()].parents:
                if parent not in seen:
                    seen.add(parent)
                    waiting.append(parent)
        return sorted((self.commits[sha] for sha in seen), key=lambda one: (one.committed_at, one.sha), reverse=True)
