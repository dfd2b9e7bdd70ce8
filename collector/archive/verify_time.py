"""Steps 9 to 11 of a verification: what outsiders said of the log's heads, and whether the runs' own times fit it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector import canonical
from collector.archive.layout import (
    LOG,
    TOKEN_SUFFIXES,
    checkpoint_key,
    cosignature_key,
    segment_key,
    sequences,
    token_key,
)
from collector.archive.notes import signed_text
from collector.archive.order import CLOCK_TOLERANCE, check_order
from collector.archive.report import Cosigned, Stamp
from collector.archive.timestamp_verify import check_imprint, verify_token
from collector.archive.witness import Refusal, cosignatures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from collector.archive.report import Report
    from collector.archive.store import Store
    from collector.archive.time_leaves import RunTimes, TimeReading
    from collector.archive.timestamp_verify import Authority, GenTime
    from collector.archive.witness import CosignerKey


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom the verifier believes, known from elsewhere than the archive: authorities and their roots, witness keys."""

    authorities: tuple[Authority, ...] = ()
    witnesses: tuple[CosignerKey, ...] = ()


NOBODY = Trusted()


def check_time(store: Store, reading: TimeReading, signed: AbstractSet[int], trusted: Trusted, report: Report) -> None:
    """Check every token and cosignature, offline, and put what is wrong into the report.

    `signed` are the commits whose checkpoint holds; what is over another one is not looked at.
    """
    check = _TimeCheck(store, reading, signed, trusted, report)
    check.objects()
    check.outsiders()
    check.order()


