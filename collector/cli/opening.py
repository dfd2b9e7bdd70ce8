"""Opens the archive that is configured, or makes it."""

from __future__ import annotations

from secrets import token_hex
from typing import TYPE_CHECKING

from collector.archive.archive import Archive
from collector.archive.keyring import COLLECTOR, LOG
from collector.archive.keys import Keys
from collector.archive.layout import segment_key
from collector.archive.traffic import CountedStore
from collector.cli import display, options
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from collector.archive.store import Store
    from collector.config import ArchiveSettings


def open_or_make(
    settings: ArchiveSettings, clock: Callable[[], datetime] = options.now
) -> tuple[CountedStore, Keys, Archive]:
    """The archive, made if there is none yet, in a store that counts; UsageError when it cannot be used as it is."""
    store = options.place(settings)
    store.check_writable()
    counted = CountedStore(store)
    if any(store.list("log/")):
        if not settings.keys_path.is_dir():
            raise UsageError(
                f"{store} has an archive, and {settings.keys_path} has no keys for it: restore them from your backup, "
                "or say where they are ([archive] keys); without them nobody can go on with it: begin another elsewhere"
            )
        keys = Keys.load(settings.keys_path)
        keys.check()  # a KMS that is gone is better known now than after the collecting
        archive = Archive.open(counted, keys)
        for met in archive.voids:  # at once: the pin is past it now, and the run may yet fail
            display.note(f"FINDING  {met.object}: {met.problem}")
        return counted, keys, archive
    keys, archive = make(store, settings.keys_path, counted, clock)
    display.note(f"made a new archive in {store}, and its keys in {settings.keys_path}: keep these apart from it")
    return counted, keys, archive


def make(
    store: Store,
    keys_path: Path,
    counted: CountedStore | None = None,
    clock: Callable[[], datetime] = options.now,
    *,
    log: str = "",
    collector: str = "",
) -> tuple[Keys, Archive]:
    """A new archive with new keys, or with the keys that an earlier try made before it was cut short.

    `log` and `collector` are places of keys in a KMS. UsageError when an earlier try was to use others. The archive
    goes through `counted` where one is given.
    """
    if keys_path.exists():
        keys = Keys.load(keys_path)
        if (keys.place(LOG), keys.place(COLLECTOR)) != (log, collector):
            raise UsageError(f"{keys_path} has other keys already than you ask for; move it away, or ask for the same")
    else:
        keys = Keys.create(keys_path, f"evidence/{token_hex(8)}", log=log, collector=collector)
    archive = Archive.create(counted or store, keys, clock())
    _refused_twice(store)
    return keys, archive


def _refused_twice(store: Store) -> None:
    """Some servers take If-None-Match and do not mind it, Ceph 16 in versioned buckets: two writers would both win.

    The same bytes once more: an honest server refuses them, and on any other nothing is lost.
    """
    key = segment_key(0)
    if store.put_if_absent(key, store.get(key) or b""):
        raise ArchiveError(
            f"{store} took a second object under the name {key}: the server ignores the condition that a "
            "name be free, so no archive is safe there; use one that honours it, and another prefix than this"
        )
