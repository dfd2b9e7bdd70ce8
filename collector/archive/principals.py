"""Who can put, overwrite or delete in the archive, or change what holds it: what its place says when it is asked.

Each name is told with where it is known from. What could not be read, and what the place cannot know, is told beside
the names: a list that lacks some of them must never read as all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from collector.archive.worm import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from collector.errors import ArchiveError


class Power(StrEnum):
    """What somebody may do to the archive, in the order in which it is shown; reading is none of it."""

    PUT = "put"
    OVERWRITE = "overwrite"
    DELETE = "delete"
    LOCK = "change the lock"
    RIGHTS = "change who may"


class Stops(StrEnum):
    """Whether the lock stops it; there is no fifth word."""

    YES = "yes"
    PARTLY = "in part"
    NO = "no"
    UNKNOWN = "could not tell"


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody whom one statement, binding, assignment or mode names, and what it lets them do, or forbids."""

    name: str
    may: frozenset[Power] | None
    """None: what the role gives could not be told, which is said among what is untold, too."""
    known_from: str
    denied: bool = False
    """It forbids. What is forbidden is never taken off what another one allows."""
    on: str = ""
    """What it is about, in the place's own words."""
    condition: str = ""
    """Its condition, word for word; whether it holds is not judged here."""


@dataclass(frozen=True, slots=True)
class Held:
    """Whether a lock that holds stops one power, and what is left of that."""

    stops: Stops
    told: str


@dataclass(frozen=True, slots=True)
class Principals:
    """All that the place tells."""

    named: tuple[Principal, ...]
    untold: tuple[str, ...] = ()
    """Who else there could be: each read that failed, with the right it takes, and what the place does not know."""
    held: Mapping[Power, Held] = field(default_factory=dict)
    """What this place's kind of lock stops where it holds; a power that is not named, it does not."""
    evidence: str = ""
    """The type of evidence that has the rights of the whole account, where that is collected; empty for none."""
    unit: str = ""
    """The account, as evidence names its unit; empty where that is not known."""

    def under(self, lock: State) -> dict[Power, Held]:
        """What the lock, as it was found, stops of each power."""
        open_to = {Power.PUT: Held(Stops.NO, "new objects; what the keys did not sign counts as void")}
        if lock is State.NOT_LOCKED:
            nothing = Held(Stops.NO, "the archive is not locked; `verify` names what is not as the log says")
            return dict.fromkeys(Power, nothing) | open_to
        stopped = self.held
        if lock is State.UNKNOWN:
            stopped = dict.fromkeys(self.held, Held(Stops.UNKNOWN, "whether the lock holds could not be told"))
        return {**dict.fromkeys(Power, Held(Stops.NO, "")), **open_to, **stopped}


ALL = frozenset(Power)
CHANGES = frozenset({Power.PUT, Power.OVERWRITE, Power.DELETE})
"""What a lock is there against, and putting."""
ACTING = (
    "who may act as one of those named (by a key, token or password of theirs, by taking their role, or by a program "
    "that runs as them) cannot be told from here"
)

MEMBERS = "who is in a group that is named cannot be told from here: whoever keeps that directory knows"


def key_of(name: str) -> str:
    """What a key of the company's own means for those who are named nowhere here."""
    return (
        f"the objects are encrypted with the key {name}: who can disable or destroy that cannot be told from here, and "
        "no lock stops it; without the key they are unreadable"
    )


def unread(right: str, error: ArchiveError, *, denied: bool) -> str:
    """A read that failed, as a sentence with the right that it takes."""
    if denied:
        return f"could not be read: DENIED {right} ({error})"
    return f"could not be read: {error}; it takes {right}"


def covers(pattern: str, action: str) -> bool:
    """Whether a pattern with `*` and `?` has an action in it; both clouds that write such mind no capitals."""
    return fnmatchcase(action.lower(), pattern.lower().replace("[", "[[]"))


def powers(patterns: Iterable[str], but: Iterable[str], known: Mapping[str, frozenset[Power]]) -> frozenset[Power]:
    """What these patterns of actions give, those in `but` left out; `known` has the powers of each action."""
    patterns, but = list(patterns), list(but)
    given = (
        power
        for action, found in known.items()
        if any(covers(one, action) for one in patterns) and not any(covers(one, action) for one in but)
        for power in found
    )
    return frozenset(given)
