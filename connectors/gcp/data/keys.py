"""Keys of Cloud KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import Key
from connectors.gcp import gcp
from connectors.gcp.access.bindings import PUBLIC, members
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk, policies
from connectors.gcp.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

KEY, VERSION = "cloudkms.googleapis.com/CryptoKey", "cloudkms.googleapis.com/CryptoKeyVersion"
RING = "cloudkms.googleapis.com/KeyRing"
_STATES = {
    "ENABLED": "enabled",
    "DISABLED": "disabled",
    "DESTROY_SCHEDULED": "pending_deletion",
    "DESTROYED": "unavailable",
    "PENDING_GENERATION": "creating",
    "PENDING_IMPORT": "pending_import",
}
_SYMMETRIC = "ENCRYPT_DECRYPT"
_BY_HAND = frozenset({"EXTERNAL", "EXTERNAL_VPC"})
_DAY = 86400


@gcp.evidence("gcp.kms.keys", yields=Key, needs=[*bulk(KEY, VERSION), policies(KEY), policies(RING)])
def keys(source: GcpSource) -> Iterator[Key]:
    """KMS keys and rotation.

    Every key in every key ring of every project and location. A symmetric key can be rotated by Google by itself, and
    is where it has a period; keys for signing, and those kept outside of Google, cannot. A key without a primary
    version has the state of its best version; `delete_at` is when the first of its versions is destroyed.
    `policy_open` is whether the policy of the key or of its ring names everyone; that of a project cannot.

    Whole when keys and versions were read to their end and tie with a second search.
    """
    found = assets(source, KEY, VERSION)
    versions: dict[str, list[Asset]] = {}
    for version in found[VERSION] or ():
        versions.setdefault(version.name.partition("/cryptoKeyVersions/")[0], []).append(version)
    held_by: dict[str, Answer] = {}
    read = 0
    for _, listed in source.each([KEY, RING], lambda one: list(source.list(policies(one)))):
        read += 1
        held_by |= {one["name"].removeprefix("//"): one for one in listed}
    for one in found[KEY] or ():
        its = versions.get(one.name, [])
        held = [held_by[name] for name in (one.name, one.name.partition("/cryptoKeys/")[0]) if name in held_by]
        yield Key(
            key=one.name,
            seen=[one.seen, *(version.seen for version in its), *held],
            key_id=one.name,
            manager="customer",
            state=_state(one.data, its if found[VERSION] is not None else None),
            rotation_supported=_supported(one.data),
            rotation_on="rotationPeriod" in one.data if _supported(one.data) else None,
            rotation_days=_days(one.data.get("rotationPeriod")),
            delete_at=min(filter(None, (moment(version.data.get("destroyTime")) for version in its)), default=None),
            policy_open=any(_open(policy) for policy in held) or (False if read == len((KEY, RING)) else None),
        )


def _open(policy: Answer) -> bool:
    return not PUBLIC.isdisjoint(members(policy.get("iamPolicy")))


def _supported(key: Mapping[str, Any]) -> bool | None:
    if "purpose" not in key:
        return None
    level = (key.get("versionTemplate") or {}).get("protectionLevel")
    return bool(key["purpose"] == _SYMMETRIC and level not in _BY_HAND and not key.get("importOnly"))


def _state(key: Mapping[str, Any], versions: list[Asset] | None) -> str | None:
    primary = (key.get("primary") or {}).get("state")
    if primary:
        return _STATES.get(primary)
    if versions is None:
        return None
    states = {one.data.get("state") for one in versions}
    return next((word for name, word in _STATES.items() if name in states), "unavailable" if not states else None)


def _days(period: str | None) -> int | None:
    """`7776000s` in days, a part of one counted as a whole."""
    return None if not period else -(-int(float(period.removesuffix("s"))) // _DAY)
