"""What a reader of AWS evidence is given: one region of one account, to be read and nothing else."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from collector.answer import UNSEEN, Answer
from collector.errors import UndeclaredCallError, UnreadableError
from collector.model import Cause, Gap, Origin
from collector.source.aws.reads import Request, under
from collector.source.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.connector import Surroundings
    from collector.model import Scope, Window
    from collector.source.aws.reads import Reads
    from collector.source.recorder import Recorder


class AwsSource(Reading):
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
        super().__init__(recorder, around, scope=scope, place=place, caller=caller, settings=settings, window=window)
        self._reads = reads
        self.regions = regions
        self.in_scope = in_scope
        self._needs = needs

    @property
    def account(self) -> str:
        """The account's id."""
        return self.scope.unit_id

    def at(self, region: str) -> AwsSource:
        """The same account in another region."""
        there = copy.copy(self)
        there.place = region
        return there

    def list(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Answer]:  # noqa: ANN401
        """Every item under `key` on every page of a list call. UnreadableError where the list breaks off.

        Items that are plain strings come as `{"value": …}`. `A.B` is the list `B` in the structure `A`.
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
                for index, item in enumerate(under(page.fields, key) or ()):
                    origin = Origin(identity, exchange.page, f"{key}[{index}]")
                    yield key, Answer(item if isinstance(item, dict) else {"value": item}, origin)
                    if self._around.probe:
                        break
            if page.gap is not None:
                raise UnreadableError(page.gap)

    def pages(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Answer]:  # noqa: ANN401
        """Every page of a list call, as an answer of its own: for where it says something that the list is empty."""
        request = self._request(service, operation, (key,), parameters)
        for page in self._reads.pages(request):
            exchange = self._recorder.exchange(page.exchange)
            if page.gap is not None:
                raise UnreadableError(page.gap)
            yield Answer(page.fields, Origin(request.identity, exchange.page, ""))

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
