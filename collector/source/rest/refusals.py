"""From what a provider said to the cause of a gap: by status, header and code.

By text only where a provider documents a text in place of a code.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.model import Cause
from collector.source.rest.pointer import find
from collector.source.rest.quota import retry_after

if TYPE_CHECKING:
    from datetime import datetime

    from collector.source.rest.dialect import Dialect
    from collector.source.rest.quota import Quota
    from collector.source.rest.wire import Reply

_LONGEST_CODE = 80
_FAILED = "the service failed, also after retries"
_UNSEEN = "there is no such thing, or it may not be seen"
_BY_STATUS = {
    401: (Cause.DENIED, "the credentials are not accepted, also after renewing them"),
    402: (Cause.UNLICENSED, "the plan does not include this"),
    403: (Cause.DENIED, ""),
    404: (Cause.DENIED, _UNSEEN),
    408: (Cause.TIMEOUT, _FAILED),
    410: (Cause.DENIED, _UNSEEN),
    504: (Cause.TIMEOUT, _FAILED),
}
_ADVICE = {
    Cause.THROTTLED: "still throttled after every retry",
    Cause.UNLICENSED: "the plan does not include this",
    Cause.NOT_CONFIGURED: "it is not set up here",
}


def codes(answer: Any, dialect: Dialect) -> list[str]:  # noqa: ANN401 - any JSON value
    """The error codes of an answer, best first."""
    found = (find(answer, pointer) for pointer in dialect.codes)
    return [str(one)[:_LONGEST_CODE] for one in found if isinstance(one, str | int) and not isinstance(one, bool)]


def known_cause(answer: Any, dialect: Dialect) -> Cause | None:  # noqa: ANN401 - any JSON value
    """What the provider's own code or words mean; None when they say no more than the status does."""
    for code in codes(answer, dialect):
        if code in dialect.causes:
            return dialect.causes[code]
    found = (find(answer, pointer) for pointer in dialect.messages)
    words = [one.lower() for one in found if isinstance(one, str)]
    return next(
        (cause for phrase, cause in dialect.phrases.items() if any(one.startswith(phrase) for one in words)), None
    )


def throttled(reply: Reply, quota: Quota | None, dialect: Dialect, now: datetime) -> bool:
    """Whether the provider asks us to slow down: also by a 403, as GitHub and Google do, or by a 200."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if reply.status == HTTPStatus.OK:  # GraphQL's way; the words are looked for first, as every answer comes by here
        words = [code for code, cause in dialect.causes.items() if cause is Cause.THROTTLED]
        suspect = any(word.encode() in reply.body for word in words)
        return suspect and known_cause(_json(reply), dialect) is Cause.THROTTLED
    if reply.status != HTTPStatus.FORBIDDEN:
        return False
    spent = quota is not None and quota.remaining == 0
    return spent or retry_after(reply.headers, now) is not None or known_cause(_json(reply), dialect) is Cause.THROTTLED


def cause_of(reply: Reply, answer: Any, dialect: Dialect, *, slow: bool) -> tuple[Cause, str]:  # noqa: ANN401 - JSON
    """The cause of an answer that is a refusal, and what a person can do. `slow`: it is one of `throttled`."""
    known = Cause.THROTTLED if slow else known_cause(answer, dialect)
    if known is not None:
        return known, _ADVICE.get(known, dialect.advice)
    if reply.status in _BY_STATUS:
        cause, advice = _BY_STATUS[reply.status]
        return cause, advice or dialect.advice
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Cause.UNAVAILABLE, _FAILED
    return Cause.UNAVAILABLE, "the service did not accept the request"


def _json(reply: Reply) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return canonical.decode(reply.body)
    except ValueError:
        return None
