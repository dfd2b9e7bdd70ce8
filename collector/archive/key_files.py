"""One key in one file: an Ed25519 private key (PEM), or the place in a KMS where it lies and its pinned public key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from collector.archive import kms
from collector.archive.kms import KmsSigner
from collector.archive.notes import LocalSigner, VerifierKey
from collector.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from collector.archive.notes import Signer

_FOR_OTHERS = 0o077


def made(name: str, place: str = "") -> bytes:
    """The file of a new key called `name`: a private key of its own, or what is needed to use the one at `place`.

    A key in a KMS signs something once, so that one that cannot sign is refused before anything depends on it.
    UsageError when the name or the place is no good, ArchiveError when the KMS refuses.
    """
    if not place:
        private = Ed25519PrivateKey.generate()
        _named(name, private.public_key().public_bytes_raw())
        return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key = _named(name, kms.service_at(place).public_key())
    KmsSigner(place, key).sign(f"{name} can sign\n")
    return f"{place}\n{key}\n".encode()


def signer(path: Path, name: str) -> Signer:
    """Who signs as `name` with the key in a file; UsageError when it is damaged, open to others, or another's."""
    content = secret(path)
    place, _, pinned = content.decode(errors="replace").strip().partition("\n")
    if not kms.is_place(place):
        private = _private(path, content)
        _named(name, private.public_key().public_bytes_raw())
        return LocalSigner(name, private)
    try:
        key = VerifierKey.parse(pinned)
    except ValueError as error:
        raise UsageError(f"{path}: its second line is no verifier key ({error}); restore it from backup") from error
    if key.name != name:
        raise UsageError(f"{path} is the key {key.name}, not {name}; restore it from backup")
    return KmsSigner(place, key)


def secret(path: Path) -> bytes:
    """What is in a file that nobody else may read; UsageError when others may."""
    content = read(path)
    mode = path.stat().st_mode & 0o777
    if mode & _FOR_OTHERS:
        raise UsageError(
            f"{path} is open to other users (mode {mode:04o}); whoever reads it can forge evidence. "
            f"If nobody did, close it with: chmod 600 {path}"
        )
    return content


def read(path: Path) -> bytes:
    """What is in a file of the keys; UsageError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"reading the key {path} failed: {error.strerror}; were the keys ever made there?") from error


def _named(name: str, public: bytes) -> VerifierKey:
    try:
        return VerifierKey(name, public)
    except ValueError as error:
        raise UsageError(f"{name!r} cannot be the archive's origin: {error}") from error


def _private(path: Path, content: bytes) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path} is not an unencrypted private key in PEM form: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{path} is not an Ed25519 key")
    return private
