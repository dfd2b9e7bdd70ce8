"""Asking outsiders to vouch for a commit's tree head: time-stamping authorities for its time, witnesses for its past.

Nobody outside can hold up or fail a run: what a party did not give comes back as a `Voucher` that says why, for the
archive to seal. All are asked at once, so that two slow ones cost the time of one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.checkpoint import Checkpoint
from collector.archive.growth import proof_to
from collector.archive.layout import (
    LOG,
    TOKEN_SUFFIXES,
    checkpoint_key,
    cosignature_key,
    sequences,
    token_key,
)
from collector.archive.notes import signed_text
from collector.archive.order import CLOCK_TOLERANCE
from collector.archive.segment import StoredObject
from collector.archive.timestamp import Cause, Unstamped, post, request_token
from collector.archive.timestamp_verify import verify_token
from collector.archive.witness import Cosignature, Refusal, add_checkpoint, cosignatures, storage_text
from collector.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from collector.archive.store import Store
    from collector.archive.timestamp_verify import Authority
    from collector.archive.witness import Prove, Witness


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Who is asked, and how. At most two authorities; each answer has `timeout` seconds.

    `nonce` draws a fresh random number of 64 bits; `proxy` is the proxy on the way to an address, None for none.
    """

    authorities: tuple[Authority, ...]
    witnesses: tuple[Witness, ...]
    timeout: float
    nonce: Callable[[], int]
    proxy: Callable[[str], str | None]


