"""What a reader of REST evidence is given: one scope at one host, to be read and nothing else."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from collector.answer import UNSEEN, Answer
from collector.errors import UndeclaredCallError, UnreadableError
from collector.model import Cause, Gap, Origin
from collector.source.reading import Reading
from collector.source.rest.paging import Numbered, Offset
from collector.source.rest.pointer import find

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.model import Scope, Window
    from collector.source.recorder import Recorder
    from collector.source.rest.reads import Page, Reads
    from collector.source.rest.request import Request


class RestSource(Reading):
    """Reads one scope; every refusal ends as a gap in the snapshot it reads for."""

    def __init__(
        self,
        reads: Reads,
        recorder: Recorder,
        who: Page,
        needs: Iterable[str],
        *,
        scope: Scope,
        settings: Any,  # noqa: ANN401 - the connector's own
        window: Window | None,
        bound: Mapping[str, Any],
    ) -> None:
        """`who` is where the provider told who we are, and `needs` are the operations that may be read.

        `bound` has values for names in their paths: the `org`.
        """
        super().__init__(
            recorder,
            reads.around,
            scope=scope,
            place=who.exchange.place,
            caller=who.exchange.caller,
            settings=settings,
            window=window,
        )
        self._reads = reads
        self._needs = reads.api.reached(needs)
        self._bound = bound

    def list(self, operation: str, /, **parameters: Any) -> Iterator[Answer]:  # noqa: ANN401 - any parameter
        """Every item on every page of a list. UnreadableError where the list breaks off.

        Items that are plain values come as `{"value": …}`.
        """
        request = self._listing(operation, parameters)
        return self._items(request, self._reads.pages(request))

    def counted(self, operation: str, /, **parameters: Any) -> tuple[int, Iterator[Answer]]:  # noqa: ANN401 - any parameter
        """How many items the provider says a list has, and the items: for lists that it cuts off beyond some number.

        The first page is read at once, the others as the items are asked for. UnreadableError where it breaks off.
        """
        request = self._listing(operation, parameters)
        pager = request.operation.pages
        if not isinstance(pager, Numbered | Offset):
            raise UndeclaredCallError(f"{operation} is counted, but its pages do not name a total")
        pages = iter(self._reads.pages(request))
        first = next(pages)
        if first.gap is not None:
            self._keep(first)
            raise UnreadableError(first.gap)
        return int(find(first.answer, pager.total)), self._items(request, chain([first], pages))

    def _listing(self, operation: str, parameters: Mapping[str, Any]) -> Request:
        request = self._request(operation, parameters)
        if request.operation.items is None:
            raise UndeclaredCallError(f"{operation} is read as a list, but not declared as one")
        return request

    def _items(self, request: Request, pages: Iterable[Page]) -> Iterator[Answer]:
        items, identity = request.operation.items, request.identity
        for page in pages:
            number = self._keep(page)
            for index, item in enumerate(page.items):
                if item is not None:
                    origin = Origin(identity, number, f"{items}/{index}")
                    yield Answer(item if isinstance(item, dict) else {"value": item}, origin)
                if self._around.probe:
                    break
            if page.gap is not None:
                raise UnreadableError(page.gap)

    def get(self, operation: str, /, **parameters: Any) -> Answer:  # noqa: ANN401 - any parameter
        """One answer of a call that is not a list. UnreadableError when it cannot be had.

        Where the operation declares what a 404 means, and the declared proof holds, the answer is then `absent`; and
        where it declares that a 410 means "deleted".
        """
        request = self._request(operation, parameters)
        if request.operation.items is not None:
            raise UndeclaredCallError(f"{operation} answers a list, but is not read as one")
        (page,) = self._reads.pages(request)
        origin = Origin(request.identity, self._keep(page), "")
        if page.gap is None:
            return Answer(page.answer, origin)
        if page.gone and request.operation.gone:
            return Answer(None, origin, absent=True)
        if page.missing and request.operation.absent is not None:
            self._prove_absence(request, page.gap)
            return Answer(None, origin, absent=True)
        raise UnreadableError(page.gap)

    def look(self, operation: str, /, **parameters: Any) -> Answer:  # noqa: ANN401 - any parameter
        """As `get`, but `UNSEEN` and a gap where it cannot be had: for a detail of an item that is listed anyway."""
        try:
            return self.get(operation, **parameters)
        except UnreadableError as error:
            self._recorder.gap(error.gap)
            return UNSEEN

    def _keep(self, page: Page) -> int:
        """Put a page and its flaws on record; under which number."""
        for flaw in page.flaws:
            self._recorder.gap(flaw)
        return self._recorder.exchange(page.exchange).page

    def _prove_absence(self, request: Request, gap: Gap) -> None:
        """UnreadableError unless it is shown that we may look: a 404 alone says "none" and "not for you" alike."""
        proof = request.operation.absent
        assert proof is not None  # noqa: S101 - the caller just asked
        named = self._reads.request(proof.operation, {}).operation.named
        (page,) = self._reads.pages(
            self._reads.request(proof.operation, {name: request.parameters[name] for name in named})
        )
        self._keep(page)
        if page.gap is None and (not proof.at or find(page.answer, proof.at) is True):
            return
        said = page.gap.detail if page.gap else f"{proof.at} is not true"
        detail = f"HTTP 404, and nothing shows that it means 'there is none': {proof.operation} gave {said}"
        raise UnreadableError(Gap(Cause.DENIED, gap.subject, detail, gap.request))

    def _request(self, operation: str, parameters: Mapping[str, Any]) -> Request:
        if operation not in self._needs:
            raise UndeclaredCallError(f"{operation} is called but not declared in `needs`")
        request = self._reads.request(operation, parameters)
        bound = {name: self._bound[name] for name in request.operation.named if name in self._bound}
        return self._reads.request(operation, {**bound, **parameters})
