"""Key vaults: whether keys rotate, how old secrets are, and whether a vault can be purged."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.records import Credential, Key, Setting
from connectors.azure import azure
from connectors.azure.data.stored_secrets import secret_of
from connectors.azure.graph import resources
from connectors.azure.kinds import KEY_VAULTS
from connectors.azure.labels import parts, properties
from connectors.azure.resource_operations import KEY, KEYS, SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_PERIOD = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?", re.ASCII)
_YEAR, _MONTH = 365, 30


@azure.evidence("azure.keyvault", yields=(Key, Credential, Setting), needs=[*KEY_VAULTS.needs, KEYS, KEY, SECRETS])
def vaults(source: AzureSource) -> Iterator[Key | Credential | Setting]:
    """Vault protection, key expiry and rotation.

    Population: every key in every key vault of the subscription, with how often it rotates by itself; and of each vault
    whether what is deleted in it can be purged (`vault.purge_protection`) or is kept at all (`vault.soft_delete`). A
    vault always names who may use it, so no key of one is open to everyone. And every secret, by its newest version:
    when that was made and when it runs out, never what it is. A certificate has such a secret, and is one of them. Keys
    and secrets are listed through the management plane alone: neither can be read with it.

    Complete when Resource Graph and the subscription's own list have the same vaults, the keys and secrets of each were
    read to their end, and each key was looked at.

    Not in it: managed HSMs. Not told by Azure: when a secret was last read.
    """
    rows = resources(source, KEY_VAULTS)
    for row in rows:
        known = properties(row)
        yield _setting(row, "vault.purge_protection", known.get("enablePurgeProtection", False))
        yield _setting(row, "vault.soft_delete", known.get("enableSoftDelete"))
    listed = [
        (row, key) for row, keys in source.each(rows, lambda one: list(source.list(KEYS, **_at(one)))) for key in keys
    ]
    for (row, key), detail in source.each(listed, lambda pair: _detail(source, *pair)):
        yield _key(row, key, detail)
    for row, secrets in source.each(rows, lambda one: list(source.list(SECRETS, **_at(one)))):
        yield from (secret_of(source, row, secret) for secret in secrets)


def _detail(source: AzureSource, vault: Answer, key: Answer) -> Answer:
    return source.look(KEY, **_at(vault), key=key["name"])


def _at(vault: Answer) -> dict[str, str]:
    names = parts(vault["id"])
    return {"group": names["resourcegroups"], "vault": names["vaults"]}


def _setting(vault: Answer, name: str, value: bool | None) -> Setting:  # noqa: FBT001 - three-valued, not a flag
    text = None if value is None else str(value).lower()
    return Setting(key=f"{name} {vault['id']}", seen=[vault], name=name, value=text, applies_to=vault["id"])


def _key(vault: Answer, key: Answer, detail: Answer) -> Key:
    attributes = properties(detail if detail.seen else key).get("attributes") or {}
    enabled = attributes.get("enabled")
    policy: dict[str, Any] | None = (properties(detail).get("rotationPolicy") or {}) if detail.seen else None
    rotation = None if policy is None else _rotation(policy, attributes)
    return Key(
        key=key["id"],
        seen=[key, detail, vault],
        key_id=key["id"],
        manager="customer",
        state=None if enabled is None else "enabled" if enabled else "disabled",
        rotation_supported=True,
        rotation_on=None if rotation is None else rotation[0],
        rotation_days=None if rotation is None else rotation[1],
        policy_open=False,
        aliases=(f"{vault['name']}/{key['name']}",),
    )


def _rotation(policy: dict[str, Any], attributes: dict[str, Any]) -> tuple[bool, int | None]:
    """Whether the key rotates by itself, and after how many days."""
    for one in policy.get("lifetimeActions") or ():
        if str((one.get("action") or {}).get("type")).lower() == "rotate":
            trigger = one.get("trigger") or {}
            after = days(trigger.get("timeAfterCreate"))
            if after is None and (before := days(trigger.get("timeBeforeExpiry"))) is not None:
                life = days((policy.get("attributes") or {}).get("expiryTime")) or _life(attributes)
                after = None if life is None else life - before
            return True, after
    return False, None


def _life(attributes: dict[str, Any]) -> int | None:
    made, ends = attributes.get("created"), attributes.get("exp")
    if not isinstance(made, int) or not isinstance(ends, int):
        return None
    return (datetime.fromtimestamp(ends, UTC) - datetime.fromtimestamp(made, UTC)).days


def days(period: str | None) -> int | None:
    """`P1Y3M` in days; a month counts 30. None for another form."""
    found = _PERIOD.fullmatch(period or "")
    if found is None or not any(found.groups()):
        return None
    years, months, rest = (int(one or 0) for one in found.groups())
    return years * _YEAR + months * _MONTH + rest
