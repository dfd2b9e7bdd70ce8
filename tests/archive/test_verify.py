"""The verifier names every object that is not what was written, and is silent about a sound archive."""

from __future__ import annotations

import shutil
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector import canonical
from collector.archive import pack
from collector.archive.archive import Archive
from collector.archive.checkpoint import Checkpoint
from collector.archive.keys import Keys
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.local import LocalStore
from collector.archive.merkle import Tree
from collector.archive.pin import Head
from collector.archive.segment import Segment, StoredObject, decode
from collector.archive.verify import verify

from .conftest import AT, Judge, Place, commit, run_leaves

if TYPE_CHECKING:
    from pathlib import Path

LARGE = b"large " * 200_000
LAST = 5
ONE_ARCHIVE_FOR_ALL = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An archive of five runs that nobody may change; tests work on it and put it back."""
    root = tmp_path_factory.mktemp("sealed")
    place = Place(root, Keys.create(root / "keys", "example.com/evidence"), Judge(LocalStore(root / "evidence")))
    archive = Archive.create(place.judge, place.keys, AT)
    for number in range(1, LAST + 1):
        commit(archive, f"r{number}", "same", f"new {number}", large=LARGE if number == 2 else b"")
    assert verdict(place) == {}
    return place


def verdict(place: Place, pinned: Head | None = None) -> dict[str, str]:
    """Each object at fault and (the last of) what is wrong with it."""
    return {fault.object: fault.problem for fault in place.verify(pinned or place.keys.pin()).faults}


class Changed:
    """For the time of a `with` block, an object has other bytes, or (None) is gone."""

    def __init__(self, place: Place, key: str, content: bytes | None) -> None:
        self.path = place.path(key)
        self.content = content

    def __enter__(self) -> None:
        self.before = self.path.read_bytes() if self.path.exists() else None
        self._write(self.content)

    def __exit__(self, *_: object) -> None:
        self._write(self.before)

    def _write(self, content: bytes | None) -> None:
        self.path.unlink(missing_ok=True)
        if content is not None:
            self.path.parent.mkdir(exist_ok=True)
            self.path.write_bytes(content)


@ONE_ARCHIVE_FOR_ALL
@given(st.data())
def test_aq_03_any_flipped_bit_of_any_object_is_named(sealed: Place, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sealed.objects()))
    content = bytearray(sealed.path(key).read_bytes())
    position = data.draw(st.integers(0, len(content) - 1))
    content[position] ^= 1 << data.draw(st.integers(0, 7))
    with Changed(sealed, key, bytes(content)):
        assert key in verdict(sealed)


def test_aq_03_any_removed_object_is_named(sealed: Place) -> None:
    assert len(sealed.objects()) == 2 * (LAST + 1) + LAST + 1
    for key in sealed.objects():
        with Changed(sealed, key, None):
            assert verdict(sealed)[key].startswith("missing")


@pytest.mark.parametrize("cut", range(1, LAST + 1))
def test_aq_03_a_day_cut_off_the_end_is_named(sealed: Place, tmp_path: Path, cut: int) -> None:
    copy = Place(tmp_path, sealed.keys, sealed.judge)
    shutil.copytree(sealed.directory, copy.directory)
    first = LAST + 1 - cut
    for sequence in range(first, LAST + 1):
        copy.path(segment_key(sequence)).unlink()
        copy.path(checkpoint_key(sequence)).unlink()
    names = segment_key(LAST) if cut == 1 else f"{segment_key(first)} to {segment_key(LAST)}"
    assert verdict(copy) == {names: f"missing: {cut} commit(s) of a log that reached commit {LAST}"}
    # Without an earlier head nobody can know; the report says that it does not.
    report = copy.verify()
    assert report.faults == []
    assert any("No earlier head was given" in note for note in report.notes)


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (0, 1), (4, 5)])
@pytest.mark.parametrize("key_of", [segment_key, checkpoint_key])
def test_aq_03_two_swapped_objects_are_both_named(sealed: Place, one: int, other: int, key_of: Any) -> None:
    first, second = (sealed.path(key_of(sequence)).read_bytes() for sequence in (one, other))
    with Changed(sealed, key_of(one), second), Changed(sealed, key_of(other), first):
        assert {key_of(one), key_of(other)} <= verdict(sealed).keys()


def resigned(sealed: Place, sequence: int, **changes: Any) -> bytes:
    """The segment as somebody with the collector's key would forge it."""
    segment = decode(sealed.path(segment_key(sequence)).read_bytes()).segment
    fields = {name: getattr(segment, name) for name in Segment.__dataclass_fields__} | changes
    return Segment(**fields).encode(sealed.keys.collector)


