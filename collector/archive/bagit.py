"""The archive as a bag (RFC 8493, BagIt 1.0): the form that records departments and long-term stores take in.

    data/contents/<sha256>   every content that a commit brought, uncompressed
    data/log/                the segments and checkpoints as they are
    manifest-sha256.txt      checks with `sha256sum --check manifest-sha256.txt`
    bagit.txt, bag-info.txt, tagmanifest-sha256.txt

The packs are not in it: the contents are, under the digests by which the leaves in the log cite them.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

from collector.archive import pack
from collector.archive.layout import LOG, digest_in, is_pack
from collector.archive.reader import Reader
from collector.errors import TamperedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from collector.archive.segment import Segment
    from collector.archive.store import Store

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LABEL = re.compile(r"[^\s:](?:[^\r\n:]*[^\s:])?")
_OXUM = "Payload-Oxum"


def write_bag(store: Store, folder: Path, facts: Mapping[str, str]) -> None:
    """Write the archive into a new folder as a bag. The same archive and facts always give the same bytes.

    `facts` are the lines of bag-info.txt by their label, such as `Source-Organization` or `Bagging-Date`, in the order
    given; Payload-Oxum is added. UsageError when the folder holds anything or a fact cannot be written, TamperedError
    when an object is missing or not what it should be. The manifests come last: without them the folder is no bag.
    """
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty; name a new folder, so that two exports never mix")
    if any(label.lower() == _OXUM.lower() for label in facts):
        raise UsageError(f"{_OXUM} is counted, not given")
    lines = [_line(label, value) for label, value in facts.items()]
    (folder / "data" / "contents").mkdir(parents=True, exist_ok=True)
    (folder / "data" / LOG).mkdir()
    payload: dict[str, str] = {}
    length = 0
    for name, pieces in _payload(store):
        if name not in payload:
            payload[name], written = _write(folder / name, pieces)
            length += written
            if name.startswith("data/contents/") and not name.endswith(payload[name]):
                raise TamperedError(f"{store} gives other bytes for content {name.rpartition('/')[2]}; run verify")
    lines.append(_line(_OXUM, f"{length}.{len(payload)}"))
    tags = {"bag-info.txt": "".join(lines), "bagit.txt": _DECLARATION, "manifest-sha256.txt": _manifest(payload)}
    digests = {name: _write(folder / name, [text.encode()])[0] for name, text in tags.items()}
    _write(folder / "tagmanifest-sha256.txt", [_manifest(digests).encode()])


def _payload(store: Store) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Name and bytes of each payload file. A content may come more than once: each epoch stores its own."""
    for key in store.list(LOG):
        yield f"data/{key}", [_bytes(store, key)]
    for segment in _commits(store):
        for stored in segment.objects:
            for digest, pieces in _contents(store, stored.key):
                yield f"data/contents/{digest}", _explained(stored.key, pieces)


def _commits(store: Store) -> Iterator[Segment]:
    try:
        yield from Reader(store).commits()
    except TamperedError as error:
        raise TamperedError(f"{error}; run verify") from error


def _contents(store: Store, key: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    content = _bytes(store, key)
    if not is_pack(key):
        yield digest_in(key), pack.expanded(content)
        return
    try:
        index = pack.index_in(content)
    except ValueError as error:
        raise TamperedError(f"{key} has no readable index: {error}; run verify") from error
    for digest, frame in index.items():
        yield digest, pack.expanded(content[frame.offset : frame.offset + frame.compressed])


def _explained(key: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except ValueError as error:
        raise TamperedError(f"{key} cannot be read: {error}; run verify") from error


def _bytes(store: Store, key: str) -> bytes:
    content = store.get(key)
    if content is None:
        raise TamperedError(f"{key} is missing from {store}; run verify")
    return content


def _line(label: str, value: str) -> str:
    """One line of bag-info.txt. A value with a line break would have to be folded; ours have none."""
    if not _LABEL.fullmatch(label):
        raise UsageError(f"{label!r} cannot be a label in bag-info.txt")
    if not value.strip() or "\n" in value or "\r" in value:
        raise UsageError(f"{label} in bag-info.txt must be one line of text, not {value!r}")
    return f"{label}: {value}\n"


def _manifest(digests: Mapping[str, str]) -> str:
    """Digest, two spaces, name, ordered by name: what `sha256sum --check` reads. No name here needs an escape."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def _write(path: Path, pieces: Iterable[bytes]) -> tuple[str, int]:
    """Write a file; the SHA-256 and the number of its bytes."""
    running, length = sha256(), 0
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)
            running.update(piece)
            length += len(piece)
    return running.hexdigest(), length
