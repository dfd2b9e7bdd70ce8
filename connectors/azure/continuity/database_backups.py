"""How Azure SQL backs its databases up by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import BackupPlan
from connectors.azure.data.databases import database_of, databases
from connectors.azure.graph import resources
from connectors.azure.kinds import SQL
from connectors.azure.labels import labels, properties
from connectors.azure.resource_operations import SHORT_TERM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.azure.source import AzureSource

NEEDS = (*SQL.needs, SHORT_TERM)
"""What `database_plans` reads."""
PAIRED, NOWHERE = "paired region", "none"
_CONTINUOUSLY = 0
_ELSEWHERE = {"Geo": PAIRED, "GeoZone": PAIRED, "Local": NOWHERE, "Zone": NOWHERE}


def elsewhere(region: str | None) -> tuple[str, ...] | None:
    """As a backup names the other places that hold it."""
    return None if region is None else () if region == NOWHERE else (region,)


def database_plans(source: AzureSource) -> Iterator[BackupPlan]:
    """One row for each database: Azure backs each up to any point in time, for as long as its policy says."""
    rows = databases(resources(source, SQL))
    for row, policy in source.each(rows, lambda one: source.look(SHORT_TERM, **database_of(one))):
        yield BackupPlan(
            key=row["id"],
            seen=[row, policy],
            resource_id=row["id"].lower(),
            resource_type="db_database",
            environment=labels(source, row)["environment"],
            frequency_hours=_CONTINUOUSLY if policy.seen else None,
            retention_days=properties(policy).get("retentionDays"),
            keeps_forever=False if policy.seen else None,
            pitr=True if policy.seen else None,
            copied_to=elsewhere(_ELSEWHERE.get(str(properties(row).get("currentBackupStorageRedundancy")))),
            source="automated" if policy.seen else "unknown",
        )
