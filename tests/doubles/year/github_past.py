"""A GitHub organisation as it was at a moment: what came later is not there, and what ended later is open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.code import Check, Commit, DeployKey, Deployment, Issue, Pull, Repo, Run
    from tests.doubles.github.estate.nouns import Alert, Organisation, Secret


def in_order(org: Organisation) -> None:
    """Let no number have been given out before a smaller one: planted changes may have been moved in time."""
    for repo in org.repos.values():
        next_born = org.end
        for number in sorted({*repo.pulls, *repo.issues}, reverse=True):
            one = repo.pulls.get(number) or repo.issues[number]
            one.created_at = next_born = min(one.created_at, next_born)
            one.updated_at = max(one.updated_at, one.created_at)


def as_of(org: Organisation, now: datetime) -> Organisation:
    """The organisation then. Who is in it and what guards it are as at the end of the year: only work has a history."""
    return replace(
        org,
        end=now,
        repos={name: _repo(repo, now) for name, repo in org.repos.items() if repo.created_at <= now},
        secrets=_secrets(org.secrets, now),
        hooks=[replace(one, updated_at=min(one.updated_at, now)) for one in org.hooks if one.created_at <= now],
        invitations=[one for one in org.invitations if one.created_at <= now],
        suites=[one for one in org.suites if one.at <= now],
        installations=[one for one in org.installations if one.created_at <= now],
        grants=[one for one in org.grants if one.granted_at <= now],
        alerts=[_alert(one, now) for one in org.alerts if one.created_at <= now],
        audit=[one for one in org.audit if one.at <= now],
    )


def _repo(repo: Repo, now: datetime) -> Repo:
    commits = {sha: _commit(one, now) for sha, one in repo.commits.items() if one.committed_at <= now}
    heads = {name: sha for name in repo.branches if (sha := _head(repo, name, now)) is not None}
    return replace(
        repo,
        pushed_at=max([repo.created_at, *(one.committed_at for one in commits.values())]),
        branches=heads,
        commits=commits,
        pulls={number: _pull(one, repo, now) for number, one in repo.pulls.items() if one.created_at <= now},
        issues={number: _issue(one, now) for number, one in repo.issues.items() if one.created_at <= now},
        runs=[_run(one, now) for one in repo.runs if one.created_at <= now],
        deployments=[_deployment(one, now) for one in repo.deployments if one.created_at <= now],
        environments=[one for one in repo.environments if one.created_at <= now],
        keys=[_key(one, now) for one in repo.keys if one.created_at <= now],
        secrets=_secrets(repo.secrets, now),
    )


def _key(key: DeployKey, now: datetime) -> DeployKey:
    return key if key.last_used is None or key.last_used <= now else replace(key, last_used=None)


def _secrets(secrets: list[Secret], now: datetime) -> list[Secret]:
    """Which value one has is not told: one that was set anew later has its first date."""
    there = [one for one in secrets if one.created_at <= now]
    return [one if one.updated_at <= now else replace(one, updated_at=one.created_at) for one in there]


def _head(repo: Repo, branch: str, now: datetime) -> str | None:
    """Where a branch stood: the newest commit of its line that was there; None where it had none."""
    return next((one.sha for one in repo.line(branch) if one.committed_at <= now), None)


def _commit(commit: Commit, now: datetime) -> Commit:
    if all(one.ended_at and one.ended_at <= now for one in commit.checks) and not commit.statuses:
        return commit
    return replace(
        commit,
        checks=[_check(one, now) for one in commit.checks if one.started_at <= now],
        statuses=[one for one in commit.statuses if one.created_at <= now],
    )


def _check(check: Check, now: datetime) -> Check:
    over = check.ended_at is not None and check.ended_at <= now
    return check if over else replace(check, conclusion=None, ended_at=None)


def _pull(pull: Pull, repo: Repo, now: datetime) -> Pull:
    if max(pull.updated_at, pull.closed_at or pull.updated_at) <= now:
        return pull
    pushed = [sha for sha in pull.commits if repo.commits[sha].committed_at <= now] or pull.commits[:1]
    reviews = [one for one in pull.reviews if one.submitted_at <= now]
    closed = pull.closed_at if pull.closed_at and pull.closed_at <= now else None
    merged = pull.merged_at if pull.merged_at and pull.merged_at <= now else None
    seen = [
        pull.created_at,
        *(one.submitted_at for one in reviews),
        *(repo.commits[sha].committed_at for sha in pushed),
    ]
    was = replace(
        pull,
        commits=pushed,
        reviews=reviews,
        updated_at=max(one for one in [*seen, *([closed] if closed else [])] if one <= now),
        closed_at=closed,
        merged_at=merged,
    )
    return was if merged else replace(was, merged_by=None, merge_sha=None, method="")


def _issue(issue: Issue, now: datetime) -> Issue:
    if issue.updated_at <= now:
        return issue
    closed = issue.closed_at is not None and issue.closed_at <= now
    timeline = [one for one in issue.timeline if one.at <= now]
    comments = [one for one in issue.comments if one.created_at <= now]
    seen = [issue.created_at, *(one.at for one in timeline), *(one.created_at for one in comments)]
    was = replace(issue, timeline=timeline, comments=comments, updated_at=max(seen))
    return was if closed else replace(was, closed_at=None, closed_by=None)


def _run(run: Run, now: datetime) -> Run:
    return (
        run if run.updated_at <= now else replace(run, status="in_progress", conclusion=None, updated_at=run.created_at)
    )


def _deployment(deployment: Deployment, now: datetime) -> Deployment:
    return replace(deployment, statuses=[one for one in deployment.statuses if one.at <= now])


def _alert(alert: Alert, now: datetime) -> Alert:
    if alert.updated_at <= now:
        return alert
    fixed = alert.fixed_at is not None and alert.fixed_at <= now
    dismissed = alert.dismissed_at is not None and alert.dismissed_at <= now
    was = replace(alert, updated_at=alert.created_at)
    if not fixed:
        was = replace(was, fixed_at=None)
    if not dismissed:
        was = replace(was, dismissed_at=None, dismissed_by=None, reason=None)
    return was if fixed or dismissed else replace(was, state="open")
