"""Which keys speak for a log at which commit: the genesis names the first two, `key` leaves replace them.

Pure, and the same for who writes and who verifies; what is wrong is a ValueError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive.notes import VerifierKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KIND = "key"
COLLECTOR = "collector"
LOG = "log"
ROLES = (COLLECTOR, LOG)

_ROTATION = "rotation"
_REVOCATION = "revocation"
_MARK = b'"kind":"key"'
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z", re.ASCII)
_MEMBERS = {"kind", "role", "verifier_key", "replaces", "at", "because", "since"}


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What a `key` leaf says: from the next commit on, `new` signs in the place of `old`.

    `at` is RFC 3339, UTC. `since` is None for a rotation; for a revocation, the first commit that the old key may have
    signed in other hands.
    """

    role: str
    new: VerifierKey
    old: VerifierKey
    at: str
    since: int | None = None

    def encode(self) -> bytes:
        """The leaf."""
        return canonical.encode(
            {
                "kind": KIND,
                "role": self.role,
                "verifier_key": str(self.new),
                "replaces": str(self.old),
                "at": self.at,
                "because": _ROTATION if self.since is None else _REVOCATION,
                "since": self.since,
            }
        )

    @classmethod
    def decode(cls, leaf: dict[str, Any]) -> KeyChange:
        """The change in a `key` leaf; ValueError unless every member is there, and nothing else."""
        role, at, since = leaf.get("role"), leaf.get("at"), leaf.get("since")
        if leaf.keys() != _MEMBERS or role not in ROLES:
            raise ValueError(f"a key leaf has the members {', '.join(sorted(_MEMBERS))}, and one of the roles {ROLES}")
        if not isinstance(at, str) or not _AT.fullmatch(at):
            raise ValueError(f"a key leaf's time is RFC 3339 in UTC, not {at!r}")
        if type(since) not in (int, type(None)):
            raise ValueError(f"a key is revoked since the number of a commit, not {since!r}")
        if leaf["because"] != (_ROTATION if since is None else _REVOCATION):
            raise ValueError("a revocation says since which commit, and a rotation does not")
        new, old = (VerifierKey.parse(str(leaf[member])) for member in ("verifier_key", "replaces"))
        return cls(role, new, old, at, since)


def changes_in(leaves: Iterable[bytes]) -> tuple[KeyChange, ...]:
    """The changes of keys among the leaves of a commit; ValueError for a `key` leaf that is not as it must be."""
    changes = []
    for encoded in leaves:
        if _MARK not in encoded:  # canonical JSON has this one spelling, and most leaves are not worth decoding
            continue
        leaf = canonical.decode(encoded)
        if isinstance(leaf, dict) and leaf.get("kind") == KIND:
            changes.append(change := KeyChange.decode(leaf))
            if change.encode() != encoded:
                raise ValueError("a key leaf is not canonical JSON")
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class Term:
    """A key and the commits it signs: from `first` to `last`, both included; `last` is None while it is in force."""

    key: VerifierKey
    first: int
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The terms of both roles' keys, oldest first, without gaps; the last of each is in force."""

    collector: tuple[Term, ...] = ()
    log: tuple[Term, ...] = ()

    @classmethod
    def first(cls, collector: VerifierKey, log: VerifierKey) -> Keyring:
        """The keys of a genesis."""
        return cls((Term(collector, 0),), (Term(log, 0),))

    def terms(self, role: str) -> tuple[Term, ...]:
        """All terms of a role's keys."""
        return self.collector if role == COLLECTOR else self.log

    def key(self, role: str, sequence: int) -> VerifierKey:
        """The key that signs commit number `sequence` in this role."""
        return next(term.key for term in self.terms(role) if term.last is None or sequence <= term.last)

    @property
    def publics(self) -> set[bytes]:
        """The public keys of all terms, of both roles."""
        return {term.key.public for role in ROLES for term in self.terms(role)}

    def knows(self, change: KeyChange, sequence: int) -> bool:
        """Whether this change, made by commit number `sequence`, is among the terms already."""
        return any(term.first == sequence + 1 and term.key == change.new for term in self.terms(change.role))

    def after(self, changes: Sequence[KeyChange], sequence: int) -> Keyring:
        """The keys after commit number `sequence` with these changes; ValueError when it may not make them."""
        if len({change.role for change in changes}) < len(changes):
            raise ValueError("two key leaves of one commit replace the same key")
        ring = self
        for change in changes:
            ring = ring._with(change, sequence)
        return ring

    def ended(self) -> Keyring:
        """The former keys alone."""
        return Keyring(*(tuple(term for term in self.terms(role) if term.last is not None) for role in ROLES))

    def joined(self, role: str, key: VerifierKey) -> Keyring:
        """The same, with `key` in force after the former ones."""
        terms = self.terms(role)
        first = (terms[-1].last or 0) + 1 if terms else 0
        return self._replaced(role, (*terms, Term(key, first)))

    def encode(self) -> bytes:
        """As canonical JSON, with one member for each role."""
        return canonical.encode(
            {
                role: [{"verifier_key": str(one.key), "first": one.first, "last": one.last} for one in self.terms(role)]
                for role in ROLES
            }
        )

    @classmethod
    def decode(cls, text: bytes) -> Keyring:
        """What `encode` wrote; ValueError when it is something else."""
        written = canonical.decode(text)
        try:
            ring = cls(
                *(
                    tuple(Term(VerifierKey.parse(one["verifier_key"]), one["first"], one["last"]) for one in terms)
                    for terms in (written[role] for role in ROLES)
                )
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no list of terms for each role: {error!r}") from error
        numbers = [number for role in ROLES for term in ring.terms(role) for number in (term.first, term.last)]
        if not all(type(number) in (int, type(None)) for number in numbers) or ring.encode() != text:
            raise ValueError("has another form than it is written in")
        return ring

    def _with(self, change: KeyChange, sequence: int) -> Keyring:
        term = self.terms(change.role)[-1]
        if change.old != term.key:
            raise ValueError(f"a key leaf replaces {change.old}, but the {change.role}'s key in force is {term.key}")
        if change.new.name != term.key.name:
            raise ValueError(f"a key leaf renames {term.key.name} to {change.new.name}: a role keeps its name")
        # Neither a key that was given up, nor one key for both roles: one theft would then be enough.
        if change.new.public in self.publics:
            raise ValueError(f"a key leaf brings {change.new}, which signs or signed for this log already")
        if change.since is not None and not term.first <= change.since <= sequence:
            raise ValueError(
                f"a key leaf revokes {term.key} since commit {change.since}, "
                f"and it signed commits {term.first} to {sequence}"
            )
        ended = replace(term, last=sequence)
        return self._replaced(change.role, (*self.terms(change.role)[:-1], ended, Term(change.new, sequence + 1)))

    def _replaced(self, role: str, terms: tuple[Term, ...]) -> Keyring:
        return replace(self, collector=terms) if role == COLLECTOR else replace(self, log=terms)
