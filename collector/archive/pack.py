"""The pack: many contents in one object that plain `zstd -dc` reads.

One zstd frame for each content, in ascending order of digest, then the index in one skippable frame: canonical JSON
`{sha256: [offset, compressed length, length]}` followed by the JSON's own length as a little-endian uint32, so that the
index is found from the end of the object.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.citations import digest_from
from collector.archive.layout import digest_in, is_pack
from collector.errors import TamperedError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.archive.store import Store

LARGEST_CONTENT = 1 << 20
"""Contents above this many bytes become blobs."""

_LEVEL = 3
_SKIPPABLE = 0x184D2A5E  # any of the sixteen magic numbers RFC 8878 (section 3.1.2) gives to frames a decoder skips
_FRAME_MAGIC = b"\x28\xb5\x2f\xfd"
_FRAME_HEADER = struct.Struct("<II")
_INDEX_LENGTH = struct.Struct("<I")
_ROUND_FRAME = _FRAME_HEADER.size + _INDEX_LENGTH.size
_FIRST_READ = 64 << 10
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Frame:
    """Where one content lies in a pack; all in bytes."""

    offset: int
    compressed: int
    length: int


Place = tuple[str, Frame | None]
"""Where one content lies: the key of a pack and its frame there, or the key of a blob and None."""


def compress(content: bytes) -> bytes:
    """One zstd frame."""
    return zstd.compress(content, level=_LEVEL)


def expand(frame: bytes, length: int | None = None) -> bytes:
    """The content of one whole frame; ValueError when it is damaged or not `length` bytes long.

    Never expands further than `length`: a forged frame cannot fill the memory.
    """
    _begins(frame)
    decompressor = zstd.ZstdDecompressor()
    try:
        content = decompressor.decompress(frame, max_length=-1 if length is None else length + 1)
    except zstd.ZstdError as error:
        raise ValueError(f"damaged zstd frame ({error})") from None
    if not decompressor.eof or decompressor.unused_data or length not in (None, len(content)):
        raise ValueError("not exactly one zstd frame of the stated length")
    return content


def expanded(frame: bytes) -> Iterator[bytes]:
    """The content of one whole frame in pieces, for contents too large to hold; ValueError when it is damaged."""
    _begins(frame)
    decompressor = zstd.ZstdDecompressor()
    try:
        yield decompressor.decompress(frame, max_length=_CHUNK)
        while not decompressor.eof and not decompressor.needs_input:
            yield decompressor.decompress(b"", max_length=_CHUNK)
    except zstd.ZstdError as error:
        raise ValueError(f"damaged zstd frame ({error})") from None
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("not exactly one zstd frame")


def _begins(frame: bytes) -> None:
    """A decoder would pass over a skippable frame and give back nothing, as if it held an empty content."""
    if not frame.startswith(_FRAME_MAGIC):
        raise ValueError("damaged zstd frame: it begins otherwise")


def expanded_digest(frame: bytes) -> str:
    """The SHA-256 of the content of one whole frame."""
    running = sha256()
    for piece in expanded(frame):
        running.update(piece)
    return running.hexdigest()


def assemble(frames: Iterable[tuple[str, bytes, int]]) -> bytes:
    """The pack of these contents: digest, frame and length of each, in ascending order of digest."""
    pack, index = bytearray(), {}
    for digest, frame, length in frames:
        index[digest] = [len(pack), len(frame), length]
        pack += frame
    text = canonical.encode(index)
    pack += _FRAME_HEADER.pack(_SKIPPABLE, len(text) + _INDEX_LENGTH.size) + text + _INDEX_LENGTH.pack(len(text))
    return bytes(pack)


def index_in(pack: bytes) -> dict[str, Frame]:
    """The index of a pack held in memory; ValueError unless the frames it names fill the pack from end to end."""
    length = _index_frame_length(pack)
    index = _parse_index(pack[-length:])
    end = 0
    for frame in index.values():
        if frame.offset != end:
            raise ValueError("the index leaves bytes of the pack unnamed")
        end += frame.compressed
    if end != len(pack) - length:
        raise ValueError("the index leaves bytes of the pack unnamed")
    return index


def places_in(key: str, content: bytes) -> dict[str, Place]:
    """Where the contents of one pack or blob lie, the object being held in memory; by digest."""
    if not is_pack(key):
        return {digest_in(key): (key, None)}
    return {digest: (key, frame) for digest, frame in index_in(content).items()}


def places_of(store: Store, key: str) -> dict[str, Place]:
    """The same of an object in the store. Of a pack its end alone is read; TamperedError when that has no index."""
    if not is_pack(key):
        return {digest_in(key): (key, None)}
    return {digest: (key, frame) for digest, frame in index_of(store, key).items()}


def index_of(store: Store, key: str) -> dict[str, Frame]:
    """The index of a pack in the store, reading its end only; TamperedError names the pack when there is none."""
    tail = store.get(key, -_FIRST_READ) or b""
    try:
        length = _index_frame_length(tail)
        if length > len(tail):
            tail = store.get(key, -length) or b""
        return _parse_index(tail[-length:])
    except ValueError as error:
        raise TamperedError(f"{key} has no readable index: {error}; run verify to see what else is wrong") from error


def _index_frame_length(tail: bytes) -> int:
    if len(tail) < _ROUND_FRAME:
        raise ValueError("too short to hold an index")
    (length,) = _INDEX_LENGTH.unpack(tail[-_INDEX_LENGTH.size :])
    return int(length) + _ROUND_FRAME


def _parse_index(frame: bytes) -> dict[str, Frame]:
    magic, size = _FRAME_HEADER.unpack_from(frame)
    if magic != _SKIPPABLE or size != len(frame) - _FRAME_HEADER.size:
        raise ValueError("the index is not where the end of the pack says")
    match canonical.parse(frame[_FRAME_HEADER.size : -_INDEX_LENGTH.size]):
        case dict() as index:
            return {digest: _frame(digest, place) for digest, place in index.items()}
        case _:
            raise ValueError("the index is not a JSON object")


def _frame(digest: str, place: object) -> Frame:
    match place:
        case [int(offset), int(compressed), int(length)] if _lengths(place) and digest_from(digest):
            return Frame(offset, compressed, length)
        case _:
            raise ValueError(f"the index entry of {digest} is not three lengths")


def _lengths(place: Iterable[object]) -> bool:
    return all(type(number) is int and number >= 0 for number in place)
