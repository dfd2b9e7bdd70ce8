"""What a reader of Google Cloud evidence is given: one organisation, and each of its projects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from collector.errors import UnreadableError
from collector.source.rest.source import RestSource
from connectors.gcp.operations import FOLDERS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.gcp.hierarchy import Hierarchy, Unit

T = TypeVar("T")


class GcpSource(RestSource):
    """Reads one root of the hierarchy; whose projects it has is on record wherever it is used."""

    def __init__(self, hierarchy: Hierarchy, root: str, *args: Any, **named: Any) -> None:  # noqa: ANN401 - RestSource's
        super().__init__(*args, **named)
        self._hierarchy = hierarchy
        self.root = root
        self._ids: Mapping[str, str] | None = None

    @property
    def units(self) -> Sequence[Unit]:
        """Every project below the root, in every state; UnreadableError where they cannot be told."""
        self.put_on_record(PROJECTS)
        if not self.root.startswith("projects/"):
            self.put_on_record(FOLDERS)
        return self._hierarchy.below(self.root)

    @property
    def projects(self) -> Sequence[Unit]:
        """Those that single calls are made of: active, and not excluded in the configuration."""
        return self.few([one for one in self.units if one.active and one.id not in self.settings.excluded_projects])

    def few(self, parents: list[T]) -> list[T]:
        """The parents of single calls; of a probe the first alone."""
        return parents[:1] if self._around.probe else parents

    @property
    def folders(self) -> Sequence[str]:
        """The names of every folder below the root; UnreadableError where they cannot be told."""
        return self._hierarchy.folders_below(self.root) if self.put_on_record(FOLDERS) else ()

    def path(self, unit: Unit) -> str:
        """Where a unit hangs, as names from the top down."""
        return self._hierarchy.path(unit)

    def put_on_record(self, operation: str) -> Sequence[Unit]:
        """What was found of one kind, and put the exchanges that show it on record; UnreadableError if not whole."""
        listing = self._hierarchy.listing(operation)
        for page in listing.pages:
            self._keep(page)
        return listing.whole()

    def project_id(self, name: str) -> str:
        """A project's id by its number, or by itself; a number that no list has stays one."""
        if self._ids is None:
            self._ids = {one.name.rpartition("/")[2]: one.id for one in self._hierarchy.listing(PROJECTS).units}
        return self._ids.get(name, name)

    def known(self) -> Mapping[str, Unit]:
        """Every project by its number, as the inventory names it (`projects/NUMBER`); a gap where there is no list."""
        try:
            return {one.name: one for one in self.units}
        except UnreadableError as error:
            self._recorder.gap(error.gap)
            return {}