@pytest.mark.parametrize("sequence", range(1, LAST + 1))
def test_aq_03_two_swapped_leaves_are_named_even_when_the_collector_key_was_stolen(
    sealed: Place, sequence: int
) -> None:
    content = sealed.path(segment_key(sequence)).read_bytes()
    leaves = decode(content).segment.leaves
    swapped = (leaves[1], leaves[0], *leaves[2:])
    old, new = (b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in order) for order in (leaves, swapped))
    with Changed(sealed, segment_key(sequence), content.replace(old, new)):
        assert "SHA-256 of the body" in verdict(sealed)[segment_key(sequence)]
    with Changed(sealed, segment_key(sequence), resigned(sealed, sequence, leaves=swapped)):
        assert "another tree" in verdict(sealed)[checkpoint_key(sequence)]


def test_a_leaf_dropped_with_the_collector_key_is_named(sealed: Place) -> None:
    leaves = decode(sealed.path(segment_key(3)).read_bytes()).segment.leaves
    with Changed(sealed, segment_key(3), resigned(sealed, 3, leaves=leaves[1:])):
        faults = verdict(sealed)
    assert "run 'r3' expected 2 evidence leaves and 1 are there" in faults[segment_key(3)]
    assert "another tree" in faults[checkpoint_key(3)]
    assert "does not continue" in faults[segment_key(4)]


def test_a_header_that_lies_about_the_size_before_is_named(sealed: Place) -> None:
    """A root does not bind the size: a tree of 3 and one of 5 leaves can share root and frontier hashes."""
    before = decode(sealed.path(segment_key(2)).read_bytes()).segment.before
    assert (before.size, len(before.frontier)) == (4, 1)
    with Changed(sealed, segment_key(2), resigned(sealed, 2, before=Tree(8, before.frontier))):
        assert "does not continue" in verdict(sealed)[segment_key(2)]


def test_a_head_signed_for_another_tree_is_named(sealed: Place) -> None:
    forged = sealed.keys.log.sign(Checkpoint(sealed.keys.origin, 4, b"x" * 32).text())
    with Changed(sealed, checkpoint_key(2), forged):
        assert "another tree" in verdict(sealed)[checkpoint_key(2)]
    foreign = sealed.keys.log.sign(Checkpoint("example.com/other", 4, b"x" * 32).text())
    with Changed(sealed, checkpoint_key(2), foreign):
        assert "example.com/other" in verdict(sealed)[checkpoint_key(2)]


def test_the_last_checkpoint_may_be_pending_but_not_below_the_pin(sealed: Place) -> None:
    with Changed(sealed, checkpoint_key(LAST), None):
        assert verdict(sealed) == {checkpoint_key(LAST): "missing"}
        report = sealed.verify()
    assert report.faults == []
    assert any(f"Pending: {checkpoint_key(LAST)}" in note for note in report.notes)


def test_another_tree_at_the_head_given_is_named(sealed: Place) -> None:
    pin = sealed.keys.pin()
    assert pin
    faults = verdict(sealed, Head(pin.sequence, pin.size, b"x" * 32))
    assert "the past was rewritten" in faults[segment_key(LAST)]


@pytest.mark.parametrize(
    "key",
    [
        "log/notes.txt",
        "log/000000000042.tmp",
        "log/42.seg",
        "packs/2026Q4/x.zst",
        "readme.txt",
        "packs/2026Q5/" + "0" * 64 + ".zst",
    ],
)
def test_what_has_no_place_in_an_archive_is_named(sealed: Place, key: str) -> None:
    with Changed(sealed, key, b"hello"):
        assert "has no place" in verdict(sealed)[key]


def test_a_planted_far_commit_does_not_exhaust_the_verifier(sealed: Place) -> None:
    with Changed(sealed, segment_key(999_999_999_999), b"planted"):
        faults = verdict(sealed)
    assert segment_key(999_999_999_999) in faults
    assert f"{segment_key(6)} to {segment_key(999_999_999_998)}" in faults


def test_a_left_over_pack_is_noted_and_a_damaged_one_named(sealed: Place) -> None:
    packs = [key for key in sealed.objects() if key.startswith("packs/")]
    content = sealed.path(packs[0]).read_bytes()
    extra = sealed.path(packs[1]).read_bytes()
    key = f"packs/2026Q3/{canonical.digest(content)}.zst"
    with Changed(sealed, key, content):
        report = sealed.verify()
        assert report.faults == []
        assert any(note.startswith(f"Left over: no commit names {key}") for note in report.notes)
    with Changed(sealed, key, extra):
        assert key in verdict(sealed)


def test_a_damaged_blob_and_the_leaf_that_needs_it_are_named(sealed: Place) -> None:
    (key,) = (key for key in sealed.objects() if key.startswith("blobs/"))
    for content in (b"", b"not zstd", sealed.path(key).read_bytes()[:-1]):
        with Changed(sealed, key, content):
            faults = verdict(sealed)
        assert "damaged zstd" in faults[key] or "not exactly one zstd frame" in faults[key]
        assert f"with the body {canonical.digest(LARGE)}, which is not to be had" in faults[segment_key(2)]


