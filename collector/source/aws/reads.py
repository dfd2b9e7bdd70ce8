"""One account's API calls: made, proved, redacted and put on record, page by page.

A page either proves that it is what the service sends, or says what is missing. Nothing in between: an empty body, a
web page with status 200, half a document and a list without its list element are all read by botocore as "nothing
there"; here they are gaps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import jmespath
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from collector import canonical
from collector.model import Cause, Exchange, Gap
from collector.source.aws import refusals
from collector.source.parameters import plain
from collector.source.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from collector.connector import Surroundings
    from collector.source.aws.session import Session
    from collector.source.aws.wire import Call

SECRET_FIELDS = frozenset({
    "Arguments", "AuthToken", "ClientSecret", "DefaultArguments", "MasterUserPassword", "Password", "PrivateKey",
    "SecretAccessKey", "SecretBinary", "SecretString", "SessionToken", "UserData", "Variables", "aws:sts:ExternalId",
    "sts:ExternalId", "userData",
    # As CloudTrail writes the requests and answers of those who change things, where much is given in confidence.
    "arguments", "authToken", "clientSecret", "defaultArguments", "environment", "environmentVariables",
    "environmentVariablesOverride", "externalId", "masterUserPassword", "parameterValue", "password", "privateKey",
    "secretAccessKey", "secretBinary", "secretString", "sessionToken", "variables",
})  # fmt: skip
"""Names of fields, in answers and in policies, whose values are secrets or tokens shared between parties."""

SECRETS_OF = {
    "events:ListTargetsByRule": frozenset({
        "HeaderParameters", "Input", "InputTemplate", "PathParameterValues", "QueryStringParameters", "Sql", "Sqls",
    }),
    "sns:ListSubscriptionsByTopic": frozenset({"Endpoint"}),
}  # fmt: skip
"""Fields that are secret in the answers of one call alone: an address of a web hook is often its own password."""

_TOKENS = ("NextToken", "nextToken", "NextMarker", "Marker", "PaginationToken", "ContinuationToken")


@dataclass(frozen=True, slots=True)
class Request:
    """One API call before it is made: an answer without every one of `keys` is none."""

    service: str
    operation: str
    region: str
    keys: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def name(self) -> str:
        """As AWS documents it: `iam:ListUsers`."""
        return f"{self.service}:{self.operation}"

    @property
    def subject(self) -> str:
        """The request in one line, for a person."""
        asked = " ".join(f"{name}={value}" for name, value in plain(self.parameters).items())
        return f"{self.name} {asked} ({self.region})".replace("  ", " ")

    @property
    def identity(self) -> str:
        """The same request has the same identity in every run."""
        return canonical.digest(canonical.encode([self.name, self.region, plain(self.parameters)]))[:16]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer: its fields, or the gap where they should be."""

    fields: Mapping[str, Any]
    exchange: Exchange
    gap: Gap | None = None

    def absent(self, codes: Collection[str]) -> bool:
        """Whether the service said, by one of these error codes, that there is no such thing."""
        return self.gap is not None and self.exchange.error in codes


