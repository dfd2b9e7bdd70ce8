"""The stranger's verifier agrees with the collector's own: same verdict, same objects named, on whatever is done.

Every case of test_verify.py and test_void.py runs here once more, and each archive that it verifies is shown to both.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

import collector.archive.standalone
from collector import canonical
from collector.archive import pack
from collector.archive import verify as built_in
from collector.archive.archive import Archive
from collector.archive.layout import checkpoint_key, segment_key
from collector.archive.notes import LocalSigner
from collector.archive.segment import Segment, StoredObject, decode

from . import test_verify
from .conftest import AT, Place
from .test_verify import *  # noqa: F403 - every tampering case, those to come too
from .test_verify import LAST, ONE_ARCHIVE_FOR_ALL, Changed, resigned, sealed  # noqa: F401 - a fixture
from .test_void import *  # noqa: F403 - what is void to one is void to both

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.archive.report import Report
    from collector.archive.store import Store

pytestmark = pytest.mark.first

FILE = Path(collector.archive.standalone.__file__).with_name("verify.py")
FORMAT = FILE.parents[1] / "FORMAT.md"


def loaded() -> Any:
    """The file by itself, as no part of any package."""
    specification = importlib.util.spec_from_file_location("strangers_verify", FILE)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules[specification.name] = module  # dataclasses look their module up
    specification.loader.exec_module(module)
    return module


stranger = loaded()


def findings(directory: Path, vkey: str, pinned: Head | None = None) -> Any:
    earlier = stranger.Head.parse(pinned.encode()) if pinned else None
    return stranger.verify(directory, vkey, earlier)


def objects(found: Any) -> set[str]:
    return {name for name, _ in found.faults}


def remarks(notes: list[str]) -> list[str]:
    """The notes about objects; what else each says of its own limits, and how it words a reason, is its own matter."""
    kept = [note for note in notes if note.startswith(("Pending: ", "Left over: ", "Void: "))]
    return [re.sub(r" \(.*\);", ";", note, flags=re.DOTALL) for note in kept]


def older_zstd_in_use() -> bool:
    """Releases before 1.5.7 pass over reserved bits, and so get contents out of a frame that others call damaged.

    The damaged object is named all the same. What may differ is whether the leaf that cites the content has lost it.
    """
    way = stranger.zstd_here()
    if isinstance(way, stranger.Library):
        return False
    told = subprocess.run([way._program, "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603 - zstd
    found = re.search(r"v(\d+)\.(\d+)\.(\d+)", told)
    assert found
    return tuple(map(int, found.groups())) < zstd.zstd_version_info


def both(store: Store, log_vkey: str, pinned: Head | None = None) -> Report:
    """Stands in for the built-in `verify`, and holds the other against it."""
    report = built_in.verify(store, log_vkey, pinned)
    found = findings(Path(str(store)), log_vkey, pinned)
    assert found.unchecked == []
    theirs = {fault.object for fault in report.faults}
    if objects(found) != theirs:
        assert older_zstd_in_use(), (found.faults, report.faults)
        damaged = {name for name in objects(found) & theirs if name.endswith(".zst")}
        lost = {fault.object for fault in report.faults if "which is not to be had" in fault.problem}
        assert damaged, (found.faults, report.faults)
        assert theirs - objects(found) <= lost, (found.faults, report.faults)
        assert objects(found) <= theirs, (found.faults, report.faults)
    assert (found.verdict == "sound") == report.sound
    if report.sound:
        assert (found.commits, found.voids, found.leaves) == (report.segments, report.voids, report.leaves)
        assert (found.contents, found.length) == (report.contents, report.length)
    head = report.head
    assert found.head == (stranger.Head.parse(head.encode()) if head else None)
    assert remarks(found.notes) == remarks(report.notes)
    return report


@pytest.fixture(params=["program", "library"])
def expander(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to expand zstd; Python 3.14's own is the same code as the backport."""
    if request.param == "program" and not shutil.which("zstd"):
        pytest.skip("there is no zstd program here")
    if request.param == "program" and request.function is test_aq_03_any_flipped_bit_of_any_object_is_named:  # noqa: F405
        pytest.skip("what is done to two of them has it too, and each case takes a process or more")
    way = stranger.Program(shutil.which("zstd")) if request.param == "program" else stranger.Library(zstd)
    monkeypatch.setattr(stranger, "zstd_here", lambda: way)


