"""Source code: how a branch is guarded, what changed on it, and what was found in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.records.record import Record

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository(Record):
    """A place where source code is kept."""

    repo: str
    """Its full name, OWNER/NAME."""
    visibility: str | None = None
    """public, internal, private."""
    archived: bool | None = None
    default_branch: str | None = None
    """None when the repository is empty."""
    environment: str | None = None
    created_at: datetime | None = None
    pushed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchRule(Record):
    """What holds on one deployable branch, all the rules on it taken together."""

    repo: str
    branch: str
    protected: bool | None = None
    """False when the source said that no rule holds."""
    approvals: int | None = None
    """How many approvals a change needs; 0 when it needs none."""
    stale_dismissed: bool | None = None
    """Whether an approval lapses when the change is changed."""
    last_push_approved: bool | None = None
    """Whether someone other than the last pusher must approve."""
    code_owners: bool | None = None
    """Whether the owners of the files must approve."""
    checks: tuple[str, ...] | None = None
    """The status checks that must pass."""
    force_push: bool | None = None
    deletion: bool | None = None
    binds_admins: bool | None = None
    bypass_actors: tuple[str, ...] | None = None
    """Who may pass the rules by, as KIND NAME; None when the source does not show it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Record):
    """A change that was merged to a branch: the item an auditor samples."""

    change_id: str
    """REPO#NUMBER."""
    repo: str
    base_branch: str | None = None
    deployable: bool | None = None
    """Whether what is merged there is deployed: the default branch, and those that the configuration names."""
    title: str | None = None
    author: str | None = None
    author_kind: str | None = None
    """human, bot."""
    last_committer: str | None = None
    """Who pushed the last commit of the change, where the source knows the account."""
    opened_at: datetime | None = None
    merged_at: datetime | None = None
    merged_by: str | None = None
    head_sha: str | None = None
    merge_sha: str | None = None
    checks: str | None = None
    """success, failure, pending, none: of the last commit, as it stands when it is read."""
    checks_ended_at: datetime | None = None
    """When the last check of the last commit ended; later than the merge means that it was merged before."""
    failed_checks: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    emergency: bool | None = None
    """Whether it carries a label that the company uses for emergencies."""
    tickets: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeReview(Record):
    """What one reviewer said of a change."""

    review_id: str
    change_id: str
    reviewer: str | None = None
    reviewer_kind: str | None = None
    """human, bot."""
    state: str | None = None
    """approved, changes_requested, commented, dismissed."""
    submitted_at: datetime | None = None
    sha: str | None = None
    """The commit that was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(Record):
    """A commit on a deployable branch."""

    sha: str
    repo: str
    branch: str | None = None
    authored_at: datetime | None = None
    committed_at: datetime | None = None
    author: str | None = None
    change_id: str | None = None
    """The merged change that brought it; None when the source says that none did."""
    first_parent: bool | None = None
    """Whether it lies on the branch's own line, and did not come with a merge."""
    verified: bool | None = None
    """Whether the source accepts its signature."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bypass(Record):
    """Somebody passed the rules of a branch by, or changed them."""

    bypass_id: str
    repo: str | None = None
    branch: str | None = None
    actor: str | None = None
    at: datetime | None = None
    action: str | None = None
    """push, merge, rule_changed, rule_removed."""
    rule: str | None = None
    sha: str | None = None
    reason: str | None = None
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment(Record):
    """One delivery of a commit to an environment."""

    deployment_id: str
    repo: str | None = None
    environment: str | None = None
    production: bool | None = None
    sha: str | None = None
    committed_at: datetime | None = None
    """When that commit was made."""
    ref: str | None = None
    deployed_by: str | None = None
    deployed_by_kind: str | None = None
    """human, bot."""
    deployed_at: datetime | None = None
    status: str | None = None
    """success, failure, inactive, pending, none."""
    approved_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployTarget(Record):
    """An environment that is deployed to, and what guards it."""

    environment: str
    repo: str | None = None
    production: bool | None = None
    reviewers: tuple[str, ...] | None = None
    """Who must approve, as KIND NAME."""
    self_review: bool | None = None
    """Whether who started a deployment may approve it."""
    branches: str | None = None
    """protected, custom, any: from which branches it may be deployed."""
    admins_bypass: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRun(Record):
    """One run of an automated process."""

    job_run_id: str
    process: str | None = None
    repo: str | None = None
    trigger: str | None = None
    sha: str | None = None
    actor: str | None = None
    attempt: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    status: str | None = None
    """success, failure, cancelled, skipped, running, other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vulnerability(Record):
    """A known weakness in something we run or build."""

    finding_id: str
    asset_id: str | None = None
    kind: str | None = None
    """dependency, code, host, image, function, network, …"""
    title: str | None = None
    severity: str | None = None
    """critical, high, medium, low."""
    status: str | None = None
    """open, fixed, dismissed."""
    first_seen_at: datetime | None = None
    fixed_at: datetime | None = None
    dismissed_at: datetime | None = None
    dismissed_by: str | None = None
    dismissed_reason: str | None = None
    fix_available: bool | None = None
    """Whether there is anything to install against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakedSecret(Record):
    """A secret that was found where it must not be. The secret itself is never read."""

    finding_id: str
    asset_id: str | None = None
    secret_kind: str | None = None
    status: str | None = None
    """open, resolved."""
    first_seen_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    """revoked, false_positive, wont_fix, used_in_tests, …"""
    push_bypassed: bool | None = None
    """Whether somebody pushed it past the block."""
    push_bypassed_by: str | None = None
    push_bypass_reason: str | None = None
    push_bypass_reviewed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner(Record):
    """Whether one kind of scanning is on for one repository, host or image."""

    asset_id: str
    kind: str
    """secrets, secrets_push, dependencies, dependency_updates, code, host, image, function, network, …; images: those
    of a repository, when they are pushed."""
    state: str | None = None
    """enabled, disabled, not_applicable; absent where nothing scans it that could be switched on."""
    because: str | None = None
    environment: str | None = None
    scanned_at: datetime | None = None
    """When it was last scanned, where a scan is something that is done at a time."""
    rescans: bool | None = None
    """Of images: whether each is scanned again when more weaknesses become known."""
