"""Google's own package finds organisations, folders and projects; each of its requests goes over our wire.

google-cloud-resource-manager pages, names the requests and reads the answers. What it would send itself is taken at the
session of its REST transport and made as a declared operation instead: paced, tried again, proved, redacted and put on
record like every other read. So it sees neither a token nor an answer that was not believed. It is imported with this
file alone, for it brings gRPC, which takes time and memory to load and is not used.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from google.auth.credentials import AnonymousCredentials
from google.cloud import resourcemanager_v3
from google.cloud.resourcemanager_v3.services.folders.transports import FoldersRestTransport
from google.cloud.resourcemanager_v3.services.organizations.transports import OrganizationsRestTransport
from google.cloud.resourcemanager_v3.services.projects.transports import ProjectsRestTransport
from requests import Response
from requests.adapters import BaseAdapter

from collector.errors import UndeclaredCallError, UnreadableError
from connectors.gcp.operations import FOLDERS, ORGANISATIONS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from requests import PreparedRequest

    from collector.source.rest.reads import Page, Reads

_OWN_WORDS = "$alt"
"""By it the package asks for numbers in place of words such as ACTIVE. It reads both, and an auditor only words."""
_CLIENTS: dict[str, tuple[Any, Any, str]] = {
    ORGANISATIONS: (resourcemanager_v3.OrganizationsClient, OrganizationsRestTransport, "search_organizations"),
    FOLDERS: (resourcemanager_v3.FoldersClient, FoldersRestTransport, "search_folders"),
    PROJECTS: (resourcemanager_v3.ProjectsClient, ProjectsRestTransport, "search_projects"),
}


def found(reads: Reads, operation: str, query: str) -> tuple[list[Any], Sequence[Page]]:
    """What the package found, in its own types, and every page that it was found on.

    Where a page could not be had, that is the last one, with its gap, and what was found before it is no list.
    """
    client_of, transport_of, search = _CLIENTS[operation]
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google-auth has no types here
    transport = transport_of(credentials=nobody)
    through = _Through(reads, operation)
    session = transport._session  # noqa: SLF001 - the package lets nobody give it one
    session.mount("https://", through)
    try:
        client = client_of(transport=transport)
        return list(getattr(client, search)(request={"query": query})), through.pages
    except UnreadableError:
        return [], through.pages
    finally:
        session.close()


class _Through(BaseAdapter):
    """Stands where the package's session would send, and makes each request by our own reads, one page for each."""

    def __init__(self, reads: Reads, operation: str) -> None:
        super().__init__()
        self._reads = reads
        self._operation = operation
        self._coming: Iterator[Page] = iter(())
        self.pages: list[Page] = []

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:  # noqa: ANN401 - as requests has it
        """The next page; UnreadableError where there is none to be believed."""
        url = urlsplit(request.url or "")
        if f"{request.method} {url.path}" != self._operation:
            raise UndeclaredCallError(f"the package asked for {request.method} {url.path}")
        asked = {name: values[-1] for name, values in parse_qs(str(url.query)).items() if name != _OWN_WORDS}
        token = asked.pop("pageToken", None)
        if token is None:
            self._coming = iter(self._reads.pages(self._reads.request(self._operation, asked)))
        elif not self.pages or self.pages[-1].answer.get("nextPageToken") != token:
            raise UndeclaredCallError("the package asked for a page that was not announced")
        page = next(self._coming, None)
        if page is None:
            # A probe reads the first page alone; else our reads end only where Google marks the end.
            return _reply({}, request)
        self.pages.append(page)
        if page.gap is not None:
            raise UnreadableError(page.gap)
        return _reply(page.answer, request)

    def close(self) -> None:
        """Nothing of our own is held."""


def _reply(answer: Any, request: PreparedRequest) -> Response:  # noqa: ANN401 - any JSON value
    """An answer as requests has it."""
    reply = Response()
    reply.status_code = 200
    reply.headers["content-type"] = "application/json"
    reply.raw = io.BytesIO(json.dumps(answer).encode())
    reply.request = request
    reply.url = request.url or ""
    return reply
