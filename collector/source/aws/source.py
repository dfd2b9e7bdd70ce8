"""What a reader of AWS evidence is given: one region of one account, to be read and nothing else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, TypeVar

from collector.answer import UNSEEN, Answer
from collector.errors import UndeclaredCallError, UnreadableError
from collector.model import Cause, Gap, Origin
from collector.source.aws.reads import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from collector.connector import Surroundings
    from collector.model import Scope, Window
    from collector.source.aws.reads import Reads
    from collector.source.recorder import Recorder

T = TypeVar("T")


class AwsSource:
    """Reads one region of one account; every refusal ends as a gap in the snapshot it reads for."""

    def __init__(  # noqa: PLR0913 - it is the meeting point of what the core lends
        self,
        reads: Reads,
        recorder: Recorder,
        around: Surroundings,
        *,
        scope: Scope,
        place: str,
        caller: str,
        regions: tuple[str, ...],
        settings: Any,  # noqa: ANN401 - the connector's own
        in_scope: frozenset[str],
        window: Window | None,
        needs: frozenset[str],
    ) -> None:
        """`regions`: the account's enabled ones. `in_scope`: ids of the accounts this run covers."""
        self._reads = reads
        self._recorder = recorder
        self._around = around
        self.scope = scope
        self.place = place
        self.caller = caller
        self.settings = settings
        self.regions = regions
        self.in_scope = in_scope
        self._window = window
        self._needs = needs

    @property
    def account(self) -> str:
        """The account's id."""
        return self.scope.unit_id

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

    def at(self, region: str) -> AwsSource:
        """The same account in another region."""
        there = copy.copy(self)
        there.place = region
        return there

    def list(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Answer]:  # noqa: ANN401
        """Every item under `key` on every page of a list call. UnreadableError where the list breaks off.

        Items that are plain strings come as `{"value": …}`.
        """
        for _, item in self.lists(service, operation, (key,), **parameters):
            yield item

    def lists(
        self,
        service: str,
        operation: str,
        keys: tuple[str, ...],
        **parameters: Any,  # noqa: ANN401 - any parameter of any call
    ) -> Iterator[tuple[str, Answer]]:
        """As `list`, for a call whose pages carry several lists: `(key, item)` for every item."""
        request = self._request(service, operation, keys, parameters)
        identity = request.identity
        for page in self._reads.pages(request):
            exchange = self._recorder.exchange(page.exchange)
            for key in keys:
                for index, item in enumerate(page.fields.get(key) or ()):
                    origin = Origin(identity, exchange.page, f"{key}[{index}]")
                    yield key, Answer(item if isinstance(item, dict) else {"value": item}, origin)
                    if self._around.probe:
                        break
            if page.gap is not None:
                raise UnreadableError(page.gap)

    def get(
        self,
        service: str,
        operation: str,
        key: str | None,
        *,
        absent: tuple[str, ...] = (),
        **parameters: Any,  # noqa: ANN401 - any parameter of any call
    ) -> Answer:
        """One answer of a call that is not a list; `key` must be in it. UnreadableError when it cannot be had.

        `absent` names the error codes by which the service says "there is none"; the answer is then `absent`.
        """
        request = self._request(service, operation, () if key is None else (key,), parameters)
        page, *more = self._reads.pages(request)
        exchange = self._recorder.exchange(page.exchange)
        if more:
            detail = "the answer goes on over more pages than the one that is read"
            raise UnreadableError(Gap(Cause.TRUNCATED, request.subject, detail, request.identity))
        if page.gap is not None and not page.absent(absent):
            raise UnreadableError(page.gap)
        return Answer(page.fields, Origin(request.identity, exchange.page, ""), absent=page.absent(absent))

    def look(
        self,
        service: str,
        operation: str,
        key: str | None,
        *,
        absent: tuple[str, ...] = (),
        **parameters: Any,  # noqa: ANN401 - any parameter of any call
    ) -> Answer:
        """As `get`, but `UNSEEN` and a gap where it cannot be had: for a detail of an item that is listed anyway."""
        try:
            return self.get(service, operation, key, absent=absent, **parameters)
        except UnreadableError as error:
            self._recorder.gap(error.gap)
            return UNSEEN

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

    def _request(
        self,
        service: str,
        operation: str,
        keys: tuple[str, ...],
        parameters: dict[str, Any],
    ) -> Request:
        request = Request(service, operation, self.place, keys, parameters)
        if request.name not in self._needs:
            raise UndeclaredCallError(f"{request.name} is called but not declared in `needs`")
        return request
