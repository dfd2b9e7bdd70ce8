"""Opens the archive that is configured, or makes it."""

from __future__ import annotations

from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.cli import display, options

if TYPE_CHECKING:
    from collector.config import ArchiveSettings


def open_or_make(settings: ArchiveSettings) -> tuple[LocalStore, Keys, Archive]:
    """The archive, made if there is none yet; UsageError when it cannot be used as it is."""
    store = LocalStore(Path(settings.path))
    store.check_writable()
    if any(store.list("log/")):
        keys = Keys.load(settings.keys_path)
        return store, keys, Archive.open(store, keys)
    keys, archive = make(store, settings.keys_path)
    display.note(f"made a new archive in {store}, and its keys in {settings.keys_path}: keep these apart from it")
    return store, keys, archive


def make(store: LocalStore, keys_path: Path) -> tuple[Keys, Archive]:
    """A new archive with new keys, or with the keys that an earlier try made before it was cut short."""
    keys = Keys.load(keys_path) if keys_path.exists() else Keys.create(keys_path, f"evidence/{token_hex(8)}")
    return keys, Archive.create(store, keys, options.now())
