"""One bounded pool of threads for everything a run does side by side.

Work may ask for more work: whoever waits for children runs those that nobody has started yet, so that a full pool can
never wait for itself, and no thread sits idle while there is something to read.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future
    from types import TracebackType

Item = TypeVar("Item")
Out = TypeVar("Out")


class Pool:
    """`threads` workers; the caller's own thread helps out while it waits."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="collect")

    def map(self, work: Callable[[Item], Out], items: Iterable[Item]) -> Iterator[Out]:
        """`work(item)` for each item, side by side; what it returns, in the order of the items.

        The first error ends the iteration; items that have not started by then are dropped.
        """
        waiting = [(item, self._executor.submit(work, item)) for item in items]
        waiting.reverse()
        try:
            while waiting:
                item, future = waiting.pop()
                yield work(item) if future.cancel() else future.result()
        finally:
            _drop(future for _, future in waiting)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)


def _drop(futures: Iterable[Future[Out]]) -> None:
    for future in futures:
        future.cancel()