class _TimeCheck:
    def __init__(
        self, store: Store, reading: TimeReading, signed: AbstractSet[int], trusted: Trusted, report: Report
    ) -> None:
        self._store = store
        self._reading = reading
        self._signed = signed
        self._trusted = trusted
        self._report = report
        keys = list(store.list(LOG))
        self._tokens = sorted(
            (commit, token_key(commit, end)) for end in TOKEN_SUFFIXES for commit in sequences(keys, end)
        )
        self._cosigned = [(commit, cosignature_key(commit)) for commit in sequences(keys, "cosig")]
        self._present = {key for _, key in (*self._tokens, *self._cosigned)}
        self._altered: set[str] = set()

    def objects(self) -> None:
        """Step 9: what a leaf names is there with its digest; each party that was asked gave something or failed."""
        lost = set()
        for key, digest, segment in dict.fromkeys(self._reading.named):
            if key not in self._present:
                lost.add(key)
                self._report.fault(key, f"missing: {segment_key(segment)} names it")
            elif canonical.digest(self._store.get(key) or b"") != digest:
                self._altered.add(key)
                self._report.fault(key, f"its bytes are not those that {segment_key(segment)} names (SHA-256 differs)")
        last = self._report.head.sequence if self._report.head else -1
        for commit, key in (*self._tokens, *self._cosigned):
            if commit > last:
                self._report.fault(key, f"is over commit {commit}, and the log ends at {last}: its end was cut off")
        for run in self._reading.runs:
            self._accounted(run, lost)
        for (commit, _, name), why in self._reading.withheld.items():
            self._witness_said(checkpoint_key(commit), name, why.cause, why.detail, why.size)

    def _accounted(self, run: RunTimes, lost: set[str]) -> None:
        """Whoever the run was to ask gave an object, or a leaf of its second commit says why not."""
        owed = [
            *(
                (token_key(run.commit, end), "authority", url)
                for end, url in zip(TOKEN_SUFFIXES, run.authorities, strict=False)
            ),
            *((cosignature_key(run.commit), "witness", name) for name in run.witnesses),
        ]
        for key, party, name in owed:
            if key in self._present or key in lost or (run.commit, party, name) in self._reading.withheld:
                continue
            if (run.run, run.commit) in self._reading.settled:
                lost.add(key)
                self._report.fault(
                    key, f"missing: run {run.run!r} asked {name} for it, and no leaf says that it failed"
                )
            else:
                self._report.notes.append(
                    f"Not vouched for: run {run.run!r}, commit {run.commit}, was cut short before {name} was asked; "
                    "what vouches for a later commit covers it."
                )

    def _witness_said(self, key: str, name: str, cause: str, detail: str, size: int | None) -> None:
        reached = self._report.head.size if self._report.head else 0
        if cause == Refusal.FORKED:
            self._report.fault(key, f"FORK: the witness {name} {detail}")
        elif size is not None and size > reached:
            self._report.fault(
                key,
                f"the witness {name} has signed a tree of {size} leaves, and this one has {reached}: its end is gone",
            )

    def outsiders(self) -> None:
        """Step 10: each token and cosignature is over the very head it stands beside, by somebody who is trusted."""
        for commit, key in self._tokens:
            if text := self._head(commit):
                self._token(commit, key, text)
        for commit, key in self._cosigned:
            if self._trusted.witnesses and self._head(commit):
                self._lines(commit, key)
        if self._tokens and not self._trusted.authorities:
            self._report.notes.append(
                f"Not checked: who made the {len(self._tokens)} time-stamp tokens, and when; give --authority-roots."
            )
        if self._cosigned and not self._trusted.witnesses:
            self._report.notes.append(
                f"Not checked: the signatures of witnesses on {len(self._cosigned)} heads; give --witness."
            )

    def _head(self, commit: int) -> bytes | None:
        """The text of the commit's checkpoint; None where that is at fault, which step 4 has said."""
        return signed_text(self._store.get(checkpoint_key(commit)) or b"") if commit in self._signed else None

    def _token(self, commit: int, key: str, text: bytes) -> None:
        try:
            shown = _shown(self._store.get(key) or b"", text, self._trusted.authorities)
        except ValueError as error:
            self._report.fault(key, f"is no token that can be believed: {error}. Was its authority's root given?")
            return
        # One that is not what a leaf names shows no time, however much of it can still be read.
        if shown and key not in self._altered:
            self._report.stamps.append(Stamp(commit, key, shown))

    def _lines(self, commit: int, key: str) -> None:
        checkpoint, lines = (self._store.get(one) or b"" for one in (checkpoint_key(commit), key))
        try:
            found = cosignatures(checkpoint, lines, *self._trusted.witnesses)
        except ValueError as error:
            self._report.fault(key, f"is no cosignature that can be believed: {error}. Was its witness's key given?")
            return
        self._report.cosigned += [Cosigned(commit, one.witness, one.time) for one in found]

    def order(self) -> None:
        """Step 11: each run lies between the tokens around it, and no head is stamped earlier than a token it holds."""
        by_key = {stamp.object: stamp.time for stamp in self._report.stamps}
        first: dict[int, GenTime] = {}
        for stamp in self._report.stamps:
            known = first.get(stamp.commit)
            first[stamp.commit] = min(known, stamp.time, key=lambda one: one.latest) if known else stamp.time
        commits = sorted(first)
        held: dict[int, datetime] = {}
        for run in self._reading.runs:
            self._cites_a_token_before(run)
            before = by_key.get(run.after_token[1].key) if run.after_token else None
            if before:
                held[run.commit] = before.earliest
            at = bisect_left(commits, run.commit)
            after = first[commits[at]] if at < len(commits) else None
            if run.started and run.ended:
                for finding in check_order(run.started, run.ended, before, after, tolerance=CLOCK_TOLERANCE):
                    self._report.fault(segment_key(run.commit), f"run {run.run!r}: {finding}")
        self._never_backwards(held)

    def _never_backwards(self, held: dict[int, datetime]) -> None:
        """`held`: the commit of each run that cites a token -> the earliest time of that token.

        A head that holds a token was made after it. Where it holds none, two writers may have been stamped crosswise.
        """
        cited, waiting = None, sorted(held)
        newest: Stamp | None = None
        for stamp in sorted(self._report.stamps, key=lambda one: (one.commit, one.object)):
            while waiting and waiting[0] <= stamp.commit:
                cited = max(filter(None, (cited, held[waiting.pop(0)])))
            if cited and stamp.time.latest < cited:
                self._report.fault(stamp.object, f"is of {stamp.time.time}, before a token that its own head holds")
            elif newest and stamp.time.latest < newest.time.earliest:
                self._report.notes.append(f"Stamped late: {newest.object} is of a later time than {stamp.object}.")
            if newest is None or stamp.time.time > newest.time.time:
                newest = stamp

    def _cites_a_token_before(self, run: RunTimes) -> None:
        if run.after_token is None:
            return
        commit, named = run.after_token
        if commit >= run.commit or named.key not in {token_key(commit, end) for end in TOKEN_SUFFIXES}:
            self._report.fault(
                segment_key(run.commit), f"run {run.run!r} cites {named.key}, which is no token before it"
            )


def _shown(token: bytes, text: bytes, authorities: Sequence[Authority]) -> GenTime | None:
    """When one of these authorities stamped the text; None where there is no authority to believe."""
    check_imprint(token, text)
    problems = []
    for authority in authorities:
        try:
            return verify_token(token, text, authority)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("; ".join(dict.fromkeys(problems)))
    return None
