"""The rows behind a look, from the sealed documents of the evidence that it rests on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from collector.period.intervals import Look
    from collector.period.looks import Leaf


class Documents:
    """Rows by their row_ids, from the evidence that a look rests on. The document that was read last is kept."""

    def __init__(self, leaves: Iterable[Leaf], content: Callable[[str], bytes]) -> None:
        self._bodies = {index: body for index, body in leaves if body["kind"] == "evidence"}
        self._content = content
        self._last: tuple[str, list[bytes]] = ("", [])

    def rows(self, look: Look, wanted: Sequence[str]) -> list[Mapping[str, Any]]:
        """Those of the look's evidence that have these row_ids."""
        marks = [f'"row_id":"{one}"'.encode() for one in wanted]
        return [
            canonical.decode(line)
            for leaf in look.leaves
            for line in self._lines(self._bodies[leaf]["records"]["sha256"])
            if any(mark in line for mark in marks)
        ]

    def _lines(self, sha256: str) -> list[bytes]:
        if self._last[0] != sha256:
            self._last = (sha256, self._content(sha256).splitlines())
        return self._last[1]
