"""Proof, or the lack of it, that an archive is what was written: read-only, offline, without the collector's keys.

The steps are those of FORMAT.md, "Verification", under the same numbers: 1 to 6 read the log (`verify_log`), 7 and 8
the contents (`verify_contents`), 9 the slots (`verify_slots`). Nothing stops at the first
fault: each object that is wrong is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.archive.notes import VerifierKey
from collector.archive.report import Report
from collector.archive.verify_contents import check_contents
from collector.archive.verify_log import check_log
from collector.archive.verify_slots import check_slots

if TYPE_CHECKING:
    from collector.archive.pin import Head
    from collector.archive.store import Store

_NO_PIN = (
    "No earlier head was given: commits cut off the end of this copy cannot be seen. "
    "Give the last head you were handed, or compare the one above with the company's."
)


def verify(store: Store, log_vkey: str, pinned: Head | None = None) -> Report:
    """Check every object of the archive against the log key an auditor holds, and against an earlier head if given.

    `log_vkey` is the verifier key `name+id+base64` (C2SP signed-note), from a source other than the archive. ValueError
    when it is none; ArchiveError when the store cannot be read. Whatever is wrong in the archive is in the report.
    """
    report = Report()
    reading = check_log(store, VerifierKey.parse(log_vkey), pinned, report)
    check_contents(store, reading, report)
    check_slots(store, report)
    if pinned is None:
        report.notes.append(_NO_PIN)
    return report
