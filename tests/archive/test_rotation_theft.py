"""What a thief of one key, or whoever changes the archive, can make of leaves that replace keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from collector.archive.archive import Archive
from collector.archive.checkpoint import Checkpoint
from collector.archive.keyring import COLLECTOR, LOG, ROLES, KeyChange
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.notes import cosigned
from collector.archive.segment import Segment, decode
from collector.errors import ArchiveError, TamperedError

from .conftest import AT, Place, commit
from .rotation import BOTH, WHEN, faults, reloaded, reopened

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.notes import Signer


def forged(place: Place, archive: Archive, collector: Signer, *changes: KeyChange, logs: tuple[Signer, ...]) -> None:
    """The next commit with these key leaves, put by somebody who has that collector's key and those log keys."""
    sequence = archive.head.sequence + 1
    before = decode(place.path(segment_key(sequence - 1)).read_bytes()).segment.after()
    segment = Segment(archive.origin, sequence, before, tuple(change.encode() for change in changes), ())
    place.disk.put_if_absent(segment_key(sequence), segment.encode(collector))
    after = segment.after()
    text = Checkpoint(archive.origin, after.size, after.root()).text()
    if logs:
        place.disk.put_if_absent(checkpoint_key(sequence), cosigned([log.sign(text) for log in logs]))


@dataclass
class Thief:
    place: Place
    archive: Archive
    own: Keys

    def change(self, role: str) -> KeyChange:
        return KeyChange(role, self.own.signer(role).verifier_key, self.place.keys.signer(role).verifier_key, WHEN)


@pytest.fixture
def thief(place: Place, tmp_path: Path) -> Thief:
    archive = Archive.create(place.judge, place.keys, AT)
    commit(archive, "r1", "a")
    return Thief(place, archive, Keys.create(tmp_path / "thief", place.keys.origin))


@BOTH
def test_a_key_leaf_under_a_strangers_signature_is_named(thief: Thief, role: str) -> None:
    forged(thief.place, thief.archive, thief.own.collector, thief.change(role), logs=(thief.own.log,))
    assert faults(thief.place).keys() == {segment_key(2), checkpoint_key(2)}
    with pytest.raises(TamperedError, match=r"log/000000000002\.ckpt is not the checkpoint that was written there"):
        reopened(thief.place)


@BOTH
def test_a_thief_of_the_collectors_key_gets_no_head_for_his_own(thief: Thief, role: str) -> None:
    """He can put the segment. No collector of ours signs its tree, and he cannot."""
    forged(thief.place, thief.archive, thief.place.keys.collector, thief.change(role), logs=())
    with pytest.raises(ArchiveError, match=f"commit 2 replaced the {role}'s key by .*a key was stolen"):
        reopened(thief.place)
    with pytest.raises(ArchiveError, match="a key was stolen"):
        commit(thief.archive, "r2", "b")
    assert not thief.place.path(checkpoint_key(2)).exists()
    assert faults(thief.place, pinned=thief.archive.head) == {}, "pending, and said to be"
    forged(thief.place, thief.archive, thief.place.keys.collector, thief.change(role), logs=(thief.own.log,))
    assert faults(thief.place).keys() == {checkpoint_key(2)}
    if role == LOG:
        told = faults(thief.place, thief.own.log.verifier_key)
        assert told.keys() == {segment_key(2), checkpoint_key(2)}
        assert "nothing here that holds is signed by it" in told[segment_key(2)]


def test_a_thief_of_the_logs_key_writes_no_segment(thief: Thief) -> None:
    forged(thief.place, thief.archive, thief.own.collector, thief.change(COLLECTOR), logs=(thief.place.keys.log,))
    assert segment_key(2) in faults(thief.place)


def test_a_new_log_key_that_did_not_sign_is_no_key(thief: Thief) -> None:
    keys = thief.place.keys
    forged(thief.place, thief.archive, keys.collector, thief.change(LOG), logs=(keys.log,))
    assert faults(thief.place, keys.log.verifier_key).keys() == {checkpoint_key(2)}
    assert faults(thief.place, thief.own.log.verifier_key).keys() == {segment_key(2), checkpoint_key(2)}


def test_two_key_leaves_of_one_role_in_one_commit_are_named(thief: Thief, tmp_path: Path) -> None:
    keys, second = thief.place.keys, Keys.create(tmp_path / "second", thief.place.keys.origin)
    other = KeyChange(LOG, second.log.verifier_key, keys.log.verifier_key, WHEN)
    forged(thief.place, thief.archive, keys.collector, thief.change(LOG), other, logs=(keys.log,))
    assert "two key leaves of one commit" in faults(thief.place)[segment_key(2)]
    with pytest.raises(ArchiveError, match="commit 2"):
        reopened(thief.place)


def test_both_keys_may_change_in_one_commit(thief: Thief) -> None:
    keys = thief.place.keys
    both = [thief.change(role) for role in ROLES]
    forged(thief.place, thief.archive, keys.collector, *both, logs=(keys.log, thief.own.log))
    for key in (keys.log.verifier_key, thief.own.log.verifier_key):
        assert faults(thief.place, key) == {}


def test_a_key_leaf_that_replaces_another_key_than_the_one_in_force_is_named(thief: Thief) -> None:
    keys = thief.place.keys
    stale = KeyChange(LOG, keys.log.verifier_key, thief.own.log.verifier_key, WHEN)
    forged(thief.place, thief.archive, keys.collector, stale, logs=(keys.log,))
    assert "the log's key in force is" in faults(thief.place)[segment_key(2)]


def test_the_commit_that_replaced_the_log_key_may_be_pending_for_the_old_key_alone(place: Place) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    archive.replace_key(LOG, AT)
    place.path(checkpoint_key(1)).unlink()
    assert faults(place, place.keys.log.verifier_key) == {}
    assert faults(place).keys() == {segment_key(1)}, "the new key has signed nothing yet"
    with pytest.raises(TamperedError, match=r"log/000000000001\.ckpt is missing, and .* was replaced since"):
        Archive.open(place.disk, reloaded(place))


@BOTH
def test_each_object_around_a_rotation_is_named_when_it_goes(place: Place, role: str) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    archive.replace_key(role, AT)
    commit(archive, "r1", "a")
    pinned = reloaded(place).pin()
    for key in [key for key in place.objects() if key.startswith("log/")]:
        content = place.path(key).read_bytes()
        for changed in (None, content[:-9] + b"\n", content.replace(b"evidence", b"evidense")):
            place.path(key).unlink()
            if changed is not None:
                place.path(key).write_bytes(changed)
            assert key in faults(place, pinned=pinned)
            place.path(key).unlink(missing_ok=True)
            place.path(key).write_bytes(content)
    assert faults(place, pinned=pinned) == {}
