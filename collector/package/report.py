"""The report of one run: a folder that an auditor can read and check without this program.

    index.html                       the page, whole in itself
    answers/<sha256>.<extension>     every raw answer it links to, as redacted before it was hashed
    documents/<sha256>.<extension>   the sealed documents: records, exchanges, completeness, outcomes, configuration
    rules/<ID>.sql                   each rule as it was in force
    SHA256SUMS                       for `sha256sum -c`

It reads sealed leaves and contents only, asks no provider and no clock: the same archive and facts give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.model import Verdict
from collector.package import answers, totals, vouched
from collector.package.covered import covered
from collector.package.folder import PAGE, marker, refuse_others, write_sums
from collector.package.gathered import gather
from collector.package.judged import judge_all
from collector.package.page import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from collector.package.facts import Facts
    from collector.package.gathered import Gathered, SealedSnapshot
    from collector.package.judged import Judged
    from collector.package.sealed import Archived


def write_report(reader: Archived, run_id: str, folder: Path, facts: Facts) -> Path:
    """Write the report of a run; the path of its page.

    UsageError for a run the archive does not have, or a folder that holds something else. ArchiveError names a
    reference that leads nowhere; the page is written after all it links to, so it is never there without it.
    """
    gathered = gather(reader, run_id)
    controls = judge_all(reader, gathered)
    bodies = {one.said.body for snapshot in gathered.snapshots for one in snapshot.exchanges if one.said.body}
    documents = set(_documents(gathered, controls))
    configuration = gathered.run.configuration.sha256
    refuse_others(
        folder,
        run_id,
        [
            *(f"answers/{digest}" for digest in bodies),
            *(f"documents/{digest}" for digest in documents | {configuration}),
            *(f"rules/{control.rule.id}" for control in controls),
        ],
    )
    answered = answers.write(reader, bodies, folder / "answers")
    sealed = answers.write(reader, documents, folder / "documents", "ndjson")
    configured = answers.write(reader, [configuration], folder / "documents")[configuration]
    files = {
        *(f"answers/{name}" for name in answered.values()),
        *(f"documents/{name}" for name in (*sealed.values(), configured)),
        *_write_rules(folder, controls),
    }
    page = render(
        facts=facts,
        marker=marker(run_id),
        gathered=gathered,
        run=gathered.run,
        controls=controls,
        types=_types(gathered),
        affected=_affected(controls),
        totals=totals.count(gathered, controls, len(bodies)),
        scopes=sorted({(one.said.provider, one.said.unit, one.said.unit_name) for one in gathered.snapshots}),
        deviations=[control for control in controls if control.of(Verdict.DEVIATION)],
        untold=[control for control in controls if control.of(Verdict.CANNOT_TELL) or control.unknown],
        broken=[snapshot for snapshot in gathered.snapshots if not snapshot.said.complete],
        answers=answered,
        documents=sealed,
        configuration=configured,
        vouched=vouched.words(gathered, facts.verification),
        covered=covered(reader, gathered.run.ended, facts.period),
    )
    path = folder / PAGE
    path.write_text(page, "utf-8", newline="\n")
    write_sums(folder, {*files, PAGE})
    return path


def _documents(gathered: Gathered, controls: Sequence[Judged]) -> Iterable[str]:
    for snapshot in gathered.snapshots:
        said = snapshot.said
        yield from (said.records.sha256, said.exchanges.sha256, said.completeness.sha256)
    yield from (control.said.outcomes.sha256 for control in controls)


def _write_rules(folder: Path, controls: Sequence[Judged]) -> Iterable[str]:
    for control in controls:
        place = f"rules/{control.rule.id}.sql"
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        (folder / place).write_bytes(control.rule.text.encode())
        yield place


def _types(gathered: Gathered) -> dict[str, list[SealedSnapshot]]:
    types: dict[str, list[SealedSnapshot]] = {}
    for snapshot in gathered.snapshots:
        types.setdefault(snapshot.said.type, []).append(snapshot)
    return types


def _affected(controls: Sequence[Judged]) -> dict[int, list[Judged]]:
    """The controls judged on each evidence leaf."""
    affected: dict[int, list[Judged]] = {}
    for control in controls:
        for snapshot in control.snapshots:
            affected.setdefault(snapshot.leaf.index, []).append(control)
    return affected
