"""Which program this is: one digest over its own source, sealed with every run."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

_PACKAGES = ("collector", "connectors", "schedules")
_KINDS = (".py", ".sql", ".toml", ".csv", ".j2", ".css", ".html")


@cache
def digest() -> str:
    """SHA-256 over the canonical list of [path, SHA-256] of every source file, in order of their paths.

    As they were when first asked: a service runs what it has loaded, whatever is installed over it meanwhile.
    """
    listed = sorted(
        [path, canonical.digest(file.read_bytes())]
        for package in _PACKAGES
        for path, file in _files(files(package), package)
    )
    return canonical.digest(canonical.encode(listed))


def _files(folder: Traversable, path: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        inside = f"{path}/{entry.name}"
        if entry.is_dir():
            yield from _files(entry, inside)
        elif entry.name.endswith(_KINDS):
            yield inside, entry
