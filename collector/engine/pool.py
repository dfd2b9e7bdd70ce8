"""One bounded pool of threads for everything a run does side by side.

Work may ask for more work: whoever waits for children runs those that nobody has started yet, so that a full pool can
never wait for itself, and no thread sits idle while there is something to read. Workers log under the run whose work
it is.
"""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextvars import copy_context
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, TypeVar

from collector.engine.heaps import share_heaps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

Item = TypeVar("Item")
Out = TypeVar("Out")


class Pool:
    """`threads` workers; the caller's own thread helps out while it waits."""

    def __init__(self, threads: int) -> None:
        share_heaps()
        self.threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="collect")
        self._lock = Lock()
        self._busy = 0

    @property
    def busy(self) -> int:
        """How many workers have something to do at this moment."""
        return self._busy

    def map(self, work: Callable[[Item], Out], items: Iterable[Item]) -> Iterator[Out]:
        """`work(item)` for each item, side by side; what it returns, in the order of the items.

        The first error ends the iteration; items that have not started by then are dropped.
        """
        waiting = [(item, self._executor.submit(copy_context().run, self._counted, work, item)) for item in items]
        waiting.reverse()
        try:
            while waiting:
                item, future = waiting.pop()
                yield work(item) if future.cancel() else future.result()
        finally:
            _drop(future for _, future in waiting)

    def race(self, work: Callable[[Item], Out], items: Iterable[Item], over: Future[None]) -> Iterator[Out | None]:
        """As `map`, until `over` is done: then None for each item that is not, and nobody waits for it any more.

        The caller's own thread does not help: it could be held up by its work when it has to go.
        """
        waiting = [self._executor.submit(copy_context().run, self._counted, work, item) for item in items]
        waiting.reverse()
        try:
            while waiting:
                future = waiting.pop()
                either: tuple[Future[Any], ...] = (future, over)
                wait(either, return_when=FIRST_COMPLETED)
                yield None if future.cancel() or not future.done() else future.result()
        finally:
            _drop(waiting)

    def leave(self) -> None:
        """End without waiting for what is under way."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _counted(self, work: Callable[[Item], Out], item: Item) -> Out:
        with self._lock:
            self._busy += 1
        try:
            return work(item)
        finally:
            with self._lock:
                self._busy -= 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _drop(futures: Iterable[Future[Out]]) -> None:
    for future in futures:
        future.cancel()
