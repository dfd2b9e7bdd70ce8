"""What the archive's place said of the lock of each object, as far as sealed `storage` leaves tell. Pure, over the log.

A leaf speaks of the objects of one commit together: so an object is locked where that leaf says so of all, or where the
place locks, all was read, and no finding names it. Of an object that no leaf speaks of, nothing can be told.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive.layout import checkpoint_key, is_log_object, is_stored_object, segment_key, sequence_in
from collector.archive.worm import COMPLIANCE, State

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from collector.package.binder.log import Log

_NOBODY = "no read-back speaks of the commit that brought it"
_KINDS = {"seg": "segment", "ckpt": "checkpoint", "tsr": "token", "tsr2": "token", "cosig": "cosignatures"}


@dataclass(frozen=True, slots=True)
class Held:
    """One object of the archive, and what is known of its lock."""

    object: str
    kind: str
    commit: int
    """The commit that brought it."""
    sha256: str | None
    """Of its bytes, where the log states it; a segment and a checkpoint are in the package themselves."""
    state: State = State.UNKNOWN
    because: str = _NOBODY
    mode: str | None = None
    """In the place's word, where it is locked."""
    until: str | None = None
    """The earliest date of any object of its commit: it is locked until then, or longer."""
    read: str | None = None
    place: str | None = None
    leaf: int | None = None
    """The storage leaf that tells."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a read-back found wrong with an object, or with the place as a whole."""

    leaf: int
    read: str
    object: str
    problem: str


@dataclass(frozen=True, slots=True)
class Locks:
    """All objects that the log names, and all that was ever found wrong."""

    held: Sequence[Held]
    findings: Sequence[Finding]

    @property
    def counts(self) -> Mapping[str, Mapping[State, int]]:
        """How many objects of each kind are in each state."""
        found: dict[str, Counter[State]] = {}
        for one in self.held:
            found.setdefault(one.kind, Counter())[one.state] += 1
        return {kind: found[kind] for kind in sorted(found)}

    @property
    def earliest(self) -> str | None:
        """The earliest date to which any locked object is held, as far as it is told."""
        return min((one.until for one in self.held if one.until), default=None)

    @property
    def untold(self) -> Sequence[Held]:
        """Those of which nobody was asked, which is another thing than an answer that tells nothing."""
        return [one for one in self.held if one.leaf is None]


@dataclass(frozen=True, slots=True)
class _ReadBack:
    leaf: int
    body: Mapping[str, Any]
    findings: Sequence[Finding]

    @property
    def place_locks(self) -> bool | None:
        """Whether what the place is set to locks what is put there; None where that was not read."""
        facts = self.body["facts"]
        if "object_lock" in facts:
            both = (facts["versioning"], facts["object_lock"])
            return False if False in both else None if None in both else True
        if "object_retention" in facts:
            either = (facts["retention_locked"], facts["object_retention"])
            return True if True in either else None if None in either else False
        if "version_level" in facts:
            # As the place itself is asked: a policy that only might be locked is not known to be.
            if facts["version_level"] or facts["policy_state"] == "Locked":
                return True
            return None if facts["policy"] is not False and facts["policy_state"] is None else False
        return False if not facts else None

    def of(self, one: Held, together: int) -> Held:
        """The object with what this tells of it; `together` is how many objects its commit has."""
        told = replace(one, read=self.body["read"], place=self.body["place"], leaf=self.leaf)
        wrong = [each for each in self.findings if each.object == one.object or not _names_object(each.object)]
        if wrong:
            return replace(told, state=State.NOT_LOCKED, because="; ".join(each.problem for each in wrong))
        said, facts = State(self.body["state"]), self.body["facts"]
        if said is State.LOCKED or (said is State.NOT_LOCKED and self.findings and self.place_locks):
            if facts.get("unread") or facts.get("looked_at", 0) < together:
                return replace(told, state=State.UNKNOWN, because="not every object of its commit was read back")
            mode = COMPLIANCE if "object_lock" in facts else "Locked"
            because = self.body["because"] if said is State.LOCKED else "read back, and nothing was found wrong with it"
            return replace(told, state=State.LOCKED, because=because, mode=mode, until=facts.get("earliest"))
        if said is State.NOT_LOCKED and self.place_locks is False:
            return replace(told, state=State.NOT_LOCKED, because=self.body["because"])
        return replace(told, state=State.UNKNOWN, because=self.body["because"])


def locks(log: Log) -> Locks:
    """Every object that the log names, with what its place said of it. Later findings about it count too."""
    backs = list(_read_backs(log))
    of_commit = {one.body["commit"]: one for one in backs}
    later: dict[str, Finding] = {}
    for back in backs:
        later |= {found.object: found for found in back.findings}
    objects = list(_objects(log, later))
    together = Counter(one.commit for one in objects)
    held = []
    for one in objects:
        asked = of_commit.get(one.commit)
        told = asked.of(one, together[one.commit]) if asked else one
        worse = later.get(one.object)
        if worse and worse.leaf != told.leaf:
            told = replace(
                told, state=State.NOT_LOCKED, because=worse.problem, mode=None, until=None, read=worse.read,
                leaf=worse.leaf,
            )  # fmt: skip
        held.append(told)
    return Locks(held, [found for back in backs for found in back.findings])


def _read_backs(log: Log) -> Iterator[_ReadBack]:
    for leaf in log.leaves:
        if leaf.body["kind"] == "storage":
            cited, found = leaf.body["findings"], []
            if cited["count"]:
                for line in log.reader.content(cited["sha256"]).splitlines():
                    said = canonical.decode(line)
                    found.append(Finding(leaf.index, leaf.body["read"], said["object"], said["problem"]))
            yield _ReadBack(leaf.index, leaf.body, found)


def _objects(log: Log, named: Collection[str]) -> Iterator[Held]:
    """Packs and blobs by the headers of segments, and all that lies in the log itself, or did when it was `named`."""
    vouched = [one for leaf in log.leaves if leaf.body["kind"] == "vouched" for one in leaf.body["objects"]]
    digests = {one["object"]: one["digest"] for one in vouched}
    extra: dict[int, list[str]] = {}
    for suffix, found in log.tokens.items():
        for sequence in found:
            extra.setdefault(sequence, []).append(f"{segment_key(sequence).removesuffix('seg')}{suffix}")
    for segment in log.reader.commits():
        for stored in segment.objects:
            kind = "pack" if stored.key.startswith("packs/") else "blob"
            yield Held(stored.key, kind, segment.sequence, stored.digest)
        keys = {segment_key(segment.sequence), checkpoint_key(segment.sequence), *extra.get(segment.sequence, ())}
        for key in sorted(keys):
            if key.endswith("ckpt") and segment.sequence not in log.signed and key not in named:
                continue
            yield Held(key, _KINDS[key.rpartition(".")[2]], sequence_in(key), digests.get(key))


def _names_object(name: str) -> bool:
    """Whether a finding is about one object; others are about the place as a whole."""
    return is_log_object(name) or is_stored_object(name)
