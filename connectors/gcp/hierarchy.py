"""Organisations, folders and projects, in every state, found once in a run."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from collector.answer import Answer
from collector.errors import UnreadableError
from collector.model import Origin
from connectors.gcp.operations import FOLDERS, ORGANISATIONS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from collector.source.rest.reads import Page, Reads

_QUERIES = {
    ORGANISATIONS: ("",),
    # By default only what is active would be found.
    FOLDERS: ("state=ACTIVE", "state=DELETE_REQUESTED"),
    PROJECTS: ("state:ACTIVE", "state:DELETE_REQUESTED"),
}
_ITEMS = {ORGANISATIONS: "organizations", FOLDERS: "folders", PROJECTS: "projects"}
_KEEP = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Unit:
    """An organisation, a folder or a project."""

    name: str
    """Google's own: `projects/NUMBER`, `folders/NUMBER`, `organizations/NUMBER`."""
    id: str
    """Of a project its id, which people know; else as `name`."""
    title: str
    parent: str
    state: str
    labels: Mapping[str, str] = field(repr=False)
    seen: Answer = field(repr=False)

    @property
    def active(self) -> bool:
        """Whether it is not waiting to be deleted."""
        return self.state == _KEEP


class Listing:
    """The units of one kind, and the pages that they stand on."""

    def __init__(self, units: Sequence[Unit], pages: Sequence[Page]) -> None:
        self.units = units
        self.pages = pages

    def whole(self) -> Sequence[Unit]:
        """The units; UnreadableError where the list broke off."""
        for page in self.pages:
            if page.gap is not None:
                raise UnreadableError(page.gap)
        return self.units


class Hierarchy:
    """Asks once for each kind, whoever comes first."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._lock = threading.Lock()
        self._listings: dict[str, Listing] = {}

    def listing(self, operation: str) -> Listing:
        """All units of one kind that the identity sees."""
        with self._lock:
            if operation not in self._listings:
                self._listings[operation] = self._read(operation)
            return self._listings[operation]

    def below(self, root: str) -> Sequence[Unit]:
        """The projects below an organisation, a folder or a project; UnreadableError where they cannot be told."""
        projects = self.listing(PROJECTS).whole()
        if root.startswith("projects/"):
            return [one for one in projects if root in {one.name, f"projects/{one.id}"}]
        parents = {one.name: one.parent for one in self.listing(FOLDERS).whole()}
        return [one for one in projects if root in above(one.parent, parents)]

    def folders_below(self, root: str) -> Sequence[str]:
        """The folders below an organisation or a folder; UnreadableError where they cannot be told."""
        folders = self.listing(FOLDERS).whole()
        parents = {one.name: one.parent for one in folders}
        return [one.name for one in folders if root in above(one.parent, parents)]

    def path(self, unit: Unit) -> str:
        """The names from the top down to where a unit hangs, as far up as they are seen."""
        known = {one.name: one for operation in (ORGANISATIONS, FOLDERS) for one in self.listing(operation).units}
        names = above(unit.parent, {name: one.parent for name, one in known.items()})
        return "/".join(known[name].title if name in known else name for name in reversed(names))

    def _read(self, operation: str) -> Listing:
        # Only who collects from Google Cloud pays for loading its package.
        from connectors.gcp._packages.resource_manager import found  # noqa: PLC0415 - as said above

        units: list[Unit] = []
        pages: list[Page] = []
        for query in _QUERIES[operation]:
            made, shown = found(self._reads, operation, query)
            answers = {answer["name"]: answer for answer in _answers(shown, _ITEMS[operation])}
            units += [_unit(one, answers[one.name]) for one in made]
            pages += shown
        return Listing(units, pages)


def above(parent: str, parents: Mapping[str, str]) -> list[str]:
    """A parent, its parent, and so on up to the highest that is seen."""
    found: list[str] = []
    while parent and parent not in found:
        found.append(parent)
        parent = parents.get(parent, "")
    return found


def _answers(pages: Sequence[Page], items: str) -> list[Answer]:
    return [
        Answer(item, Origin(page.exchange.request, page.exchange.page, f"/{items}/{index}"))
        for page in pages
        for index, item in enumerate(page.items)
    ]


def _unit(made: Any, seen: Answer) -> Unit:  # noqa: ANN401 - of the package's three types
    known_as = getattr(made, "project_id", "") or made.name
    return Unit(
        name=made.name,
        id=known_as,
        title=made.display_name or known_as,
        parent=getattr(made, "parent", ""),
        state=made.state.name,
        labels=dict(getattr(made, "labels", {})),
        seen=seen,
    )