def test_a_blob_with_the_right_content_in_other_bytes_is_named(sealed: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    (key,) = (key for key in sealed.objects() if key.startswith("blobs/"))
    monkeypatch.setattr(pack, "_LEVEL", 1)
    other = pack.compress(LARGE)
    with Changed(sealed, key, other):
        assert "SHA-256 differs" in verdict(sealed)[key]


def test_only_the_lost_segment_is_named_not_those_after_it(sealed: Place) -> None:
    with Changed(sealed, segment_key(3), None):
        assert verdict(sealed) == {segment_key(3): f"missing: 1 commit(s) of a log that reached commit {LAST}"}


def test_a_segment_of_another_log_is_named(sealed: Place) -> None:
    with Changed(sealed, segment_key(3), resigned(sealed, 3, origin="example.com/other")):
        assert "is of the log 'example.com/other'" in verdict(sealed)[segment_key(3)]


@pytest.mark.parametrize(
    ("frames", "problem"),
    [
        ([("0" * 64, pack.compress(b"a"), 1)], "has other bytes than were stored under that name"),
        ([(canonical.digest(b"a"), pack.compress(b"a"), 2)], "not exactly one zstd frame of the stated length"),
    ],
)
def test_a_pack_that_lies_about_its_contents_is_named(place: Place, frames: Any, problem: str) -> None:
    assert problem in planted(place, pack.assemble(frames))


@pytest.mark.parametrize("where", ["front", "end"])
def test_bytes_that_a_pack_hides_are_named(place: Place, where: str) -> None:
    visible, hidden = pack.compress(b"a"), pack.compress(b"hidden")
    place_of_a = [len(hidden) if where == "front" else 0, len(visible), 1]
    text = canonical.encode({canonical.digest(b"a"): place_of_a})
    frame = b"\x5e\x2a\x4d\x18" + (len(text) + 4).to_bytes(4, "little") + text + len(text).to_bytes(4, "little")
    content = (hidden + visible if where == "front" else visible + hidden) + frame
    assert "leaves bytes of the pack unnamed" in planted(place, content)


def planted(place: Place, content: bytes) -> str:
    """What is said of a pack that somebody with the collector's key committed."""
    archive = Archive.create(place.judge, place.keys, AT)
    digest = canonical.digest(content)
    key = f"packs/2026Q4/{digest}.zst"
    before = decode(place.path(segment_key(0)).read_bytes()).segment.after()
    segment = Segment(archive.origin, 1, before, (b'{"kind":"x"}',), (StoredObject(key, digest),))
    place.disk.put_if_absent(key, content)
    place.disk.put_if_absent(segment_key(1), segment.encode(place.keys.collector))
    return verdict(place)[key]


def test_a_lost_pack_is_named_with_a_leaf_that_stands_on_it(sealed: Place) -> None:
    needed = decode(sealed.path(segment_key(1)).read_bytes()).segment.objects[0].key
    with Changed(sealed, needed, None):
        faults = verdict(sealed)
    assert faults[needed] == f"missing: {segment_key(1)} brought it"
    assert "which is not to be had" in faults[segment_key(1)]


def test_the_wrong_log_key_proves_nothing(sealed: Place, tmp_path: Path) -> None:
    stranger = Keys.create(tmp_path / "keys", sealed.keys.origin)
    (fault,) = verify(sealed.disk, str(stranger.log.verifier_key)).faults
    assert fault.object == segment_key(0)
    assert "the genesis names the log key" in fault.problem
    elsewhere = Keys.create(tmp_path / "elsewhere", "example.com/other")
    faults = {fault.object: fault.problem for fault in verify(sealed.disk, str(elsewhere.log.verifier_key)).faults}
    assert {segment_key(sequence) for sequence in range(LAST + 1)} <= faults.keys()
    assert {checkpoint_key(sequence) for sequence in range(LAST + 1)} <= faults.keys()
    with pytest.raises(ValueError, match=r"."):
        verify(sealed.disk, "not a key")


def test_an_empty_place_is_no_sound_archive(sealed: Place, tmp_path: Path) -> None:
    report = verify(LocalStore(tmp_path), str(sealed.keys.log.verifier_key))
    assert [fault.object for fault in report.faults] == [segment_key(0)]
    assert report.head is None


def test_the_report_counts_what_was_checked(sealed: Place) -> None:
    report = sealed.verify(sealed.keys.pin())
    assert report.sound
    assert (report.segments, report.leaves) == (LAST + 1, 1 + 3 * LAST)
    # Per run two lists of exchanges; one new records document; and once: one shared, the completeness, the large body.
    assert report.contents == 2 * LAST + LAST + 1 + 1 + 1
    assert report.length > len(LARGE)
    assert report.head == sealed.keys.pin()


def leaf_faults(place: Place, leaves: list[dict[str, Any]], documents: list[bytes]) -> list[str]:
    archive = Archive.create(place.judge, place.keys, AT)
    with archive.stage(AT) as staging:
        for document in documents:
            staging.put(document)
        archive.append(leaves, staging)
    return [fault.problem for fault in place.verify(place.keys.pin()).faults]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda leaves: leaves[-1].update(expected=3), "run 'r1' expected 3 evidence leaves and 2 are there"),
        (lambda leaves: leaves[-1].pop("expected"), "run 'r1' expected None evidence leaves and 2 are there"),
        (lambda leaves: leaves[-1].update(expected=True), "run 'r1' expected True evidence leaves and 2 are there"),
        (lambda leaves: leaves.pop(), "2 evidence leaves of run 'r1' without its run leaf"),
        (lambda leaves: leaves.append(leaves[-1]), "run 'r1' is told 2 times"),
        (lambda leaves: leaves[0]["records"].update(count=2), "has 1 lines, and leaf 1 says 2"),
        (lambda leaves: leaves[0]["exchanges"].update(count=0), "has 2 lines, and leaf 1 says 0"),
        (lambda leaves: leaves[0]["completeness"].update(sha256="0" * 64), f"cites content {'0' * 64}, which is not"),
        (lambda leaves: leaves[0].update(deep=[{"in": [{"sha256": "1" * 64}]}]), f"cites content {'1' * 64}, which"),
        (lambda leaves: leaves[0].update(sha256="ABC"), "'ABC' is not a SHA-256"),
        (lambda leaves: leaves[0].update(sha256=["0" * 64]), "is not a SHA-256"),
    ],
)
def test_what_a_leaf_claims_is_checked(place: Place, change: Any, problem: str) -> None:
    documents, leaves = run_leaves("r1", "a", "b")
    change(leaves)
    problems = leaf_faults(place, leaves, documents)
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_leaf_that_names_no_run_is_named(place: Place) -> None:
    documents, leaves = run_leaves("r1", "a", "b")
    leaves[0]["run"] = {}
    assert "a run or evidence leaf has no run id" in leaf_faults(place, leaves, documents)