class Reads:
    """Makes the calls of one session."""

    def __init__(self, session: Session, around: Surroundings, own: frozenset[str]) -> None:
        """`own` are calls that the connection itself makes, beside those that several evidence types share."""
        self._session = session
        self._around = around
        self._kept = around.shared | own
        self._caller = ""
        self._shared: Shared[Page] = Shared()

    def identify(self) -> Page:
        """Who AWS says we are, asked once; from here on every exchange carries it."""
        request = Request("sts", "GetCallerIdentity", self._session.region, ("Arn",), {})
        (page,) = self._shared.once(request.identity, lambda: self._pages(request))
        self._caller = page.fields.get("Arn", "")
        return replace(page, exchange=replace(page.exchange, caller=self._caller))

    def pages(self, request: Request) -> Iterator[Page]:
        """The pages up to the service's own end mark, or up to the first one with a gap.

        Calls that several evidence types make are made once; the others are not held in memory.
        """
        if request.name not in self._kept:
            return self._pages(request)
        return iter(self._shared.once(request.identity, lambda: self._pages(request)))

    def _pages(self, request: Request) -> Iterator[Page]:
        client = self._session.client(request.service, request.region)
        method = _snake(request.operation)
        paging = self._session.paging(request.service, request.operation)
        if paging is None or not client.can_paginate(method):
            page = self._page(request, 1, lambda: getattr(client, method)(**request.parameters))
            yield _unless_more(page, request, [name for name in _TOKENS if page.fields.get(name)])
            return
        answers = iter(client.get_paginator(method).paginate(**request.parameters))
        number, more = 1, True
        while more:
            page = self._page(request, number, lambda: next(answers, None))
            more = page.gap is None and bool(_search(paging["output_token"], page.fields))
            announced = not more and "more_results" in paging and _search(paging["more_results"], page.fields)
            yield _unless_more(page, request, [paging["more_results"]] if announced else [])
            number += 1
            more = more and not self._around.probe

    def _page(self, request: Request, number: int, send: Callable[[], dict[str, Any] | None]) -> Page:
        """Make one call and prove its answer."""
        gap, code, fields = None, None, {}
        try:
            fields = send() or {}
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            cause, advice = refusals.of_code(code, status)
            asked = "" if error.operation_name == request.operation else f"{error.operation_name} answered "
            gap = self._gap(request, cause, f"{asked}HTTP {status} {code}: {advice}")
        except (BotoCoreError, ResponseParserError) as error:
            code = type(error).__name__
            cause, advice = refusals.of_error(error)
            gap = self._gap(request, cause, advice)
        call = self._session.wire.last_call()
        if fault := _unproved(request, call, fields, failed=gap is not None):
            gap = self._gap(request, Cause.TRUNCATED, fault)
        secret = SECRET_FIELDS | SECRETS_OF.get(request.name, frozenset())
        clean, body = self._around.redactor.redact(_without_metadata(fields), call.body or b"", secret)
        exchange = self._exchange(request, number, call, code, body)
        return Page(clean if gap is None else {}, exchange, gap)

    def _exchange(self, request: Request, number: int, call: Call, code: str | None, body: bytes) -> Exchange:
        now = self._around.clock()
        return Exchange(
            request=request.identity,
            page=number,
            operation=request.name,
            place=request.region,
            parameters=plain(call.parameters or request.parameters),
            caller=self._caller,
            started_at=call.started_at or now,
            ended_at=call.ended_at or now,
            attempts=call.attempts,
            status=call.status,
            error=code,
            request_id=call.request_id,
            server_date=call.server_date,
            body=self._around.keep(body) if call.body is not None else None,
        )

    @staticmethod
    def _gap(request: Request, cause: Cause, detail: str) -> Gap:
        return Gap(cause, request.subject, detail, request.identity)


def under(fields: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - any JSON value
    """What stands under a key; a dot leads into a structure, where an empty list is left out and counted as 0."""
    way, _, last = key.rpartition(".")
    inner = (fields.get(way) or {}) if way else fields
    return [] if way and inner.get(last) is None and inner.get("Quantity") == 0 else inner.get(last)


def _unproved(request: Request, call: Call, fields: Mapping[str, Any], *, failed: bool) -> str | None:
    """Why an answer with status 200 cannot be believed; None when it can, or when there is none.

    What S3 sends with status 200 and botocore cannot read, botocore reports as a 500.
    """
    if call.status != HTTPStatus.OK:
        return None
    body = (call.body or b"").lstrip()
    if not body:
        return "HTTP 200 with an empty body"
    if body[:5].lower() in {b"<html", b"<!doc"}:
        return "HTTP 200 with a web page in place of the answer"
    if "json" in call.headers.get("content-type", "json") and body[:1] == b"{" and not body.rstrip().endswith(b"}"):
        return "the answer's JSON is cut off"
    if failed:
        return "HTTP 200 with an answer that cannot be read"
    missing = [key for key in request.keys if under(fields, key) is None]
    return f"the answer has no {missing[0]!r}, which this call always gives" if missing else None


def _unless_more(page: Page, request: Request, announced: list[str]) -> Page:
    """The page itself, unless it announces a following one that cannot be asked for."""
    if page.gap is not None or not announced:
        return page
    gap = Gap(
        Cause.TRUNCATED,
        request.subject,
        f"{announced[0]} says there is more, but not where",
        request.identity,
    )
    return Page(page.fields, page.exchange, gap)


def _search(token: str | list[str], fields: Mapping[str, Any]) -> list[Any]:
    tokens = token if isinstance(token, list) else [token]
    return [found for one in tokens if (found := jmespath.search(one, fields))]


def _without_metadata(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != "ResponseMetadata"}


def _snake(operation: str) -> str:
    """Botocore's method name of an operation."""
    return str(xform_name(operation))
