"""A made-up organisation at Google Cloud: folders, projects, what is in each, and what was planted there."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles.gcp.laying import lay

ORGANISATION = "organizations/100"
FOLDERS = ("folders/201", "folders/202", "folders/203")


@dataclass(frozen=True)
class Project:
    """One project."""

    number: int
    id: str
    folder: str
    environment: str
    active: bool

    @property
    def name(self) -> str:
        return f"projects/{self.number}"


@dataclass
class Asset:
    """One resource, as the inventory has it; without `listed` only the search knows it, without `found` the list."""

    name: str
    type: str
    project: Project | None
    data: dict[str, Any]
    labels: dict[str, str] = field(default_factory=dict)
    state: str = ""
    policy: dict[str, Any] | None = None
    created: datetime = datetime(2025, 1, 1, tzinfo=UTC)
    updated: datetime = datetime(2025, 6, 1, tzinfo=UTC)
    listed: bool = True
    found: bool = True


@dataclass
class Estate:
    """All of it. Tables by project or by what they belong to."""

    now: datetime
    projects: list[Project] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    rows: defaultdict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    """What single calls answer: `instances p/z`, `backupRuns p/i`, `entries`, `findings`, …"""
    manifest: dict[str, Any] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)
    """When a project was made, by its id, where that is not long ago."""

    def add(self, kind: str, name: str, project: Project | None, data: dict[str, Any], **more: Any) -> Asset:
        self.assets.append(Asset(f"//{name}", kind, project, data, **more))
        return self.assets[-1]

    def asset(self, ending: str) -> Asset:
        """The one whose name ends so."""
        (one,) = (one for one in self.assets if one.name.endswith(ending))
        return one

    def project(self, index: int) -> Project:
        return self.projects[index]

    def plant(self, control: str, item: str) -> None:
        self.manifest["deviations"].setdefault(control, set()).add(item.removeprefix("//"))

    def near_miss(self, control: str, item: str) -> None:
        self.manifest["near_misses"].setdefault(control, set()).add(item.removeprefix("//"))

    def ago(self, **how: float) -> str:
        return written(self.now - timedelta(**how))


def build(projects: int = 12, seed: int = 7) -> Estate:
    """An organisation of so many projects, of which the last is waiting to be deleted."""
    dice = random.Random(seed)  # noqa: S311 - the same seed gives the same organisation
    estate = Estate(datetime.now(UTC).replace(microsecond=0), manifest={"deviations": {}, "near_misses": {}})
    for index in range(projects):
        environment = "dev" if index % 5 == 4 else "prod"
        folder = FOLDERS[index % 3]
        name = f"northwind-{index:04d}"
        estate.projects.append(Project(5000 + index, name, folder, environment, active=index != projects - 1))
    lay(estate, dice)
    return estate


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
