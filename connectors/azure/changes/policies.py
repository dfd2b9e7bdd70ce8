"""Azure Policy: which resources keep which rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Finding
from connectors.azure import azure
from connectors.azure.graph import resources
from connectors.azure.kinds import POLICY_STATES
from connectors.azure.labels import properties
from connectors.azure.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.azure.source import AzureSource

_STATES = {"NonCompliant": "open", "Compliant": "closed", "Exempt": "not_applicable"}


@azure.evidence("azure.policy.states", yields=Finding, needs=POLICY_STATES.needs)
def states(source: AzureSource) -> Iterator[Finding]:
    """Azure Policy compliance.

    The latest state of every resource of the subscription under every policy that is assigned to it: whether it keeps
    the policy, or is exempt from it.

    Complete when Resource Graph gave as many rows as it counts. Not told by Azure: since when a resource has been in
    its state, and how grave that is.
    """
    for row in resources(source, POLICY_STATES):
        known = properties(row)
        yield Finding(
            key=row["id"],
            seen=[row],
            finding_id=row["id"],
            asset_id=known.get("resourceId"),
            rule=known.get("policyDefinitionName") or known.get("policyDefinitionId"),
            status=_STATES.get(str(known.get("complianceState"))),
            last_seen_at=moment(known.get("timestamp")),
        )
