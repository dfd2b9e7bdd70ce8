"""How lists go on, as data. Each way ends only at the provider's own end mark.

A pager is a pure function: shown one page, it says what to ask next, None at the end that the provider marked, or
BrokenListError when the provider neither marks the end nor says how to go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from collector.source.rest.links import relations
from collector.source.rest.pointer import find, has

if TYPE_CHECKING:
    from collections.abc import Mapping


_SECOND = 2


class BrokenListError(Exception):
    """The list neither goes on nor ends."""


@dataclass(frozen=True, slots=True)
class Link:
    """The next page is at this address, absolute or relative; whoever follows it pins it first."""

    url: str


@dataclass(frozen=True, slots=True)
class More:
    """The next page is the same request with these parameters added or replaced."""

    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One page, as a pager sees it."""

    number: int
    """From 1."""
    answer: Any
    count: int
    """How many items it has."""
    before: int
    """How many items the pages before it had."""
    link: str = ""
    """Its Link header."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """The parameters that it was asked for by; none where it was by a link."""


class Paging(Protocol):
    """One way of going on."""

    @property
    def shifts(self) -> bool:
        """Whether a page is a position in the list: what is deleted while reading then hides what follows."""

    @property
    def sparse(self) -> bool:
        """Whether a page without items may be followed by others."""

    def first(self) -> Mapping[str, Any]:
        """Parameters of the first page."""

    def following(self, page: Shown) -> Link | More | None:
        """What to ask next; None at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHeader:
    """`Link: <…>; rel="next"`; the end is a Link header without it.

    A first page without the header is the whole list, unless it is full: then the header may have been lost. Where
    pages are positions the second is asked for, and must be empty; otherwise the list is broken.
    """

    marks: frozenset[str] = frozenset({"prev", "first"})
    """Relations of which a last page has at least one."""
    single: bool = True
    """Whether a first page that is the whole list comes without a Link header, as GitHub's do; Okta's have `self`."""
    limit: str = "per_page"
    """The parameter that says how many items a page may have."""
    page: str = "page"
    """The parameter that asks for a page by its number, where pages are positions."""
    shifts: bool = True
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        """Nothing: the address is enough."""
        return {}

    def following(self, page: Shown) -> Link | More | None:
        """The target of `next`."""
        if self.single and not page.link and page.asked.get(self.page) == _SECOND and not page.count:
            return None
        try:
            links = relations(page.link)
        except ValueError as error:
            raise BrokenListError(str(error)) from error
        if "next" in links:
            return Link(links["next"])
        if self.single and page.number == 1 and not page.link:
            return self._unless_full(page)
        if self.marks.isdisjoint(links):
            raise BrokenListError("the Link header that would mark the end is missing")
        return None

    def _unless_full(self, page: Shown) -> More | None:
        size = page.asked.get(self.limit)
        if not isinstance(size, int) or page.count < size:
            return None
        if not self.shifts:
            raise BrokenListError("the page is full, and no Link header says whether there is more")
        return More({self.page: _SECOND})


@dataclass(frozen=True, slots=True, kw_only=True)
class NextLink:
    """An address in the answer (`@odata.nextLink`, `nextLink`); the end is an answer without one."""

    at: str = "/nextLink"
    shifts: bool = False
    sparse: bool = True

    def first(self) -> Mapping[str, Any]:
        """Nothing: the address is enough."""
        return {}

    def following(self, page: Shown) -> Link | More | None:
        """The address."""
        url = find(page.answer, self.at)
        if url is None:
            return None
        if not isinstance(url, str) or not url:
            raise BrokenListError(f"{self.at} is no address")
        return Link(url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token or cursor in the answer that is sent back as a parameter; the end is an answer without one."""

    parameter: str
    at: str
    more: str = ""
    """Where the answer says, as true or false, that there is more; the end is then that false."""
    always: bool = False
    """Whether the last page has the field too, as null or empty."""
    shifts: bool = False
    sparse: bool = True

    def first(self) -> Mapping[str, Any]:
        """Nothing: the first page has no token."""
        return {}

    def following(self, page: Shown) -> Link | More | None:
        """The token, as a parameter."""
        token = find(page.answer, self.at)
        if self.more:
            more = find(page.answer, self.more)
            if not isinstance(more, bool):
                raise BrokenListError(f"{self.more} does not say whether there is more")
            if not more:
                return None
            if not token:
                raise BrokenListError(f"{self.more} says there is more, but {self.at} does not say where")
        if self.always and not has(page.answer, self.at):
            raise BrokenListError(f"{self.at}, which marks the end, is missing")
        if token is None or token == "":
            return None
        if not isinstance(token, str | int) or isinstance(token, bool):
            raise BrokenListError(f"{self.at} is no token")
        return More({self.parameter: token})


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """A GraphQL connection: `pageInfo.hasNextPage` and `endCursor`, sent back as a variable."""

    at: str
    """Where the connection stands in the answer: `/data/organization/repositories`."""
    variable: str = "after"
    shifts: bool = False
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        """No cursor yet: the variable is declared by the query, so it is sent as null."""
        return {self.variable: None}

    def following(self, page: Shown) -> Link | More | None:
        """The cursor, as a variable."""
        info = f"{self.at}/pageInfo"
        return Token(parameter=self.variable, at=f"{info}/endCursor", more=f"{info}/hasNextPage").following(page)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """Position and size as parameters; the end is where the total that every page names is reached."""

    total: str
    """Where a page says how many items there are in all."""
    offset: str = "offset"
    limit: str = "limit"
    size: int = 100
    start: int = 0
    """The position of the first item; SCIM counts from 1."""
    shifts: bool = True
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        """The first position."""
        return {self.offset: self.start, self.limit: self.size}

    def following(self, page: Shown) -> Link | More | None:
        """The position after what has been read."""
        read = page.before + page.count
        if (total := _total(page, self.total)) < read:
            raise BrokenListError(f"{self.total} says {total}, but {read} items came")
        if total == read:
            return None
        return More({self.offset: self.start + read, self.limit: self.size})


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """Page numbers as a parameter; the end is where the total that every page names is reached."""

    total: str
    page: str = "page"
    limit: str = "per_page"
    size: int = 100
    shifts: bool = True
    sparse: bool = False

    def first(self) -> Mapping[str, Any]:
        """The first page."""
        return {self.page: 1, self.limit: self.size}

    def following(self, page: Shown) -> Link | More | None:
        """The next number. A page that is not full but the last would move all later ones: it breaks the list."""
        read = page.before + page.count
        if (total := _total(page, self.total)) < read:
            raise BrokenListError(f"{self.total} says {total}, but {read} items came")
        if total == read:
            return None
        if page.count != self.size:
            raise BrokenListError(f"a page of {page.count} items where {self.size} were asked for, before the end")
        return More({self.page: page.number + 1, self.limit: self.size})


def _total(page: Shown, pointer: str) -> int:
    total = find(page.answer, pointer)
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise BrokenListError(f"{pointer} does not say how many items there are")
    return total
