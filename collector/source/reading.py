"""What every source gives to a reader of evidence, whatever the provider: fan-out, totals, gaps, window and clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from collector.errors import UndeclaredCallError, UnreadableError
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from collector.connector import Surroundings
    from collector.model import Scope, Window
    from collector.source.recorder import Recorder

T = TypeVar("T")


class Reading:
    """One place of one scope, read for one snapshot."""

    def __init__(
        self,
        recorder: Recorder,
        around: Surroundings,
        *,
        scope: Scope,
        place: str,
        caller: str,
        settings: Any,  # noqa: ANN401 - the connector's own
        window: Window | None,
    ) -> None:
        self._recorder = recorder
        self._around = around
        self.scope = scope
        self.place = place
        self.caller = caller
        self.settings = settings
        self._window = window

    @property
    def window(self) -> Window:
        """The stretch a population covers; only populations have one."""
        if self._window is None:
            raise UndeclaredCallError(f"{self.place}: a window was asked for, but the evidence is not a population")
        return self._window

    @property
    def now(self) -> datetime:
        """The collector's clock, UTC."""
        return self._around.clock()

    def each(self, parents: Iterable[T], read: Callable[[T], Any]) -> Iterator[tuple[T, Any]]:
        """`(parent, read(parent))` for each parent, read side by side, in the parents' order.

        Where a parent's read breaks off, a gap names the call, and the parent is left out.
        """

        def one(parent: T) -> tuple[T, Any, Gap | None]:
            try:
                return parent, read(parent), None
            except UnreadableError as error:
                return parent, None, error.gap

        for parent, answer, gap in self._around.pool.map(one, parents):
            if gap is None:
                yield parent, answer
            else:
                self._recorder.gap(gap)

    def total(self, name: str, *, expected: int, found: int) -> None:
        """Put on record that the same number was counted in two ways."""
        if not self._around.probe:
            self._recorder.total(name, expected=expected, found=found)

    def gap(self, cause: Cause, subject: str, detail: str) -> None:
        """Put on record that something cannot be known, for a reason that no single call shows.

        A probe cuts every list short on purpose: what a reader then misses in one is no gap.
        """
        if not (self._around.probe and cause is Cause.TRUNCATED):
            self._recorder.gap(Gap(cause, subject, detail))
