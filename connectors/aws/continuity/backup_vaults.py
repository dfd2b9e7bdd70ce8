"""Where backups are kept: whether a vault is encrypted, and whether anybody can still take its lock away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.connector import Per
from collector.records import BackupStore
from connectors.aws import aws
from connectors.aws.data.buckets import partition
from connectors.aws.tags import GET_RESOURCES, labels, tagged

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.source.aws.source import AwsSource

AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
_VIEW = "RESTORE_ACCESS_BACKUP_VAULT"
_READY = (None, "AVAILABLE")


@aws.evidence("aws.backup.vaults", yields=BackupStore, needs=["backup:ListBackupVaults", GET_RESOURCES], per=Per.PLACE)
def vaults(source: AwsSource) -> Iterator[BackupStore]:
    """Vault lock, retention and encryption.

    Population: every backup vault of AWS Backup that the account has in each enabled region, its own and those that
    AWS makes by itself. A restore access vault is left out and counted: it is a view of a vault of another account.

    `locked` is true where nobody can take the lock away any more: of a vault whose lock has a date that has passed,
    and of each logically air-gapped vault, which AWS makes with such a lock. A lock without a date can be lifted by
    whoever may (AWS calls it governance mode), and one whose date is yet to come can be lifted until then: neither
    counts. `min_retention_days` is how long the lock holds each backup, at least, that came after it. `encrypted` is
    true where AWS names a key, as it does for every vault. `empty` is true where no recovery point is in it.

    Complete when the last page was read in every enabled region, and the vaults listed are those with a row and the
    views left out. Backups that services keep beside their stores are in no vault. Backups of a service that encrypts
    its own are as encrypted as their store is, whatever the key of the vault.
    """
    listed = list(source.list("backup", "ListBackupVaults", "BackupVaultList"))
    own = [vault for vault in listed if vault.get("VaultType") != _VIEW]
    tags = tagged(source, [source.place] if own else [])
    rows = 0
    for vault in own:
        arn, known = vault["BackupVaultArn"], tags[source.place]
        rows += 1
        yield BackupStore(
            key=arn,
            seen=[vault, *known.seen(arn)],
            store=arn,
            environment=labels(source, known.tags(arn))["environment"],
            encrypted=True if vault.get("EncryptionKeyArn") or vault.get("EncryptionKeyType") else None,
            locked=locked(vault, source.now),
            min_retention_days=vault.get("MinRetentionDays") if vault.get("Locked") else None,
            empty=empty(vault.get("NumberOfRecoveryPoints")),
        )
    source.total(
        "backup vaults listed = vaults with a row + views of others'",
        expected=len(listed),
        found=rows + len(listed) - len(own),
    )


def locked(vault: Mapping[str, Any], now: datetime) -> bool | None:
    """Whether the lock of a vault is there for good; None where AWS does not say, or has not made the vault yet."""
    if vault.get("VaultState") not in _READY:
        return None
    if vault.get("VaultType") == AIR_GAPPED:
        return True
    on, for_good = vault.get("Locked"), vault.get("LockDate")
    return on if not on else for_good is not None and for_good <= now


def empty(recovery_points: int | None) -> bool | None:
    """Whether nothing is in a vault of so many; None where AWS does not say."""
    return None if recovery_points is None else recovery_points == 0


def vault_arn(source: AwsSource, name: str) -> str:
    """A vault of this account and region, which a plan names without saying so."""
    return f"arn:{partition(source)}:backup:{source.place}:{source.account}:backup-vault:{name}"
