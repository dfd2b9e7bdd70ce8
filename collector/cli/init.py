"""`collector init`: a commented configuration, keys and an empty archive."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from collector.archive import bucket_policy
from collector.archive.local import LocalStore
from collector.cli import display, options
from collector.cli.main import INCOMPLETE
from collector.cli.opening import make
from collector.config import ArchiveSettings
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.archive.places import Bucket
    from collector.archive.s3 import S3Store
    from collector.archive.worm import Lock


@click.command("init")
@options.archive_option
@click.option("--without-lock", is_flag=True, help="Make the archive even in a bucket that locks nothing.")
@click.option("--log-key", default="", metavar="PLACE", help="Sign tree heads with a key in a KMS.")
@click.option("--collector-key", default="", metavar="PLACE", help="Sign segments with another key in a KMS.")
def command(archive_path: str | None, log_key: str, collector_key: str, *, without_lock: bool) -> None:
    """Write collector.toml with every setting explained, and make the keys and the archive.

    A PLACE in a KMS is aws-kms:KEY?region=… or gcp-kms:projects/…/cryptoKeyVersions/1.
    For a bucket it says what is missing to make it write-once, with the commands that mend it.
    """
    file = options.DEFAULT_FILE
    if file.exists():
        raise UsageError(f"{file} is here already; edit it, or move it away for a new one")
    text = files("collector.cli").joinpath("collector.toml").read_text("utf-8")
    if archive_path is not None:
        text = text.replace('path = "./evidence"', f"path = {json.dumps(archive_path, ensure_ascii=False)}")
    settings = ArchiveSettings(path=archive_path or ArchiveSettings().path)
    store = options.place(settings)
    store.check_writable()
    if any(store.list("")):
        raise UsageError(f"{store} has something in it already; name an empty or a new place for the archive")
    if not isinstance(store, LocalStore) and not _surveyed(store, settings.retain_days) and not without_lock:
        display.note("nothing was made; mend the bucket and run this again, or say --without-lock")
        sys.exit(INCOMPLETE)
    keys, archive = make(store, settings.keys_path, log=log_key, collector=collector_key)
    file.write_text(text, "utf-8")
    click.echo(f"{file}: what to collect and where to keep it")
    click.echo(f"{store}: the archive, {archive.origin}")
    click.echo(f"{keys.directory}: its keys. Keep them apart from the archive, and back them up")
    click.echo(f"\nGive this verifier key to your auditor now, out of band:\n{keys.log.verifier_key}")


def _surveyed(store: S3Store, retain_days: int) -> bool:
    """Print what the bucket lacks and how to mend it; whether it locks objects, as far as it can be told."""
    lock = store.lock()
    for line in _lacking_settings(store.bucket, lock, retain_days):
        click.echo(line)
    for line in _lacking_denials(store, retain_days):
        click.echo(line)
    for unread in lock.facts["unread"]:
        display.note(f"could not tell: {unread}")
    # What is put before the lock is there stays unlocked: the first commit would be a fault for ever.
    return lock.facts["versioning"] is not False and lock.facts["object_lock"] is not False


def _lacking_settings(bucket: Bucket, lock: Lock, retain_days: int) -> Iterator[str]:
    if lock.facts["versioning"] is False:
        yield f"missing: versioning of bucket {bucket.name}, which its lock needs. Turn it on:"
        yield _aws(bucket, "put-bucket-versioning", "--versioning-configuration Status=Enabled")
    locked = lock.facts["object_lock"]
    if locked is False or (locked and not lock.facts["default_retention"].startswith("COMPLIANCE")):
        missing = "a default lock in COMPLIANCE mode, for what is put without one" if locked else "Object Lock"
        rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": retain_days}}
        wanted = json.dumps({"ObjectLockEnabled": "Enabled", "Rule": rule})
        yield f"missing: {missing}, in bucket {bucket.name}. Turn it on:"
        yield _aws(bucket, "put-object-lock-configuration", f"--object-lock-configuration '{wanted}'")


def _lacking_denials(store: S3Store, retain_days: int) -> Iterator[str]:
    bucket = store.bucket
    wanted = bucket_policy.denials(bucket, retain_days)
    try:
        missing = bucket_policy.lacking(store.policy(), wanted)
    except ArchiveError as error:
        missing = wanted
        yield f"could not tell whether the bucket's policy is right: {error}"
    if missing:
        yield (
            f"missing: {', '.join(one['Sid'] for one in missing)} in the policy of bucket {bucket.name}. Save this as "
            "bucket-policy.json, with the statements the policy has already, and set it:"
        )
        yield json.dumps(bucket_policy.document(missing), indent=2)
        yield _aws(bucket, "put-bucket-policy", "--policy file://bucket-policy.json")
        yield "The collector's own identity needs no more than this:"
        yield json.dumps(bucket_policy.document(bucket_policy.needed(bucket)), indent=2)


def _aws(bucket: Bucket, command: str, arguments: str) -> str:
    region = f" --region {bucket.region}" if bucket.region else ""
    endpoint = f" --endpoint-url {bucket.endpoint}" if bucket.endpoint else ""
    return f"  aws s3api {command} --bucket {bucket.name} {arguments}{region}{endpoint}"
