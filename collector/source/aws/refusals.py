"""From what AWS or the transport said to the cause of a gap: by code, status and exception type, never by text."""

from __future__ import annotations

from botocore import exceptions as aws
from botocore.parsers import ResponseParserError

from collector.model import Cause

_DENIED = {
    "AccessDenied", "AccessDeniedException", "AuthFailure", "AuthorizationError", "ForbiddenException",
    "InvalidClientTokenId", "KMSAccessDeniedException", "NotAuthorized", "OperationNotPermittedException",
    "SignatureDoesNotMatch", "UnauthorizedException", "UnauthorizedOperation", "UnrecognizedClientException",
}  # fmt: skip
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
_THROTTLED = {
    "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException",
    "SlowDown", "ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException",
    "TransactionInProgressException", "EC2ThrottledException",
}  # fmt: skip
_NOT_CONFIGURED = {"OptInRequired", "AWSOrganizationsNotInUseException", "RegionDisabledException"}
_UNLICENSED = {"SubscriptionRequiredException", "SubscriptionRequired"}
_TOO_MANY_REQUESTS, _UNAUTHORIZED, _FORBIDDEN, _SERVER_ERROR = 429, 401, 403, 500

_RENEW = "renew the credentials and run again"
_STILL_THROTTLED = "still throttled after every retry"

_BY_CODE = (
    (_EXPIRED, Cause.DENIED, f"the credentials have expired: {_RENEW}"),
    (_DENIED, Cause.DENIED, "the identity may not do this; `collector permissions aws` prints the policy it needs"),
    (_THROTTLED, Cause.THROTTLED, _STILL_THROTTLED),
    (_UNLICENSED, Cause.UNLICENSED, "the account has no subscription to this service"),
    (_NOT_CONFIGURED, Cause.NOT_CONFIGURED, "the service is not set up here"),
)
_BY_ERROR = (
    ((aws.ReadTimeoutError, aws.ConnectTimeoutError), Cause.TIMEOUT, "no answer in time, also after retries"),
    (
        (ResponseParserError, aws.IncompleteReadError, aws.ResponseStreamingError),
        Cause.TRUNCATED,
        "the answer is cut off or is not what the service sends",
    ),
    (aws.ConnectionClosedError, Cause.TRUNCATED, "the connection was cut during the answer, also after retries"),
    (aws.PaginationError, Cause.TRUNCATED, "the service sent the same next-page token twice"),
    (
        (aws.NoCredentialsError, aws.PartialCredentialsError, aws.CredentialRetrievalError),
        Cause.DENIED,
        f"no usable credentials: {_RENEW}",
    ),
    (
        (aws.TokenRetrievalError, aws.SSOError, aws.UnauthorizedSSOTokenError),
        Cause.DENIED,
        f"the sign-in has expired: {_RENEW}",
    ),
    (aws.HTTPClientError, Cause.UNAVAILABLE, "the endpoint cannot be reached"),
)
"""First match wins: the narrow types stand before those they derive from."""


def of_code(code: str, status: int | None) -> tuple[Cause, str]:
    """The cause of an error that AWS itself sent, and what a person can do."""
    for codes, cause, advice in _BY_CODE:
        if code in codes:
            return cause, advice
    if status == _TOO_MANY_REQUESTS:
        return Cause.THROTTLED, _STILL_THROTTLED
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Cause.DENIED, "refused"
    if status is not None and status >= _SERVER_ERROR:
        return Cause.UNAVAILABLE, "the service failed, also after retries"
    return Cause.UNAVAILABLE, "the service did not accept the request"


def of_error(error: Exception) -> tuple[Cause, str]:
    """The cause of a call that got no usable answer, and how the transport put it."""
    for types, cause, advice in _BY_ERROR:
        if isinstance(error, types):
            return cause, advice
    return Cause.DEFECT, f"{type(error).__name__}: {error}"
