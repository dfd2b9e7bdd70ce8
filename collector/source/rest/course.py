"""The way through one list: what was asked, what came, and whether it can be trusted to be all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.source.rest.paging import BrokenListError, Link, Shown
from collector.source.rest.proof import key
from collector.source.rest.request import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.source.rest.request import Request


@dataclass(frozen=True, slots=True)
class Stage:
    """One page that was read: how it was asked for, its ETag, what was on it, and under which name it is kept."""

    turn: Turn
    etag: str
    keys: tuple[str, ...]
    body: str | None


class Course:
    """Goes from page to page. It is an error for it to go in a circle, to be endless, or to promise and not give."""

    def __init__(self, request: Request, *, most_pages: int) -> None:
        self._operation = request.operation
        self._most_pages = most_pages
        self._asked: set[str] = set()
        self._seen: set[str] = set()
        self._stages: list[Stage] = []
        self.number = 0
        self._count = 0

    def keys(self, items: Sequence[Any]) -> tuple[str, ...]:
        """The identities of the items of a page; one that came empty has none."""
        return tuple(key(item, self._operation.key) for item in items if item is not None)

    def after(
        self, turn: Turn, answer: object, items: Sequence[Any], *, link: str, etag: str, body: str | None
    ) -> tuple[Turn | None, list[str]]:
        """The turn after this page, None at the end; and what is wrong with the page itself.

        BrokenListError when the list neither goes on nor ends.
        """
        self.number += 1
        keys = self.keys(items)
        flaws = self._doubles(keys)
        if len(keys) < len(items):
            flaws.append("an item came without its content")
        shown = Shown(self.number, answer, len(items), self._count, link, turn.parameters)
        self._count += len(items)
        if self._operation.pages is None:
            return None, flaws
        if self._operation.pages.shifts:
            self._stages.append(Stage(turn, etag, keys, body))
        following = self._operation.pages.following(shown)
        if following is None:
            return None, flaws
        then = (
            Turn(link=following.url)
            if isinstance(following, Link)
            else Turn({**turn.parameters, **following.parameters})
        )
        self._check(then, items)
        return then, flaws

    @property
    def positions(self) -> Iterable[Stage]:
        """Pages that were positions in a list which may have moved under them: all but the last."""
        return self._stages[:-1]

    def _check(self, then: Turn, items: Sequence[Any]) -> None:
        assert self._operation.pages is not None  # noqa: S101 - the caller just asked it
        if not items and not self._operation.pages.sparse:
            raise BrokenListError("a page without items says that there is more")
        mark = then.link or repr(sorted(then.parameters.items(), key=lambda one: one[0]))
        if mark in self._asked:
            raise BrokenListError("the page after this one was read before: the list goes in a circle")
        self._asked.add(mark)
        if self.number >= self._most_pages:
            raise BrokenListError(f"the list was not at its end after {self._most_pages} pages")

    def _doubles(self, keys: Sequence[str]) -> list[str]:
        flaws = []
        for one in keys:
            if one in self._seen:
                flaws.append(
                    f"{one[:80]} came more than once: pages shifted while they were read, so one may be missing"
                )
            self._seen.add(one)
        return flaws[:1]
