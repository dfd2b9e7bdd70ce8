"""`collector sample`: draw an auditor's sample, seal the choice, and write what draws it again."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from collector import canonical
from collector.archive.statements import draw
from collector.cli import options, periods
from collector.cli.population import beyond
from collector.cli.stating import state
from collector.errors import UsageError
from collector.model import Content
from collector.normalise import timestamp
from collector.period import sample as samples
from collector.period.assembling import population_over
from collector.period.history import about
from collector.period.intervals import State
from collector.period.laws import laws_of
from collector.seal import sample_leaf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from collector.cli.periods import Told
    from collector.period.sample import Rate, Unit

_COLUMNS = ("row_id", "name", "provider", "scope", "outcome", "because", "assessed", "leaf", "records")


@click.command("sample")
@click.argument("of", metavar="CONTROL|TYPE")
@options.config_option
@options.archive_option
@periods.period_options
@click.option("--seed", help="Any text; the same one always draws the same items.")
@click.option("--size", type=click.IntRange(1), help="How many items, with --seed.")
@click.option(
    "--ids",
    "ids_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Or your own choice: a file of row_ids, one a line.",
)
@click.option("--confidence", type=click.FloatRange(50, 99.9), default=95.0, show_default=True, help="Per cent.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("sample"),
    show_default=True,
    help="Where the files go.",
)
@click.option("--by", help="Who chooses  [default: the user of this machine]")
def command(  # noqa: PLR0913, PLR0917 - click hands over each option by name
    of: str,
    config_file: Path | None,
    archive_path: str | None,
    first: datetime,
    last: datetime,
    zone: str,
    seed: str | None,
    size: int | None,
    ids_file: Path | None,
    confidence: float,
    out: Path,
    by: str | None,
) -> None:
    """Draw a sample of the items of a control, or of a population, in a period.

    The population is sorted by SHA-256 over the seed and each row_id, and the first are taken; or your own ids are. The
    choice is sealed: who, when, how, of which population. The same choice again seals nothing new, and nothing is ever
    drawn again by itself. OUT then has population.csv, sample.csv and draw.py, which draws a sample by seed again with
    Python alone. `collector show ROW_ID` opens the evidence of an item; no source is asked anything.
    """
    _refuse_unclear(seed, size, ids_file)
    config = options.read_config(config_file, archive_path)
    told = periods.told(config_file, archive_path, periods.period_of(first, last, zone))
    units, whole = _units(told, of)
    by_id = {unit.row_id: unit for unit in units}
    chosen = _own(ids_file, by_id) if ids_file else draw(by_id, seed or "", size or 0)
    documents = ["".join(f"{one}\n" for one in ids).encode() for ids in (sorted(by_id), chosen)]
    edges = {"from": f"{told.period.first}", "to": f"{told.period.last}", "zone": zone}

    def leaf_of(cited: Sequence[Content], now: datetime) -> dict[str, Any]:
        return sample_leaf(
            of, period=edges, seed=seed, size=size or len(chosen), complete=whole,
            population=cited[0], ids=cited[1], by=by or options.user(), at=now,
        )  # fmt: skip

    cited = [Content(canonical.digest(one), one.count(b"\n")) for one in documents]
    known = _known(told, leaf_of(cited, told.as_of))
    leaf = state(config, leaf_of, documents) if known is None else known
    click.echo(
        f"{'sealed as' if known is None else 'sealed already, by'} leaf {leaf}: {len(chosen)} of {len(units)} items"
    )
    if not whole:
        click.echo(
            "INCOMPLETE: not all of the population was read; `collector population` and `collector history` say what"
        )
    for line in _beyond(told, of):
        click.echo(line)
    picked = [by_id[one] for one in chosen]
    script = samples.script(seed, size) if seed and size else None
    _write(out, units, picked, script)
    _report(told, of, units, picked, confidence)
    if script:
        click.echo(f"\n{out}/draw.py draws it again from {out}/population.csv:\n\n{script}", nl=False)


def _refuse_unclear(seed: str | None, size: int | None, ids_file: Path | None) -> None:
    if (seed is None) == (ids_file is None) or (seed is None) != (size is None) or seed == "":
        raise UsageError("say either --seed and --size, or --ids")


def _units(told: Told, of: str) -> tuple[list[Unit], bool]:
    """The members of what is sampled, and whether all of it was read."""
    if of in told.controls:
        found = told.control(of)
        units = samples.of_control(found)
        states = [item for item in found.items if item not in found.events and found.told[item][-1].rows]
        looked = all(one.state is not State.NOT_LOOKED for item in states for one in found.items[item])
        return units, looked and all(_whole(told, kind) for kind in _populations(told, of))
    populations = population_over(of, told.leaves, told.reader.content, told.period)
    if not populations:
        raise UsageError(f"{of}: neither a control that was judged ({told.known}) nor a population that was read")
    return samples.of_populations(populations, {}), all(one.complete for one in populations)


def _beyond(told: Told, of: str) -> Iterator[str]:
    """What the scope register takes out of a population. Of a control it is told by the outcomes themselves."""
    if of not in told.controls:
        yield from beyond(population_over(of, told.leaves, told.reader.content, told.period))


def _populations(told: Told, control: str) -> set[str]:
    """The evidence types over time that a control was judged on."""
    types = {index: body["type"] for index, body in told.leaves if body["kind"] == "evidence" and body["window"]}
    outcomes = (body for _, body in told.leaves if body["kind"] == "outcome" and body["control"] == control)
    return {types[index] for body in outcomes for index in body["evidence"] if index in types}


def _whole(told: Told, evidence_type: str) -> bool:
    return all(one.complete for one in population_over(evidence_type, told.leaves, told.reader.content, told.period))


def _own(file: Path, known: Collection[str]) -> list[str]:
    """The ids that the auditor chose, in their order; UsageError names one that is none of the population."""
    ids = list(dict.fromkeys(file.read_text("utf-8").split()))
    strangers = [one for one in ids if one not in known]
    if strangers or not ids:
        raise UsageError(f"{file}: {', '.join(strangers[:5]) or 'no id'}: not among the row_ids of this population")
    return ids


def _known(told: Told, leaf: Mapping[str, Any]) -> int | None:
    """The leaf that has the same choice of the same population already."""
    same = ("of", "period", "method", "seed", "size", "population", "ids")
    for index, body in told.leaves:
        if body["kind"] == "sample" and all(body[name] == leaf[name] for name in same):
            return index
    return None


def _write(out: Path, units: Sequence[Unit], chosen: Sequence[Unit], script: str | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in (("population.csv", units), ("sample.csv", chosen)):
        with (out / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_COLUMNS, *map(_row, rows)])
    (out / "draw.py").unlink(missing_ok=True)
    if script:
        (out / "draw.py").write_text(script, "utf-8")


def _row(unit: Unit) -> tuple[object, ...]:
    last = unit.last
    said = (last.state.value, last.because, timestamp(last.last_assessed)) if last else ("", "", "")
    return (unit.row_id, unit.name, unit.provider, unit.scope, *said, unit.leaf, " ".join(last.rows if last else ()))


def _report(told: Told, of: str, units: Sequence[Unit], chosen: Sequence[Unit], per_cent: float) -> None:
    for control, everyone in _judged(told, of, units):
        whole, drawn = samples.rate(everyone.values()), samples.rate(_among(everyone, chosen))
        click.echo(f"{control}: {_words(whole)} in the whole population; {_words(drawn)} in the sample")
        if drawn.told:
            bound = samples.upper_bound(drawn.deviations, drawn.told, per_cent / 100)
            click.echo(
                f"  by the sample alone, at {per_cent:g} % confidence (exact binomial, one-sided): at most {bound:.2%}"
            )


def _judged(told: Told, of: str, units: Sequence[Unit]) -> Iterator[tuple[str, dict[str, Unit]]]:
    """By control, the same units with what it last said of them."""
    if of in told.controls:
        yield of, {unit.row_id: unit for unit in units}
        return
    for control in told.controls:
        if of in _populations(told, control):
            leaves = about(control, lambda: iter(told.leaves))
            said = samples.by_row(control, leaves, told.reader.content, laws_of(control, leaves))
            yield control, {one.row_id: replace(one, last=said[one.row_id]) for one in units if one.row_id in said}


def _among(judged: Mapping[str, Unit], chosen: Iterable[Unit]) -> list[Unit]:
    return [judged[one.row_id] for one in chosen if one.row_id in judged]


def _words(rate: Rate) -> str:
    share = "" if rate.share is None else f" ({float(rate.share):.2%})"
    return f"{rate.deviations} of {rate.told} deviate{share}, {rate.undecided} undecided"
