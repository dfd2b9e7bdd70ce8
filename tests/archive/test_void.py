"""An object that is no segment of the log counts as one void leaf, and nothing that was once a commit ever does."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector import canonical
from collector.archive import void
from collector.archive.archive import Archive
from collector.archive.bagit import write_bag
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.merkle import Tree
from collector.archive.reader import Reader
from collector.archive.segment import Segment, decode
from collector.archive.tiles import entries, write_tiles
from collector.errors import ArchiveError, ForkError, TamperedError

from .conftest import AT, ORIGIN, Judge, Place, commit
from .saboteur import Crash, Interloper, Saboteur

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GARBAGE = b"nothing of ours\n"


def foreign(place: Place, key: str) -> bytes:
    """What somebody without the collector's key can put in a segment's place."""
    genesis = decode(place.path(segment_key(0)).read_bytes()).segment
    stranger = Keys.create(place.root / "stranger", ORIGIN).collector
    leaves = (b'{"expected":0,"kind":"run","run":"forged"}',)
    return {
        "garbage": GARBAGE,
        "nothing": b"",
        "a copy of the genesis": place.path(segment_key(0)).read_bytes(),
        "by another key": Segment(ORIGIN, 1, genesis.after(), leaves, ()).encode(stranger),
        "of another log": Segment("example.com/other", 1, genesis.after(), leaves, ()).encode(stranger),
    }[key]


FOREIGN = ["garbage", "nothing", "a copy of the genesis", "by another key", "of another log"]


def void_leaf(sequence: int, content: bytes) -> dict[str, Any]:
    return {"kind": "void", "object": sha256(content).hexdigest(), "sequence": sequence}


def runs_and_voids(place: Place) -> list[object]:
    bodies = [leaf.body for leaf in Reader(place.disk).leaves()]
    return [body.get("run", "void") for body in bodies if body["kind"] in ("run", "void")]


@pytest.mark.parametrize("what", FOREIGN)
def test_a_writer_goes_on_behind_what_somebody_put_in_its_place(place: Place, archive: Archive, what: str) -> None:
    content = foreign(place, what)
    place.disk.put_if_absent(segment_key(1), content)
    committed = commit(archive, "r1", "a")
    assert (committed.sequence, committed.first_index) == (2, 2)
    (met,) = archive.voids
    assert (met.object, met.problem.startswith("is void, somebody without")) == (segment_key(1), True)
    leaves = list(Reader(place.judge).leaves())
    assert (leaves[1].index, leaves[1].sequence, leaves[1].body) == (1, 1, void_leaf(1, content))
    assert [leaf.body.get("run") for leaf in leaves[2:]] == ["r1", "r1"]
    encoded = list(entries(Reader(place.judge)))
    assert archive.head.root == Tree().append(encoded).root()
    report = place.verify(place.keys.pin())
    assert (report.faults, report.segments, report.voids) == ([], 3, 1)
    assert [note for note in report.notes if note.startswith(f"Void: {segment_key(1)} is no segment of this log (")]


@given(content=st.binary(max_size=300), sequence=st.integers(1, 10**12 - 1), size=st.integers(0, 70))
def test_whatever_the_bytes_a_void_is_one_leaf_after_the_tree_before(
    signing_keys: Keys, content: bytes, sequence: int, size: int
) -> None:
    before = Tree().append([b"%d" % number for number in range(size)])
    found = void.counted(content, sequence, before, ORIGIN, signing_keys.collector.verifier_key)
    assert found.void
    assert found.segment.leaves == (canonical.encode(void_leaf(sequence, content)),)
    assert found.segment.after() == before.append([canonical.encode(void_leaf(sequence, content))])
    with pytest.raises(ValueError, match=r"."):
        void.counted(content, 0, before, ORIGIN, signing_keys.collector.verifier_key)


def test_opening_declares_every_void_at_the_end_and_tells_it_once(place: Place, archive: Archive) -> None:
    commit(archive, "r1", "a")
    for sequence in (2, 3, 4):
        place.disk.put_if_absent(segment_key(sequence), GARBAGE * sequence)
    opened = place.open()
    assert [met.object for met in opened.voids] == [segment_key(sequence) for sequence in (2, 3, 4)]
    assert opened.head.sequence == 4
    assert place.open().voids == ()
    commit(place.open(), "r2", "b")
    assert runs_and_voids(place) == ["r1", "void", "void", "void", "r2"]


def test_a_log_that_ends_in_voids_is_taken_up_at_the_pin(place: Place, archive: Archive) -> None:
    commit(archive, "r1", "a")
    place.disk.put_if_absent(segment_key(2), GARBAGE)
    place.disk.put_if_absent(segment_key(3), b"")
    head = place.open().head
    assert head == place.keys.pin() == place.open().head
    (place.keys.directory / "pin.json").unlink()
    assert place.open().head == head


def test_an_intruder_is_faster_again_and_again(place: Place, archive: Archive) -> None:
    store: Any = place.judge
    for sequence in range(1, 6):
        store = Interloper(store, segment_key(sequence), planter(place, sequence))
    assert commit(Archive.open(store, place.keys), "r1", "a").sequence == 6
    assert runs_and_voids(place) == ["void"] * 5 + ["r1"]
    assert archive.head.sequence == 0


def planter(place: Place, sequence: int) -> Callable[[], object]:
    return lambda: place.disk.put_if_absent(segment_key(sequence), b"%d" % sequence)


@pytest.mark.parametrize("stored", [False, True])
def test_a_writer_dies_while_it_declares_a_void(place: Place, archive: Archive, stored: bool) -> None:  # noqa: FBT001 - pytest passes it
    place.disk.put_if_absent(segment_key(1), GARBAGE)
    with pytest.raises(Crash):
        Archive.open(Saboteur(place.judge, 0, stored=stored, error=Crash()), place.keys)
    assert place.path(checkpoint_key(1)).exists() == stored
    assert place.open().head.size == archive.head.size + 1
    assert place.path(checkpoint_key(1)).exists()


def test_an_undeclared_void_is_no_part_of_the_log_yet(place: Place) -> None:
    commit(Archive.create(place.disk, place.keys, AT), "r1", "a")
    place.disk.put_if_absent(segment_key(2), GARBAGE)
    assert runs_and_voids(place) == ["r1"]
    (fault,) = place.verify(place.keys.pin()).faults
    assert fault.object == segment_key(2)
    assert fault.problem.endswith("no checkpoint vouches for it, and the next writer will declare it void")


def test_a_void_whose_bytes_change_is_a_fault(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    place.disk.put_if_absent(segment_key(1), GARBAGE)
    commit(archive, "r1", "a")
    path = place.path(segment_key(1))
    path.unlink()
    path.write_bytes(GARBAGE.upper())
    assert segment_key(1) in {fault.object for fault in place.verify().faults}
    with pytest.raises(TamperedError, match=f"{segment_key(1)} is not as the collector wrote it"):
        list(Reader(place.disk).leaves())


def test_a_void_becomes_no_genesis(place: Place) -> None:
    place.disk.put_if_absent(segment_key(0), GARBAGE)
    with pytest.raises(TamperedError, match=f"{segment_key(0)} is not as the collector wrote it"):
        Archive.open(place.disk, place.keys)
    with pytest.raises(TamperedError, match=f"{segment_key(0)} is not as the collector wrote it"):
        list(Reader(place.disk).leaves())
    assert segment_key(0) in {fault.object for fault in place.verify().faults}


def test_a_signed_segment_that_continues_another_tree_is_a_fork_and_no_void(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    astray = Segment(ORIGIN, 1, Tree().append([b"another genesis"]), (b'{"kind":"x"}',), ())
    place.disk.put_if_absent(segment_key(1), astray.encode(place.keys.collector))
    with pytest.raises(TamperedError, match="does not continue the commit before it"):
        commit(archive, "r1", "a")
    assert "does not continue" in {fault.object: fault.problem for fault in place.verify().faults}[segment_key(1)]


# Nobody who damages a commit gets it declared void, whatever else they remove.


@pytest.fixture
def grown(place: Place) -> Place:
    archive = Archive.create(place.disk, place.keys, AT)
    for number in range(1, 5):
        commit(archive, f"r{number}", str(number))
    return place


def damage(place: Place, sequence: int) -> None:
    path = place.path(segment_key(sequence))
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.unlink()
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize("sequence", [1, 3, 4])
def test_a_flipped_byte_never_becomes_a_void(grown: Place, sequence: int, pinned: bool) -> None:  # noqa: FBT001 - pytest passes it
    damage(grown, sequence)
    if not pinned:
        (grown.keys.directory / "pin.json").unlink()
    before = grown.objects()
    if not pinned or sequence == 4:
        with pytest.raises(TamperedError, match=f"{segment_key(sequence)} is not as the collector wrote it"):
            Archive.open(grown.disk, grown.keys)
    with pytest.raises(TamperedError, match=f"{segment_key(sequence)} is not as the collector wrote it"):
        list(Reader(grown.disk).leaves())
    report = grown.verify()
    assert (segment_key(sequence), 0) == (report.faults[0].object, report.voids)
    assert grown.objects() == before


@pytest.mark.parametrize("also", [[], [2], [2, 3]])
def test_a_commit_with_others_behind_it_is_not_signed_away_without_its_checkpoints(
    grown: Place, also: list[int]
) -> None:
    for sequence in (1, *also):
        damage(grown, sequence)
    for sequence in range(1, 5):
        grown.path(checkpoint_key(sequence)).unlink()
    (grown.keys.directory / "pin.json").unlink()
    before = grown.objects()
    with pytest.raises(TamperedError, match=f"{segment_key(1)} is not as .*; and log/.* was written after it"):
        Archive.open(grown.disk, grown.keys)
    assert grown.objects() == before


def test_a_pinned_commit_is_not_signed_away_without_its_checkpoint(grown: Place) -> None:
    damage(grown, 4)
    grown.path(checkpoint_key(4)).unlink()
    with pytest.raises(TamperedError, match=f"{segment_key(4)} is not as the collector wrote it"):
        Archive.open(grown.disk, grown.keys)
    assert not grown.path(checkpoint_key(4)).exists()
    assert segment_key(4) in {fault.object for fault in grown.verify(grown.keys.pin()).faults}


def test_the_head_an_auditor_holds_contradicts_a_commit_that_was_signed_away(grown: Place) -> None:
    """Somebody who can remove objects, and a writer that has no pin: the void stands, and is seen."""
    held = grown.keys.pin()
    damage(grown, 4)
    grown.path(checkpoint_key(4)).unlink()
    (grown.keys.directory / "pin.json").unlink()
    assert [met.object for met in Archive.open(grown.disk, grown.keys).voids] == [segment_key(4)]
    assert (
        "the past was rewritten" in {fault.object: fault.problem for fault in grown.verify(held).faults}[segment_key(4)]
    )
    (grown.keys.directory / "pin.json").write_bytes(held.encode() if held else b"")
    with pytest.raises((TamperedError, ForkError), match=segment_key(4)):
        Archive.open(grown.disk, grown.keys)


def test_a_writer_with_another_key_declares_nothing(grown: Place, tmp_path: Path) -> None:
    other = Keys.create(tmp_path / "other keys", ORIGIN)
    before = grown.objects()
    for pin in (None, grown.keys.directory / "pin.json"):
        if pin:
            (other.directory / "pin.json").write_bytes(pin.read_bytes())
        with pytest.raises(TamperedError, match=r"log/0+\.seg is not as the collector wrote it: not signed by"):
            Archive.open(grown.disk, other)
    assert grown.objects() == before


class Flaky(LocalStore):
    """A disk or a wire that gives other bytes each time."""

    readings: Iterator[bytes]

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        if key == segment_key(2):
            return next(self.readings)
        return super().get(key, start, length)


def test_what_reads_differently_each_time_is_not_declared_void(place: Place, archive: Archive) -> None:
    place.disk.put_if_absent(segment_key(1), GARBAGE)
    commit(archive, "r1", "a")
    flaky = Flaky(place.directory)
    flaky.readings = iter([b"one", b"two"])
    (place.keys.directory / "pin.json").unlink()
    with pytest.raises(ArchiveError, match=f"{segment_key(2)} reads differently each time"):
        Archive.open(flaky, place.keys)


def test_rivals_that_meet_one_void_agree(place: Place, archive: Archive) -> None:
    """While one looks at the void, the other declares it and commits behind it."""
    rival = place.open()

    class Slow(Judge):
        def list(self, prefix: str) -> Iterator[str]:
            keys = list(super().list(prefix))
            if rival.head.sequence == 0 and place.disk.get(segment_key(1)):
                commit(rival, "rival", "b")
            return iter(keys)

    place.disk.put_if_absent(segment_key(1), GARBAGE)
    mine = Archive.open(Slow(place.judge), place.keys)
    commit(mine, "mine", "a")
    assert runs_and_voids(place) == ["void", "rival", "mine"]
    assert archive.head.sequence == 0


def test_exports_hold_the_void_leaf(place: Place, archive: Archive) -> None:
    commit(archive, "r1", "a")
    place.disk.put_if_absent(segment_key(2), GARBAGE)
    commit(archive, "r2", "b")
    signed = place.path(checkpoint_key(3)).read_bytes()
    write_tiles(entries(Reader(place.disk)), signed, place.root / "tiles")
    (bundle,) = (place.root / "tiles" / "tile" / "entries").rglob("*.p/*")
    assert canonical.encode(void_leaf(2, GARBAGE)) in bundle.read_bytes()
    write_bag(place.disk, place.root / "bag", {})
    assert (place.root / "bag" / "data" / segment_key(2)).read_bytes() == GARBAGE
    place.disk.put_if_absent(segment_key(4), GARBAGE)
    write_bag(place.disk, place.root / "pending", {})
    place.open()
