"""Records by the million outside the memory: a temporary file in which those with the same first byte lie together."""

from __future__ import annotations

import struct
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTITIONS = range(256)
_CHUNK = 8 << 10


class Spill:
    """Records of one form, the first field of which is a digest. Two spills are joined one partition at a time.

    `form` is that of a `struct`. In memory are 8 KiB for each of the 256 first bytes, and where the full ones went.
    """

    def __init__(self, form: str) -> None:
        self._record = struct.Struct(form)
        self._file = TemporaryFile()  # noqa: SIM115 - closed by `__exit__`
        self._filling = [bytearray() for _ in PARTITIONS]
        self._written: list[list[tuple[int, int]]] = [[] for _ in PARTITIONS]
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, digest: bytes, *fields: Any) -> None:  # noqa: ANN401 - what the form says
        """Keep one record."""
        filling = self._filling[digest[0]]
        filling += self._record.pack(digest, *fields)
        if len(filling) >= _CHUNK:
            self._file.seek(self._end)
            self._file.write(filling)
            self._written[digest[0]].append((self._end, len(filling)))
            self._end += len(filling)
            filling.clear()

    def partition(self, first: int) -> Iterator[tuple[Any, ...]]:
        """The records whose digest has this first byte, in the order they were added."""
        for start, length in self._written[first]:
            self._file.seek(start)
            yield from self._record.iter_unpack(self._file.read(length))
        yield from self._record.iter_unpack(bytes(self._filling[first]))
