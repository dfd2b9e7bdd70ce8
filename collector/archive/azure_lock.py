"""What a container in Azure says of its lock, and what it lacks to have one.

Blob storage itself says only whether there is a policy. Whether that is locked, and for how long, its management says:
one more read, made where the archive's URL names subscription and resource group.
"""

from __future__ import annotations

from base64 import b64encode
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from collector.archive.azure_management import policy_of
from collector.archive.layout import longest_days
from collector.archive.report import Fault
from collector.archive.worm import Settings, Survey, Version, judge, noted, prefixes_of, promised_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from azure.storage.blob import BlobProperties

    from collector.archive.azure_calls import AzureCalls
    from collector.archive.worm import Lock

FIRM = "Locked"
"""Azure's word for a policy that nobody can lift."""
PROMISE = "retain_until"
"""As `worm.PROMISE`; names of metadata are identifiers in Azure, so without a hyphen."""
NEEDED = (
    "The collector's own identity needs no more than Microsoft.Storage/storageAccounts/blobServices/containers/read "
    "and, of the data actions, blobs/read and blobs/add/action; to see who can write or delete, and which access is "
    "logged, Microsoft.Storage/storageAccounts/read, Microsoft.Authorization/roleAssignments/read, "
    "roleDefinitions/read, roleEligibilityScheduleInstances/read and Microsoft.Insights/DiagnosticSettings/Read."
)
"""What the archive asks of the identity, in words."""
_UNLOCKED = "the container has no locked immutability policy, so whoever may delete in it can remove evidence"
_UNTOLD = (
    "whether the container's immutability policy is locked is told by Azure's management only; "
    "add ?subscription=…&group=… to the archive's URL"
)


def locks_versions(calls: AzureCalls) -> bool:
    """Whether single versions can be locked in this container."""
    found = calls.answer("Get Container Properties", "", calls.client.get_container_properties)
    return bool(found.immutable_storage_with_versioning_enabled)


def read_back(calls: AzureCalls, written: Mapping[str, str] | None, sent: Mapping[tuple[str, str], str]) -> Lock:
    """As `Store.lock`. `sent` has the SHA-256 of an object by its key and the MD5 that the server gives for it."""
    unread: list[str] = []
    facts = _facts(calls, unread)
    blobs: list[BlobProperties] = []
    for prefix in prefixes_of(written):
        with noted(unread):
            blobs += calls.listed(prefix, "metadata", "versions", "deleted", "immutabilitypolicy")
    versions, looked_at = [], []
    for blob in blobs:
        version = _version(calls, facts, blob)
        versions.append(version)
        if written is None or version.key in written:
            with noted(unread):
                digest = _digest(calls, version.key, blob, sent) if written else None
                looked_at.append(replace(version, digest=digest))
    settings = _settings(facts, tuple(_deleted(calls, blobs)))
    return judge(settings, versions, looked_at, written or {}, unread, calls.clock())


def survey(calls: AzureCalls, retain_days: int) -> Survey:
    """As `Place.survey`."""
    unread: list[str] = []
    facts = _facts(calls, unread)
    lines = tuple(_lacking(calls, facts, longest_days(retain_days)))
    return Survey((*lines, NEEDED) if lines else (), tuple(unread), _settings(facts, ()).locks is not False)


