"""Where the files of a package go: a folder on disk, or memory that is served from. Each file is put once.

A file may be put as what makes it, for a place where most are never asked for; on disk each is made at once.
"""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol

from collector.errors import ArchiveError, UsageError
from collector.package.folder import SUMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Made = bytes | Callable[[], bytes]

_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can tell: the time of packing says nothing, and would make every zip another one."""


class Shelf(Protocol):
    """Takes the files of a package."""

    def put(self, place: str, made: Made) -> None:
        """Keep a file under a relative path."""

    def has(self, place: str) -> bool:
        """Whether a file is there already."""


class Folder:
    """A new folder on disk."""

    def __init__(self, root: Path) -> None:
        """UsageError when something is there already: two packages never mix."""
        if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
            raise UsageError(f"{root} is there already; move it away or name another with --out")
        self.root = root
        self.digests: dict[str, str] = {}

    def put(self, place: str, made: Made) -> None:
        """Write a file. One that is there already is a mistake of ours."""
        if place in self.digests:
            raise ArchiveError(f"two parts of the package want to be {place}")
        content = made if isinstance(made, bytes) else made()
        path = self.root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.digests[place] = sha256(content).hexdigest()

    def has(self, place: str) -> bool:
        """Whether a file is there already."""
        return place in self.digests

    def take(self, place: str) -> None:
        """Take in a file that something else wrote there."""
        self.digests[place] = sha256((self.root / place).read_bytes()).hexdigest()

    def close(self) -> None:
        """Write the list that `sha256sum -c` reads: every file but itself."""
        lines = (f"{digest}  {place}\n" for place, digest in sorted(self.digests.items()))
        (self.root / SUMS).write_text("".join(lines), "utf-8", newline="\n")


class Memory:
    """Keeps what makes each file, and makes it whenever it is asked for."""

    def __init__(self) -> None:
        self.files: dict[str, Made] = {}

    def put(self, place: str, made: Made) -> None:
        """Keep it."""
        self.files[place] = made

    def has(self, place: str) -> bool:
        """Whether it is there."""
        return place in self.files

    def get(self, place: str) -> bytes | None:
        """The content of a file; None when there is none."""
        made = self.files.get(place)
        return made if made is None or isinstance(made, bytes) else made()


def zipped(folder: Path, target: Path) -> None:
    """The folder as one zip, the same bytes for the same files: sorted, with one fixed time."""
    files: Mapping[str, Path] = {
        str(PurePosixPath(folder.name) / path.relative_to(folder).as_posix()): path
        for path in folder.rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            archive.writestr(entry, path.read_bytes())
