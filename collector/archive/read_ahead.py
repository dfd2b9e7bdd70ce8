"""Objects asked for before they are needed, so that a far store is not waited for once per object."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from concurrent.futures import Future

    from collector.archive.store import Store


class ReadAhead:
    """Gives back the objects named by `keys`, which are to be asked for in that order; at most `most` are held.

    To be used in a `with` block. Errors are those of the store, raised for the object they belong to.
    """

    def __init__(self, store: Store, keys: Iterable[str], most: int) -> None:
        self._store = store
        self._coming = iter(keys)
        self._asked: dict[str, Future[bytes | None]] = {}
        self._most = most
        self._pool = ThreadPoolExecutor(most)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def get(self, key: str) -> bytes | None:
        """The object's bytes, or None when there is no such object."""
        while len(self._asked) < self._most and (coming := next(self._coming, None)) is not None:
            self._asked[coming] = self._pool.submit(self._store.get, coming)
        asked = self._asked.pop(key, None)
        return self._store.get(key) if asked is None else asked.result()
