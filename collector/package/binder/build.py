"""The package of a period: a folder that an auditor reads and checks without this program.

    00-cover/      period, criteria, scopes, coverage, deviations, gaps, versions
    01-how-made/   how lists are produced; as whom; releases; the clock
    02-scope/      units discovered, against the scope register; scopes; what other organisations answer for
    03-controls/   of each control: page, population, results, what they rest on, the rule, evidence of each item
    04-records/    what people uploaded
    05-coverage/   every slot; gaps
    06-exceptions/ the register of deviations; approved exceptions
    07-integrity/  the log, raw answers, sealed documents, verifiers
    08-maps/       by criterion and framework; the auditor's own list
    09-data/       the same for machines: workbook, JSON, Parquet, OSCAL, OCSF

It reads sealed leaves and contents only, asks no provider and no clock: the same archive and period give the same
bytes.
Where it is asked for, 00-cover has the cover and the controls as a PDF too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.package.binder import links, printed, requests
from collector.package.binder.leaf_page import put_leaves
from collector.package.binder.printed_control import controls
from collector.package.binder.section_controls import put_controls
from collector.package.binder.section_cover import put_cover
from collector.package.binder.section_coverage import put_coverage
from collector.package.binder.section_data import put_data
from collector.package.binder.section_exceptions import put_exceptions
from collector.package.binder.section_integrity import put_integrity
from collector.package.binder.section_made import put_made
from collector.package.binder.section_maps import put_maps
from collector.package.binder.section_records import put_records
from collector.package.binder.section_scope import put_scope
from collector.package.binder.section_tables import put_tables
from collector.package.binder.typeset import pdf, typesetter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.shelf import Folder


def put_all(binder: Binder, wanted: Sequence[tuple[str, str]] | None = None, *, on_paper: bool = False) -> None:
    """Put every file of the package on the binder's shelf; `wanted` is the auditor's list, number and text.

    `on_paper`: with a PDF of cover and controls; UsageError where the package that sets it is not installed.
    """
    put_made(binder)
    put_scope(binder)
    put_controls(binder)
    put_records(binder)
    put_coverage(binder)
    put_exceptions(binder)
    put_maps(binder, None if wanted is None else requests.answered(binder, wanted))
    put_integrity(binder)
    put_data(binder, on_paper=on_paper)
    put_tables(binder)
    put_cover(binder, printed.PLACE if on_paper else None)
    if on_paper:
        typesetter()
        binder.shelf.put(printed.PLACE, lambda: pdf(printed.document(binder, controls(binder)), binder.facts.generated))
    # A result is a line of a sealed document, which has to be there for whoever checks it.
    for control in binder.controls:
        for one in control.judgements:
            binder.answers.document(one.said.outcomes.sha256)
    put_leaves(binder)


def finish(folder: Folder) -> None:
    """Follow every link, and write the list of files; ArchiveError when a link leads nowhere."""
    pages = ((place, (folder.root / place).read_bytes()) for place in sorted(folder.digests) if place.endswith(".html"))
    links.check(pages, folder.digests.keys() | {"SHA256SUMS"})
    folder.close()
