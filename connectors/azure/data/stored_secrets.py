"""What proves an identity and is kept in Azure: secrets of key vaults, and the two keys of each storage account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from collector.records import Credential
from connectors.azure.labels import labels, properties, tag
from connectors.azure.moments import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.answer import Answer
    from connectors.azure.source import AzureSource

_CERTIFICATES = frozenset({"application/x-pkcs12", "application/x-pem-file"})
_KEYS = ("key1", "key2")


def secret_of(source: AzureSource, vault: Answer, secret: Answer) -> Credential:
    """One secret of a vault, by its newest version: a new version is a new secret, made when it was put there.

    `updated` is no rotation: it changes with a tag, too.
    """
    known = properties(secret)
    attributes: dict[str, Any] = known.get("attributes") or {}
    enabled = attributes.get("enabled")
    return Credential(
        key=secret["id"],
        seen=[secret, vault],
        credential_id=secret["id"],
        kind="certificate" if known.get("contentType") in _CERTIFICATES else "secret",
        status=None if enabled is None else "active" if enabled else "disabled",
        created_at=_at(attributes.get("created")),
        expires_at=_at(attributes.get("exp")),
        owner=tag(secret, source.settings.owner_tag) or labels(source, vault)["owner"],
    )


def keys_of(source: AzureSource, account: Answer) -> Iterator[Credential]:
    """The two keys of a storage account, by which anyone who has one may do everything in it.

    Azure makes both with the account. Where it refuses them they are `disabled`; where it says nothing, it takes them.
    """
    known = properties(account)
    made: dict[str, Any] = known.get("keyCreationTime") or {}
    for name in _KEYS:
        yield Credential(
            key=f"{account['id']} {name}",
            seen=[account],
            credential_id=f"{account['id']} {name}",
            principal_id=account["id"],
            kind="access_key",
            status="disabled" if known.get("allowSharedKeyAccess") is False else "active",
            created_at=moment(made.get(name)),
            owner=labels(source, account)["owner"],
            writes=True,
        )


def _at(seconds: Any) -> datetime | None:  # noqa: ANN401 - any JSON value
    """Key vaults count seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else None
