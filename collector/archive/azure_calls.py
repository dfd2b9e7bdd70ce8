"""The requests that are made of an Azure container, each with the sentence that says what went wrong with it."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import BlobServiceClient

from collector.archive.patience import CONNECT_SECONDS, PASSING, READ_SECONDS, patiently, retry_after
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from azure.core.credentials import TokenCredential
    from azure.storage.blob import BlobClient, BlobProperties

    from collector.archive.patience import Answer
    from collector.archive.places import Container, Terms

_WHOLE = 5000 << 20
"""No object is sent or read in parts: one Put Blob can hold this many bytes, and is there whole or not at all."""
_ERRORS = (AzureError,)
_REFUSAL = 400
"""From this status on an answer is a refusal; one below it that is an error nevertheless could not be read."""
_ALLOW = "let the identity of the collector do this"
_CREDENTIALS = (
    "sign in with `az login`, give this machine an identity, "
    "or set AZURE_STORAGE_KEY or AZURE_STORAGE_CONNECTION_STRING"
)
_ADVICE = {
    "AuthenticationFailed": "see that the key is the account's, and set this machine's clock",
    "AuthorizationFailure": _ALLOW,
    "AuthorizationPermissionMismatch": _ALLOW,
    "ContainerNotFound": "make the container, or correct [archive] path",
    "403": _ALLOW,
    "429": "wait a little, or let fewer collectors write at once, then run again",
    "ServerBusy": "wait a little, or let fewer collectors write at once, then run again",
}
_OTHER_ADVICE = "see that the endpoint can be reached and the credentials are the right ones, then run again"


class AzureCalls:
    """A client of one container."""

    def __init__(self, container: Container, terms: Terms) -> None:
        self.container = container
        self.clock = terms.clock
        url = container.endpoint or f"https://{container.account}.blob.core.windows.net"
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise UsageError(f"{container} cannot be used as an archive: {url} is no http(s) URL")
        try:
            service = BlobServiceClient(
                url,
                credential=_key(container, terms.environment) or self.identity,
                retry_total=0,  # `patiently` is what repeats a request
                connection_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                max_single_put_size=_WHOLE,
                max_single_get_size=_WHOLE,
            )
        except ValueError as error:
            raise UsageError(f"{container} cannot be used as an archive: {error}") from error
        self.client = service.get_container_client(container.name)

    @cached_property
    def identity(self) -> TokenCredential:
        """Who the collector is, found as Azure's own tools find it; nothing is asked before a token is needed."""
        return DefaultAzureCredential()

    def blob(self, key: str) -> BlobClient:
        """An object of the archive, nothing yet asked about it."""
        return self.client.get_blob_client(f"{self.container.prefix}{key}")

    def answer(self, operation: str, key: str, ask: Callable[[], Answer]) -> Answer:
        """What `ask` returns; repeated while that may help, and explained when it does not."""
        with self.explained(operation, key):
            return patiently(ask, _ERRORS, _pause, self.clock)

    def listed(self, prefix: str, *include: str, at_most: int = 5000) -> Iterator[BlobProperties]:
        """Every object of a list, page after page, up to the one that says it is the last."""
        token: str | None = None
        while True:
            page, following, ended = self.answer(
                "List Blobs", prefix, partial(self._page, prefix, include, token, at_most)
            )
            # An empty answer reads as an empty page: only what has its mark, be it empty, is one.
            if not ended or (following and following == token):
                raise ArchiveError(
                    f"List Blobs of {self.container} was answered by a list without an end; see what answers there"
                )
            yield from page
            if not following:
                return
            token = following

    def _page(
        self, prefix: str, include: tuple[str, ...], token: str | None, at_most: int
    ) -> tuple[list[BlobProperties], str | None, bool]:
        marks: list[bool] = []

        def hook(response: Any) -> None:  # noqa: ANN401 - azure-core's pipeline response
            marks.append("<NextMarker" in response.http_response.text())

        pages: Any = self.client.list_blobs(
            name_starts_with=f"{self.container.prefix}{prefix}",
            include=list(include),
            results_per_page=at_most,
            raw_response_hook=hook,
        ).by_page(token)
        try:
            page = list(next(pages))
        except (AttributeError, TypeError, ValueError) as error:
            raise ArchiveError(
                f"List Blobs of {self.container} was answered by no list; see what answers there"
            ) from error
        return page, pages.continuation_token or None, marks[-1:] == [True]

    @contextmanager
    def explained(self, operation: str, key: str = "") -> Iterator[None]:
        """ArchiveError with what was asked, what came back and what to do, for each error of the library."""
        asked = f"{operation} of {self.container}" + (f"/{key}" if key else "")
        try:
            yield
        except HttpResponseError as error:
            if error.status_code is None or error.status_code < _REFUSAL:
                hint = _CREDENTIALS if isinstance(error, ClientAuthenticationError) else _OTHER_ADVICE
                raise ArchiveError(f"{asked} failed: {_first_line(error)}; {hint}") from error
            code = code_of(error) or str(error.status_code)
            advice = _ADVICE.get(code) or _ADVICE.get(str(error.status_code), _OTHER_ADVICE)
            raise ArchiveError(
                f"{asked} was refused: {error.status_code} {code} ({_first_line(error)}); {advice}"
            ) from error
        except AzureError as error:
            raise ArchiveError(f"{asked} failed: {_first_line(error)}; {_OTHER_ADVICE}") from error


def code_of(error: HttpResponseError) -> str:
    """Azure's own name of an error; empty without one."""
    code = getattr(error, "error_code", None) or ""
    return str(getattr(code, "value", code))


def _key(container: Container, environment: Mapping[str, str]) -> str | None:
    """The account's key, from the variables that Azure's own tools read; None: sign in by identity."""
    connection = dict(
        part.split("=", 1) for part in environment.get("AZURE_STORAGE_CONNECTION_STRING", "").split(";") if "=" in part
    )
    if not connection:
        return environment.get("AZURE_STORAGE_KEY") or None
    if connection.get("AccountName") != container.account or not connection.get("AccountKey"):
        raise UsageError(
            f"{container} cannot be used as an archive: AZURE_STORAGE_CONNECTION_STRING holds no key of account "
            f"{container.account}; set the one of this account, or unset it"
        )
    return connection["AccountKey"]


def _pause(error: Exception) -> float | None:
    if isinstance(error, ClientAuthenticationError):
        return None
    if isinstance(error, HttpResponseError) and (error.status_code or 0) >= _REFUSAL:
        headers: Mapping[str, str] = getattr(error.response, "headers", {})
        return retry_after(headers) if error.status_code in PASSING else None
    return 0.0


def _first_line(error: AzureError) -> str:
    """The library's sentences go on with request ids and whole bodies."""
    return next((line.strip() for line in str(error.message).splitlines() if line.strip()), type(error).__name__)
