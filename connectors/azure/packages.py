"""Azure's own packages over our wire: azure-mgmt-resource says what to ask and reads the answers, nothing more.

Their pipeline would sign, retry and follow redirects by itself, and register a resource provider when it meets one that
is not registered: that is a write. It is left out. Each request that a package makes is held against the page that the
core has read for it, and the package is given that page: so every answer is signed, paced, proved, redacted and
recorded like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from collector.errors import UndeclaredCallError, UnreadableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from collector.source.rest.reads import Page

Listing = tuple["Page", list["Mapping[str, Any]"]]


def listed(name: str, pages: Iterator[Page], *, address: str, subscription: str, version: str) -> Iterator[Listing]:
    """Each page with the items that the package read from it; after a page with a gap, UnreadableError.

    `name` is the operation; `pages` are its pages as the core reads them.
    """
    wire = _wire(pages)
    chunks = _LISTS[name](address, subscription, version, wire)
    for chunk in chunks.by_page():
        items: list[Mapping[str, Any]] = [dict(one) for one in chunk]
        yield wire.page, items


def _subscriptions(address: str, _: str, version: str, wire: Any) -> Any:  # noqa: ANN401 - the package's own types
    from azure.mgmt.resource.subscriptions import SubscriptionClient  # noqa: PLC0415 - large, and needed here alone

    client = SubscriptionClient(_UNASKED, base_url=address, api_version=version, policies=[], transport=wire)
    return client.subscriptions.list()


def _resources(address: str, subscription: str, version: str, wire: Any) -> Any:  # noqa: ANN401 - the package's own types
    from azure.mgmt.resource.resources import ResourceManagementClient  # noqa: PLC0415 - large, and needed here alone

    client = ResourceManagementClient(
        _UNASKED, subscription, base_url=address, api_version=version, policies=[], transport=wire
    )
    return client.resources.list(expand="createdTime")


SUBSCRIPTIONS = "GET /subscriptions"
RESOURCES = "GET /subscriptions/{subscription}/resources"
_LISTS: dict[str, Callable[[str, str, str, Any], Any]] = {SUBSCRIPTIONS: _subscriptions, RESOURCES: _resources}


class _Unasked:
    """Where a package wants a credential: the token is the wire's, and the package never has it."""

    def get_token(self, *_: str, **__: object) -> Any:  # noqa: ANN401 - never answers
        raise UndeclaredCallError("a package asked for a token of its own")


_UNASKED: Any = _Unasked()


def _wire(pages: Iterator[Page]) -> Any:  # noqa: ANN401 - its class is made where the package is there
    try:
        from azure.core.pipeline.transport import HttpTransport  # noqa: PLC0415 - as above
    except ModuleNotFoundError as error:
        raise UsageError(f"collecting from Azure needs {error.name}: pip install '.[azure]'") from error

    class Wire(HttpTransport):  # type: ignore[type-arg]  # of this package's many request types any will do
        """Answers each request of a package by the page that the core has read for it."""

        page: Page

        def send(self, request: Any, **_: object) -> Any:  # noqa: ANN401 - the package's own types
            page = next(pages, None)
            if page is None:
                raise UndeclaredCallError("a package went on where the list has ended")
            self.page = page
            if page.gap is not None:
                raise UnreadableError(page.gap)
            asked = unquote(urlsplit(request.url).path)
            if request.method != "GET" or page.url is None or unquote(page.url.path) != asked:
                raise UndeclaredCallError(f"a package wants {request.method} {asked}, which is not what was read")
            return _Given(page.answer)

        def open(self) -> None:
            """The connections are the core's."""

        def close(self) -> None:
            """So is closing them."""

        def __exit__(self, *_: object) -> None:
            """And leaving them."""

    return Wire()


class _Given:
    """A page, as a package expects an answer."""

    status_code = 200

    def __init__(self, answer: Mapping[str, Any]) -> None:
        self._answer = answer

    def json(self) -> Mapping[str, Any]:
        return self._answer