class Party(StrEnum):
    """What somebody outside vouches for."""

    AUTHORITY = "authority"
    """For the time: the head existed by then."""
    WITNESS = "witness"
    """For the past: the head continues all heads it has signed before."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """What one party (an authority by its address, a witness by its name) gave, and when; or, without `time`, why not.

    `cause` is a value of `Cause` or `Refusal`, `detail` a sentence for people. `size` is how many leaves the larger
    tree has that a witness says it has signed, where it says so.
    """

    party: Party
    name: str
    time: datetime | None
    cause: str = ""
    detail: str = ""
    size: int | None = None

    @property
    def forked(self) -> bool:
        """Whether a witness says that the log has two histories."""
        return self.cause == Refusal.FORKED


@dataclass(frozen=True, slots=True)
class Vouched:
    """What became of asking about one commit: a voucher for each party, and the objects that were put for it."""

    commit: int
    vouchers: tuple[Voucher, ...] = ()
    objects: tuple[StoredObject, ...] = ()

    @property
    def forked(self) -> bool:
        """Whether any witness says that the log has two histories."""
        return any(voucher.forked for voucher in self.vouchers)


@dataclass(frozen=True, slots=True)
class NewestToken:
    """The newest token of an archive: the commit whose head it stamps, and the object that holds it."""

    commit: int
    stored: StoredObject


def newest_token(store: Store, last: int) -> NewestToken | None:
    """The token over the newest head that has one, up to commit `last`; the first authority's before the second's.

    It is not checked.
    """
    keys = list(store.list(LOG))
    stamped = [(commit, token_key(commit, end)) for end in TOKEN_SUFFIXES for commit in sequences(keys, end)]
    known = [one for one in stamped if one[0] <= last]
    if not known:
        return None
    commit, key = max(known, key=lambda one: one[0])  # the first of two
    return NewestToken(commit, StoredObject(key, canonical.digest(_fetched(store, key))))


def stamp(
    authority: Authority, note_text: bytes, parties: Parties, clock: Callable[[], datetime]
) -> tuple[Voucher, bytes]:
    """Ask one authority about a text: what it said, and its token; empty where there is none that holds."""
    before, proxy = clock(), parties.proxy(authority.url)
    answer = request_token(note_text, authority, nonce=parties.nonce(), timeout=parties.timeout, proxy=proxy)
    if isinstance(answer, Unstamped):
        return _unstamped(authority, answer.cause, answer.detail), b""
    shown = answer.time
    if shown.latest < before - CLOCK_TOLERANCE or shown.earliest > clock() + CLOCK_TOLERANCE:
        detail = f"its clock shows {shown.time.isoformat()}, this machine's {clock().isoformat()}: one of them is wrong"
        return _unstamped(authority, Cause.CLOCK, detail), b""
    return Voucher(Party.AUTHORITY, authority.url, shown.time), answer.response


def vouch(store: Store, commit: int, parties: Parties, clock: Callable[[], datetime]) -> Vouched:
    """Ask every party about the head after this commit, whose checkpoint is in the store, and put what they give.

    An object that is there already is kept, if it serves. ArchiveError only when the store itself fails.
    """
    checkpoint = _fetched(store, checkpoint_key(commit))
    with ThreadPoolExecutor(max(1, len(parties.authorities) + len(parties.witnesses))) as pool:
        asked = [pool.submit(stamp, one, signed_text(checkpoint), parties, clock) for one in parties.authorities]
        known = _cosigned_before(store, commit) if parties.witnesses else 0
        prove = partial(proof_to, store, commit)
        told = [pool.submit(_cosign, one, checkpoint, known, prove, parties) for one in parties.witnesses]
    stamped = [
        _put_token(store, token_key(commit, suffix), signed_text(checkpoint), authority, future.result())
        for authority, suffix, future in zip(parties.authorities, TOKEN_SUFFIXES, asked, strict=False)
    ]
    cosigned = _put_cosignatures(store, commit, checkpoint, parties.witnesses, [future.result() for future in told])
    vouchers = (*(voucher for voucher, _ in stamped), *cosigned[0])
    return Vouched(commit, vouchers, (*(stored for _, stored in stamped if stored), *cosigned[1]))


def _put_token(
    store: Store, key: str, note_text: bytes, authority: Authority, said: tuple[Voucher, bytes]
) -> tuple[Voucher, StoredObject | None]:
    voucher, token = said
    if not token:
        return voucher, None
    there = token if store.put_if_absent(key, token) else _fetched(store, key)
    try:
        kept = verify_token(there, note_text, authority)
    except ValueError as error:
        return _unstamped(authority, Cause.TAKEN, f"another object lies at {key} already: {error}"), None
    return Voucher(Party.AUTHORITY, authority.url, kept.time), StoredObject(key, canonical.digest(there))


def _cosign(
    witness: Witness, checkpoint: bytes, known: int, prove: Prove, parties: Parties
) -> tuple[Voucher, Cosignature | None]:
    send = partial(post, timeout=parties.timeout, proxy=parties.proxy(witness.url))
    try:
        answer = add_checkpoint(witness, checkpoint, known, prove, send)
    except TamperedError as error:  # verify names it; asking for a witness must not be what stops a run
        return Voucher(Party.WITNESS, witness.key.name, None, Refusal.UNPROVED.value, str(error)), None
    if isinstance(answer, Cosignature):
        return Voucher(Party.WITNESS, answer.witness, answer.time), answer
    return Voucher(Party.WITNESS, answer.witness, None, answer.refusal.value, answer.detail, answer.size), None


def _put_cosignatures(
    store: Store,
    commit: int,
    checkpoint: bytes,
    witnesses: Sequence[Witness],
    said: Sequence[tuple[Voucher, Cosignature | None]],
) -> tuple[list[Voucher], list[StoredObject]]:
    """Put the lines of all witnesses as one object. Of one that is there already, only those count that are in it."""
    vouchers, given = [voucher for voucher, _ in said], [line for _, line in said if line]
    if not given:
        return vouchers, []
    key, lines = cosignature_key(commit), storage_text(given)
    there = lines if store.put_if_absent(key, lines) else _fetched(store, key)
    try:
        kept = {one.witness: one.time for one in cosignatures(checkpoint, there, *(one.key for one in witnesses))}
    except ValueError:
        kept = {}
    vouchers = [_settled(voucher, key, kept) for voucher in vouchers]
    return vouchers, [StoredObject(key, canonical.digest(there))] if kept else []


def _settled(voucher: Voucher, key: str, kept: Mapping[str, datetime]) -> Voucher:
    """A witness's voucher after its line was put, given whose lines lie there now, and of which time."""
    if voucher.time is None:
        return voucher
    if voucher.name in kept:
        return replace(voucher, time=kept[voucher.name])
    return replace(voucher, time=None, cause=Cause.TAKEN.value, detail=f"{key} is there already, without its line")


def _cosigned_before(store: Store, commit: int) -> int:
    """How many leaves the newest head had that a witness has cosigned before this commit; 0 when none has."""
    before = [one for one in sequences(store.list(LOG), "cosig") if one < commit]
    if not before:
        return 0
    try:
        return Checkpoint.parse(signed_text(_fetched(store, checkpoint_key(before[-1]))).decode()).size
    except ValueError:  # only a guess: a witness that stands elsewhere says so
        return 0


def _unstamped(authority: Authority, cause: Cause, detail: str) -> Voucher:
    return Voucher(Party.AUTHORITY, authority.url, None, cause.value, detail)


def _fetched(store: Store, key: str) -> bytes:
    content = store.get(key)
    if content is None:
        raise TamperedError(f"{key} was in {store} a moment ago and is gone")
    return content
