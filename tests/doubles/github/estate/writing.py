"""What people write down: incidents, requests, policies kept as files, CODEOWNERS, and the audit log."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Comment, Happening
from tests.doubles.github.estate.nouns import AuditEvent

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Issue, Repo
    from tests.doubles.github.estate.ground import Ground

POLICIES = "policies"
_YEAR = timedelta(days=365)


def seed_tickets(ground: Ground) -> None:
    """Every seventh free issue of `api` is an incident; others ask for access or for an exception."""
    repo = ground.org.repos["api"]
    free = [one for one in repo.issues.values() if not one.labels]
    for place, issue in enumerate(free):
        label = ("incident", "", "access-request", "", "exception", "", "vendor")[place % 7]
        if label:
            _label(ground, issue, label)
    ground.manifest.facts["issues"] = {
        label: sorted(
            f"{ground.full(one.name)}#{issue.number}"
            for one in ground.org.repos.values()
            for issue in one.issues.values()
            if label in issue.labels
        )
        for label in ("incident", "access-request", "exception", "vendor", "change", "emergency")
    }


def seed_policies(ground: Ground) -> None:
    """Files of `infra`, each last changed by a pull request that was approved, but two: one unapproved, one too old."""
    repo = ground.org.repos["infra"]
    merged = [one for one in repo.pulls.values() if one.merged_at and one.base == repo.default_branch]
    item = f"{ground.full('infra')}#"
    bad = {one.removeprefix(item) for one in ground.manifest.deviating("CHG-02") if one.startswith(item)}
    sound = [one for one in merged if str(one.number) not in bad and one.closes == []]
    spoilt = [one for one in merged if str(one.number) in bad]
    for place, name in enumerate(("access-control", "backup", "incident-response", "vendors")):
        _change(repo, f"{POLICIES}/{name}.md", repo.commits[sound[-1 - place].merge_sha or ""].sha)
    _change(repo, f"{POLICIES}/cryptography.md", spoilt[-1].merge_sha or "")
    ground.manifest.deviates(
        "GOV-06",
        f"{ground.full(repo.name)}:{POLICIES}/cryptography.md",
        "changed_without_approval",
        number=spoilt[-1].number,
    )
    first = repo.line()[-1]
    _change(repo, f"{POLICIES}/retention.md", first.sha)
    ground.manifest.deviates(
        "GOV-06", f"{ground.full(repo.name)}:{POLICIES}/retention.md", "older_than_a_year", sha=first.sha
    )
    for one in ground.org.repos.values():
        if not one.empty:
            one.files["CODEOWNERS"] = f"* @{ground.org.login}/backend\n/policies/ @{ground.org.login}/security\n"
            begun = one.line()[-1]
            begun.files = (*begun.files, "CODEOWNERS")
    ground.manifest.facts["policies"] = {"repo": ground.full("infra"), "folder": POLICIES}


def seed_audit(ground: Ground) -> None:
    """Who joined and left, what was granted, and rules that were changed; Enterprise Cloud alone shows it."""
    org = ground.org
    owner = org.with_role("admin")[0].login
    for place, person in enumerate(org.with_role("member")):
        _note(ground, "org.add_member", owner, 170 - 3 * place, {"user": person.login}, place)
        _note(
            ground,
            "team.add_member",
            owner,
            160 - 2 * place,
            {"user": person.login, "team": f"{org.login}/backend"},
            place,
        )
    _note(ground, "org.remove_member", owner, 44, {"user": "leaver-tom"}, 0)
    _note(
        ground,
        "org.update_member",
        owner,
        61,
        {"user": org.with_role("admin")[1].login, "permission": "admin", "old_permission": "read"},
        0,
    )
    _note(ground, "repo.add_member", owner, 70, {"user": "agency-pia", "repo": ground.full("web")}, 0)
    _note(ground, "repository_ruleset.update", owner, 33, {"repo": ground.full("web"), "ruleset_name": "main"}, 0)
    _note(ground, "repository_ruleset.destroy", owner, 34, {"repo": ground.full("web"), "ruleset_name": "old"}, 0)
    _note(ground, "protected_branch.destroy", owner, 35, {"repo": ground.full("infra"), "name": "main"}, 0)
    org.audit.sort(key=lambda one: (one.at, one.id), reverse=True)
    ground.manifest.facts["audit_events"] = len(org.audit)


def _note(ground: Ground, action: str, actor: str, days: float, fields: dict[str, Any], place: int) -> None:
    identity = ground.sha("audit", action, place)[:22]
    ground.org.audit.append(AuditEvent(identity, action, actor, ground.ago(days=max(days, 1)), fields))


def _label(ground: Ground, issue: Issue, label: str) -> None:
    author, other = issue.author, ground.org.with_role("admin")[1].login
    at = issue.created_at + timedelta(minutes=3)
    issue.labels, issue.assignees = [label], [other]
    issue.comments = [Comment(ground.id("comment"), other, at + timedelta(minutes=30), "Approved.")]
    issue.timeline = [
        Happening(ground.id("event"), "labeled", author, at, label),
        Happening(ground.id("event"), "assigned", other, at + timedelta(minutes=5), other),
    ]
    if issue.closed_at and issue.closed_by:
        issue.timeline.append(Happening(ground.id("event"), "closed", issue.closed_by, issue.closed_at))
    issue.updated_at = max(issue.updated_at, at + timedelta(minutes=30))


def _change(repo: Repo, path: str, sha: str) -> None:
    repo.files[path] = f"# {path}\n\nVersion of {sha[:7]}.\n"
    repo.commits[sha].files = (*repo.commits[sha].files, path)