def test_a_null_digest_cites_nothing(place: Place) -> None:
    assert leaf_faults(place, [{"kind": "outcome", "rule": {"sha256": None}}], []) == []


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (b'{"body":"' + b"2" * 64 + b'"}\n', f"with the body {'2' * 64}, which is not to be had"),
        (b'{"body":"short"}\n', "'short' is not a SHA-256"),
        (b'{"status":200}\n', "is no JSON object with a body"),
        (b"[]\n", "is no JSON object with a body"),
        (b"{\n", "not canonical JSON"),
    ],
)
def test_what_a_list_of_exchanges_claims_is_checked(place: Place, document: bytes, problem: str) -> None:
    leaf = {"kind": "sample", "exchanges": {"sha256": canonical.digest(document), "count": 1}}
    assert any(problem in found for found in leaf_faults(place, [leaf], [document]))


def test_lines_are_counted_in_large_contents_too(place: Place) -> None:
    lines = b"".join(canonical.encode({"body": None, "n": number}) + b"\n" for number in range(80_000))
    assert len(lines) > 1 << 20
    cited = {"sha256": canonical.digest(lines), "count": 79_999}
    (found,) = leaf_faults(place, [{"kind": "x", "exchanges": cited}], [lines])
    assert "has 80000 lines, and leaf 1 says 79999" in found


@pytest.mark.parametrize(
    ("leaf", "problem"),
    [
        (b'{"kind":"x","a":1.5}', "the number 1.5 is no integer"),
        (b'{"a":1,"kind":"x","a":2}', "not canonical JSON"),
        (b'{"kind": "x"}', "not canonical JSON"),
        (b'{"a":1}', "has no kind"),
        (b"[]", "has no kind"),
        (b"{", "not canonical JSON"),
        (b'{"kind":"genesis"}', "a genesis is the first leaf"),
        (b'{"kind":"void","object":"' + b"0" * 64 + b'","sequence":1}', "a void leaf follows from a rule"),
    ],
)
def test_a_leaf_that_is_not_canonical_is_named(place: Place, leaf: bytes, problem: str) -> None:
    archive = Archive.create(place.judge, place.keys, AT)
    genesis = decode(place.path(segment_key(0)).read_bytes()).segment
    segment = Segment(archive.origin, 1, genesis.after(), (leaf,), ())
    place.disk.put_if_absent(segment_key(1), segment.encode(place.keys.collector))
    archive = Archive.open(place.disk, place.keys)
    assert problem in verdict(place)[segment_key(1)]
