"""A provider in the simulated year: one file for each, and `build` has the list of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime


class Happening(NamedTuple):
    """Something that is done in the estate at a moment, as its people would do it."""

    at: datetime
    do: Callable[[], None]


class Estate(Protocol):
    """A provider's double while it runs."""

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables by which the collector finds it and signs in."""

    @property
    def configuration(self) -> str:
        """Its tables of collector.toml."""

    def move(self, moment: datetime) -> None:
        """Let all that was to happen up to this moment happen, each at its own time; then it is that moment."""

    def facts(self) -> Mapping[str, object]:
        """What a test may want to know of what happened."""