@pytest.fixture(autouse=True)
def agreeing(expander: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - for what it does
    monkeypatch.setitem(Place.verify.__globals__, "verify", both)
    monkeypatch.setattr(test_verify, "verify", both)


def test_the_cases_of_the_other_file_are_shown_to_both() -> None:
    assert Place.verify.__globals__["verify"] is both
    assert globals()["test_aq_03_any_removed_object_is_named"].__globals__["verify"] is both


# What the cases of the other file do not do.

MEDDLING = ["flip", "cut", "append", "insert", "empty", "remove", "swap", "copy"]


@settings(ONE_ARCHIVE_FOR_ALL, max_examples=50)
@given(st.data())
def test_both_name_the_same_objects_whatever_is_done_to_two_of_them(
    sealed: Place,  # noqa: F811 - the fixture
    data: st.DataObject,
) -> None:
    with TemporaryDirectory() as folder:
        copy = Place(Path(folder), sealed.keys, sealed.judge)
        shutil.copytree(sealed.directory, copy.directory)
        for _ in range(data.draw(st.integers(1, 2))):
            meddle(copy, data)
        for pinned in (None, sealed.keys.pin()):
            copy.verify(pinned)


def meddle(place: Place, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(place.objects()))
    path, content = place.path(key), place.path(key).read_bytes()
    at = data.draw(st.integers(0, max(0, len(content) - 1)))
    act = data.draw(st.sampled_from(MEDDLING))
    path.unlink()
    if act in ("swap", "copy"):
        other = place.path(data.draw(st.sampled_from([*place.objects(), segment_key(LAST + 1), segment_key(9)])))
        if act == "swap" and other.exists():
            path.write_bytes(other.read_bytes())
        elif act == "copy":
            path.write_bytes(content)
        other.unlink(missing_ok=True)
        other.write_bytes(content)
    elif act != "remove":
        flipped = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b""
        changed = {"flip": flipped, "cut": content[:at], "append": content + b"\n", "empty": b""}
        path.write_bytes(changed.get(act, content[:at] + b"\n" + content[at:]))


def test_two_heads_signed_for_one_commit_are_seen_by_both(sealed: Place) -> None:  # noqa: F811 - the fixture
    first, second = (sealed.path(checkpoint_key(sequence)).read_bytes() for sequence in (1, 2))
    text, _, signature = second.partition(b"\n\n")
    for content in (second, first + second, text + b"\n\n" + signature + first.partition(b"\n\n")[2]):
        with Changed(sealed, checkpoint_key(2), content), Changed(sealed, checkpoint_key(1), second):
            assert checkpoint_key(1) in {fault.object for fault in sealed.verify().faults}


def test_a_frame_that_states_no_length_is_read_too(place: Place) -> None:
    """What a streaming writer of zstd makes."""
    streamed = []
    for content in (b"", b"one", b"two" * 100_000):
        compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.checksum_flag: len(content) % 2})
        frame = compressor.compress(content[:1]) + compressor.compress(content[1:]) + compressor.flush()
        streamed.append((canonical.digest(content), frame, len(content)))
    committed(place, pack.assemble(sorted(streamed)))
    assert place.verify().sound


def committed(place: Place, content: bytes, *leaves: bytes, at: str = "") -> str:
    """A pack (or a blob `at`) and leaves, committed by somebody who has the collector's key; the object's name."""
    archive = Archive.create(place.disk, place.keys, AT)
    before = decode(place.path(segment_key(0)).read_bytes()).segment.after()
    digest = canonical.digest(content)
    brought = StoredObject(at or f"packs/2026Q4/{digest}.zst", digest)
    segment = Segment(archive.origin, 1, before, leaves or (b'{"kind":"x"}',), (brought,))
    place.disk.put_if_absent(brought.key, content)
    place.disk.put_if_absent(segment_key(1), segment.encode(place.keys.collector))
    Archive.open(place.disk, place.keys)
    return brought.key


