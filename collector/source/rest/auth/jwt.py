"""Signed claims (RFC 7519), as far as signing in needs them: made here, and checked by the provider alone."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_COORDINATE = 32
"""Bytes of each half of an ES256 signature."""
_SMALLEST_RSA = 2048

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey


def private_key(path: Path) -> PrivateKey:
    """The key in a PEM file: RSA of 2048 bits or more, or P-256. UsageError when there is none."""
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise UsageError(f"the private key {path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # the text of these may quote the file
        raise UsageError(f"{path} holds no private key in PEM without a password") from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= _SMALLEST_RSA:
        return key
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP256R1):
        return key
    raise UsageError(f"{path}: the key must be RSA of {_SMALLEST_RSA} bits or more, or P-256")


def signed(claims: Mapping[str, str | int], key: PrivateKey, *, key_id: str = "") -> str:
    """The claims as a compact JWS: RS256 for an RSA key, ES256 for a P-256 key."""
    header = {"alg": "RS256" if isinstance(key, RSAPrivateKey) else "ES256", "typ": "JWT"}
    if key_id:
        header["kid"] = key_id
    text = f"{_encoded(json.dumps(header).encode())}.{_encoded(json.dumps(dict(claims)).encode())}"
    return f"{text}.{_encoded(_signature(text.encode(), key))}"


def _signature(text: bytes, key: PrivateKey) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(text, PKCS1v15(), SHA256())
    r, s = decode_dss_signature(key.sign(text, ECDSA(SHA256())))
    return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")


def _encoded(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()
