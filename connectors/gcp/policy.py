"""What Google Cloud must grant: a custom role and who gets it where, written from the declarations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.gcp.api import API, OWN
from connectors.gcp.operations import FOLDERS, ORGANISATIONS, PROJECTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.connector import EvidenceType

_HIERARCHY = frozenset({ORGANISATIONS, FOLDERS, PROJECTS})
_QUOTA = "serviceusage.services.use"


def policy(types: Iterable[EvidenceType]) -> dict[str, Any]:
    """The role for these evidence types, where to grant it, and the APIs that must be on.

    Nothing in it can write. `serviceusage.services.use` lets the calls count against the quota of a project.
    """
    wanted = list(types)
    operations = (OWN | _HIERARCHY).union(*(API.reached(one.needs) for one in wanted))
    permissions = {name for one in operations for name in API.operation(one).needs.split()}
    return {
        "title": "Evidence collector: read",
        "description": "What `collector permissions gcp` prints: only reading",
        "stage": "GA",
        "includedPermissions": sorted(permissions | {_QUOTA}),
        "bindings": [
            {
                "resource": "organizations/ORGANISATION",
                "role": "organizations/ORGANISATION/roles/evidenceCollectorRead",
                "members": ["serviceAccount:evidence-collector@PROJECT.iam.gserviceaccount.com"],
            }
        ],
        "services": sorted(_services(operations)),
    }


def _services(operations: Iterable[str]) -> list[str]:
    """The APIs that must be on in the project whose quota is used."""
    hosts = {
        "manager": "cloudresourcemanager",
        "asset": "cloudasset",
        "findings": "securitycenter",
        "watchers": "securitycentermanagement",
        "activity": "policyanalyzer",
        "sql": "sqladmin",
        "containers": "containeranalysis",
        "builds": "cloudbuild",
        "workflows": "workflowexecutions",
        "scheduler": "cloudscheduler",
    }
    bases = {API.operation(one).base for one in operations} - {"oauth"}
    return [f"{hosts.get(base, base)}.googleapis.com" for base in bases]
