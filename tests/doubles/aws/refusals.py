"""Error answers in each service's own protocol, with the codes and statuses that service really uses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.sax.saxutils import escape

from tests.doubles.aws.wire import Answer, Call

_FORBIDDEN = 403
_SERVICE_UNAVAILABLE = 503
_TOO_MANY = 429
_XML = (("Content-Type", "text/xml"),)


class RefusedError(Exception):
    """A supplement's way to say no; the front turns it into the protocol's error."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True)
class _Code:
    name: str
    status: int


# One row a fault; "*" is every service of that protocol that is not named.
_DENIED = {
    "ec2": _Code("UnauthorizedOperation", _FORBIDDEN),
    "query": _Code("AccessDenied", _FORBIDDEN),
    "rest-xml": _Code("AccessDenied", _FORBIDDEN),
    "rest-json": _Code("AccessDeniedException", _FORBIDDEN),
    "json": _Code("AccessDeniedException", 400),
}
_THROTTLED = {
    "ec2": _Code("RequestLimitExceeded", _SERVICE_UNAVAILABLE),
    "query": _Code("Throttling", 400),
    "rest-xml": _Code("SlowDown", _SERVICE_UNAVAILABLE),
    "rest-json": _Code("TooManyRequestsException", _TOO_MANY),
    "json": _Code("ThrottlingException", 400),
}
_EXPIRED = {
    "ec2": _Code("RequestExpired", 400),
    "query": _Code("ExpiredToken", _FORBIDDEN),
    "rest-xml": _Code("ExpiredToken", 400),
    "rest-json": _Code("ExpiredTokenException", _FORBIDDEN),
    "json": _Code("ExpiredTokenException", 400),
}
_BROKEN = {
    "ec2": _Code("InternalError", 500),
    "query": _Code("InternalFailure", 500),
    "rest-xml": _Code("InternalError", 500),
    "rest-json": _Code("InternalServerErrorException", 500),
    "json": _Code("InternalFailure", 500),
}


def denied(call: Call) -> Answer:
    """No permission for this operation."""
    who = f"arn:aws:sts::{call.account}:assumed-role/EvidenceCollector/collector"
    what = f"{call.service}:{call.operation}"
    return _of(call, _DENIED, f"User: {who} is not authorized to perform: {what} on resource: *")


def throttled(call: Call) -> Answer:
    """Too many requests."""
    return _of(call, _THROTTLED, "Rate exceeded")


def expired(call: Call) -> Answer:
    """The session's credentials are no longer valid."""
    return _of(call, _EXPIRED, "The security token included in the request is expired")


def broken(call: Call) -> Answer:
    """The provider's own failure."""
    return _of(call, _BROKEN, "We encountered an internal error. Please try again.")


def error_answer(call: Call, code: str, message: str, status: int) -> Answer:
    """Any error of this call's service."""
    if call.protocol == "json":
        body = json.dumps({"__type": code, "message": message}).encode()
        return Answer(status, body, (("Content-Type", "application/x-amz-json-1.1"),))
    if call.protocol == "rest-json":
        body = json.dumps({"message": message}).encode()
        return Answer(status, body, (("Content-Type", "application/json"), ("x-amzn-ErrorType", code)))
    if call.environ.get("REQUEST_METHOD") == "HEAD":
        return Answer(status, b"", _XML)
    error = f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    request_id = "<RequestId>double-request</RequestId>"
    if call.protocol == "ec2":
        text = f"<Response><Errors>{error}</Errors>{request_id}</Response>"
    elif call.service == "s3":
        text = error
    else:
        text = f"<ErrorResponse>{error}{request_id}</ErrorResponse>"
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), _XML)


def _of(call: Call, codes: dict[str, _Code], message: str) -> Answer:
    code = codes[call.protocol or "rest-json"]
    return error_answer(call, code.name, message, code.status)
