"""An archive's reader that reads the log once, and gives a document again that it gave shortly before.

A package asks for the same outcomes and records once for each thing that it works out of them.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.archive.reader import Leaf, Reader
    from collector.archive.segment import Segment

_ROOM = 48 << 20
"""How many bytes are held at most."""
_LARGE = 4 << 20
"""What is larger than this is not held: it would push out hundreds of others."""


class Remembered:
    """As the reader; for an archive that is not to be looked at anew while a package of it is made."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._held: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    @cached_property
    def _leaves(self) -> Sequence[Leaf]:
        return list(self._reader.leaves())

    def leaves(self) -> Sequence[Leaf]:
        """Every leaf, in the order of the log."""
        return self._leaves

    def commits(self) -> Iterator[Segment]:
        """Every commit in the order of the log."""
        return self._reader.commits()

    def locate(self, sha256: str) -> str:
        """The key of the pack or blob that holds a content."""
        return self._reader.locate(sha256)

    def content(self, sha256: str) -> bytes:
        """The content with this digest, checked against it when it was read."""
        if sha256 in self._held:
            self._held.move_to_end(sha256)
            return self._held[sha256]
        content = self._reader.content(sha256)
        if len(content) <= _LARGE:
            self._held[sha256] = content
            self._bytes += len(content)
            while self._bytes > _ROOM:
                self._bytes -= len(self._held.popitem(last=False)[1])
        return content
