"""The collector's own keys, in one directory that only it can read. They never lie in the archive.

collector.key, log.key   who signs: a private key, or its place in a KMS (`key_files`)
log.pub                  the log's verifier key, to hand to auditors
redaction.key            the secret behind the tokens for redacted values
former.json              the keys that were replaced, and the commits they signed
NAME.key.next            a key that shall replace NAME.key, until the log says that it has
pin.json                 the newest head seen (`pin`)
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Self

from collector.archive import key_files, pin
from collector.archive.durable import locked, new_file, replace_file, sync_directory
from collector.archive.keyring import COLLECTOR, LOG, ROLES, Keyring
from collector.archive.kms import KmsSigner
from collector.archive.notes import VerifierKey
from collector.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.archive.keyring import KeyChange
    from collector.archive.notes import Signer
    from collector.archive.pin import Head

_LOG_PUBLIC = "log.pub"
_REDACTION = "redaction.key"
_FORMER = "former.json"
_REDACTION_LENGTH = 32
_OPEN = 0o644


@dataclass(frozen=True)
class Keys:
    """Two signers and a secret.

    `collector` signs segments and `log` signs tree heads, so that one stolen key cannot forge both. `redaction` (32
    random bytes) makes the tokens that stand for redacted secrets stable and unguessable. `former` are the terms of the
    keys that were replaced.
    """

    directory: Path
    collector: Signer
    log: Signer
    redaction: bytes
    former: Keyring = field(default_factory=Keyring)

    @property
    def origin(self) -> str:
        """The name of the log, which is also the name of its key."""
        return self.log.name

    @cached_property
    def ring(self) -> Keyring:
        """Which key signs which commit, as far as this directory knows."""
        return self.former.joined(COLLECTOR, self.collector.verifier_key).joined(LOG, self.log.verifier_key)

    def signer(self, role: str) -> Signer:
        """Who signs in a role now."""
        return self.collector if role == COLLECTOR else self.log

    def place(self, role: str) -> str:
        """Where in a KMS a role's key is; empty for a private key in a file."""
        return _place(self.signer(role))

    @classmethod
    def create(cls, directory: Path, origin: str, *, log: str = "", collector: str = "") -> Self:
        """New keys for the log `origin` (a name like `example.com/evidence`, unique to it, no spaces or '+').

        `log` and `collector` are places in a KMS; without one the key is made here. UsageError when the directory has
        something in it already or cannot be made, ArchiveError when a KMS refuses.
        """
        content = {
            key_name(COLLECTOR): key_files.made(_name(COLLECTOR, origin), collector),
            key_name(LOG): key_files.made(origin, log),
            _REDACTION: secrets.token_bytes(_REDACTION_LENGTH),
        }
        try:
            directory.parent.mkdir(parents=True, exist_ok=True)
            # A crash before the rename leaves a directory under another name, never half a set of keys under this one.
            unfinished = Path(mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
            try:
                for name, one in content.items():
                    new_file(unfinished / name, one)
                public, other = (
                    key_files.signer(unfinished / key_name(role), _name(role, origin)).verifier_key
                    for role in (LOG, COLLECTOR)
                )
                if public.public == other.public:
                    raise UsageError(f"{log} cannot be both keys: one theft would be enough to forge everything")
                new_file(unfinished / _LOG_PUBLIC, f"{public}\n".encode(), _OPEN)
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
        """The keys in `directory`; UsageError when one is missing, damaged or readable by others.

        Asks no KMS. A replacement that the log has seen, and a crash cut short, is finished.
        """
        public = _public(directory)
        former = _former(directory)
        log, collector = (_settled(directory, former, role, public.name) for role in (LOG, COLLECTOR))
        if log.verifier_key != public:
            if public not in {term.key for term in former.log}:
                raise UsageError(
                    f"{directory / _LOG_PUBLIC} does not belong to {key_name(LOG)} beside it; restore both from backup"
                )
            with _explained(directory / _LOG_PUBLIC):
                replace_file(directory / _LOG_PUBLIC, f"{log.verifier_key}\n".encode(), _OPEN)
        redaction = key_files.secret(directory / _REDACTION)
        if len(redaction) != _REDACTION_LENGTH:
            raise UsageError(f"{directory / _REDACTION} must hold {_REDACTION_LENGTH} bytes; restore it from backup")
        return cls(directory, collector, log, redaction, former)

    def check(self) -> None:
        """ArchiveError unless every KMS that holds one of these keys answers, and holds the key that was pinned."""
        for role in ROLES:
            if isinstance(signer := self.signer(role), KmsSigner):
                signer.check()

    def prepare(self, role: str, place: str = "") -> Signer:
        """Who shall sign in a role from now on: a new key, or the one at a place in a KMS, kept beside the old one.

        It is the same one again after a crash. UsageError when another one was begun with.
        """
        path = self._next(role)
        content = key_files.made(_name(role, self.origin), place)
        try:
            with _explained(path):
                new_file(path, content)
        except FileExistsError:
            begun = self._successor(role)
            if begun is None or _place(begun) != place:
                raise UsageError(
                    f"{path}: another key was to replace {key_name(role)}, and that was never finished; "
                    "run the command as it was run then, or remove that file"
                ) from None
            return begun
        successor = key_files.signer(path, _name(role, self.origin))
        if successor.verifier_key.public in self.ring.publics:
            path.unlink()
            raise UsageError(f"{place} signs or signed for this archive already; name another key")
        return successor

    def after(self, changes: Sequence[KeyChange], sequence: int) -> Self:
        """The keys for the commits after number `sequence`, which makes these changes. Keeps nothing yet.

        ArchiveError when a new key is not in the directory: then the change was made elsewhere, or by a thief.
        """
        keys = self
        for change in changes:
            if not keys.ring.knows(change, sequence):
                keys = keys._with(change, sequence)
        return keys

    def keep(self) -> Self:
        """Make these the keys of the directory, once the log has seen the change. Repeating it does no harm."""
        with _explained(self.directory / _FORMER), locked(self.directory):
            # Another process may have seen more of the log by now; each change adds one term.
            if _changes(_former(self.directory)) < _changes(self.former):
                # From here on a crash is made good by `load`: it knows which key is of the past.
                replace_file(self.directory / _FORMER, self.former.encode())
        return type(self).load(self.directory)

    def pin(self) -> Head | None:
        """The newest head this machine has seen, or None before the first commit."""
        return pin.read(self.directory)

    def advance_pin(self, head: Head) -> None:
        """Remember `head`, unless a newer one is known; ForkError when another tree is known for the same commit."""
        pin.advance(self.directory, head)

    def _with(self, change: KeyChange, sequence: int) -> Self:
        try:
            former = self.ring.after([change], sequence).ended()
        except ValueError as error:
            raise ArchiveError(f"commit {sequence} does not change the keys as it may: {error}") from error
        # Another process of this machine may have made the change, or be about to.
        fresh = type(self).load(self.directory)
        if fresh.ring.knows(change, sequence):
            return fresh
        successor = self._successor(change.role)
        if successor is None or successor.verifier_key != change.new:
            raise ArchiveError(
                f"commit {sequence} replaced the {change.role}'s key by {change.new}, which is not in "
                f"{self.directory}: bring the keys over from the machine that replaced it. If nobody of yours did, "
                "a key was stolen: write nothing more, and run verify"
            )
        if change.role == COLLECTOR:
            return replace(self, collector=successor, former=former)
        return replace(self, log=successor, former=former)

    def _next(self, role: str) -> Path:
        return self.directory / f"{key_name(role)}.next"

    def _successor(self, role: str) -> Signer | None:
        path = self._next(role)
        return key_files.signer(path, _name(role, self.origin)) if path.exists() else None


def key_name(role: str) -> str:
    """The file of a role's key."""
    return f"{role}.key"


def _name(role: str, origin: str) -> str:
    return f"{origin}/collector" if role == COLLECTOR else origin


def _place(signer: Signer) -> str:
    return signer.place if isinstance(signer, KmsSigner) else ""


def _public(directory: Path) -> VerifierKey:
    path = directory / _LOG_PUBLIC
    try:
        return VerifierKey.parse(key_files.read(path).decode(errors="replace").strip())
    except ValueError as error:
        raise UsageError(f"{path} is not a verifier key: {error}") from error


def _former(directory: Path) -> Keyring:
    path = directory / _FORMER
    if not path.exists():
        return Keyring()
    try:
        return Keyring.decode(key_files.read(path))
    except ValueError as error:
        raise UsageError(f"{path} is damaged ({error}); restore it from backup") from error


def _settled(directory: Path, former: Keyring, role: str, origin: str) -> Signer:
    """Who signs in a role; where the log has seen the next key and a crash came before the rename, that one."""
    path, name = directory / key_name(role), _name(role, origin)
    signer = key_files.signer(path, name)
    ended = [term for term in former.terms(role) if term.key == signer.verifier_key]
    if not ended:
        return signer
    successor = path.with_name(f"{path.name}.next")
    with _explained(path), locked(directory):
        if successor.exists():
            successor.replace(path)
            sync_directory(directory)
    signer = key_files.signer(path, name)
    if signer.verifier_key == ended[0].key:
        raise UsageError(
            f"{path} is the key that commit {ended[0].last} replaced, and the new one is not beside it; "
            "restore it from backup, or bring it over from the machine that replaced it"
        )
    return signer


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise UsageError(
            f"writing {path} failed: {error.strerror}; the collector needs a directory for its keys that it may write"
        ) from error


def _changes(former: Keyring) -> int:
    return sum(len(former.terms(role)) for role in ROLES)
