"""Small files that outlive a crash: whole or not there, and the name as lasting as the bytes."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def sync_directory(directory: Path) -> None:
    """Make the names in `directory` survive a loss of power: fsync of a file alone keeps its bytes, not its name."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put `content` in the place of what `path` holds: a crash leaves the old file or the new, never half of one."""
    with _beside(path, content, mode) as unfinished:
        unfinished.replace(path)


def new_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Make the file `path`, whole or not at all; FileExistsError when there is one already."""
    with _beside(path, content, mode) as unfinished:
        path.hardlink_to(unfinished)


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go of the lock of a process that dies."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _beside(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content under a name of its own, to be given its real one in the block."""
    descriptor, name = mkstemp(prefix=f".{path.name}-", dir=path.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)
    sync_directory(path.parent)
