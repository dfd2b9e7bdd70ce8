"""Disks and virtual machines: encryption and placement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import Resource
from connectors.azure import azure
from connectors.azure.graph import of_type, resources
from connectors.azure.kinds import COMPUTE
from connectors.azure.labels import labels, properties

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.azure.source import AzureSource

_DISKS, _MACHINES = COMPUTE.types
_CONTROL = {
    "EncryptionAtRestWithPlatformKey": "provider",
    "EncryptionAtRestWithCustomerKey": "customer",
    "EncryptionAtRestWithPlatformAndCustomerKeys": "customer",
}


@azure.evidence("azure.compute.disks", yields=Resource, needs=COMPUTE.needs)
def disks(source: AzureSource) -> Iterator[Resource]:
    """Disk encryption and VM placement.

    Population: every managed disk of the subscription, with who controls the key that it is encrypted with and whether
    a machine uses it; and every virtual machine, with the zones it is in. A machine is encrypted where all the disks
    it names are managed ones, which Azure always encrypts; of a disk kept as a file in a storage account it is not
    told here.

    Complete when Resource Graph and the subscription's own list have the same disks and machines.
    """
    rows = resources(source, COMPUTE)
    for row in of_type(rows, _DISKS):
        known = properties(row)
        kind = (known.get("encryption") or {}).get("type")
        state = known.get("diskState")
        yield Resource(
            key=row["id"],
            seen=[row],
            resource_id=row["id"],
            type="volume",
            encrypted=None if kind is None else True,
            key_control=_CONTROL.get(str(kind)),
            attached=bool(row.get("managedBy")) or (None if state is None else state in {"Attached", "Reserved"}),
            zones=tuple(row.get("zones") or ()),
            **labels(source, row),
        )
    for row in of_type(rows, _MACHINES):
        profile = properties(row).get("storageProfile") or {}
        named = [profile["osDisk"]] if profile.get("osDisk") else []
        named += profile.get("dataDisks") or []
        yield Resource(
            key=row["id"],
            seen=[row],
            resource_id=row["id"],
            type="instance",
            encrypted=True if named and all(one.get("managedDisk") for one in named) else None,
            zones=tuple(row.get("zones") or ()),
            **labels(source, row),
        )
