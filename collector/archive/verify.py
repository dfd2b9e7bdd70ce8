"""Proof, or the lack of it, that an archive is what was written: read-only, offline, without the collector's keys.

The steps are those of FORMAT.md, "Verification", under the same numbers: 1 to 6 read the log (`verify_log`), 7 and 8
the contents (`verify_contents`), 9 to 11 what outsiders said of the log (`verify_time`), 12 the slots (`verify_slots`),
13 the samples (`statements`). Nothing stops at the first fault: each object that is wrong is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.ledger import Ledger
from collector.archive.notes import VerifierKey
from collector.archive.report import Report
from collector.archive.verify_contents import check_contents
from collector.archive.verify_log import WHOLE, check_log
from collector.archive.verify_time import NOBODY, Trusted, check_time

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.archive.store import Store
    from collector.archive.verify_log import Scope, Step

_NO_PIN = (
    "No earlier head was given: commits cut off the end of this copy cannot be seen. "
    "Give the last head you were handed, or compare the one above with the company's."
)


def verify(
    store: Store,
    log_vkey: str,
    pinned: Head | None = None,
    trusted: Trusted = NOBODY,
    *,
    scope: Scope = WHOLE,
    step: Step = lambda *_: None,
) -> Report:
    """Check the archive against the log key an auditor holds, and against an earlier head if given.

    `log_vkey` is the verifier key `name+id+base64` (C2SP signed-note), from a source other than the archive. `trusted`
    are the authorities and witnesses to believe; where there are none, what they said is noted as not checked. `scope`
    says what may be left out; the report's notes then say what was. `step` is told of progress: "log" or "contents",
    how many of its objects are done, how many there are. ValueError when the key is none; ArchiveError when the store
    cannot be read. Whatever is wrong in the archive is in the report.
    """
    report = Report()
    with Ledger() as ledger:
        reading = check_log(store, VerifierKey.parse(log_vkey), pinned, report, ledger, scope=scope, step=step)
        check_contents(store, reading, report, step=step, after=scope.after is not None)
        check_time(store, reading.time, reading.signed, trusted, report)
        if reading.scheduled and reading.slots:
            reading.slots.conclude(report)
        reading.samples.conclude(store, report)
    if pinned is None and scope.after is None and not scope.heads:
        report.notes.append(_NO_PIN)
    report.notes += _left_out(scope, len(reading.chosen or ()))
    return report


def _left_out(scope: Scope, chosen: int) -> list[str]:
    notes = []
    if scope.after:
        notes.append(
            f"Not checked: the commits before commit {scope.after.sequence}, which the head given vouches for, and "
            "whether they brought the objects that no later commit names."
        )
    if scope.period:
        notes.append(
            f"Not checked: contents that only commits outside of {scope.period.start:%Y-%m-%d} to "
            f"{scope.period.end:%Y-%m-%d} cite. {chosen} commits are of that period; the log was checked as a whole."
        )
    return notes
