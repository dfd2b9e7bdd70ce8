"""Planted changes: each kind spoils a sound sketch in one way, or makes it look spoilt when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.ground import BARE, EMERGENCY, GUARDED, LENIENT, RULED
from tests.doubles.github.estate.people import ACTIONS_BOT, DEPENDABOT
from tests.doubles.github.estate.sketch import SUCCESS, Checked, Push, Said, Sketch

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Plant:
    """A kind of change; `controls` are those it deviates from, none for a near miss of `near`."""

    why: str
    spoil: Callable[[Sketch], None]
    regimes: tuple[str, ...]
    controls: tuple[str, ...] = ("CHG-02",)
    near: str = ""
    past_rules: bool = False
    """Whether somebody had to pass a rule by to merge it."""
    recent: bool = False
    """Whether it must lie within what GitHub remembers of rule suites."""


def _self_approved(sketch: Sketch) -> None:
    sketch.reviews = [Said(sketch.author, "APPROVED", sketch.reviews[-1].at)]


def _approved_by_last_committer(sketch: Sketch) -> None:
    sketch.pushes.append(Push(sketch.pushed + timedelta(minutes=5), sketch.reviewer))
    _test_again(sketch)
    sketch.reviews = [Said(sketch.reviewer, "APPROVED", sketch.pushed + timedelta(minutes=12))]
    sketch.merged = sketch.pushed + timedelta(minutes=30)


def _commented_only(sketch: Sketch) -> None:
    sketch.reviews = [Said(sketch.reviewer, "COMMENTED", sketch.reviews[-1].at)]


def _no_review(sketch: Sketch) -> None:
    sketch.reviews = []


def _stale(sketch: Sketch) -> None:
    said = sketch.reviews[-1].at
    sketch.reviews = [Said(sketch.reviewer, "APPROVED", said, len(sketch.pushes) - 1)]
    sketch.pushes.append(Push(said + timedelta(minutes=3), sketch.author))
    _test_again(sketch)
    sketch.merged = sketch.pushed + timedelta(minutes=30)


def _stale_and_approved_again(sketch: Sketch) -> None:
    _stale(sketch)
    sketch.reviews[0].state = "DISMISSED"
    sketch.reviews.append(Said(sketch.reviewer, "APPROVED", sketch.pushed + timedelta(minutes=15)))


def _dismissed(sketch: Sketch) -> None:
    sketch.reviews = [Said(sketch.reviewer, "DISMISSED", sketch.reviews[-1].at)]


def _approved_after_merge(sketch: Sketch) -> None:
    sketch.reviews = [Said(sketch.reviewer, "APPROVED", sketch.merged + timedelta(hours=3))]


def _check_failed(sketch: Sketch) -> None:
    sketch.checks[0].conclusion = "failure"


def _status_failed(sketch: Sketch) -> None:
    sketch.statuses.append(("lint", "failure", sketch.pushed + timedelta(minutes=4)))
    sketch.checks = sketch.checks[:1]


def _checks_absent(sketch: Sketch) -> None:
    sketch.checks = []


def _checks_ended_after_merge(sketch: Sketch) -> None:
    for check in sketch.checks:
        check.ended = sketch.merged + timedelta(minutes=9)


def _checks_never_ended(sketch: Sketch) -> None:
    sketch.checks[1].ended = sketch.checks[1].conclusion = None


def _rerun_passed(sketch: Sketch) -> None:
    first = sketch.checks[0]
    again = sketch.pushed + timedelta(minutes=9)
    sketch.checks[0] = Checked(first.name, "failure", first.started, first.ended)
    sketch.checks.append(Checked(first.name, SUCCESS, again, again + timedelta(minutes=5)))


def _optional_check_failed(sketch: Sketch) -> None:
    sketch.checks.append(Checked("coverage (optional)", "failure", sketch.pushed, sketch.pushed + timedelta(minutes=3)))


def _of_bot(sketch: Sketch) -> None:
    sketch.author = DEPENDABOT
    for push in sketch.pushes:
        push.by = DEPENDABOT


def _bot_unapproved(sketch: Sketch) -> None:
    _of_bot(sketch)
    sketch.reviews = []


def _bot_approved_by_bot(sketch: Sketch) -> None:
    _of_bot(sketch)
    sketch.reviews = [Said(ACTIONS_BOT, "APPROVED", sketch.reviews[-1].at)]


def _emergency(sketch: Sketch) -> None:
    sketch.labels.append(EMERGENCY)
    sketch.reviews = []
    sketch.merged = sketch.pushed + timedelta(minutes=20)


def _emergency_reviewed(sketch: Sketch) -> None:
    _emergency(sketch)
    soon = sketch.merged + timedelta(hours=4)
    sketch.reviews = [Said(sketch.reviewer, "APPROVED", soon)]
    sketch.ticket = (sketch.reviewer, soon)


def _emergency_reviewed_late(sketch: Sketch) -> None:
    _emergency(sketch)
    sketch.ticket = (sketch.reviewer, sketch.merged + timedelta(days=9))


def _emergency_reviewed_by_author(sketch: Sketch) -> None:
    _emergency(sketch)
    sketch.ticket = (sketch.author, sketch.merged + timedelta(hours=2))


def _commented_after_approving(sketch: Sketch) -> None:
    said = sketch.reviews[-1].at
    sketch.reviews.append(Said(sketch.reviewer, "COMMENTED", said + timedelta(minutes=2)))


def _other_branch(sketch: Sketch) -> None:
    sketch.base = "experiments"
    sketch.reviews = []


def _test_again(sketch: Sketch) -> None:
    for check in sketch.checks:
        check.started, check.ended = sketch.pushed + timedelta(minutes=1), sketch.pushed + timedelta(minutes=8)


_WEAK = (LENIENT, BARE)
_FIRM = (GUARDED, RULED)
_BOTH = ("CHG-02", "CHG-04")
PLANTS = (
    Plant("self_approved", _self_approved, _WEAK),
    Plant("approved_by_last_committer", _approved_by_last_committer, _WEAK),
    Plant("not_approved", _commented_only, _WEAK),
    Plant("not_approved", _no_review, _WEAK),
    Plant("approval_stale", _stale, _WEAK),
    Plant("approval_dismissed", _dismissed, _WEAK),
    Plant("approved_after_merge", _approved_after_merge, _WEAK),
    Plant("bot_unapproved", _bot_unapproved, _WEAK),
    Plant("bot_approved_by_bot", _bot_approved_by_bot, _WEAK),
    Plant("checks_failed", _check_failed, (LENIENT,), _BOTH, past_rules=True),
    Plant("status_failed", _status_failed, (LENIENT,), _BOTH, past_rules=True),
    Plant("checks_absent", _checks_absent, (LENIENT,), _BOTH, past_rules=True),
    Plant("checks_ended_after_merge", _checks_ended_after_merge, (LENIENT,), _BOTH, past_rules=True),
    Plant("checks_never_ended", _checks_never_ended, (LENIENT,), _BOTH, past_rules=True),
    Plant("merged_past_protection", _no_review, (RULED,), _BOTH, past_rules=True, recent=True),
    Plant("emergency_unreviewed", _emergency, (RULED,), _BOTH, past_rules=True, recent=True),
    Plant("emergency_reviewed_late", _emergency_reviewed_late, (LENIENT,), _BOTH),
    Plant("emergency_reviewed_by_author", _emergency_reviewed_by_author, (LENIENT,), _BOTH),
    Plant("emergency_reviewed", _emergency_reviewed, _WEAK, ("CHG-02",), near="CHG-04"),
    Plant("approved_again", _stale_and_approved_again, _FIRM, (), near="CHG-02"),
    Plant("bot_approved_by_person", _of_bot, _FIRM, (), near="CHG-02"),
    Plant("commented_after_approving", _commented_after_approving, _FIRM, (), near="CHG-02"),
    Plant("check_passed_when_rerun", _rerun_passed, _FIRM, (), near="CHG-02"),
    Plant("optional_check_failed", _optional_check_failed, _FIRM, (), near="CHG-02"),
    Plant("branch_not_deployed", _other_branch, _FIRM, (), near="CHG-02"),
)
