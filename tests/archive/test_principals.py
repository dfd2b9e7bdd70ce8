"""Who can write or delete in an archive in a directory: real owners, modes and access lists of real folders."""

from __future__ import annotations

import os
import pwd
import struct
from typing import TYPE_CHECKING

import pytest

from collector.archive.local import LocalStore
from collector.archive.principals import ALL, CHANGES, Held, Power, Principal, Principals, Stops, covers, powers
from collector.archive.worm import State

from .stores import AZURITE

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.store import Place

HERE = f"user {pwd.getpwuid(os.getuid()).pw_name} (uid {os.getuid()})"
STRANGER = 4242
"""A number that no user and no group has."""
EVERYONE = "everyone on this machine"
NOBODY = 0xFFFFFFFF


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "evidence"
    LocalStore(root).put_if_absent("log/1", b"x")
    for place in (root, root / "log"):
        place.chmod(0o700)
    return root


def told(root: Path) -> Principals:
    return LocalStore(root).principals()


def below(root: Path) -> set[tuple[str, frozenset[Power] | None, str]]:
    """Who is named of the archive's own folders and files."""
    return {(one.name, one.may, one.known_from) for one in told(root).named if one.on.startswith(str(root))}


OWNERS = {
    (HERE, CHANGES | {Power.RIGHTS}, "owner of the folder"),
    (HERE, frozenset({Power.OVERWRITE, Power.DELETE, Power.RIGHTS}), "owner of files"),
}


def test_a_private_folder_is_its_owners_and_always_roots(folder: Path) -> None:
    found = told(folder)
    assert below(folder) == OWNERS
    assert found.named[0].name.startswith("root (uid 0)")
    assert found.named[0].may == ALL
    assert any("whoever administers this machine" in one for one in found.untold)
    assert any("who may act as one of those named" in one for one in found.untold)


def test_a_folder_that_a_group_and_all_others_may_write(folder: Path) -> None:
    folder.chmod(0o770)
    group = f"gid {folder.stat().st_gid}"
    (name,) = {one for one, may, by in below(folder) if may == CHANGES and by == "mode 0770 of the folder"}
    assert group in name
    assert "members listed here: " in name
    folder.chmod(0o777)
    assert (EVERYONE, CHANGES, "mode 0777 of the folder") in below(folder)
    folder.chmod(0o1777)
    sticky = "mode 1777 (sticky: owners alone replace and remove) of the folder"
    assert (EVERYONE, frozenset({Power.PUT}), sticky) in below(folder)
    folder.chmod(0o706)
    assert below(folder) == OWNERS, "to write in a folder that one cannot search changes nothing"


def test_an_object_that_others_may_write_into(folder: Path) -> None:
    (folder / "log" / "1").chmod(0o446)
    assert (EVERYONE, frozenset({Power.OVERWRITE}), "mode 0446 of files") in below(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_the_owners_of_what_is_in_it_are_told_too(folder: Path) -> None:
    os.chown(folder / "log" / "1", STRANGER, 0)
    os.chown(folder / "log", 0, STRANGER)
    (folder / "log").chmod(0o775)
    (owner,) = (one for one in told(folder).named if f"uid {STRANGER}" in one.name)
    assert owner.name == f"user of the uid {STRANGER}, which has no name here"
    assert owner.on == str(folder / "log" / "1")
    (group,) = (one for one in told(folder).named if f"gid {STRANGER}" in one.name)
    assert (group.may, group.on) == (CHANGES, str(folder / "log"))


def entries(*listed: tuple[int, int, int]) -> bytes:
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *one) for one in listed)


