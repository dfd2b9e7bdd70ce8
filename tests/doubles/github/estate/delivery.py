"""Environments, deployments with their approvals, and days on which one repository runs a great many workflows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.code import Deployment, DeploymentStatus, Environment
from tests.doubles.github.estate.laying import Line
from tests.doubles.github.estate.people import ACTIONS_BOT, PIPELINE

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Commit, Pull, Repo
    from tests.doubles.github.estate.ground import Ground

PRODUCTION, STAGING = "production", "staging"
_OPEN_EVERY = 5
_BURST_DAYS_AGO = 33


def seed_environments(ground: Ground) -> None:
    """Two for every repository that is worked in; the fifth's production is open to all."""
    for place, name in enumerate(ground.regimes):
        repo = ground.org.repos[name]
        unguarded = place % _OPEN_EVERY == _OPEN_EVERY - 2
        reviewers = [] if unguarded else [("Team", "break-glass"), ("User", ground.org.with_role("admin")[0].login)]
        policy = None if unguarded else "protected" if place % 2 else "custom"
        born = repo.created_at
        repo.environments = [
            Environment(ground.id("environment"), PRODUCTION, reviewers, policy, not unguarded, unguarded, born),
            Environment(ground.id("environment"), STAGING, [], None, False, True, born),
        ]
        if unguarded:
            ground.manifest.deviates("CHG-06", f"{ground.full(name)}@{PRODUCTION}", "no_reviewers_and_no_branch_policy")


def seed_deployments(ground: Ground) -> None:
    """Most merges are deployed by the pipeline; then those that trace to no change, or were started by hand."""
    bad = ground.manifest.deviating("CHG-02")
    for name in ground.regimes:
        repo = ground.org.repos[name]
        merged = [one for one in repo.pulls.values() if one.merged_at and one.base == repo.default_branch]
        merged.sort(key=lambda one: (one.merged_at, one.number))
        made = [
            _deploy_change(ground, repo, one) for one in merged if one.number % 3 or _item(ground, repo, one) in bad
        ]
        for deployment, one in zip(
            made, [o for o in merged if o.number % 3 or _item(ground, repo, o) in bad], strict=True
        ):
            if _item(ground, repo, one) in bad:
                _deviates(ground, repo, deployment, "change_not_approved", number=one.number)
        for commit in [one for one in repo.line() if one.pull is None and one.committed_at >= ground.org.start][:1]:
            _deviates(ground, repo, _deploy(ground, repo, commit, commit.committed_at, PIPELINE), "no_change")
        if made:
            _plant(ground, repo, merged[-1])
        _supersede(ground, repo)
        repo.deployments.sort(key=lambda one: (one.created_at, one.id))
    ground.manifest.facts["deployments"] = {
        ground.full(name): sum(one.environment == PRODUCTION for one in repo.deployments)
        for name, repo in ground.org.repos.items()
    }


def seed_burst(ground: Ground) -> None:
    """So many runs in one day that a single query cannot list them."""
    repo = ground.org.repos["api"]
    day = (ground.org.end - timedelta(days=_BURST_DAYS_AGO)).replace(hour=0, minute=0, second=0)
    line = Line(ground, repo)
    for place in range(ground.size.burst):
        at = day + timedelta(seconds=60 * place % 86_000)
        line.run(
            "schedule", line.head, "main", ACTIONS_BOT, "success", (at, at + timedelta(minutes=2)), workflow="probe"
        )
    repo.runs.sort(key=lambda one: (one.created_at, one.id))
    ground.manifest.facts["runs"] = {ground.full(one.name): len(one.runs) for one in ground.org.repos.values()}
    ground.manifest.facts["burst"] = {"repo": "api", "day": f"{day:%Y-%m-%d}", "runs": ground.size.burst}


def _deploy_change(ground: Ground, repo: Repo, pull: Pull) -> Deployment:
    commit = repo.commits[pull.merge_sha or pull.head]
    at = (pull.merged_at or commit.committed_at) + timedelta(minutes=12)
    return _deploy(ground, repo, commit, at, PIPELINE)


def _deploy(
    ground: Ground,
    repo: Repo,
    commit: Commit,
    at: datetime,
    creator: str,
    *,
    environment: str = PRODUCTION,
    state: str = "success",
) -> Deployment:
    made = Deployment(ground.id("deployment"), commit.sha, repo.default_branch, environment, creator, at)
    ended = (at + timedelta(minutes=1), at + timedelta(minutes=6))
    run = Line(ground, repo).run(
        "deployment", commit.sha, repo.default_branch, creator, state, ended, workflow="deploy"
    )
    made.run = run.id
    if environment == PRODUCTION and repo.environments[0].reviewers:
        run.approvals.append((PRODUCTION, ground.org.with_role("admin")[0].login))
    states = (("in_progress", ended[0]), (state, ended[1]))
    made.statuses = [DeploymentStatus(ground.id("deployment status"), said, when, creator) for said, when in states]
    repo.deployments.append(made)
    return made


def _plant(ground: Ground, repo: Repo, pull: Pull) -> None:
    """By hand; of a commit on no deployed branch; and two that are no deviation: a failure, and one to staging."""
    sound = repo.commits[pull.merge_sha or pull.head]
    at = (pull.merged_at or sound.committed_at) + timedelta(hours=1)
    if at + timedelta(hours=3) >= ground.org.end:
        return
    person = ground.org.with_role("member")[1].login
    _deviates(ground, repo, _deploy(ground, repo, sound, at, person), "deployed_by_person", by=person)
    loose = next((repo.commits[one.head] for one in repo.pulls.values() if not one.merged_at), None)
    if loose is None or loose.committed_at >= at:
        return
    _deviates(ground, repo, _deploy(ground, repo, loose, at + timedelta(minutes=30), PIPELINE), "commit_not_merged")
    failed = _deploy(ground, repo, loose, at + timedelta(minutes=50), PIPELINE, state="failure")
    staged = _deploy(ground, repo, loose, at + timedelta(minutes=70), PIPELINE, environment=STAGING)
    for one, why in ((failed, "failed"), (staged, "not_production")):
        ground.manifest.near_miss("CHG-05", f"{ground.full(repo.name)}@{one.id}", why)


def _supersede(ground: Ground, repo: Repo) -> None:
    """A newer success makes the one before it inactive: its last state no longer says that it was delivered."""
    before: Deployment | None = None
    for one in sorted(repo.deployments, key=lambda each: (each.created_at, each.id)):
        if one.environment != PRODUCTION or one.statuses[-1].state != "success":
            continue
        if before is not None:
            last = one.statuses[-1].at
            before.statuses.append(DeploymentStatus(ground.id("deployment status"), "inactive", last, PIPELINE))
        before = one


def _deviates(ground: Ground, repo: Repo, one: Deployment, why: str, **more: object) -> None:
    item = f"{ground.full(repo.name)}@{one.id}"
    ground.manifest.deviates("CHG-05", item, why, repo=repo.name, id=one.id, sha=one.sha, **more)


def _item(ground: Ground, repo: Repo, pull: Pull) -> str:
    return f"{ground.full(repo.name)}#{pull.number}"
