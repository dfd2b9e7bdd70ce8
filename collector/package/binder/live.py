"""The files of a package as they are asked for, from an archive that may go on meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.package.binder.shelf import Memory

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
    """A package in memory, made anew when its archive has gone on and a page is asked for."""

    def __init__(self, newer: Callable[[int], bool], build: Callable[[], tuple[Memory, int]]) -> None:
        """`newer` tells whether the log goes on after a commit; `build` gives the files and their last commit."""
        self._newer = newer
        self._build = build
        self._shelf: Memory | None = None
        self._sequence = -1

    def refresh(self) -> None:
        """Read the archive, if it has gone on or was not read yet."""
        if self._shelf is None or self._newer(self._sequence):
            self._shelf, self._sequence = self._build()

    def get(self, place: str) -> bytes | None:
        """A file; None when the package has none of that name."""
        if place.endswith(".html"):
            self.refresh()
        return self._shelf.get(place) if self._shelf else None
