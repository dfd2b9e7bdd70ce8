"""Creating, opening, committing and reading, when nothing breaks; and what opening says when something did."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector import canonical
from collector.archive import pack
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.merkle import Tree, leaf_hash
from collector.archive.reader import Reader
from collector.errors import ArchiveError, ForkError, TamperedError

from .conftest import AT, ORIGIN, Place, commit, run_leaves

if TYPE_CHECKING:
    from pathlib import Path

NEXT_QUARTER = datetime(2027, 1, 1, tzinfo=UTC)
LARGE = b"large " * 200_000


def of_kind(place: Place, prefix: str) -> list[str]:
    return [key for key in place.objects() if key.startswith(prefix)]


def test_the_names_of_all_objects(place: Place, archive: Archive) -> None:
    commit(archive, "r1", "a", large=LARGE)
    commit(archive, "r2", "b", at=NEXT_QUARTER)
    *log, first, second = (key for key in place.objects() if not key.startswith("blobs/"))
    assert log == [
        "log/000000000000.ckpt",
        "log/000000000000.seg",
        "log/000000000001.ckpt",
        "log/000000000001.seg",
        "log/000000000002.ckpt",
        "log/000000000002.seg",
    ]
    assert first == f"packs/2026Q4/{canonical.digest(place.path(first).read_bytes())}.zst"
    assert second == f"packs/2027Q1/{canonical.digest(place.path(second).read_bytes())}.zst"
    assert of_kind(place, "blobs/") == [f"blobs/2026Q4/{canonical.digest(LARGE)}.zst"]


def test_the_genesis_says_what_the_archive_is(place: Place, archive: Archive) -> None:
    (leaf,) = Reader(place.judge).leaves()
    assert leaf.body == {
        "kind": "genesis",
        "format": "evidence-collector/archive/v1",
        "origin": ORIGIN,
        "created": "2026-11-01T12:00:00Z",
        "collector_key": str(place.keys.collector.verifier_key),
        "log_key": str(place.keys.log.verifier_key),
    }
    assert (archive.origin, archive.head.sequence, archive.head.size) == (ORIGIN, 0, 1)


def test_leaves_and_contents_come_back_as_they_were(place: Place, archive: Archive) -> None:
    documents, leaves = run_leaves("r1", "a", "b")
    with archive.stage(AT) as staging:
        for document in documents:
            staging.put(document)
        committed = archive.append(leaves, staging)
    reader = Reader(place.judge)
    read = list(reader.leaves())[1:]
    assert [leaf.body for leaf in read] == leaves
    assert [leaf.index for leaf in read] == list(committed.indices) == [1, 2, 3]
    assert {leaf.sequence for leaf in read} == {committed.sequence} == {1}
    assert [leaf.hash for leaf in read] == [leaf_hash(canonical.encode(leaf)).hex() for leaf in leaves]
    for document in documents:
        assert reader.content(canonical.digest(document)) == document
        assert reader.locate(canonical.digest(document)) == of_kind(place, "packs/")[0]
    assert archive.head == place.keys.pin() == place.open().head
    encoded = [canonical.encode(leaf.body) for leaf in reader.leaves()]
    assert archive.head.root == Tree().append(encoded).root()


def test_a_large_content_comes_back_from_its_blob(place: Place, archive: Archive) -> None:
    commit(archive, "r1", "a", large=LARGE)
    reader = Reader(place.judge)
    assert reader.content(canonical.digest(LARGE)) == LARGE
    assert reader.locate(canonical.digest(LARGE)) == of_kind(place, "blobs/")[0]


def test_nothing_is_visible_before_the_commit(place: Place, archive: Archive) -> None:
    before = place.objects()
    with archive.stage(AT) as staging:
        staging.put(b"never committed")
        staging.put(LARGE)
    assert place.objects() == before
    with pytest.raises(ArchiveError, match="holds no content"):
        Reader(place.judge).content(canonical.digest(b"never committed"))


def test_a_reader_sees_what_is_committed_after_it_was_made(place: Place, archive: Archive) -> None:
    reader = Reader(place.judge)
    commit(archive, "r1", "a")
    assert len(list(reader.leaves())) == 3
    commit(archive, "r2", "b", large=LARGE)
    assert len(list(reader.leaves())) == 5
    assert reader.content(canonical.digest(LARGE)) == LARGE


def contents_of(archive: Archive, at: datetime, *contents: bytes) -> None:
    with archive.stage(at) as staging:
        for content in contents:
            staging.put(content)
        archive.append([{"kind": "x"}], staging)


@pytest.mark.parametrize("reopened", [False, True])
def test_a_content_is_stored_once_in_an_epoch(place: Place, archive: Archive, reopened: bool) -> None:  # noqa: FBT001 - pytest passes it
    contents_of(archive, AT, b"same", LARGE, b"one")
    contents_of(archive, AT + timedelta(hours=1))
    writer = place.open() if reopened else archive
    before = of_kind(place, "packs/"), of_kind(place, "blobs/")
    contents_of(writer, AT + timedelta(days=1), b"same", LARGE)
    assert (of_kind(place, "packs/"), of_kind(place, "blobs/")) == before
    contents_of(writer, AT + timedelta(days=2), b"same", b"two")
    assert len(of_kind(place, "packs/")) == 2


@pytest.mark.parametrize("reopened", [False, True])
def test_a_content_is_stored_again_in_the_next_epoch(place: Place, archive: Archive, reopened: bool) -> None:  # noqa: FBT001 - pytest passes it
    contents_of(archive, AT, b"same", LARGE)
    writer = place.open() if reopened else archive
    contents_of(writer, NEXT_QUARTER, b"same", LARGE)
    contents_of(writer, AT, b"same", LARGE)
    assert [key[:12] for key in of_kind(place, "packs/")] == ["packs/2026Q4", "packs/2027Q1"]
    assert [key[:12] for key in of_kind(place, "blobs/")] == ["blobs/2026Q4", "blobs/2027Q1"]


def test_what_an_interrupted_run_left_is_not_relied_on(place: Place, archive: Archive) -> None:
    with archive.stage(AT) as staging:
        staging.put(b"left over")
        for key, content in staging.objects():
            place.judge.put_if_absent(key, content)
    contents_of(place.open(), AT, b"left over", b"and more")
    assert len(of_kind(place, "packs/")) == 2
    contents_of(place.open(), AT, b"left over")
    assert len(of_kind(place, "packs/")) == 2


def test_a_damaged_pack_does_not_stop_collection_and_is_not_relied_on(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    contents_of(archive, AT, b"precious")
    (damaged,) = of_kind(place, "packs/")
    place.path(damaged).unlink()
    place.path(damaged).write_bytes(b"rubbish")
    contents_of(Archive.open(place.disk, place.keys), AT, b"precious", b"and more")
    assert [fault.object for fault in place.verify(place.keys.pin()).faults] == [damaged, damaged]
    with pytest.raises(TamperedError, match=f"{damaged} has no readable index"):
        Reader(place.disk).content("0" * 64)


def test_an_object_with_a_name_of_ours_and_other_bytes_stops_the_commit(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    for content in (b"small", LARGE):
        with archive.stage(AT) as staging:
            staging.put(content)
            ((key, _),) = staging.objects()
            other = Archive.open(place.disk, place.keys).stage(AT)
            with other:
                other.put(b"something else" if content == b"small" else LARGE + b"!")
                ((_, planted),) = other.objects()
            place.disk.put_if_absent(key, planted)
            with pytest.raises(TamperedError, match=f"{key} is in .* already, and its bytes are not those"):
                archive.append([{"kind": "x"}], staging)


def test_a_blob_compressed_by_another_release_is_taken_as_it_is(
    place: Place, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.stage(AT) as staging:
        digest = staging.put(LARGE)
        ((key, usual),) = staging.objects()
        monkeypatch.setattr(pack, "_LEVEL", 1)
        unusual = pack.compress(LARGE)
        monkeypatch.undo()
        assert unusual != usual
        place.judge.put_if_absent(key, unusual)
        archive.append([{"kind": "x", "sha256": digest}], staging)
    assert Reader(place.judge).content(digest) == LARGE


@pytest.mark.parametrize(
    ("leaf", "problem"),
    [
        ({"kind": "x", "text": "a" * 70_000}, "leaf 1 of the commit cannot be written: the x leaf has 70,0"),
        ({"text": "a"}, "needs a member 'kind'"),
        ({"kind": "x", "share": 0.5}, r"\$\.share: float has no canonical form"),
        ({"kind": "genesis"}, "only a log's first commit has a genesis"),
        ({"kind": "void", "object": "0" * 64, "sequence": 1}, "a void leaf follows from a rule alone"),
    ],
)
def test_a_leaf_that_cannot_be_written_stops_the_commit_before_anything_is_put(
    place: Place, archive: Archive, leaf: dict[str, Any], problem: str
) -> None:
    before = place.objects()
    with archive.stage(AT) as staging:
        staging.put(b"content")
        with pytest.raises(ArchiveError, match=problem):
            archive.append([{"kind": "x"}, leaf], staging)
        with pytest.raises(ValueError, match="at least one leaf"):
            archive.append([], staging)
    assert place.objects() == before


def test_a_time_without_a_zone_is_a_bug(place: Place, archive: Archive) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        archive.stage(datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="no time zone"):
        Archive.create(LocalStore(place.root / "other"), Keys.create(place.root / "k", ORIGIN), datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_nothing_is_created_over_an_archive_or_with_its_keys(place: Place, archive: Archive, tmp_path: Path) -> None:
    other = Keys.create(tmp_path / "other", ORIGIN)
    with pytest.raises(ArchiveError, match="already holds an archive"):
        Archive.create(place.judge, other, AT)
    with pytest.raises(ArchiveError, match="belong to an archive with 1 commits"):
        Archive.create(LocalStore(tmp_path / "elsewhere"), place.keys, AT)
    assert archive.head.size == 1


def test_an_empty_place_and_the_keys_of_another_archive_are_told_apart(
    place: Place, archive: Archive, tmp_path: Path
) -> None:
    with pytest.raises(ArchiveError, match="holds no archive"):
        Archive.open(LocalStore(tmp_path / "nowhere"), Keys.create(tmp_path / "k", ORIGIN))
    with pytest.raises(ArchiveError, match="holds no archive"):
        next(Reader(LocalStore(tmp_path / "nowhere")).leaves())
    with pytest.raises(
        ArchiveError, match=r"holds the archive example.com/evidence, but the keys in .* are for example.com/b"
    ):
        Archive.open(place.judge, Keys.create(tmp_path / "b", "example.com/b"))
    with pytest.raises(TamperedError, match=r"log/000000000000\.seg is not as the collector wrote it: not signed by"):
        Archive.open(place.judge, Keys.create(tmp_path / "same name", ORIGIN))
    assert archive.origin == ORIGIN


@pytest.fixture
def grown(place: Place) -> Place:
    archive = Archive.create(place.judge, place.keys, AT)
    for number in range(1, 5):
        commit(archive, f"r{number}", str(number))
    return place


def test_a_machine_without_a_pin_reads_all_and_pins(grown: Place) -> None:
    pin = grown.keys.pin()
    (grown.keys.directory / "pin.json").unlink()
    assert grown.open().head == pin == grown.keys.pin()


@pytest.mark.parametrize("first", [1, 3, 4])
def test_opening_refuses_a_log_that_ends_below_the_pin(grown: Place, first: int) -> None:
    for sequence in range(first, 5):
        grown.path(segment_key(sequence)).unlink()
        grown.path(checkpoint_key(sequence)).unlink()
    with pytest.raises(TamperedError, match=f"lacks {segment_key(4)}: the log reached commit 4 before"):
        Archive.open(grown.disk, grown.keys)
    (grown.keys.directory / "pin.json").unlink()
    assert Archive.open(grown.disk, grown.keys).head.sequence == first - 1


def test_opening_names_a_hole(grown: Place) -> None:
    (grown.keys.directory / "pin.json").unlink()
    for sequence in (1, 2):
        grown.path(segment_key(sequence)).unlink()
    with pytest.raises(TamperedError, match=f"lacks {segment_key(1)} to {segment_key(2)}"):
        Archive.open(grown.disk, grown.keys)
    with pytest.raises(TamperedError, match=f"{segment_key(1)} is missing"):
        list(Reader(grown.disk).leaves())


def test_opening_names_a_commit_cut_off_whose_checkpoint_was_forgotten(grown: Place) -> None:
    (grown.keys.directory / "pin.json").unlink()
    grown.path(segment_key(4)).unlink()
    with pytest.raises(TamperedError, match=f"lacks {segment_key(4)}"):
        Archive.open(grown.disk, grown.keys)


def test_opening_names_swapped_and_damaged_segments(grown: Place) -> None:
    (grown.keys.directory / "pin.json").unlink()
    grown.path(segment_key(2)).replace(grown.path("kept"))
    shutil.copyfile(grown.path(segment_key(3)), grown.path(segment_key(2)))
    with pytest.raises(TamperedError, match=f"{segment_key(2)} is not as the collector wrote it: holds commit 3"):
        Archive.open(grown.disk, grown.keys)
    with pytest.raises(TamperedError, match=f"{segment_key(2)} is not as the collector wrote it: holds commit 3"):
        list(Reader(grown.disk).leaves())
    grown.path(segment_key(2)).write_bytes(grown.path("kept").read_bytes()[:-1])
    for read in (lambda: Archive.open(grown.disk, grown.keys), lambda: list(Reader(grown.disk).leaves())):
        with pytest.raises(
            TamperedError, match=rf"{segment_key(2)} is not as the collector wrote it: the leaves are not"
        ):
            read()


def test_opening_refuses_another_tree_at_the_pin(grown: Place) -> None:
    pin = grown.keys.directory / "pin.json"
    pin.write_text(pin.read_text().replace('"size":9', '"size":8'))
    with pytest.raises(ForkError, match=f"{segment_key(4)} is not the commit that this machine pinned"):
        grown.open()


def test_a_planted_far_commit_does_not_exhaust_the_writer(grown: Place) -> None:
    grown.disk.put_if_absent(segment_key(999_999_999_999), b"planted")
    with pytest.raises(TamperedError, match=f"lacks {segment_key(5)} to {segment_key(999_999_999_998)}"):
        Archive.open(grown.disk, grown.keys)


def test_a_reader_refuses_content_that_is_not_what_was_stored(grown: Place) -> None:
    digest = canonical.digest(b'{"key":"1"}\n')
    reader = Reader(grown.disk)
    key = reader.locate(digest)
    content = bytearray(grown.path(key).read_bytes())
    assert b'{"key":"1"}\n' in content, "no longer stored raw: this test must look for its frame another way"
    content[content.index(b'{"key":"1"}\n') + 8] ^= 1
    grown.path(key).chmod(0o600)
    grown.path(key).write_bytes(content)
    with pytest.raises(TamperedError, match=f"{key} gives other bytes for content {digest}"):
        reader.content(digest)
    grown.path(key).write_bytes(content[:3])
    with pytest.raises(TamperedError, match=f"{key} does not give back content {digest}"):
        reader.content(digest)
    grown.path(key).unlink()
    with pytest.raises(TamperedError, match=f"{key} is missing"):
        reader.content(digest)
