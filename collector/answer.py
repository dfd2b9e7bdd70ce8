"""What a source hands to a connector: a part of a raw answer that knows where it was read.

Three states, never blurred: *seen* (the source gave it), *absent* (the source said it does not exist), *unseen* (we
could not look; a gap is on record). An unseen or absent answer reads as an empty mapping, so every field is `None`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from collector.model import Origin

T = TypeVar("T")


class Answer(Mapping[str, Any]):
    """A JSON object from a source's answer, with its origin."""

    __slots__ = ("_fields", "absent", "origin")

    def __init__(self, fields: Mapping[str, Any] | None, origin: Origin | None, *, absent: bool = False) -> None:
        self._fields: Mapping[str, Any] = fields or {}
        self.origin = origin
        self.absent = absent

    @property
    def seen(self) -> bool:
        """Whether the source answered at all, be it with "there is none"."""
        return self.origin is not None

    def tell(self, read: Callable[[Answer], T | None]) -> T | None:
        """What `read` makes of the answer; None when it was not seen. Use it where absent means something."""
        return read(self) if self.seen else None

    def parts(self, *names: str) -> list[Answer]:
        """The items of a list that stands deeper in the answer, each with its own place."""
        found: Any = self._fields
        for name in names:
            found = found[name]
        at = "/".join(names)
        return [
            Answer(one, self.origin and replace(self.origin, path=f"{self.origin.path}/{at}/{index}"))
            for index, one in enumerate(found)
        ]

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any JSON value
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        state = "absent" if self.absent else "seen" if self.seen else "unseen"
        return f"<Answer {state} {self.origin}>"


UNSEEN = Answer(None, None)
"""We could not look. The gap that says why is on record."""
