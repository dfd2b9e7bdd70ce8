"""A pull request as it is meant to go: who, when, and what the checks and reviewers say. Plants change sketches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

SUCCESS = "success"
CHECKED_WITHIN = timedelta(minutes=10)
"""After a push."""


@dataclass(slots=True)
class Push:
    """One commit put on the branch."""

    at: datetime
    by: str


@dataclass(slots=True)
class Said:
    """A review of the commit at a place on the branch; -1 is the last."""

    by: str
    state: str
    at: datetime
    place: int = -1


@dataclass(slots=True)
class Checked:
    """A check run on the last commit."""

    name: str
    conclusion: str | None
    started: datetime
    ended: datetime | None


@dataclass(slots=True)
class Sketch:
    """Sound as it is made: a person's change, tested, approved on its last commit by another, merged after."""

    author: str
    reviewer: str
    merger: str
    created: datetime
    pushes: list[Push]
    checks: list[Checked]
    reviews: list[Said]
    merged: datetime
    labels: list[str] = field(default_factory=list)
    base: str | None = None
    statuses: list[tuple[str, str, datetime]] = field(default_factory=list)
    """Context, state, moment."""
    ticket: tuple[str, datetime] | None = None
    """Who reviewed it afterwards in a ticket, and when."""

    @property
    def pushed(self) -> datetime:
        """When the last commit came."""
        return self.pushes[-1].at

    def cut(self, end: datetime) -> None:
        """Leave out what had not happened by then: no push whose checks would end later."""
        made = [one for one in self.pushes if one.at + CHECKED_WITHIN < end]
        if len(made) < len(self.pushes):
            self.pushes = made
            self.checks = [_checked(one.name, self.pushed) for one in self.checks]
        self.reviews = [one for one in self.reviews if one.at < end and one.at >= self.pushes[one.place].at]


def sound(chance: random.Random, people: list[str], created: datetime) -> Sketch:
    """A change as it should go."""
    author, reviewer, merger = chance.sample(people, 3)
    pushes = [Push(created - timedelta(minutes=10), author)]
    at = created
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2, 3))):
        at += timedelta(minutes=chance.randint(20, 600))
        pushes.append(Push(at, author))
    pushed = pushes[-1].at
    checks = [_checked(name, pushed) for name in ("test", "lint")]
    reviewed = pushed + timedelta(minutes=chance.randint(20, 1200))
    merged = reviewed + timedelta(minutes=chance.randint(5, 400))
    reviews = [Said(reviewer, "APPROVED", reviewed)]
    if len(pushes) > 1 and chance.random() < 1 / 3:
        reviews.insert(0, Said(reviewer, "CHANGES_REQUESTED", pushes[0].at + timedelta(minutes=12), 0))
    return Sketch(author, reviewer, merger, created, pushes, checks, reviews, merged)


def _checked(name: str, pushed: datetime) -> Checked:
    return Checked(name, SUCCESS, pushed + timedelta(minutes=1), pushed + timedelta(minutes=8))
