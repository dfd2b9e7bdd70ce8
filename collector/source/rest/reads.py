"""One identity's reads at one provider: made, proved, redacted and put on record, page by page."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collector.errors import UnreadableError
from collector.model import Cause, Exchange, Gap
from collector.source.parameters import plain
from collector.source.rest.base import StrayError
from collector.source.rest.client import Ask
from collector.source.rest.course import Course
from collector.source.rest.links import relations
from collector.source.rest.memory import Memory
from collector.source.rest.paging import BrokenListError
from collector.source.rest.pointer import find
from collector.source.rest.proof import Proved, prove
from collector.source.rest.quota import http_date
from collector.source.rest.request import Request, Turn
from collector.source.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import httpx

    from collector.connector import Surroundings
    from collector.source.recorder import Recorder
    from collector.source.rest.api import Api
    from collector.source.rest.base import Base
    from collector.source.rest.client import Call, Calls
    from collector.source.rest.wire import Reply

MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: its JSON and its items, or the gap where they should be."""

    exchange: Exchange
    answer: Any = None
    items: Sequence[Any] = ()
    gap: Gap | None = None
    flaws: tuple[Gap, ...] = ()
    """What is missing from a page that can be used otherwise."""
    missing: bool = False
    """Whether the provider said 404."""
    gone: bool = False
    """Whether it said 410."""
    unchanged: bool = False
    """Whether it said 304: as it was before."""
    url: httpx.URL | None = None
    """Where it came from, after redirects: what relative links are relative to."""
    link: str = ""
    etag: str = ""


