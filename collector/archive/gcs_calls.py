"""The requests that are made of a Google bucket, each with the sentence that says what went wrong with it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import google.auth
import requests
import urllib3
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError, TransportError
from google.cloud import storage
from google.cloud.storage.exceptions import DataCorruption

from collector.archive.patience import CONNECT_SECONDS, PASSING, READ_SECONDS, patiently, retry_after
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from google.api_core.page_iterator import Page

    from collector.archive.patience import Answer
    from collector.archive.places import GoogleBucket

ONCE: dict[str, Any] = {"retry": None, "timeout": (CONNECT_SECONDS, READ_SECONDS)}
"""The library's own retries are off: `patiently` is what repeats a request."""
_SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"
WATCHING = "https://www.googleapis.com/auth/cloud-platform.read-only"
ROLES = "https://www.googleapis.com/auth/cloud-platform"
POLICY = "https://www.googleapis.com/auth/devstorage.full_control"
"""The narrowest that Google takes for reading a role, and a bucket's policy. What may be done, the rights decide."""
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_ERRORS = (GoogleAPICallError, requests.RequestException, urllib3.exceptions.HTTPError, DataCorruption, GoogleAuthError)
_ADVICE = {
    401: "see that the credentials are the right ones",
    403: "let the identity of the collector do this",
    404: "make the bucket, or correct [archive] path",
    429: "wait a little, or let fewer collectors write at once, then run again",
}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class GcsCalls:
    """A client of one bucket."""

    def __init__(self, bucket: GoogleBucket, clock: Callable[[], datetime]) -> None:
        self.bucket = bucket
        self._clock = clock
        self.client = storage.Client(
            project=None,  # no call here is about one, and looking for it would ask the network
            credentials=credentials(bucket),
            client_options={"api_endpoint": bucket.endpoint} if bucket.endpoint else None,
        )

    def blob(self, key: str) -> storage.Blob:
        """An object of the archive, nothing yet asked about it."""
        return self.client.bucket(self.bucket.name).blob(f"{self.bucket.prefix}{key}")

    def answer(self, operation: str, key: str, ask: Callable[[], Answer]) -> Answer:
        """What `ask` returns; repeated while that may help, and explained when it does not."""
        with self.explained(operation, key):
            return patiently(ask, _ERRORS, _pause, self._clock)

    def listed(self, operation: str, prefix: str, **asked: Any) -> Iterator[storage.Blob]:  # noqa: ANN401 - the library's own options
        """Every object of a list, page after page, up to the one that names no next."""
        token, seen = None, set[str]()
        while True:
            # Each page is a list of its own: the library's iterator that has failed once only looks as if at its end.
            page, token = self.answer(operation, prefix, partial(self._page, prefix, token, asked))
            # An empty answer reads as an empty page: only what calls itself a list is one.
            if page.raw_page.get("kind") != "storage#objects" or token in seen:
                raise ArchiveError(
                    f"{operation} of {self.bucket} was answered by a list without an end; see what answers there"
                )
            yield from page
            if token is None:
                return
            seen.add(token)

    def _page(self, prefix: str, token: str | None, asked: dict[str, Any]) -> tuple[Page, str | None]:
        listing = self.client.list_blobs(
            self.bucket.name, prefix=f"{self.bucket.prefix}{prefix}", page_token=token, **asked, **ONCE
        )
        try:
            page = next(listing.pages)
        except (AttributeError, TypeError, KeyError, ValueError) as error:
            raise ArchiveError(f"List of {self.bucket} was answered by no list; see what answers there") from error
        return page, listing.next_page_token or None

    @contextmanager
    def explained(self, operation: str, key: str = "") -> Iterator[None]:
        """ArchiveError with what was asked, what came back and what to do, for each error of the library."""
        asked = f"{operation} of {self.bucket}" + (f"/{key}" if key else "")
        try:
            yield
        except GoogleAPICallError as error:
            status = int(error.code or 0)
            advice = _ADVICE.get(status, _OTHER_ADVICE)
            raise ArchiveError(f"{asked} was refused: {status} ({_said(error)}); {advice}") from error
        except _ERRORS as error:
            said = " ".join(str(error).split())
            raise ArchiveError(f"{asked} failed: {said}; {_OTHER_ADVICE}") from error


def reason_of(error: GoogleAPICallError) -> str:
    """Google's own name of an error, such as `retentionPolicyNotMet`; empty without one."""
    return str((_body(error).get("errors") or [{}])[0].get("reason", ""))


def watching_credentials(bucket: GoogleBucket, scope: str = WATCHING) -> Any:  # noqa: ANN401 - the library ships no types for them
    """The same identity's for Google's management. A server of one's own has none: it gets no token for it."""
    if bucket.endpoint and urlsplit(bucket.endpoint).hostname not in _LOOPBACK:
        raise ArchiveError(f"Google's management does not know {bucket.endpoint}; ask whoever runs that server")
    return credentials(bucket, scope)


def credentials(bucket: GoogleBucket, scope: str = _SCOPE) -> Any:  # noqa: ANN401 - the library ships no types for them
    """The application default credentials; none at all for an endpoint on this machine, which is a test's."""
    if bucket.endpoint:
        parts = urlsplit(bucket.endpoint)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UsageError(f"{bucket} cannot be used as an archive: {bucket.endpoint} is no http(s) URL")
        if parts.hostname in _LOOPBACK:
            return AnonymousCredentials()  # type: ignore[no-untyped-call]  # the library's
    try:
        return google.auth.default(scopes=[scope])[0]
    except DefaultCredentialsError as error:
        raise UsageError(
            f"{bucket} cannot be used as an archive: no Google credentials were found; run "
            "`gcloud auth application-default login`, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"
        ) from error


def _pause(error: Exception) -> float | None:
    if isinstance(error, GoogleAPICallError):
        headers = getattr(error.response, "headers", {})  # not `if response`: one that refuses is false
        return retry_after(headers) if error.code in PASSING else None
    return None if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError) else 0.0


def _said(error: GoogleAPICallError) -> str:
    """The server's sentence: of a body that is none of Google's, the beginning."""
    text = error.response.text if error.response is not None else error.message
    return " ".join(str(_body(error).get("message") or text[:200] or "no reason given").split())


def _body(error: GoogleAPICallError) -> dict[str, Any]:
    try:
        body = error.response.json()["error"] if error.response is not None else {}
    except (ValueError, KeyError, TypeError):
        return {}
    return body if isinstance(body, dict) else {}
