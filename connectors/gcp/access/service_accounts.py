"""Service accounts, and what proves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.answer import UNSEEN
from collector.records import Account, Credential
from connectors.gcp import gcp
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import bulk
from connectors.gcp.labels import labels
from connectors.gcp.moments import moment
from connectors.gcp.project_operations import KEY_USE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

ACCOUNT, KEY = "iam.googleapis.com/ServiceAccount", "iam.googleapis.com/ServiceAccountKey"
SECRET, VERSION = "secretmanager.googleapis.com/Secret", "secretmanager.googleapis.com/SecretVersion"


@gcp.evidence("gcp.iam.service_accounts", yields=(Account, Credential), needs=[*bulk(ACCOUNT, KEY), KEY_USE])
def service_accounts(source: GcpSource) -> Iterator[Account | Credential]:
    """Service accounts and their keys.

    Every service account of every project, and every key that somebody holds (USER_MANAGED). Keys that Google makes
    and changes by itself are not in the list. A key is `disabled` when it is; a key without an end does not run out.

    When a key was last used Google tells for each project by itself; it is unknown where Google has noted no use within
    the time it looks back on, and where the project could not be asked. Of the use of an account no time is given.

    Whole when both lists were read to their end, tie with a second search, and every key belongs to an account that is
    listed.
    """
    found = assets(source, ACCOUNT, KEY)
    accounts, known = found[ACCOUNT] or [], source.known()
    for one in accounts:
        yield Account(
            key=one.name,
            seen=[one.seen],
            account_id=one.data.get("uniqueId") or one.name,
            name=one.data.get("email"),
            email=(one.data.get("email") or "").lower() or None,
            kind="service",
            status="disabled" if one.data.get("disabled") else "active" if one.data else None,
        )
    held = [one for one in found[KEY] or () if one.data.get("keyType") != "SYSTEM_MANAGED"]
    by_name = {name: one for one in accounts for name in (one.data.get("uniqueId"), one.data.get("email")) if name}
    used = _used(source, {known[one.project].id for one in held if one.project in known})
    for one in held:
        yield _key(one, by_name.get(_holder(one)), used)
    if found[ACCOUNT] is not None:
        owned = [one for one in held if _holder(one) in by_name]
        source.total("keys held = keys of listed accounts", expected=len(held), found=len(owned))


def _used(source: GcpSource, projects: set[str]) -> Mapping[str, Answer]:
    """When each key was last used, by its id; a project that cannot be asked is a gap."""
    asked = source.each(sorted(projects), lambda one: list(source.list(KEY_USE, project=one)))
    return {one["fullResourceName"].rpartition("/")[2]: one for _, activities in asked for one in activities}


def _holder(key: Asset) -> str:
    """The account that a key is of, as the key's name has it: its number or its address."""
    return key.name.split("/serviceAccounts/")[-1].partition("/")[0]


def _key(key: Asset, account: Asset | None, used: Mapping[str, Answer]) -> Credential:
    activity = used.get(key.name.rpartition("/")[2], UNSEEN)
    disabled = key.data.get("disabled")
    return Credential(
        key=key.name,
        seen=[key.seen, *([account.seen] if account else []), *([activity] if activity.seen else [])],
        credential_id=key.name,
        principal_id=(account.data.get("uniqueId") if account else None) or _holder(key),
        kind="access_key",
        status=None if not key.data else "disabled" if disabled else "active",
        created_at=moment(key.data.get("validAfterTime")),
        last_used_at=moment((activity.get("activity") or {}).get("lastAuthenticatedTime")),
        expires_at=moment(key.data.get("validBeforeTime")),
    )


@gcp.evidence("gcp.secrets.rotation", yields=Credential, needs=bulk(SECRET, VERSION))
def secrets(source: GcpSource) -> Iterator[Credential]:
    """Secrets and version age.

    Every secret of Secret Manager in every project, with when it was made and when its newest version was added, which
    is its last rotation. A secret without a version that is on is `disabled`. Metadata alone: values are never read,
    and the permission to read them is not asked for. When a secret was last read is not in the inventory.

    Whole when secrets and versions were read to their end and tie with a second search.
    """
    found, known = assets(source, SECRET, VERSION), source.known()
    versions: dict[str, list[Asset]] = {}
    for version in found[VERSION] or ():
        versions.setdefault(version.name.partition("/versions/")[0], []).append(version)
    for one in found[SECRET] or ():
        its = versions.get(one.name, [])
        named = labels(source.settings, one.data.get("labels"), known.get(one.project))
        yield Credential(
            key=one.name,
            seen=[one.seen, *(version.seen for version in its)],
            credential_id=one.name,
            kind="secret",
            status=None if found[VERSION] is None else "active" if _on(its) else "disabled",
            created_at=moment(one.data.get("createTime")),
            rotated_at=max(filter(None, (moment(version.data.get("createTime")) for version in its)), default=None),
            expires_at=moment(one.data.get("expireTime")),
            owner=named["owner"],
        )


def _on(versions: Sequence[Asset]) -> bool:
    return any(one.data.get("state") == "ENABLED" for one in versions)
