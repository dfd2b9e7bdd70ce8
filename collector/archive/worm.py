"""Whether a place is write-once: what it says of itself when asked, and what follows from that."""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from collector.archive.layout import LOG
from collector.archive.report import Fault
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

COMPLIANCE = "COMPLIANCE"
"""S3's lock mode that nobody can lift, whatever their rights."""

PROMISE = "retain-until"
"""The name under which an object carries the date of its lock, for a later reader to hold the lock against."""


class State(StrEnum):
    """What can be said of a place's lock; there is no fourth word."""

    LOCKED = "locked"
    NOT_LOCKED = "not locked"
    UNKNOWN = "could not tell"


@dataclass(frozen=True, slots=True)
class Lock:
    """The answer: the state, a sentence on why, the facts it rests on (JSON), and each object that is not as it should.

    A finding is graver than a missing lock: somebody did something, or a lock that was given is gone.
    """

    state: State
    because: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        return f"{self.state.value}: {self.because}"


@dataclass(frozen=True, slots=True)
class Survey:
    """What a place lacks to be write-once, for the person who can mend it."""

    lines: tuple[str, ...] = ()
    """What is missing, and the commands that mend it."""
    unread: tuple[str, ...] = ()
    """Each read that failed, as a sentence: there could be more missing."""
    ready: bool = True
    """False: what is put now would never get its lock, so nothing should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a place is set to, in what all kinds of places have in common."""

    locks: bool | None
    """Whether objects get a lock that nobody can lift. None: that could not be read."""
    unlocked: str
    """Why they do not, if they do not: a clause for a sentence."""
    mode: str = COMPLIANCE
    """The place's own word for a lock that nobody can lift."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """The settings themselves, as the place names them (JSON; FORMAT.md lists them)."""
    findings: tuple[Fault, ...] = ()
    """What is wrong with the place as a whole: a setting that undoes a lock, an object that was deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of one object as the store holds it, or the marker that a deletion put over it."""

    key: str
    id: str
    marker: bool = False
    mode: str | None = None
    until: datetime | None = None
    promised: datetime | None = None
    """Until when it was to be locked: written into the object when it was put, where nothing can change it."""
    digest: str | None = None


def judge(
    settings: Settings,
    versions: Sequence[Version],
    looked_at: Sequence[Version],
    written: Mapping[str, str],
    unread: Sequence[str],
    now: datetime,
) -> Lock:
    """What follows from a read-back. `versions` are all that were listed, `looked_at` those whose locks were read."""
    findings = (
        *settings.findings,
        *_rewritten(versions),
        *(_unlocked(looked_at, settings.mode) if settings.locks else ()),
        *_other_bytes(looked_at, written),
        *(Fault(key, "is not there") for key in sorted(written.keys() - {one.key for one in versions})),
    )
    dates = [one.until for one in looked_at if one.until]
    facts = {
        **settings.facts,
        "looked_at": len(looked_at),
        "earliest": min(dates).isoformat() if dates else None,
        "expired": sum(date <= now for date in dates),
        "unread": list(unread),
    }
    state, because = _state(settings, findings, unread, facts)
    return Lock(state, because, facts, findings)


def prefixes_of(written: Mapping[str, str] | None) -> list[str]:
    """What must be listed to look at these objects (None: at all) and, in any case, at the whole log."""
    return [""] if written is None else [LOG, *(key for key in written if not key.startswith(LOG))]


def promised_in(metadata: Mapping[str, str] | None, name: str) -> datetime | None:
    """The date that an object carries under `name`; None without one, or when it is no date with a zone."""
    try:
        promised = datetime.fromisoformat((metadata or {})[name])
    except (KeyError, ValueError):
        return None
    return promised if promised.tzinfo else None


@contextmanager
def noted(unread: list[str]) -> Iterator[None]:
    """A read that fails leaves its sentence in `unread`."""
    try:
        yield
    except ArchiveError as error:
        unread.append(str(error))


def _state(
    settings: Settings, findings: Sequence[Fault], unread: Sequence[str], facts: Mapping[str, Any]
) -> tuple[State, str]:
    if settings.locks is False:
        return State.NOT_LOCKED, settings.unlocked
    if findings:
        return State.NOT_LOCKED, f"{len(findings)} objects are not held as they should be: {findings[0].object} first"
    if unread or settings.locks is None:
        why = unread[0] if unread else "the settings could not be read"
        return State.UNKNOWN, f"{why}; let this identity read it, and ask again"
    expired = f"; the time of {facts['expired']} of them has run out" if facts["expired"] else ""
    return State.LOCKED, (
        f"{facts['looked_at']} objects were read back, each in {settings.mode} mode "
        f"until {facts['earliest']} or later{expired}"
    )


def _rewritten(versions: Iterable[Version]) -> Iterator[Fault]:
    by_key: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        by_key[version.key].append(version)
    for key, found in sorted(by_key.items()):
        count = sum(not one.marker for one in found)
        if count < len(found):
            yield Fault(key, "has a delete marker: somebody deleted it, and another object could take its name")
        if count > 1:
            yield Fault(key, f"has {count} versions: somebody put another object under a name that was taken")


def _unlocked(looked_at: Iterable[Version], firm: str) -> Iterator[Fault]:
    for one in looked_at:
        if one.mode is None or one.until is None:
            yield Fault(one.key, "has no lock, in a bucket that could lock it")
        elif one.mode != firm:
            yield Fault(one.key, f"is locked in {one.mode} mode, which those with the right can lift")
        elif one.promised and one.until < one.promised:
            yield Fault(
                one.key, f"is locked until {one.until.isoformat()} and was to be until {one.promised.isoformat()}"
            )


def _other_bytes(looked_at: Iterable[Version], written: Mapping[str, str]) -> Iterator[Fault]:
    for one in looked_at:
        if one.digest and one.digest != written.get(one.key, one.digest):
            yield Fault(one.key, "has other bytes than were written (SHA-256 differs)")
