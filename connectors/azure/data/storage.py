"""Storage accounts: who can reach them, how they are encrypted, their keys, and how logs are kept from change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Credential, LogStore, Resource
from connectors.azure import azure
from connectors.azure.data.stored_secrets import keys_of
from connectors.azure.graph import resources
from connectors.azure.kinds import STORAGE
from connectors.azure.labels import labels, parts, properties
from connectors.azure.resource_operations import BLOB_SERVICE, CONTAINERS, IMMUTABILITY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_FILES = "FileStorage"
"""The kind of account that can hold no containers."""
_OPEN = frozenset({"Blob", "Container"})
_LOGS = "insights-"
"""How Azure Monitor names the containers that it writes logs to."""
_ACTIVITY = "insights-activity-logs"
_KEY_SOURCES = {"Microsoft.Storage": "provider", "Microsoft.Keyvault": "customer"}


@azure.evidence("azure.storage.accounts", yields=(Resource, Credential), needs=[*STORAGE.needs, CONTAINERS])
def accounts(source: AzureSource) -> Iterator[Resource | Credential]:
    """Storage: public access, TLS, encryption, keys.

    Population: every storage account of the subscription; one row each. An account is public when anyone without a
    sign-in can read one of its containers: the account lets that be, its network does not keep strangers out, and a
    container is open. Where the account settles the question, its containers are not asked for. Where they could not
    be read, `public` is null and a gap names the call; the account stays in the population. An account is `multi_zone`
    where its redundancy is of zones (ZRS, GZRS): one that only has copies in one building, or in another region too,
    is out when its zone is. And the two keys of each: when they were made, and whether the account takes them. Azure
    does not tell when one was last used, nor, of an account that is old, when its keys were made.

    Complete when Resource Graph and the subscription's own list have the same accounts, and there are as many rows.

    Not looked into: links signed with an account's key, file shares, tables and queues; nor the rules by which an
    account deletes or moves old blobs, of which no row speaks.
    """
    rows = resources(source, STORAGE)
    made = 0
    for row, containers in source.each(rows, lambda one: _containers(source, one)):
        known = properties(row)
        open_ones = None if containers is None else [one for one in containers if _is_open(one)]
        encryption: dict[str, Any] = known.get("encryption") or {}
        blob = ((encryption.get("services") or {}).get("blob") or {}).get("enabled")
        plain = known.get("supportsHttpsTrafficOnly")
        made += 1
        yield Resource(
            key=row["id"],
            seen=[row, *(open_ones or [])],
            resource_id=row["id"],
            type="storage_account",
            encrypted=blob,
            key_control=_KEY_SOURCES.get(str(encryption.get("keySource"))),
            public=False if closed(known) else None if open_ones is None else bool(open_ones),
            min_tls=tls(known.get("minimumTlsVersion")),
            plain_http=None if plain is None else not plain,
            multi_zone=over_zones((row.get("sku") or {}).get("name")),
            **labels(source, row),
        )
        yield from keys_of(source, row)
    source.total("storage accounts listed = storage accounts looked into", expected=len(rows), found=made)


def closed(account: dict[str, Any]) -> bool:
    """Whether the account alone keeps everyone out who has not signed in."""
    shut = account.get("publicNetworkAccess") in {"Disabled", "SecuredByPerimeter"}
    fenced = (account.get("networkAcls") or {}).get("defaultAction") == "Deny"
    return account.get("allowBlobPublicAccess") is False or shut or fenced


def over_zones(sku: str | None) -> bool | None:
    """Whether an account of this redundancy goes on when one zone fails: `Standard_RAGZRS`."""
    kind = (sku or "").rpartition("_")[2]
    return None if not kind else kind.endswith("ZRS")


def tls(version: str | None) -> str | None:
    """`TLS1_2` as `1.2`."""
    return None if not version else version.removeprefix("TLS").replace("_", ".")


def _containers(source: AzureSource, row: Answer) -> list[Answer] | None:
    """None where they cannot be read: that the account is there is known all the same."""
    if closed(properties(row)) or row.get("kind") == _FILES:
        return []
    found = [listed for _, listed in source.each([row], lambda one: list(source.list(CONTAINERS, **at(one))))]
    return found[0] if found else None


def at(row: Answer) -> dict[str, str]:
    """The names by which operations ask for a storage account."""
    names = parts(row["id"])
    return {"group": names["resourcegroups"], "account": names["storageaccounts"]}


def _is_open(container: Answer) -> bool:
    return properties(container).get("publicAccess") in _OPEN


@azure.evidence(
    "azure.storage.immutability", yields=LogStore, needs=[*STORAGE.needs, CONTAINERS, BLOB_SERVICE, IMMUTABILITY]
)
def immutability(source: AzureSource) -> Iterator[LogStore]:
    """Immutability of log containers.

    Population: every container that Azure Monitor writes logs to (its name begins with `insights-`), in every storage
    account of the subscription. The one of the activity log counts as the store of an audit trail.

    A container is immutable when its time-based policy is locked: nobody, an owner included, can then shorten it. A
    policy that is not locked can be lifted, and does not count; nor does a legal hold. What lies under a locked policy
    cannot be overwritten, so it counts as versioned; otherwise the account's own setting is told.

    Complete when Resource Graph and the subscription's own list have the same accounts, and the containers of each
    were read to their end.
    """
    holders = [one for one in resources(source, STORAGE) if one.get("kind") != _FILES]
    for row, containers in source.each(holders, lambda one: list(source.list(CONTAINERS, **at(one)))):
        logs = [one for one in containers if one["name"].startswith(_LOGS)]
        if not logs:
            continue
        service = source.look(BLOB_SERVICE, **at(row))
        for container in logs:
            yield _store(source, row, service, container)


def _store(source: AzureSource, row: Answer, service: Answer, container: Answer) -> LogStore:
    known = properties(container)
    has_policy = known.get("hasImmutabilityPolicy")
    policy = source.look(IMMUTABILITY, **at(row), container=container["name"]) if has_policy else None
    locked: bool | None = False if has_policy is False else None
    if policy is not None:
        locked = policy.tell(lambda one: properties(one).get("state") == "Locked")
    versions = properties(service).get("isVersioningEnabled", False) if service.seen else None
    days = properties(policy).get("immutabilityPeriodSinceCreationInDays") if policy is not None else None
    access = known.get("publicAccess")
    return LogStore(
        key=container["id"],
        seen=[container, row, service, *([policy] if policy is not None else [])],
        store=container["id"].lower(),
        kind="audit_trail" if container["name"] == _ACTIVITY else "log_container",
        retention_days=days if locked else None,
        versioned=True if locked else versions,
        immutable=locked,
        encrypted=(((properties(row).get("encryption") or {}).get("services") or {}).get("blob") or {}).get("enabled"),
        public_blocked=True if closed(properties(row)) else None if access is None else access == "None",
    )
