"""Which organisations, folders and projects there are, and everything in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Asset, LogSource, ScopeUnit
from connectors.gcp import gcp
from connectors.gcp.kinds import search
from connectors.gcp.labels import environment, labels
from connectors.gcp.moments import moment
from connectors.gcp.operations import ANYTHING, FOLDERS, ORGANISATIONS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.source import GcpSource

PROJECT = "cloudresourcemanager.googleapis.com/Project"
_DELETED = "DELETE_REQUESTED"
_MASK = "name,project,state"
_INVENTORY = "name,assetType,project,labels,createTime"


@gcp.evidence("gcp.org.projects", yields=ScopeUnit, needs=[PROJECTS, FOLDERS, ORGANISATIONS, search(PROJECT)])
def projects(source: GcpSource) -> Iterator[ScopeUnit]:
    """Projects and folders.

    Every project that Google's Resource Manager shows below the organisation (or the folder), active or waiting to be
    deleted, with the folders it hangs in, from the top down. Its environment is its label, or else the configuration's
    word. Folders and the organisation have no row of their own: what is collected and excluded is projects.

    Whole when the searches for organisations, folders and projects, each in both states, were read to their end, and
    two totals tie: Cloud Asset Inventory knows the same projects, and every active one is collected from or excluded
    in the configuration with a reason. A project that was deleted more than 30 days ago is gone from both.
    """
    source.put_on_record(ORGANISATIONS)
    units = source.units
    for unit in units:
        yield _row(source, unit)
    for _, found in source.each([PROJECT], lambda one: list(source.list(search(one), readMask=_MASK))):
        known = {one.get("project") for one in found if one.get("state") != _DELETED}
        listed = {unit.name for unit in units if unit.active}
        source.total("projects in the inventory = found", expected=len(known), found=len(known & listed))
        source.total("projects found = in the inventory", expected=len(listed), found=len(known & listed))
    active = [unit for unit in units if unit.active]
    accounted = [unit for unit in active if _accounted(source, unit)]
    source.total("active projects = collected + excluded with a reason", expected=len(active), found=len(accounted))


def _accounted(source: GcpSource, unit: Unit) -> bool:
    """A project is excluded only with a reason."""
    return str(source.settings.excluded_projects.get(unit.id, "collected")) != ""


def _row(source: GcpSource, unit: Unit) -> ScopeUnit:
    return ScopeUnit(
        key=unit.name,
        seen=[unit.seen],
        unit_id=unit.id,
        name=unit.title,
        status="active" if unit.active else unit.state.lower(),
        parent=source.path(unit),
        environment=environment(source.settings, unit),
        joined_at=moment(unit.seen.get("createTime")),
    )


@gcp.evidence("gcp.asset.inventory", yields=(Asset, LogSource), needs=[ANYTHING])
def inventory(source: GcpSource) -> Iterator[Asset | LogSource]:
    """Asset inventory with labels.

    Every resource of every type that Cloud Asset Inventory can find below the organisation, in every project that is
    there, whether single calls are made of it or not. Environment, class and owner are the labels of the resource, or
    else of its project.

    And one row for the inventory itself, which records the configuration of all that is in it, and which nobody can
    switch off or leave a project out of: it is on when it holds anything (`configuration_history`). Google keeps what
    it recorded for 35 days.

    Whole when the search was read to its end. The inventory follows changes with some delay, and does not know every
    type of resource that Google has.
    """
    known, first = source.known(), None
    for found in source.list(ANYTHING, readMask=_INVENTORY):
        first = first or found
        project = known.get(found.get("project") or "")
        yield Asset(
            key=f"{found['assetType']} {found['name']}",
            seen=[found, *([project.seen] if project else [])],
            asset_id=found["name"].removeprefix("//"),
            type=found["assetType"],
            place=project.id if project else found.get("project"),
            first_seen_at=moment(found.get("createTime")),
            **labels(source.settings, found.get("labels"), project),
        )
    yield _recorder(source, first)


def _recorder(source: GcpSource, first: Answer | None) -> LogSource:
    """The inventory, as what records configuration. One that is empty shows nothing."""
    name = f"cloudasset.googleapis.com/{source.root}"
    return LogSource(
        key=name,
        seen=[first] if first else [],
        source=name,
        kind="configuration_history",
        enabled=True if first else None,
        covers="organisation" if source.root.startswith("organizations/") else "account",
        all_regions=True,
        events=("*",),
    )