def _facts(calls: AzureCalls, unread: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = dict.fromkeys(
        ("policy", "policy_state", "policy_days", "version_level", "legal_hold", "etag")
    )
    with noted(unread):
        found = calls.answer("Get Container Properties", "", calls.client.get_container_properties)
        facts["policy"] = bool(found.has_immutability_policy)
        facts["version_level"] = bool(found.immutable_storage_with_versioning_enabled)
        facts["legal_hold"] = bool(found.has_legal_hold)
        if calls.container.subscription:
            facts |= policy_of(calls)
        elif facts["policy"] and not facts["version_level"]:
            unread.append(_UNTOLD)
    return facts


def _settings(facts: Mapping[str, Any], findings: tuple[Fault, ...]) -> Settings:
    """A policy of the container must be seen to be locked; where versions are, each of them must be."""
    locks: bool | None = facts["version_level"] or None
    if facts["policy_state"] is not None:
        locks = facts["version_level"] or facts["policy_state"] == FIRM
    elif facts["policy"] is False and not facts["version_level"]:
        locks = False
    told = {name: value for name, value in facts.items() if name != "etag"}
    return Settings(locks=locks, unlocked=_UNLOCKED, mode=FIRM, facts=told, findings=findings)


def _version(calls: AzureCalls, facts: Mapping[str, Any], blob: BlobProperties) -> Version:
    """A version with the later of the locks that nobody can lift: the container's, and its own."""
    firm: list[datetime] = []
    weak: datetime | None = None
    if facts["policy_state"] == FIRM and not facts["version_level"]:
        firm.append(blob.creation_time + timedelta(days=facts["policy_days"]))
    own = blob.immutability_policy
    if own.expiry_time:
        if str(own.policy_mode).lower() == FIRM.lower():
            firm.append(own.expiry_time)
        else:
            weak = own.expiry_time
    return Version(
        key=_key(calls, blob),
        id=blob.version_id or "",
        mode=FIRM if firm else "Unlocked" if weak else None,
        until=max(firm) if firm else weak,
        promised=promised_in(blob.metadata, PROMISE),
    )


def _digest(calls: AzureCalls, key: str, blob: BlobProperties, sent: Mapping[tuple[str, str], str]) -> str:
    """The SHA-256 of a version: known from the put that had this MD5, or else of the bytes themselves.

    The one in the metadata is not asked: the server checks it against nothing.
    """
    md5 = b64encode(bytes(blob.content_settings.content_md5 or b"")).decode()
    if known := sent.get((key, md5)):
        return known
    named = {"version_id": blob.version_id} if blob.version_id else {}
    return sha256(calls.answer("Get Blob", key, lambda: calls.blob(key).download_blob(**named).readall())).hexdigest()


def _deleted(calls: AzureCalls, blobs: Iterable[BlobProperties]) -> Iterator[Fault]:
    """The names under which only what was deleted, or is no longer the current version, is left."""
    live: dict[str, bool] = defaultdict(bool)
    for blob in blobs:
        live[_key(calls, blob)] |= not blob.deleted and (not blob.version_id or bool(blob.is_current_version))
    for key in sorted(key for key, there in live.items() if not there):
        yield Fault(key, "was deleted: the container still keeps what it was, and another object could take its name")


def _key(calls: AzureCalls, blob: BlobProperties) -> str:
    return str(blob.name).removeprefix(calls.container.prefix)


def _lacking(calls: AzureCalls, facts: Mapping[str, Any], days: int) -> Iterator[str]:
    """Commands for a policy of the container; of versions each gets a lock of its own when it is put."""
    if facts["version_level"] or facts["policy"] is None:
        return
    etag = f"'{facts['etag']}'" if facts["etag"] else "ETAG"
    told = " (its ETAG is in the answer to `… immutability-policy show`)" if etag == "ETAG" else ""
    why = f"{days} days: retain_days, and the longest quarter before them"
    if not facts["policy"]:
        yield f"missing: an immutability policy of {why}. Set it:"
        yield f"{_az(calls, 'create')} --period {days}"
    elif facts["policy_state"] == FIRM and facts["policy_days"] < days:
        yield f"missing: {facts['policy_days']} days are too short; it takes {why}. Extend it:"
        yield f"{_az(calls, 'extend')} --period {days} --if-match {etag}"
    if not facts["policy"] or facts["policy_state"] != FIRM:
        yield f"missing, or not to be told: the lock of that policy, which can never be taken back{told}. Lock it:"
        yield f"{_az(calls, 'lock')} --if-match {etag}"


def _az(calls: AzureCalls, command: str) -> str:
    place = calls.container
    group = f" --resource-group {place.group}" if place.group else ""
    named = f"--account-name {place.account} --container-name {place.name}{group}"
    return f"  az storage container immutability-policy {command} {named}"
