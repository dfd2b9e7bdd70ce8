"""The folder of a page: what may lie in it already, and the list of what was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from collector import canonical
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

PAGE = "index.html"
SUMS = "SHA256SUMS"


def marker(run: str) -> str:
    """The line by which a page is known again as the page of a run."""
    return f"evidence-collector report of run {run}"


def refuse_others(folder: Path, run: str, stems: Collection[str]) -> None:
    """UsageError unless the folder is new, empty, or holds this very report, whole or cut short.

    `stems` are the paths the report will write, without extension.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder; name one that does not exist yet")
    if not folder.exists():
        return
    mine = set(stems)
    if _is_page_of(folder / PAGE, run):
        mine |= {"index", SUMS}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        known = path.is_dir() or re.sub(r"\.[a-z]+$", "", place) in mine
        if path.is_symlink() or not known:
            raise UsageError(f"{folder} holds something else ({place}); name a folder that does not exist yet")


def write_sums(folder: Path, places: Collection[str]) -> None:
    """The list that `sha256sum -c` reads: every file but itself."""
    sums = (f"{canonical.digest((folder / place).read_bytes())}  {place}\n" for place in sorted(places))
    (folder / SUMS).write_text("".join(sums), "utf-8", newline="\n")


def _is_page_of(path: Path, run: str) -> bool:
    # A page is marked in its head, so that no text quoted further down can pass for the mark.
    return path.is_file() and f'content="{marker(run)}"'.encode() in path.read_bytes()[:2000]
