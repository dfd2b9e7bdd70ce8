"""What a reader of Azure evidence is given: one subscription, with the tenant's own answers about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.answer import Answer
from collector.model import Origin
from collector.source.rest.source import RestSource
from connectors.azure import packages

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from collector.source.rest.reads import Page


class AzureSource(RestSource):
    """Reads one subscription; every refusal ends as a gap in the snapshot it reads for."""

    collected: Collection[str] = ()
    """The subscriptions that the run collects from."""

    def found(self, operation: str) -> Iterator[Answer]:
        """Every item of a list that Azure's own package reads. UnreadableError where the list breaks off."""
        request = self._listing(operation, {})
        known = request.operation
        numbers: list[int] = []
        for _, items in packages.listed(
            operation,
            self._kept(self._reads.pages(request), numbers),
            address=self.settings.manager,
            subscription=self.scope.unit_id,
            version=known.parameters["api-version"],
        ):
            for index, item in enumerate(items):
                yield Answer(item, Origin(request.identity, numbers[-1], f"{known.items}/{index}"))
            if self._around.probe:
                return

    def _kept(self, pages: Iterable[Page], numbers: list[int]) -> Iterator[Page]:
        """The pages, each put on record when it is taken; `numbers` gets the number of each."""
        for page in pages:
            numbers.append(self._keep(page))
            yield page

    def rows(self, query: str) -> list[Answer]:
        """The subscription's rows of a query to Resource Graph, which answers for all subscriptions at once."""
        mine = self.scope.unit_id.lower()
        return [one for one in self.list(query) if str(one.get("subscriptionId")).lower() == mine]

    def hidden_from(self, query: str) -> bool:
        """Whether the subscription has no row in an answer about all; a probe reads too little of it to tell."""
        rows = self.rows(query)
        return not rows and not self._around.probe
