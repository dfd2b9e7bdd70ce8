"""The estate as a whole: an organisation of three accounts in three regions, healthy parts and known faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.doubles.aws.clients import Account
from tests.doubles.aws.control import ask_control, ask_moto_control
from tests.doubles.aws.estate import (
    alerting,
    analyzers,
    assurance,
    backups,
    buckets,
    conformity,
    edges,
    events,
    expiry,
    flows,
    hub,
    identity,
    identity_center,
    inventory,
    jobs,
    keys,
    models,
    network,
    organisation,
    patching,
    registries,
    restores,
    scanning,
    services,
    stores,
    threats,
    trails,
    trusts,
    vaults,
    watching,
)
from tests.doubles.aws.estate.ground import REGIONS, Ground
from tests.doubles.aws.estate.manifest import Manifest

if TYPE_CHECKING:
    from tests.doubles.aws.estate.size import Size

_SEED = 42
_PARTS = (
    organisation.open_doors,
    identity.seed_users,
    identity.seed_groups,
    identity.seed_rules,
    identity.seed_roots,
    trusts.seed_trusts,
    identity_center.seed_identity_center,
    keys.seed_keys,
    keys.seed_secrets,
    trails.seed_trails,
    events.seed_events,
    buckets.seed_buckets,
    watching.seed_log_groups,
    watching.seed_recorders,
    watching.seed_detectors,
    network.seed_network,
    stores.seed_databases,
    stores.seed_tables,
    stores.seed_file_systems,
    backups.seed_plans,
    backups.seed_jobs,
    inventory.seed_inventory,
    edges.seed_edges,
    flows.seed_flow_logs,
    vaults.seed_vaults,
    vaults.seed_copies,
    restores.seed_restores,
    services.seed_groups,
    services.seed_balancers,
    alerting.seed_streams,
    alerting.seed_alarms,
    alerting.seed_event_rules,
    threats.seed_findings,
    alerting.seed_history,
    conformity.seed_rules,
    services.seed_scaling,
    services.seed_checks,
    analyzers.seed_analyzers,
    scanning.seed_scanning,
    patching.seed_patches,
    registries.seed_registries,
    hub.seed_hub,
    jobs.seed_jobs,
    models.seed_models,
    assurance.seed_reports,
    expiry.seed_expiry,
)


def seed_estate(endpoint: str, size: Size, *, role: str = "EvidenceCollector") -> dict[str, Any]:
    """Fill an empty double and return the manifest; identifiers are the same every time, dates are not."""
    ask_moto_control(endpoint, f"seed?a={_SEED}")
    management = Account.management(endpoint)
    prod, data = organisation.found_organisation(management)
    now = datetime.now(UTC).replace(microsecond=0)
    ground = Ground(management, prod, data, size, now, Manifest(), role)
    ground.manifest.facts |= {
        "management": management.id,
        "accounts": {"management": management.id, "northwind-prod": prod.id, "northwind-data": data.id},
        "regions": list(REGIONS),
        "role": role,
        "seeded_at": now.isoformat(),
    }
    for seed in _PARTS:
        seed(ground)
    ask_control(endpoint, "POST", "moto", ground.edits)
    batches = [
        {"kind": kind, "account": account, "region": region, "items": items}
        for (kind, account, region), items in ground.items.items()
    ]
    ask_control(endpoint, "POST", "seeded", batches)
    ask_control(endpoint, "DELETE", "requests")
    return ground.manifest.as_json()