def test_an_access_list_names_more_than_the_mode_and_its_mask_less(folder: Path) -> None:
    owner, group, other = (0x01, 7, NOBODY), (0x04, 5, NOBODY), (0x20, 5, NOBODY)
    try:
        listed = entries(owner, (0x02, 7, STRANGER), group, (0x08, 7, STRANGER), (0x10, 7, NOBODY), other)
        os.setxattr(folder, "system.posix_acl_access", listed)
    except OSError as error:
        pytest.skip(f"this file system keeps no access lists: {error.strerror}")
    added = below(folder) - OWNERS
    assert added == {
        (f"{kind} of the {kind[0]}id {STRANGER}, which has no name here", CHANGES, "access list of the folder")
        for kind in ("user", "group")
    }, "the mode says that the group may write, and means the mask"
    masked = entries(owner, (0x02, 7, STRANGER), group, (0x10, 5, NOBODY), other)
    os.setxattr(folder, "system.posix_acl_access", masked)
    assert below(folder) == OWNERS


def test_whoever_may_write_above_it_can_put_another_in_its_place(folder: Path, tmp_path: Path) -> None:
    open_one = tmp_path / "open"
    open_one.mkdir()
    (open_one / "way").symlink_to(folder)
    open_one.chmod(0o777)
    folder.parent.chmod(0o703)
    named = {(one.name, one.on, one.known_from) for one in told(open_one / "way").named if one.may == CHANGES}
    above = "of the folder, which lies above the archive"
    assert (EVERYONE, str(open_one), f"mode 0777 {above}") in named, "where the link lies"
    assert (EVERYONE, str(folder.parent), f"mode 0703 {above}") in named, "where the folder lies"
    folder.parent.chmod(0o700)
    assert not {one for one in told(folder).named if one.on == str(folder.parent) and one.name == EVERYONE}


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is shut to root")
def test_a_folder_that_is_shut_leaves_it_open(folder: Path) -> None:  # pragma: no cover - not where tests run as root
    folder.chmod(0)
    assert any(one.startswith(f"could not be read: DENIED search of {folder}") for one in told(folder).untold)
    folder.chmod(0o700)


@pytest.mark.parametrize("kind", ["local", "moto locked", "gcs object", AZURITE], indirect=True)
def test_every_place_tells_and_raises_nothing(store: Place) -> None:
    """Also where its server does not know the question."""
    found = store.principals()
    assert found.untold, "there is always somebody whom a place does not know"
    assert all(one.name and one.known_from for one in found.named)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    found = told(tmp_path / "nowhere")
    assert any(one.startswith(f"could not be read: {tmp_path}/nowhere") for one in found.untold)


def test_what_a_lock_stops_follows_from_what_was_found_of_it() -> None:

    found = Principals((Principal("p", ALL, "x"),), held={Power.DELETE: Held(Stops.YES, "until its date")})
    assert {power: one.stops for power, one in found.under(State.LOCKED).items()} == dict.fromkeys(Power, Stops.NO) | {
        Power.DELETE: Stops.YES
    }
    assert {one.stops for one in found.under(State.NOT_LOCKED).values()} == {Stops.NO}
    assert found.under(State.UNKNOWN)[Power.DELETE].stops is Stops.UNKNOWN
    assert found.under(State.UNKNOWN)[Power.PUT].stops is Stops.NO


@pytest.mark.parametrize(
    ("pattern", "action", "inside"),
    [
        ("*", "s3:PutObject", True),
        ("s3:put*", "s3:PutObject", True),
        ("s3:Put?bject", "s3:PutObject", True),
        ("s3:PutObject", "s3:PutObjectAcl", False),
        ("s3:[P]utObject", "s3:PutObject", False),
        ("Microsoft.Storage/*/write", "microsoft.storage/storageAccounts/write", True),
    ],
)
def test_patterns_of_actions(pattern: str, action: str, *, inside: bool) -> None:
    assert covers(pattern, action) is inside


def test_what_is_left_out_of_a_pattern_is_not_given() -> None:
    known = {"a/write": frozenset({Power.PUT}), "a/delete": frozenset({Power.DELETE})}
    assert powers(["a/*"], ["*/delete"], known) == {Power.PUT}
    assert powers(["b/*"], [], known) == frozenset()
