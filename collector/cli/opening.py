"""Opens the archive that is configured, or makes it."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.local import LocalStore
from collector.cli import display, options
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from collector.archive.s3 import S3Store
    from collector.config import ArchiveSettings


def open_or_make(
    settings: ArchiveSettings, clock: Callable[[], datetime] = options.now
) -> tuple[LocalStore | S3Store, Keys, Archive]:
    """The archive, made if there is none yet; UsageError when it cannot be used as it is."""
    store = options.place(settings)
    store.check_writable()
    if any(store.list("log/")):
        keys = Keys.load(settings.keys_path)
        return store, keys, Archive.open(store, keys)
    keys, archive = make(store, settings.keys_path, clock)
    display.note(f"made a new archive in {store}, and its keys in {settings.keys_path}: keep these apart from it")
    return store, keys, archive


def make(
    store: LocalStore | S3Store, keys_path: Path, clock: Callable[[], datetime] = options.now
) -> tuple[Keys, Archive]:
    """A new archive with new keys, or with the keys that an earlier try made before it was cut short."""
    keys = Keys.load(keys_path) if keys_path.exists() else Keys.create(keys_path, f"evidence/{token_hex(8)}")
    archive = Archive.create(store, keys, clock())
    if not isinstance(store, LocalStore):
        _refused_twice(store)
    return keys, archive


def _refused_twice(store: S3Store) -> None:
    """Some servers take If-None-Match and do not mind it, Ceph 16 in versioned buckets: two writers would both win.

    The same bytes once more: an honest server refuses them, and on any other nothing is lost.
    """
    key = segment_key(0)
    if store.put_if_absent(key, store.get(key) or b""):
        raise ArchiveError(
            f"{store} took a second object under the name {key}: the server ignores If-None-Match, so no archive is "
            "safe there; use a server that honours it, and another prefix than this one"
        )
