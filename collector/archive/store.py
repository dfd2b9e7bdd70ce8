"""What the archive asks of the place it lives in: three verbs, nothing mutable, and an account of its lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.archive.access import AccessLog
    from collector.archive.principals import Principals
    from collector.archive.worm import Lock, Survey


class Store(Protocol):
    """A set of named, immutable objects. Keys are relative paths with `/`, such as `log/000000000042.seg`.

    The contract, which every store owes and the tests judge:

    - An object appears whole or not at all, and once there it never changes and never goes.
    - Of all that put the same key at most one is told True: none only when its reply was lost on the way, and then
      the object is there for it to find.
    - After True or False the object survives a loss of power. After an error nobody knows whether it was stored; the
      archive copes with both.
    - What a put has acknowledged, every later get and list of every process sees.

    Each verb raises ArchiveError when the place cannot be reached or refuses; the message says where, why, what to do.
    `str(store)` names the place in messages.
    """

    def put_if_absent(self, key: str, content: bytes) -> bool:
        """True: this call stored `content`. False: the key was there before and is untouched."""
        ...

    def get(self, key: str, start: int = 0, length: int | None = None) -> bytes | None:
        """The object's bytes, or None when there is no such object.

        `start` and `length` choose a part of it (a negative start counts from the end); what lies outside is
        left off.
        """
        ...

    def list(self, prefix: str) -> Iterator[str]:
        """Every key that begins with `prefix`, in ascending order."""
        ...

    def lock(self, written: Mapping[str, str] | None = None) -> Lock:
        """Whether the place itself keeps these objects from being changed and removed, as it says when asked now.

        `written` names objects with the SHA-256 of their bytes; by default every object is looked at. What can be
        seen at once for the whole log (a key written twice, a deletion) is looked at in any case. Raises nothing: what
        could not be read makes the answer "could not tell".
        """
        ...


class Place(Store, Protocol):
    """A store as those find it who set it up: what they ask before an archive is kept there."""

    def check_writable(self) -> None:
        """UsageError when nothing could be put, as far as that shows without a put: a trial object would stay."""
        ...

    def survey(self) -> Survey:
        """What the place lacks to be write-once. Raises nothing: what could not be read is in the answer."""
        ...

    def access_logs(self) -> Sequence[AccessLog]:
        """Each kind of log that the place can keep of what is done to its objects, and whether it is kept.

        Raises nothing: what could not be read is in the answer.
        """
        ...

    def principals(self) -> Principals:
        """Who can put, overwrite or delete in it, or change what holds it, as it says when asked now.

        Raises nothing: what could not be read, and what the place does not know, is in the answer.
        """
        ...
