"""Reads that several evidence types make alike: made once in a run, by whoever comes first."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Page = TypeVar("Page")


class Shared(Generic[Page]):
    """The pages of each such read, by the identity of its request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pages: dict[str, Future[list[Page]]] = {}

    def once(self, identity: str, read: Callable[[], Iterable[Page]]) -> list[Page]:
        """What `read` gives, or gave to whoever asked first; who comes while it is being read waits for it."""
        with self._lock:
            first = identity not in self._pages
            future = self._pages.setdefault(identity, Future())
        if first:
            _settle(future, lambda: list(read()))
        return future.result()


def _settle(future: Future[list[Page]], read: Callable[[], list[Page]]) -> None:
    """Give whoever waits either the pages or the error: a bug must not leave them waiting for ever."""
    try:
        future.set_result(read())
    finally:
        if not future.done():
            future.set_exception(RuntimeError("the shared read failed in another evidence type"))