class Reads:
    """Makes the reads of one identity."""

    def __init__(
        self,
        client: Calls,
        api: Api,
        bases: Mapping[str, Base],
        around: Surroundings,
        *,
        own: frozenset[str] = frozenset(),
        most_pages: int = MOST_PAGES,
        memory: Memory | None = None,
    ) -> None:
        """`bases` are the provider's addresses by the names that operations give them.

        `own` are operations that the connection itself reads, beside those that several evidence types share.
        """
        self._client = client
        self.api = api
        self._bases = bases
        self.around = around
        self._kept = around.shared | own | api.proofs
        self._most_pages = most_pages
        self._memory = memory or Memory()
        self._shared: Shared[Page] = Shared()
        self._caller = ""

    def request(self, name: str, parameters: Mapping[str, Any]) -> Request:
        """The operation with these parameters, before it is made."""
        operation = self.api.operation(name)
        return Request(operation, self._bases[operation.base].place, parameters)

    def identify(self, request: Request, pointer: str, *, granted_to: str = "") -> Page:
        """Who the provider says we are, asked once; from here on every exchange carries it.

        `granted_to` names whom the token was granted to, where the provider does not tell programs who they are.
        """
        (page,) = self._shared.once(request.identity, lambda: self._pages(request))
        self._caller = granted_to or str(find(page.answer, pointer) or "")
        return replace(page, exchange=replace(page.exchange, caller=self._caller))

    def introduced(self, recorder: Recorder, request: Request, pointer: str, *, granted_to: str = "") -> Page:
        """`identify`, put on record before anything is read; UnreadableError when the provider does not tell."""
        who = self.identify(request, pointer, granted_to=granted_to)
        recorder.exchange(who.exchange)
        if who.gap is not None:
            raise UnreadableError(who.gap)
        return who

    def pages(self, request: Request) -> Iterator[Page]:
        """The pages up to the provider's own end mark, or up to the first one with a gap.

        A list of positions is then looked at once more: behind its last page come answers without items that say
        whether it stayed as it was. Reads that several evidence types make are made once.
        """
        if request.name not in self._kept:
            return self._pages(request)
        return iter(self._shared.once(request.identity, lambda: self._pages(request)))

    def _pages(self, request: Request) -> Iterator[Page]:
        course = Course(request, most_pages=self._most_pages)
        turn: Turn | None = request.first()
        while turn is not None:
            page = self._page(request, course.number + 1, turn)
            if page.gap is not None:
                yield page
                return
            try:
                turn, flaws = course.after(
                    turn, page.answer, page.items, link=page.link, etag=page.etag, body=page.exchange.body
                )
                turn = turn and self._pinned(request, turn, page)
            except BrokenListError as error:
                yield replace(page, gap=_gap(request, Cause.TRUNCATED, str(error)))
                return
            found = tuple(_gap(request, Cause.TRUNCATED, flaw) for flaw in flaws)
            yield replace(page, flaws=(*page.flaws, *found))
            if self.around.probe:
                return
        yield from self._looked_at_again(request, course)

    def _looked_at_again(self, request: Request, course: Course) -> Iterator[Page]:
        """What was deleted while a list of positions was read has hidden an item; then an earlier page is another now.

        Nothing shows it otherwise: no item comes twice. Where the provider gives ETags this costs no quota.
        """
        number = course.number
        for stage in course.positions:
            number += 1
            page = self._page(request, number, stage.turn, etag=stage.etag, body=stage.body)
            if page.gap is None and not page.unchanged and _keys(course, page) != stage.keys:
                detail = "the list changed while it was read, so it may lack an item; read it again"
                page = replace(page, gap=_gap(request, Cause.TRUNCATED, detail))
            yield replace(page, items=(), flaws=())
            if page.gap is not None:
                return

    def _pinned(self, request: Request, turn: Turn, page: Page) -> Turn:
        """The turn with its link as a whole address; BrokenListError when that leads anywhere else."""
        if not turn.link or page.url is None:
            return turn
        try:
            return Turn(link=str(self._bases[request.operation.base].follow(turn.link, page.url)))
        except StrayError as error:
            raise BrokenListError(f"the link to the next page leads elsewhere and is not followed: {error}") from error

    def _page(self, request: Request, number: int, turn: Turn, *, etag: str = "", body: str | None = None) -> Page:
        """One exchange and its proof. With `etag` it is asked whether the page is still the one kept as `body`."""
        ask = self._ask(request, turn, etag)
        known = self._memory.recall(str(ask.url)) if request.operation.revalidate and not etag else None
        if known is not None:
            ask = replace(ask, headers={**ask.headers, "if-none-match": known.etag})
        call = self._client.call(ask)
        reply = call.reply
        if reply is not None and reply.status == HTTPStatus.NOT_MODIFIED and etag and call.cause is None:
            return Page(self._exchange(request, number, turn, call, None, body), unchanged=True)
        if known is not None and reply is not None and reply.status == HTTPStatus.NOT_MODIFIED:
            reply = known.reply
        elif request.operation.revalidate and reply is not None and reply.status == HTTPStatus.OK:
            self._memory.remember(str(ask.url), reply)
        return self._proved(request, number, turn, call, reply)

    def _proved(self, request: Request, number: int, turn: Turn, call: Call, reply: Reply | None) -> Page:
        dialect = self.api.dialect
        proved = Proved() if reply is None else prove(request.operation, reply, dialect, slow=call.slow)
        fault = proved.fault if call.cause is None else (call.cause, call.detail)
        text = b"" if reply is None else reply.body
        answer, clean = self.around.redactor.redact(proved.answer, text, dialect.secrets)
        kept = None if reply is None else self.around.keep(clean)
        exchange = self._exchange(request, number, turn, call, proved.code, kept)
        flaws = tuple(_gap(request, cause, detail) for cause, detail in proved.flaws)
        if fault is not None:
            status = None if reply is None else reply.status
            missing = status == HTTPStatus.NOT_FOUND
            # A 410 whose words mean something else, such as a feature that is off, says of no item that it was deleted.
            gone = status == HTTPStatus.GONE and fault[0] is Cause.DENIED
            return Page(exchange, gap=_gap(request, *fault), flaws=flaws, missing=missing, gone=gone)
        items = () if request.operation.items is None else find(answer, request.operation.items) or ()
        headers = {} if reply is None else reply.headers
        link, etag = headers.get("link", ""), headers.get("etag", "")
        page = Page(exchange, answer, items, flaws=flaws, url=call.url, link=link, etag=etag)
        return page if request.operation.pages or request.operation.first else _unless_more(page, request)

    def _ask(self, request: Request, turn: Turn, etag: str) -> Ask:
        operation, base = request.operation, self._bases[request.operation.base]
        content = None if turn.link else operation.body(turn.parameters)
        self.api.check_reads(operation, content)
        start = base.at(request.path, turn.parameters if operation.method == "GET" else operation.query)
        return Ask(
            operation.name,
            operation.bucket,
            base,
            base.follow(turn.link, start) if turn.link else start,
            operation.method,
            {
                **operation.headers,
                **({"if-none-match": etag} if etag else {}),
                **({"content-type": "application/json"} if content is not None else {}),
            },
            None if content is None else json.dumps(content).encode(),
        )

    def _exchange(
        self, request: Request, number: int, turn: Turn, call: Call, code: str | None, body: str | None
    ) -> Exchange:
        headers = {} if call.reply is None else call.reply.headers
        dialect = self.api.dialect
        return Exchange(
            request=request.identity,
            page=number,
            operation=request.name,
            place=request.place,
            parameters=self._sent(request, turn, call),
            caller=self._caller,
            started_at=call.started_at,
            ended_at=call.ended_at,
            attempts=call.attempts,
            status=None if call.reply is None else call.reply.status,
            error=code or call.kind,
            request_id=next((headers[name] for name in dialect.request_ids if name in headers), None),
            server_date=http_date(headers.get("date", "")),
            body=body,
        )

    def _sent(self, request: Request, turn: Turn, call: Call) -> dict[str, Any]:
        """The parameters as they went out: those of a link are in its address."""
        sent = dict(turn.parameters)
        if turn.link:
            params = call.url.params
            sent = {name: many[0] if len(many := params.get_list(name)) == 1 else many for name in params}
        if request.operation.document:
            sent = {"query": request.operation.document, "variables": sent}
        clean, _ = self.around.redactor.redact(
            {**plain(request.named), **request.operation.query, **sent}, b"", self.api.dialect.secrets
        )
        return dict(clean)


def _gap(request: Request, cause: Cause, detail: str) -> Gap:
    return Gap(cause, request.subject, detail, request.identity)


def _keys(course: Course, page: Page) -> tuple[str, ...] | None:
    try:
        return course.keys(page.items)
    except BrokenListError:
        return None


def _names_a_next(link: str) -> bool:
    """Whether a Link header has a next page, or cannot be read and so may have one."""
    try:
        return "next" in relations(link)
    except ValueError:
        return True


def _unless_more(page: Page, request: Request) -> Page:
    """The page itself, unless it announces a following one that nobody has declared how to ask for."""
    marks = [name for name in ("nextLink", "@odata.nextLink", "nextPageToken") if find(page.answer, f"/{name}")]
    if not marks and not _names_a_next(page.link):
        return page
    detail = "the answer goes on over more pages than the one that is read"
    return replace(page, gap=_gap(request, Cause.TRUNCATED, detail))