def test_a_frame_that_is_skipped_and_a_run_without_an_id_are_named(place: Place) -> None:
    """By somebody who has the collector's key."""
    hidden = b"\x50\x2a\x4d\x18\x06\x00\x00\x00hidden"  # a skippable frame in the place of an empty content
    with_hidden = pack.assemble([(canonical.digest(b""), hidden, 0)])
    key = committed(place, with_hidden, b'{"kind":"run","run":{"not":"an id"},"expected":0}')
    assert named(place) == {key, segment_key(1)}


def test_a_blob_that_is_skipped_is_named(place: Place) -> None:
    key = f"blobs/2026Q4/{canonical.digest(b'')}.zst"
    committed(place, b"\x50\x2a\x4d\x18\x06\x00\x00\x00hidden", at=key)
    assert named(place) == {key}


@pytest.mark.parametrize(
    "spelled",
    [
        lambda text: text.replace(b",", b", ", 1),
        lambda text: text.replace(b":[0,", b":[0.0,"),
        lambda text: text.replace(b":[0,", b":[-0,"),
        lambda text: text[:-1] + b"," + text[1:],  # each member twice
        lambda text: b"{" + b",".join(reversed(text[1:-1].replace(b"],", b"];").split(b";"))) + b"}",
    ],
)
def test_an_index_that_is_not_canonical_is_named(place: Place, spelled: Any) -> None:
    frames = sorted((canonical.digest(content), pack.compress(content), 1) for content in (b"a", b"b"))
    whole = pack.assemble(frames)
    text = whole[whole.rindex(b"{") : -4]
    other = spelled(text)
    assert other != text
    framed = b"\x5e\x2a\x4d\x18" + (len(other) + 4).to_bytes(4, "little") + other + len(other).to_bytes(4, "little")
    key = committed(place, whole[: whole.rindex(b"{") - 8] + framed)
    assert named(place) == {key}


@pytest.mark.parametrize(
    "list_of_exchanges",
    [
        b'{"body": null}\n',
        b'{"body":null,"n":1.5}\n',
        b'{"n":1,"body":null}\n',
        b'{"body":null,"n":9007199254740992}\n',
    ],
)
def test_a_list_of_exchanges_must_be_canonical(place: Place, list_of_exchanges: bytes) -> None:
    digest = canonical.digest(list_of_exchanges)
    frame = pack.compress(list_of_exchanges)
    leaf = canonical.encode({"kind": "x", "exchanges": {"sha256": digest, "count": 1}})
    key = committed(place, pack.assemble([(digest, frame, len(list_of_exchanges))]), leaf)
    assert key in named(place)


