"""Where somebody passed the rules by, or changed them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.model import Cause, Kind
from collector.records import Bypass
from connectors.github import github
from connectors.github.change_operations import RULE_SUITES
from connectors.github.repositories import moment
from connectors.github.shared_operations import AUDIT_LOG, ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

ACTIONS = {
    "protected_branch.policy_override": "merge",
    "protected_branch.destroy": "rule_removed",
    "protected_branch.update_admin_enforced": "rule_changed",
    "repository_ruleset.update": "rule_changed",
    "repository_ruleset.destroy": "rule_removed",
}
"""The audit log's own words for what is asked for, and what they are."""


@github.evidence("github.rule_suites.bypass", yields=Bypass, needs=[RULE_SUITES], kind=Kind.POPULATION, keeps_days=30)
def rule_suites(source: RestSource) -> Iterator[Bypass]:
    """Pushes that bypassed a ruleset.

    Population: every push or merge within the window that a ruleset of the repository or the organisation would have
    stopped, and that somebody was let through with. GitHub remembers these for a month. Protection of the older kind
    is not in it: see the audit log's overrides.

    GitHub documents this list as open only to who may write the organisation's settings. The collector does not ask
    for that: where GitHub refuses, it is a gap, and the audit log is the read-only alternative.
    """
    window = source.window
    for one in source.list(RULE_SUITES):
        if window.start <= moment(one["pushed_at"]) < window.end:
            yield Bypass(
                key=f"suite {one['id']}",
                seen=[one],
                bypass_id=f"suite {one['id']}",
                repo=f"{source.scope.unit_id}/{one['repository_name']}",
                branch=_branch(one["ref"]),
                actor=one["actor_name"],
                at=moment(one["pushed_at"]),
                action="push",
                sha=one["after_sha"],
            )


@github.evidence(
    "github.audit.overrides", yields=Bypass, needs=[AUDIT_LOG, ORGANISATION], kind=Kind.POPULATION, keeps_days=180
)
def overrides(source: RestSource) -> Iterator[Bypass]:
    """Branch-rule overrides and rule changes.

    Population: every event of the audit log within the window by which somebody passed a branch's protection by, or
    changed or removed a protection or ruleset. Only GitHub Enterprise Cloud has an audit log that can be read by
    program, and it remembers 180 days: on any other plan this is a gap, `unlicensed`.

    Complete when the log was read to its last page. No rows then mean that there were no such events.
    """
    plan = (source.get(ORGANISATION).get("plan") or {}).get("name")
    if plan not in {None, "enterprise", "business_plus"}:
        detail = f"the plan of the organisation is {plan}; only Enterprise Cloud has an audit log to read"
        source.gap(Cause.UNLICENSED, f"{AUDIT_LOG} ({source.place})", detail)
        return
    window = source.window
    asked = " ".join(f"action:{one}" for one in ACTIONS)
    created = f"created:{window.start:%Y-%m-%dT%H:%M:%S+00:00}..{window.end:%Y-%m-%dT%H:%M:%S+00:00}"
    for event in source.list(AUDIT_LOG, phrase=f"{asked} {created}"):
        at = datetime.fromtimestamp(event["@timestamp"] / 1000, UTC)
        if window.start <= at < window.end and event["action"] in ACTIONS:
            yield _override(event, at)


def _override(event: Answer, at: datetime) -> Bypass:
    reason: Any = event.get("reasons") or event.get("overridden_codes")
    return Bypass(
        key=event["_document_id"],
        seen=[event],
        bypass_id=event["_document_id"],
        repo=event.get("repo") or event.get("repository"),
        branch=_branch(event.get("branch") or ""),
        actor=event.get("actor"),
        at=at,
        action=ACTIONS[event["action"]],
        rule=event.get("ruleset_name") or event.get("name"),
        sha=event.get("after"),
        reason=None if reason is None else str(reason),
    )


def _branch(ref: str) -> str | None:
    return ref.removeprefix("refs/heads/") or None
