"""The collector's own keys, in one directory that only it can read. They never lie in the archive."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from collector.archive import pin
from collector.archive.durable import sync_directory
from collector.archive.notes import Signer, VerifierKey
from collector.errors import UsageError

if TYPE_CHECKING:
    from collector.archive.pin import Head

_COLLECTOR = "collector.key"
_LOG = "log.key"
_LOG_PUBLIC = "log.pub"
_REDACTION = "redaction.key"
_REDACTION_LENGTH = 32
_FOR_OTHERS = 0o077


@dataclass(frozen=True)
class Keys:
    """Two signers and a secret.

    `collector` signs segments and `log` signs tree heads, so that one stolen key cannot forge both. `redaction` (32
    random bytes) makes the tokens that stand for redacted secrets stable and unguessable.
    """

    directory: Path
    collector: Signer
    log: Signer
    redaction: bytes

    @property
    def origin(self) -> str:
        """The name of the log, which is also the name of its key."""
        return self.log.name

    @classmethod
    def create(cls, directory: Path, origin: str) -> Self:
        """New keys for the log `origin` (a name like `example.com/evidence`, unique to it, no spaces or '+').

        UsageError when the directory has something in it already or cannot be made.
        """
        files = {
            _COLLECTOR: _pem(Ed25519PrivateKey.generate()),
            _LOG: _pem(log := Ed25519PrivateKey.generate()),
            _REDACTION: secrets.token_bytes(_REDACTION_LENGTH),
            _LOG_PUBLIC: f"{_signer(origin, log).verifier_key}\n".encode(),
        }
        try:
            directory.parent.mkdir(parents=True, exist_ok=True)
            # A crash before the rename leaves a directory under another name, never half a set of keys under this one.
            unfinished = Path(mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
            try:
                for name, content in files.items():
                    _write(unfinished / name, content)
                sync_directory(unfinished)
                unfinished.rename(directory)
            finally:
                rmtree(unfinished, ignore_errors=True)  # gone after the rename; keys of a failed try must not lie about
            sync_directory(directory.parent)
        except OSError as error:
            raise UsageError(
                f"making keys in {directory} failed: {error.strerror}; "
                "name a directory that does not exist yet. Keys in use must never be replaced"
            ) from error
        return cls.load(directory)

    @classmethod
    def load(cls, directory: Path) -> Self:
        """The keys in `directory`; UsageError when one is missing, damaged or readable by others."""
        public = _read(directory / _LOG_PUBLIC).decode(errors="replace").strip()
        try:
            origin = VerifierKey.parse(public).name
        except ValueError as error:
            raise UsageError(f"{directory / _LOG_PUBLIC} is not a verifier key: {error}") from error
        log = _signer(origin, _private(directory / _LOG))
        if str(log.verifier_key) != public:
            raise UsageError(f"{directory / _LOG_PUBLIC} does not belong to {_LOG} beside it; restore both from backup")
        redaction = _secret(directory / _REDACTION)
        if len(redaction) != _REDACTION_LENGTH:
            raise UsageError(f"{directory / _REDACTION} must hold {_REDACTION_LENGTH} bytes; restore it from backup")
        collector = _signer(f"{origin}/collector", _private(directory / _COLLECTOR))
        return cls(directory, collector, log, redaction)

    def pin(self) -> Head | None:
        """The newest head this machine has seen, or None before the first commit."""
        return pin.read(self.directory)

    def advance_pin(self, head: Head) -> None:
        """Remember `head`, unless a newer one is known; ForkError when another tree is known for the same commit."""
        pin.advance(self.directory, head)


def _signer(name: str, private: Ed25519PrivateKey) -> Signer:
    signer = Signer(name, private)
    try:
        signer.verifier_key  # noqa: B018 - the name is judged when the key is made
    except ValueError as error:
        raise UsageError(f"{name!r} cannot be the archive's origin: {error}") from error
    return signer


def _pem(private: Ed25519PrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _private(path: Path) -> Ed25519PrivateKey:
    try:
        private = load_pem_private_key(_secret(path), password=None)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path} is not an unencrypted private key in PEM form: {error}") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise UsageError(f"{path} is not an Ed25519 key")
    return private


def _secret(path: Path) -> bytes:
    content = _read(path)
    mode = path.stat().st_mode & 0o777
    if mode & _FOR_OTHERS:
        raise UsageError(
            f"{path} is open to other users (mode {mode:04o}); whoever reads it can forge evidence. "
            f"If nobody did, close it with: chmod 600 {path}"
        )
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"reading the key {path} failed: {error.strerror}; were the keys ever made there?") from error


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if path.name == _LOG_PUBLIC:
            os.fchmod(file.fileno(), 0o644)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
