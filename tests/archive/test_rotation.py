"""Replacing keys: what the log says of it, what both verifiers say, and what other processes and machines see."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from collector.archive.archive import Archive
from collector.archive.keyring import COLLECTOR, LOG
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.reader import Reader
from collector.archive.segment import decode
from collector.errors import ArchiveError, UsageError

from .conftest import AT, Place, commit
from .rotation import BOTH, WHEN, faults, reloaded, reopened

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Machine:
    """The keys of another machine, as they were when they were copied."""

    keys: Keys

    @classmethod
    def copied(cls, place: Place, to: Path) -> Machine:
        return cls(Keys.load(shutil.copytree(place.keys.directory, to)))


@BOTH
def test_the_next_commit_is_signed_by_the_new_key(place: Place, archive: Archive, role: str) -> None:
    old = place.keys.signer(role).verifier_key
    commit(archive, "r1", "a")
    committed = archive.replace_key(role, AT)
    commit(archive, "r2", "b")
    new = reloaded(place).signer(role).verifier_key
    assert committed.sequence == 2
    assert (new.name, new == old) == (old.name, False)
    (leaf,) = (leaf for leaf in Reader(place.judge).leaves() if leaf.body["kind"] == "key")
    assert (leaf.sequence, leaf.body) == (
        2,
        {
            "kind": "key",
            "role": role,
            "verifier_key": str(new),
            "replaces": str(old),
            "at": WHEN,
            "because": "rotation",
            "since": None,
        },
    )
    names = {path.name for path in place.keys.directory.iterdir()}
    assert names == {"collector.key", "log.key", "log.pub", "redaction.key", "former.json", "pin.json"}
    assert (place.keys.directory / "log.pub").read_text() == f"{reloaded(place).log.verifier_key}\n"
    assert reloaded(place).redaction == place.keys.redaction
    segments = [decode(place.path(segment_key(at)).read_bytes()) for at in range(4)]
    ring = reloaded(place).ring
    for at, segment in enumerate(segments):
        assert segment.check(ring.key(COLLECTOR, at)).sequence == at
    assert faults(place, pinned=reloaded(place).pin()) == {}


def test_any_key_the_log_ever_had_verifies_it_and_no_other(place: Place, archive: Archive, tmp_path: Path) -> None:
    held = [place.keys.log.verifier_key]
    for number in range(3):
        commit(archive, f"r{number}", str(number))
        archive.replace_key(LOG, AT)
        archive.replace_key(COLLECTOR, AT)
        held.append(reloaded(place).log.verifier_key)
        for key in held:
            assert faults(place, key, reloaded(place).pin()) == {}, "the newest has signed the commit that named it"
    commit(archive, "last", "z")
    assert [faults(place, key) for key in held] == [{}] * 4
    stranger = Keys.create(tmp_path / "stranger", place.keys.origin)
    told = faults(place, stranger.log.verifier_key)
    assert list(told) == [segment_key(0)]
    assert "no commit replaces it by the one given" in told[segment_key(0)]


def test_a_machine_without_a_pin_reads_through_every_rotation(place: Place, archive: Archive) -> None:
    for number in range(3):
        archive.replace_key(LOG, AT)
        commit(archive, f"r{number}", "same")
        archive.replace_key(COLLECTOR, AT)
    (place.keys.directory / "pin.json").unlink()
    again = reopened(place)
    assert again.head == archive.head
    commit(again, "r9", "same", "new")
    assert faults(place) == {}


def test_a_run_cannot_replace_keys(place: Place, archive: Archive) -> None:
    leaf = {"kind": "key", "role": "log"}
    with archive.stage(AT) as staging, pytest.raises(ArchiveError, match="`collector keys` replaces keys, no run"):
        archive.append([leaf], staging)
    assert faults(place) == {}


# Several processes, several machines.


@BOTH
def test_another_process_with_the_same_directory_takes_the_new_key(place: Place, archive: Archive, role: str) -> None:
    away = place.open()
    archive.replace_key(role, AT)
    archive.replace_key(role, AT)
    commit(away, "r1", "a")
    commit(archive, "r2", "b")
    commit(away, "r3", "c")
    assert away.head.sequence == 5
    assert faults(place) == {}


@BOTH
def test_two_processes_that_replace_one_key_do_not_both(place: Place, archive: Archive, role: str) -> None:
    away = place.open()
    archive.replace_key(role, AT)
    with pytest.raises(ArchiveError, match="commit 2 does not change the keys as it may: a key leaf replaces"):
        away.replace_key(role, AT)
    (place.keys.directory / f"{role}.key.next").unlink()
    commit(away, "r1", "a")
    assert faults(place) == {}


@BOTH
def test_another_machine_with_the_old_key_is_told_the_commit(
    place: Place, archive: Archive, tmp_path: Path, role: str
) -> None:
    other = Machine.copied(place, tmp_path / "other")
    away = Archive.open(place.judge, other.keys)
    commit(archive, "r1", "a")
    archive.replace_key(role, AT)
    with pytest.raises(ArchiveError, match=f"commit 2 replaced the {role}'s key by .*bring the keys over"):
        Archive.open(place.judge, Keys.load(other.keys.directory))
    with pytest.raises(ArchiveError, match=f"commit 2 replaced the {role}'s key by .*bring the keys over"):
        commit(away, "r2", "b")
    shutil.rmtree(other.keys.directory)
    commit(Archive.open(place.judge, Machine.copied(place, other.keys.directory).keys), "r2", "b")
    commit(reopened(place), "r3", "c")
    assert faults(place) == {}


# Revocation.


@pytest.mark.parametrize(("role", "key_of"), [(COLLECTOR, segment_key), (LOG, checkpoint_key)])
def test_what_a_revoked_key_has_signed_is_named(place: Place, role: str, key_of: Any) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    for number in range(1, 4):
        commit(archive, f"r{number}", str(number))
    old = place.keys.signer(role).verifier_key
    archive.replace_key(role, AT, since=2)
    commit(archive, "r5", "after")
    (told,) = faults(place).items()
    assert told[0] == f"{key_of(2)} to {key_of(4)}"
    assert f"signed by a key that was revoked as of commit 2: {old}, revoked in commit 4" in told[1]
    assert faults(place, place.keys.log.verifier_key).keys() == {told[0]}
    with pytest.raises(UsageError, match=r"signed commits 5 to 5, so it cannot be revoked since commit 4"):
        archive.replace_key(role, AT, since=4)
    with pytest.raises(UsageError, match=r"cannot be revoked since commit 7"):
        archive.replace_key(role, AT, since=7)
    assert not list(place.keys.directory.glob("*.next"))
    archive.replace_key(role, AT, since=6)
    assert faults(place).keys() == {told[0], key_of(6)}
