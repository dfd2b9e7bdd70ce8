"""What the checks of a change's last commit said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.github.repositories import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.answer import Answer

_FAILED = {"FAILURE", "ERROR", "TIMED_OUT", "CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE", "STALE"}
_GOOD = {"SUCCESS", "NEUTRAL", "SKIPPED"}


class Checked(NamedTuple):
    """All checks taken together."""

    state: str
    """success, failure, pending, none."""
    ended_at: datetime | None
    """None while any of them runs, or where there is none."""
    failed: tuple[str, ...]


def checks_of(pull: Answer) -> list[Mapping[str, Any]]:
    """The checks that came with a pull request."""
    return list((_rollup(pull) or {"contexts": {"nodes": ()}})["contexts"]["nodes"])


def settled(pull: Answer) -> bool:
    """Whether it needs no closer look: there is no check, or all were read, are good, and ended before the merge."""
    rollup = _rollup(pull)
    if rollup is None:
        return True
    said, merged = at_merge(rollup["contexts"]["nodes"]), moment(pull["mergedAt"])
    ended = said.ended_at is not None and merged is not None and said.ended_at <= merged
    return said.state == "success" and ended and not rollup["contexts"]["pageInfo"]["hasNextPage"]


def at_merge(checks: Sequence[Mapping[str, Any]]) -> Checked:
    """The checks that are required, where it is known that any is; all of them otherwise."""
    counted = [one for one in checks if one.get("isRequired")] or checks
    if not counted:
        return Checked("none", None, ())
    failed = tuple(sorted({_name(one) for one in counted if _word(one) in _FAILED}))
    ended = [_ended(one) for one in counted]
    latest = None if None in ended else max(one for one in ended if one is not None)
    if failed:
        return Checked("failure", latest, failed)
    return Checked("success" if _all_good(counted) else "pending", latest, ())


def _all_good(checks: Iterable[Mapping[str, Any]]) -> bool:
    return all(_word(one) in _GOOD for one in checks)


def _rollup(pull: Answer) -> Mapping[str, Any] | None:
    found: Mapping[str, Any] | None = pull["commits"]["nodes"][0]["commit"]["statusCheckRollup"]
    return found


def _name(check: Mapping[str, Any]) -> str:
    """A check run has a name, a status a context."""
    return str(check.get("name") or check["context"])


def _word(check: Mapping[str, Any]) -> str:
    """A check run that is over has a conclusion, a status is its own state; any other still runs."""
    return str(check.get("conclusion") or check.get("state") or "")


def _ended(check: Mapping[str, Any]) -> datetime | None:
    if check.get("state") in {"PENDING", "EXPECTED"}:
        return None
    ended: str | None = check["createdAt"] if "state" in check else check["completedAt"]
    return moment(ended)
