"""The files of a package as they are asked for, from an archive that may go on meanwhile."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.package.binder.shelf import Memory

    Tell = Callable[[str], None]

KINDS = {
    "html": "text/html; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "text/plain; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/octet-stream",
    "seg": "application/octet-stream",
    "tsr": "application/octet-stream",
    "tsr2": "application/octet-stream",
}
"""What a file is, by its ending; anything else is shown as plain text."""


class Pages:
    """A package in memory, which one thread makes while others ask for its files.

    Making it takes as long as the archive is. While it is made anew, the files that are there are given: each page says
    up to when it tells.
    """

    def __init__(self, newer: Callable[[int], bool], build: Callable[[Tell], tuple[Memory, int]]) -> None:
        """`newer` tells whether the log goes on after a commit; `build` gives the files and their last commit.

        `build` is lent what takes in, in a sentence, how far it is.
        """
        self.wanted = Event()
        """Set when a page was asked for and the archive has gone on: then somebody has to `refresh`."""
        self.said = "The archive is being read."
        """How far the making of it is."""
        self._newer = newer
        self._build = build
        self._made: tuple[Memory, int] | None = None

    @property
    def ready(self) -> bool:
        """Whether there is anything to give yet."""
        return self._made is not None

    def refresh(self) -> None:
        """Read the archive, if it has gone on or was not read yet. For one thread alone."""
        self.wanted.clear()
        if self._made is None or self._newer(self._made[1]):
            self._made = self._build(self._told)

    def get(self, place: str) -> bytes | None:
        """A file; None when the package has none of that name, or is not made yet."""
        if self._made is None:
            return None
        shelf, sequence = self._made
        if place.endswith(".html") and not self.wanted.is_set() and self._newer(sequence):
            self.wanted.set()
        return shelf.get(place)

    def _told(self, sentence: str) -> None:
        self.said = sentence
