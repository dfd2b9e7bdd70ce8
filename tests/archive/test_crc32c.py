"""The checksum that Google's service wants."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from collector.archive.kms_google import crc32c


def test_the_checksum_of_rfc_3720() -> None:
    assert crc32c(b"") == 0
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


@given(st.binary(min_size=1, max_size=100), st.data())
def test_the_checksum_sees_any_flipped_bit(content: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(content) * 8 - 1))
    flipped = bytearray(content)
    flipped[at // 8] ^= 1 << at % 8
    assert crc32c(bytes(flipped)) != crc32c(content)
