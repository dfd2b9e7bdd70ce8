"""Canonical JSON: the subset of RFC 8785 that every language writes the same way.

ASCII keys, no floats, |int| < 2**53. Inside these limits sorted compact JSON *is* RFC 8785, byte for byte
(`tests/test_canonical.py` holds it against an independent implementation).
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

_LARGEST = 2**53 - 1
_LONG = b"0" * len(str(_LARGEST))
_DIGITS = bytes(ord("0") if chr(byte).isdecimal() else ord(" ") for byte in range(128)) + b" " * 128
_encoder = msgspec.json.Encoder(order="sorted")


def encode(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """The canonical bytes of a JSON value; ValueError names the part that has no portable form."""
    try:
        _guard(value, ())
        return _encoder.encode(value)
    except RecursionError as error:
        raise ValueError("nested too deep to be written portably") from error


def decode(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value in `text`; ValueError when it is not JSON."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error


def parse(text: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value in `text`; ValueError unless `text` is what `encode` writes for it, byte for byte.

    A verifier calls this for every leaf. In ASCII no name can have another letter, and without as many digits in a
    row as the largest integer has, no number can be too large: then the walk through the value is left out.
    """
    try:
        value = _decoder.decode(text)
        if not text.isascii() or _LONG in text.translate(_DIGITS):
            _guard(value, ())
        if _encoder.encode(value) == text:
            return value
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"is not canonical JSON: {error}") from error
    raise ValueError("is not canonical JSON: it has another spelling")


def digest(content: bytes) -> str:
    """SHA-256 of the bytes, in lower-case hex: how content is named everywhere."""
    return sha256(content).hexdigest()


def _guard(value: object, path: tuple[object, ...]) -> None:
    """Refuse what has no portable form. `path` becomes text only where something is wrong: this runs for every row."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise ValueError(f"{_place(path)}: {value} has more than 53 bits")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _guard(item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{_place(path)}: the key {key!r} is not an ASCII string")
            _guard(item, (*path, key))
    elif not isinstance(value, str):
        raise ValueError(f"{_place(path)}: {kind.__name__} has no canonical form")  # noqa: TRY004 - of the value, not of an argument


def _place(path: tuple[object, ...]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _no_fraction(text: str) -> None:
    raise ValueError(f"the number {text[:40]} is no integer")


_decoder = msgspec.json.Decoder(float_hook=_no_fraction)
