"""Pieces of packs in few requests: a run's contents lie side by side in one pack, and are asked for one by one."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.archive.store import Store

LARGEST = 8 << 20
"""A pack of more bytes is never read whole for its pieces."""
_KEPT = 4


class Pieces:
    """Reads pieces of objects. A small object that is asked for a second time is read whole, and kept for a while."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: set[str] = set()
        self._whole: OrderedDict[str, bytes] = OrderedDict()

    def piece(self, key: str, start: int, length: int) -> bytes | None:
        """These bytes of an object, or None when there is no such object; what lies outside is left off."""
        if key not in self._asked:
            self._asked.add(key)
            return self._store.get(key, start, length)
        if key not in self._whole:
            self._take(key)
        whole = self._whole.get(key)
        if not whole:
            return self._store.get(key, start, length)
        self._whole.move_to_end(key)
        return whole[start : start + length]

    def _take(self, key: str) -> None:
        found = self._store.get(key, 0, LARGEST + 1)
        # One that is too large, or gone, is remembered as nothing, and asked for piece by piece.
        self._whole[key] = found if found and len(found) <= LARGEST else b""
        while len(self._whole) > _KEPT:
            self._whole.popitem(last=False)
