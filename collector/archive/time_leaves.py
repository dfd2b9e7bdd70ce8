"""What the leaves say about trusted time: whom each run was to ask, what was given, and who gave nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from collector.archive.citations import digest_from

_KINDS = {"run", "storage", "time", "vouched"}


class Named(NamedTuple):
    """An object as a leaf names it: its key, the SHA-256 of its bytes in hex, and the segment of the leaf."""

    key: str
    digest: str
    segment: int


class Withheld(NamedTuple):
    """Why an authority or a witness gave nothing, as a leaf says it."""

    cause: str
    detail: str
    size: int | None


@dataclass(frozen=True, slots=True)
class RunTimes:
    """One run: the commit of its leaf, its own times (None: not told), the token it cites, whom it was to ask."""

    run: str
    commit: int
    started: datetime | None
    ended: datetime | None
    after_token: tuple[int, Named] | None
    authorities: tuple[str, ...]
    witnesses: tuple[str, ...]


@dataclass(slots=True)
class TimeReading:
    """All of it. `withheld`: commit, kind of party, its name -> why.

    `settled`: each run that has its second commit, with the number of its first.
    """

    runs: list[RunTimes] = field(default_factory=list)
    named: list[Named] = field(default_factory=list)
    withheld: dict[tuple[int, str, str], Withheld] = field(default_factory=dict)
    settled: set[tuple[str, int]] = field(default_factory=set)

    def take(self, segment: int, leaf: dict[str, Any]) -> None:
        """Take in a leaf of this segment; one of another kind is passed over. ValueError when it is misshapen."""
        if leaf["kind"] not in _KINDS:
            return
        match leaf:
            case {"kind": "run"}:
                self._run(segment, leaf)
            case {"kind": "storage", "run": str(run), "commit": int(commit)}:
                self.settled.add((run, commit))
            case {"kind": "time", "commit": int(commit), "party": str(party), "name": str(name)}:
                size = leaf.get("size")
                why = Withheld(str(leaf.get("cause")), str(leaf.get("detail")), size if type(size) is int else None)
                self.withheld[commit, party, name] = why
            case {"kind": "vouched", "commit": int(), "objects": list(objects)}:
                self.named += [_named(one, segment) for one in objects]
            case {"kind": "time" | "vouched"}:
                raise ValueError(f"a leaf of kind {leaf['kind']!r} lacks what it is to say")

    def _run(self, segment: int, leaf: dict[str, Any]) -> None:
        token, asked = leaf.get("after_token"), leaf.get("vouchers")
        after = None
        if isinstance(token, dict):
            after = (_commit(token), _named(token, segment))
            self.named.append(after[1])
        self.runs.append(
            RunTimes(
                str(leaf.get("run")),
                segment,
                _time(leaf.get("started")),
                _time(leaf.get("ended")),
                after,
                _names(asked, "authorities"),
                _names(asked, "witnesses"),
            )
        )


def _named(said: object, segment: int) -> Named:
    match said:
        case {"object": str(key), "digest": digest}:
            return Named(key, digest_from(digest), segment)
    raise ValueError("an object is not named with its digest")


def _names(asked: object, party: str) -> tuple[str, ...]:
    names = asked.get(party, []) if isinstance(asked, dict) else []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"the {party} that a run was to ask are no list of names")
    return tuple(names)


def _commit(token: dict[str, Any]) -> int:
    if type(commit := token.get("commit")) is not int:
        raise ValueError("the token that a run cites has no commit")
    return commit


def _time(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"the time {text!r} does not say its zone")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the time {text!r} is none that a clock shows") from None
