"""Stores that break off: an error, a crash of the program, or a rival, at one chosen put."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.archive.store import Store
    from collector.archive.worm import Lock


class Crash(BaseException):
    """The program dies here: nothing in it may catch this."""


class Saboteur:
    """Passes everything on, until put number `position` raises `error`: before storing, or after (`stored`)."""

    def __init__(self, store: Store, position: int, *, stored: bool, error: BaseException | None = None) -> None:
        self.store = store
        self.left = position
        self.stored = stored
        self.error = error or ArchiveError("the disk was pulled out")

    def put_if_absent(self, key: str, content: bytes) -> bool:
        self.left -= 1
        if self.left == -1:
            if self.stored:
                self.store.put_if_absent(key, content)
            raise self.error
        return self.store.put_if_absent(key, content)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        return self.store.get(key, start, length)

    def list(self, prefix: str) -> Iterator[str]:
        return self.store.list(prefix)

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        return self.store.lock(written)


class Straggler(Saboteur):
    """Put number `position` fails and is not stored; but it is still under way, and takes effect when it arrives."""

    def __init__(self, store: Store, position: int) -> None:
        super().__init__(store, position, stored=False)
        self.under_way: tuple[str, bytes] | None = None

    def put_if_absent(self, key: str, content: bytes) -> bool:
        if self.left == 0:
            self.under_way = key, content
        return super().put_if_absent(key, content)

    def arrive(self) -> None:
        """The store does the late put, as it does any: only where the name is free."""
        if self.under_way:
            (key, content), self.under_way = self.under_way, None
            self.store.put_if_absent(key, content)


class Interloper:
    """Lets somebody else act once, just before the first put of a key that `before` chooses."""

    def __init__(self, store: Store, before: str, act: Callable[[], object]) -> None:
        self.store = store
        self.before = before
        self.act: Callable[[], object] | None = act

    def put_if_absent(self, key: str, content: bytes) -> bool:
        if key == self.before and self.act:
            act, self.act = self.act, None
            act()
        return self.store.put_if_absent(key, content)

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        return self.store.get(key, start, length)

    def list(self, prefix: str) -> Iterator[str]:
        return self.store.list(prefix)

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        return self.store.lock(written)
