"""Who can write or delete in an archive in a directory: owners, modes and access lists, as the file system has them."""

from __future__ import annotations

import errno
import grp
import os
import pwd
import struct
from collections import defaultdict
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from stat import S_ISDIR, S_ISLNK, S_ISVTX
from typing import TYPE_CHECKING, Literal, NamedTuple

from collector.archive.principals import ACTING, ALL, CHANGES, Power, Principal, Principals

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Principal(
    "root (uid 0) of this machine, and any program with CAP_DAC_OVERRIDE or CAP_FOWNER", ALL, "the kernel: always"
)
_MACHINE = (
    "whoever administers this machine, the disk or share that the archive lies on, its backups, or the host below it "
    "cannot be told from the directory"
)
_LIST = "system.posix_acl_access"
_NO_LIST = {errno.ENODATA, errno.ENOTSUP}
_ENTRY = struct.Struct("<HHI")
_WRITE, _SEARCH = 2, 1
_FAR = 40
"""As many links on one way the kernel follows."""
_Who = tuple[Literal["user", "group", "everyone"], int]
_EVERYONE: _Who = ("everyone", 0)


class Tag(IntEnum):
    """What an entry of an access list is about, as Linux numbers it (`posix_acl.h`); the owner's own is not asked."""

    USER = 0x02
    OWN_GROUP = 0x04
    GROUP = 0x08
    MASK = 0x10
    OTHER = 0x20


class _Way(NamedTuple):
    """One way in: who, what it lets them do, and by which kind of mark."""

    who: _Who
    may: frozenset[Power]
    by: str


def principals(root: Path) -> Principals:
    """As `Place.principals`.

    Of the archive's folder, every folder and file in it, and every folder on the way to it: who can write in one of
    those can put another archive in its place. Each mark is read by itself: that a folder above shuts somebody out is
    not reckoned, so that the list may have too many names and never too few.
    """
    ways: dict[_Way, list[str]] = defaultdict(list)
    untold: list[str] = []
    root = root.absolute()
    for place in _above(root, untold):
        for way in _folder(place, untold):
            ways[way._replace(by=f"{way.by}, which lies above the archive")].append(str(place))
    for path, file in _within(root, untold):
        for way in _file(path, untold) if file else _folder(path, untold):
            ways[way].append(str(path))
    named = [Principal(_name(*way.who), way.may, way.by, on=_places(found)) for way, found in ways.items()]
    return Principals(
        (_ROOT, *sorted(named, key=lambda one: (one.name, one.known_from))), (*dict.fromkeys(untold), _MACHINE, ACTING)
    )


def _above(path: Path, untold: list[str]) -> Iterator[Path]:
    """Each folder in which a name on the way to the archive is looked up, through every link on it."""
    here, waiting, links, seen = Path("/"), [*reversed(path.parts[1:])], 0, set[Path]()
    while waiting:
        if here not in seen:
            seen.add(here)
            yield here
        name = waiting.pop()
        if name == "..":
            here = here.parent
            continue
        following = here / name
        with _noted(following, untold):
            if S_ISLNK(following.lstat().st_mode) and links < _FAR:
                links += 1
                target = following.readlink()
                here = Path("/") if target.is_absolute() else here
                waiting += [one for one in reversed(target.parts) if one != "/"]
                continue
        here = following


def _within(root: Path, untold: list[str]) -> Iterator[tuple[Path, bool]]:
    """The folder itself and all in it; whether it is a file. A link is a name in its folder and nothing more."""
    waiting = [root]
    while waiting:
        here = waiting.pop()
        yield here, False
        with _noted(here, untold), os.scandir(here) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    yield Path(entry.path), True


def _folder(path: Path, untold: list[str]) -> Iterator[_Way]:
    """Who may make, replace and remove names in a folder. With the sticky bit only owners may replace and remove."""
    with _noted(path, untold):
        found = path.stat()
        if not S_ISDIR(found.st_mode):
            return
        yield _Way(("user", found.st_uid), CHANGES | {Power.RIGHTS}, "owner of the folder")
        sticky = bool(found.st_mode & S_ISVTX)
        may = frozenset({Power.PUT}) if sticky else CHANGES
        told = f"mode {found.st_mode & 0o7777:04o}{' (sticky: owners alone replace and remove)' if sticky else ''}"
        for who, bits, by in _beside_the_owner(path, found, told):
            if bits & _WRITE and bits & _SEARCH:
                yield _Way(who, may, f"{by} of the folder")


def _file(path: Path, untold: list[str]) -> Iterator[_Way]:
    """Who may write into an object that is there: its owner, who can change its mode, and whom that lets."""
    with _noted(path, untold):
        found = path.stat()
        yield _Way(("user", found.st_uid), frozenset({Power.OVERWRITE, Power.DELETE, Power.RIGHTS}), "owner of files")
        for who, bits, by in _beside_the_owner(path, found, f"mode {found.st_mode & 0o7777:04o}"):
            if bits & _WRITE:
                yield _Way(who, frozenset({Power.OVERWRITE}), f"{by} of files")


def _beside_the_owner(path: Path, found: os.stat_result, told: str) -> Iterator[tuple[_Who, int, str]]:
    """Each other whom the mode or the access list names: who, the bits in effect, and where it stands."""
    listed = _listed(path)
    if not listed:
        yield ("group", found.st_gid), found.st_mode >> 3 & 7, told
        yield _EVERYONE, found.st_mode & 7, told
        return
    mask = next((bits for tag, bits, _ in listed if tag == Tag.MASK), 7)
    for tag, bits, number in listed:
        match tag:
            case Tag.USER:
                yield ("user", number), bits & mask, "access list"
            case Tag.GROUP:
                yield ("group", number), bits & mask, "access list"
            case Tag.OWN_GROUP:
                yield ("group", found.st_gid), bits & mask, "access list"
            case Tag.OTHER:
                yield _EVERYONE, bits, "access list"


def _listed(path: Path) -> list[tuple[int, int, int]]:
    """The POSIX access list: tag, bits and number of each entry; empty where the mode alone rules.

    Its form in the attribute is Linux's own (`posix_acl_xattr.h`): four bytes of version, then the entries.
    """
    if not hasattr(os, "getxattr"):
        return []
    try:
        raw = os.getxattr(path, _LIST)
    except OSError as error:
        if error.errno in _NO_LIST:
            return []
        raise
    return list(_ENTRY.iter_unpack(raw[4:]))


def _name(kind: str, number: int) -> str:
    """As this machine names it; a group with its members, as far as they are listed here."""
    if kind == "everyone":
        return "everyone on this machine"
    try:
        if kind == "user":
            return f"user {pwd.getpwuid(number).pw_name} (uid {number})"
        found = grp.getgrgid(number)
    except KeyError:
        return f"{kind} of the {kind[0]}id {number}, which has no name here"
    members = sorted({*found.gr_mem, *(one.pw_name for one in pwd.getpwall() if one.pw_gid == number)})
    return f"group {found.gr_name} (gid {number}; members listed here: {', '.join(members) or 'none'})"


def _places(found: list[str]) -> str:
    return found[0] if len(found) == 1 else f"{found[0]} and {len(found) - 1} more"


@contextmanager
def _noted(path: Path, untold: list[str]) -> Iterator[None]:
    """What cannot be looked at leaves its sentence."""
    try:
        yield
    except OSError as error:
        denied = error.errno in {errno.EACCES, errno.EPERM}
        untold.append(f"could not be read: {'DENIED search of ' if denied else ''}{path} ({error.strerror})")