def test_the_leaf_with_the_wrong_count_is_named_and_not_the_first_that_cites(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    digest = canonical.digest(b"a\nb\n")
    for count in (2, 3):
        with archive.stage(AT) as staging:
            staging.put(b"a\nb\n")
            archive.append([{"kind": "x", "records": {"sha256": digest, "count": count}}], staging)
    assert named(place) == {segment_key(2)}


def named(place: Place) -> set[str]:
    """The objects that both of them name."""
    return {fault.object for fault in place.verify().faults}


@pytest.mark.parametrize(
    "member", [{"origin": "example.com/other"}, {"created": "yesterday"}, {"collector_key": "other"}, {"format": "v9"}]
)
def test_a_genesis_that_says_something_else_is_named(place: Place, member: dict[str, str]) -> None:
    Archive.create(place.disk, place.keys, AT)
    first = decode(place.path(segment_key(0)).read_bytes()).segment
    other = LocalSigner("example.com/somebody", Ed25519PrivateKey.generate())
    said = {name: str(other.verifier_key) if name == "collector_key" else value for name, value in member.items()}
    leaf = canonical.encode(canonical.decode(first.leaves[0]) | said)
    forged = Segment(first.origin, 0, first.before, (leaf,), ()).encode(place.keys.collector)
    with Changed(place, segment_key(0), forged):
        assert segment_key(0) in named(place)


def test_a_genesis_of_another_log_signed_by_its_collector_is_named(place: Place) -> None:
    """Whole in itself, but for the name of the log's key."""
    Archive.create(place.disk, place.keys, AT)
    first = decode(place.path(segment_key(0)).read_bytes()).segment
    other = LocalSigner("example.com/other/collector", Ed25519PrivateKey.generate())
    said = {"origin": "example.com/other", "collector_key": str(other.verifier_key)}
    leaf = canonical.encode(canonical.decode(first.leaves[0]) | said)
    with Changed(place, segment_key(0), Segment(first.origin, 0, first.before, (leaf,), ()).encode(other)):
        assert segment_key(0) in named(place)


def test_a_commit_without_leaves_is_named(place: Place) -> None:
    archive = Archive.create(place.disk, place.keys, AT)
    before = decode(place.path(segment_key(0)).read_bytes()).segment.after()
    place.disk.put_if_absent(segment_key(1), Segment(archive.origin, 1, before, (), ()).encode(place.keys.collector))
    assert segment_key(1) in named(place)


def test_the_second_of_two_headers_that_give_an_object_another_digest_is_named(place: Place) -> None:
    key = committed(place, pack.assemble([(canonical.digest(b"a"), pack.compress(b"a"), 1)]))
    before = decode(place.path(segment_key(1)).read_bytes()).segment.after()
    for sequence, digest in ((2, key[-68:-4]), (3, "0" * 64)):
        again = Segment(place.keys.origin, sequence, before, (b'{"kind":"x"}',), (StoredObject(key, digest),))
        place.disk.put_if_absent(segment_key(sequence), again.encode(place.keys.collector))
        before = again.after()
    Archive.open(place.disk, place.keys)
    assert named(place) == {segment_key(3)}


def test_a_link_is_no_object(sealed: Place, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    for key in (segment_key(2), checkpoint_key(2), next(key for key in sealed.objects() if key.startswith("packs/"))):
        path = sealed.path(key)
        (tmp_path / path.name).write_bytes(path.read_bytes())
        with Changed(sealed, key, None):
            path.symlink_to(tmp_path / path.name)
            assert key in named(sealed)
    elsewhere = sealed.directory / "packs" / "elsewhere"
    elsewhere.symlink_to(tmp_path)
    try:
        assert named(sealed) == {"packs/elsewhere"}
    finally:
        elsewhere.unlink()


# Without zstd, and from the command line.


def test_without_zstd_nothing_is_called_sound(sealed: Place, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811 - the fixture
    monkeypatch.setattr(stranger, "zstd_here", lambda: None)
    found = findings(sealed.directory, str(sealed.keys.log.verifier_key), sealed.keys.pin())
    assert (found.verdict, found.faults) == ("incomplete", [])
    assert [why for _, why in found.unchecked] == ["cannot look into packs: install zstd (or use Python 3.14)"]
    lost = next(key for key in sealed.objects() if key.startswith("packs/"))
    with Changed(sealed, lost, None):
        found = findings(sealed.directory, str(sealed.keys.log.verifier_key))
    assert found.verdict == "faulty"
    assert lost in objects(found)


def command(sealed: Place, *arguments: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:  # noqa: F811 - the fixture
    key = str(sealed.keys.log.verifier_key)
    line = [sys.executable, "-I", str(FILE), str(sealed.directory), "--key", key, *arguments]
    return subprocess.run(line, check=False, capture_output=True, text=True, env={"PATH": path})  # noqa: S603 - our file


@pytest.mark.skipif(
    sys.version_info < (3, 14) and not shutil.which("zstd"), reason="nothing here expands zstd for a process of its own"
)
def test_the_command_says_by_its_exit_code_what_it_found(sealed: Place, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    head, pinned = tmp_path / "head.json", sealed.keys.pin()
    assert pinned
    head.write_bytes(pinned.encode())
    sound = command(sealed, "--head", str(head))
    assert (sound.returncode, sound.stderr) == (0, "")
    assert sound.stdout.endswith("sound\n")
    assert f"head: {pinned.encode().decode()}" in sound.stdout
    with Changed(sealed, checkpoint_key(2), b"damaged"):
        faulty = command(sealed)
        told = json.loads(command(sealed, "--json").stdout)
    assert faulty.returncode == 1
    assert f"FAULT      {checkpoint_key(2)}: is no signed note" in faulty.stdout
    assert told["verdict"] == "faulty"
    assert [fault["object"] for fault in told["faults"]] == [checkpoint_key(2)]
    if sys.version_info < (3, 14):
        assert command(sealed, path=str(tmp_path)).returncode == 3


@pytest.mark.parametrize("head", ["", "[]", '{"root":"AA==","sequence":1,"size":1}', '{"sequence":1,"size":1}'])
def test_arguments_that_cannot_be_used_end_with_2(sealed: Place, tmp_path: Path, head: str) -> None:  # noqa: F811 - the fixture
    (tmp_path / "head.json").write_text(head)
    assert command(sealed, "--head", str(tmp_path / "head.json")).returncode == 2
    assert command(sealed, "--head", str(tmp_path / "none.json")).returncode == 2
    assert command(sealed, "--key", "not a key").returncode == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_no_fault_and_not_sound(sealed: Place) -> None:  # noqa: F811 - the fixture
    path = sealed.path(segment_key(3))
    path.chmod(0)
    try:
        found = findings(sealed.directory, str(sealed.keys.log.verifier_key))
    finally:
        path.chmod(0o444)
    assert (found.verdict, found.unchecked[0][0]) == ("incomplete", segment_key(3))


def test_it_imports_the_standard_library_alone() -> None:
    names = [
        name.split(".")[0]
        for node in ast.walk(ast.parse(FILE.read_text()))
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [])
        + ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
    ]
    assert set(names) <= set(sys.stdlib_module_names)


def test_its_steps_are_those_of_the_page() -> None:
    section = FORMAT.read_text().split("## Verification")[1].split("\n## ")[0]
    steps = re.findall(r"^(\d+)\. ", section, re.MULTILINE)
    assert sorted(set(map(int, re.findall(r'"""Step (\d+):', FILE.read_text())))) == [int(step) for step in steps]


# RFC 8032, section 7.1.

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"
        ),
    ),
]


@pytest.mark.parametrize(("public", "text", "signature"), VECTORS)
def test_the_signatures_of_rfc_8032(public: str, text: str, signature: str) -> None:
    key, message, signed = bytes.fromhex(public), bytes.fromhex(text), bytes.fromhex(signature)
    assert stranger.fits(key, message, signed)
    assert not stranger.fits(key, message + b"x", signed)
    for at in (0, 31, 32, 63):
        assert not stranger.fits(key, message, signed[:at] + bytes([signed[at] ^ 1]) + signed[at + 1 :])
    later = (int.from_bytes(signed[32:], "little") + stranger.ORDER).to_bytes(32, "little")
    assert not stranger.fits(key, message, signed[:32] + later), "S must be below the order of the group"
    assert not stranger.fits(key, message, signed[:-1])


@settings(deadline=None, max_examples=30)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200))
def test_signatures_by_another_implementation_fit(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signed = private.public_key().public_bytes_raw(), private.sign(message)
    assert stranger.fits(public, message, signed)
    assert not stranger.fits(public, message, signed[:32] + bytes(32))


@pytest.mark.parametrize("encoded", [b"\xff" * 32, (2).to_bytes(32, "little"), (1 + (1 << 255)).to_bytes(32, "little")])
def test_what_is_no_point_is_no_key(encoded: bytes) -> None:
    with pytest.raises(ValueError, match="no point"):
        stranger.point(encoded)


def test_a_bit_that_only_newer_releases_of_zstd_mind_is_named_all_the_same(sealed: Place) -> None:  # noqa: F811 - the fixture
    """The lowest bit of the byte of symbol compression modes (RFC 8878, section 3.1.1.3.2.1) is reserved."""
    (key,) = (key for key in sealed.objects() if key.startswith("blobs/"))
    content = bytearray(sealed.path(key).read_bytes())
    modes_at = content.index(b"large ") + 6 + 1  # after the literals, and one byte for the number of sequences
    content[modes_at] ^= 1
    with Changed(sealed, key, bytes(content)):
        assert key in {fault.object for fault in sealed.verify().faults}
