"""A store in a directory of this machine. It is no WORM store: whoever owns the directory can rewrite it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from tempfile import mkstemp
from typing import TYPE_CHECKING

from collector.archive import local_principals
from collector.archive.access import AccessLog, Kept
from collector.archive.durable import sync_directory
from collector.archive.worm import Lock, State, Survey
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.archive.principals import Principals

_UNFINISHED = ".unfinished-"
_READ_ONLY = 0o444
_NO_LOCK = Lock(
    State.NOT_LOCKED,
    "No WORM: the archive is a local directory, which its owner can rewrite. What stands against that are the "
    "signatures, the chain of the log, and every head of it that somebody else holds.",
)
_NO_LOG = AccessLog(
    "log of the directory",
    Kept.OFF,
    "a local directory keeps none; this machine's own audit could, and whoever administers it could change that",
)


class LocalStore:
    """The objects under `root`, one read-only file each; directories are made as they are needed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def check_writable(self) -> None:
        """UsageError when nothing could be put: better known before a run than after it."""
        try:
            nearest = next(place for place in (self._root, *self._root.absolute().parents) if place.exists())
            for directory in (nearest, self._root / "log"):
                if directory.exists():
                    descriptor, name = mkstemp(prefix=_UNFINISHED, dir=directory)
                    os.close(descriptor)
                    Path(name).unlink()
        except OSError as error:
            raise UsageError(
                f"{self._root}: the archive cannot be written ({error.strerror}); "
                "see that it is a directory this user may write to, on a disk with free space"
            ) from error

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """Store by link(2), which fails when the name exists: the one atomic create that never replaces."""
        path = self._root / key
        with _explained("writing", path):
            self._make_directory(path.parent)
            stored = not path.exists() and _link_new(path, content)
            # Also after False: the writer that made the name may have died before this line.
            sync_directory(path.parent)
        return stored

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """Read the file, or a part of it. A link, a device or a pipe is no object."""
        path = self._root / key
        with _explained("reading", path):
            try:
                if not S_ISREG(path.lstat().st_mode):
                    return None
                with path.open("rb") as file:
                    size = file.seek(0, os.SEEK_END)
                    file.seek(start if start >= 0 else max(0, size + start))
                    return file.read(length)
            except FileNotFoundError:
                return None

    def list(self, prefix: str) -> Iterator[str]:
        """Walk the directory `prefix` lies in; files of a put that was cut short are no objects."""
        top = prefix.rpartition("/")[0]
        with _explained("listing", self._root / top):
            keys = [key for key in _keys(self._root, f"{top}/" if top else "") if key.startswith(prefix)]
        return iter(sorted(keys))

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:  # noqa: ARG002 - the same for any object
        """None: no file system of this machine holds out against its own root."""
        return _NO_LOCK

    def survey(self) -> Survey:
        """Nothing: there is no command that would make a directory write-once."""
        return Survey()

    def access_logs(self) -> tuple[AccessLog, ...]:
        """None: a directory keeps no account of who reads, writes or deletes in it."""
        return (_NO_LOG,)

    def principals(self) -> Principals:
        """Owners, modes and access lists of the folder, of all in it, and of the folders above it."""
        return local_principals.principals(self._root)

    def _make_directory(self, directory: Path) -> None:
        if directory.is_dir():
            return
        if directory != directory.parent:
            self._make_directory(directory.parent)
        directory.mkdir(exist_ok=True)
        sync_directory(directory.parent)


def _link_new(path: Path, content: bytes) -> bool:
    """Write beside the name, then link. A crash before the link leaves a `.unfinished-` file that nothing reads."""
    descriptor, unfinished = mkstemp(prefix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            # Read-only before it has its name: no moment at which the object can be opened for writing.
            os.fchmod(file.fileno(), _READ_ONLY)
            os.fsync(file.fileno())
        path.hardlink_to(unfinished)
    except FileExistsError:
        return False
    finally:
        Path(unfinished).unlink()
    return True


def _keys(root: Path, folder: str) -> Iterator[str]:
    """What is below a folder, in no order. A link to a directory is listed, since nobody goes through it.

    Plain strings, since every start of the collector comes through here with every object of the log. A directory
    that is not there holds nothing; one that cannot be read is an error, never an empty list.
    """
    waiting = [folder]
    while waiting:
        inside = waiting.pop()
        try:
            entries = os.scandir(f"{root}/{inside}")
        except FileNotFoundError:
            continue
        with entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{inside}{entry.name}/")
                elif not entry.name.startswith(_UNFINISHED):
                    yield f"{inside}{entry.name}"


@contextmanager
def _explained(doing: str, path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"{doing} {path} failed: {error.strerror}; "
            "see that the disk is mounted, has free space and lets this user in, then run again"
        ) from error
