"""An answer's body, decoded as it arrives and never larger than allowed: a small gzip can hold a very large one."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from collector.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Iterable

ACCEPTED = "gzip"
_GZIP = 31
"""zlib's number for "gzip, and nothing else"."""


class TooLargeError(CollectorError):
    """The body is larger than the limit."""


class UndecodableError(CollectorError):
    """The body is not what its Content-Encoding says, or ends early."""


def read(chunks: Iterable[bytes], encoding: str, most: int) -> bytes:
    """The whole body; `encoding` is its Content-Encoding, `most` how many bytes it may have when decoded."""
    match encoding.strip().lower():
        case "" | "identity":
            return _limited(chunks, most)
        case "gzip" | "x-gzip":
            return _gunzipped(chunks, most)
        case other:
            raise UndecodableError(f"the answer is encoded as {other[:20]!r}, which was not asked for")


def _limited(chunks: Iterable[bytes], most: int) -> bytes:
    whole = bytearray()
    for chunk in chunks:
        whole += chunk
        _check(whole, most)
    return bytes(whole)


def _gunzipped(chunks: Iterable[bytes], most: int) -> bytes:
    whole, decoder = bytearray(), zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            # One byte beyond the limit is enough to know; never more is unpacked.
            whole += decoder.decompress(chunk, most - len(whole) + 1)
            _check(whole, most)
    except zlib.error as error:
        raise UndecodableError("the answer's gzip is broken") from error
    if not decoder.eof or decoder.unused_data:
        raise UndecodableError("the answer's gzip ends early, or goes on behind its end")
    return bytes(whole)


def _check(whole: bytearray, most: int) -> None:
    if len(whole) > most:
        raise TooLargeError(f"the answer is larger than {most} bytes")
