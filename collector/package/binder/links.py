"""Follows every link of a package's pages: one that leads nowhere fails the build, and is named."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote

from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_LINK = re.compile(rb'\s(?:href|src)="([^"]*)"')
_ANCHOR = re.compile(rb'\sid="([^"]+)"')
_SHOWN = 5


def check(pages: Iterable[tuple[str, bytes]], files: Collection[str]) -> None:
    """ArchiveError names the first links that lead to no file, or to a place that its page does not have."""
    anchors: dict[str, set[bytes]] = {}
    wanted: list[tuple[str, str, bytes]] = []
    dangling: list[str] = []
    for place, content in pages:
        anchors[place] = set(_ANCHOR.findall(content))
        for found in set(_LINK.findall(content)):
            target, _, anchor = unquote(found.decode().replace("&amp;", "&")).partition("#")
            path = _joined(place, target) if target else place
            if path not in files:
                dangling.append(f"{place} links to {target}, which is not there")
            elif anchor:
                wanted.append((place, path, anchor.encode()))
    dangling += [
        f"{place} links to {path}#{anchor.decode()}, which is not there"
        for place, path, anchor in wanted
        if anchor not in anchors.get(path, set())
    ]
    if dangling:
        more = f"; and {len(dangling) - _SHOWN} more" if len(dangling) > _SHOWN else ""
        raise ArchiveError(
            f"the package has references that lead nowhere: {'; '.join(sorted(dangling)[:_SHOWN])}{more}"
        )


def _joined(place: str, target: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(place).parent / target).parts:
        if part == "..":
            if not parts:
                return target
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)
