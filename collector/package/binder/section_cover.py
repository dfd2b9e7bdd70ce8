"""00-cover: what the package is about, and its numbers, each with the place that lists what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector.package.binder.render import page
from collector.package.binder.section_coverage import run_gaps, share_done
from collector.package.binder.section_scope import scopes_of
from collector.package.picture import share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.package.binder.binder import Binder

CATEGORIES = (
    ("CC", "security"),
    ("A", "availability"),
    ("C", "confidentiality"),
    ("PI", "processing integrity"),
    ("P", "privacy"),
)
PLACE = "00-cover/index.html"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the cover."""

    label: str
    count: int
    place: str
    note: str = ""
    mark: str = ""
    part: bool = False


def put_cover(binder: Binder, printed: str | None = None) -> None:
    """Write the cover, and a page at the top that leads to it; `printed` is where the PDF is."""
    said = known(binder) | {"binder": binder, "printed": printed}
    binder.shelf.put(PLACE, lambda: page("binder/cover.html.j2", PLACE, **said))
    binder.shelf.put("index.html", lambda: page("binder/start.html.j2", "index.html", binder=binder))


def known(binder: Binder) -> dict[str, Any]:
    """What the cover says in numbers and names, on the page and on paper."""
    done, due = share_done(binder)
    return {
        "wrong": list(_wrong(binder)),
        "seen": list(_seen(binder)),
        "scopes": scopes_of(binder),
        "criteria": sorted({one for control in binder.controls for one in control.rule.header.criteria}),
        "categories": categories(binder),
        "done": done,
        "due": due,
        "share": share(done, due),
    }


def categories(binder: Binder) -> list[str]:
    """The categories that any control's criteria are of."""
    heads = {one.rstrip("0123456789.") for control in binder.controls for one in control.rule.header.criteria}
    return [name for head, name in CATEGORIES if head in heads]


def _wrong(binder: Binder) -> Iterator[Figure]:
    register = binder.register
    place = "06-exceptions/index.html"
    yield Figure("Deviations in the period", len(register.rows), place, "those that are over included", "deviation")
    yield Figure("carried in", register.carried, place, part=True)
    yield Figure("opened", register.opened, place, part=True)
    yield Figure("closed", register.closed, place, part=True)
    yield Figure("open at the end", register.open, place, part=True)
    controls = "03-controls/index.html"
    yield Figure(
        "Items that cannot be told", binder.untold, controls, "at the end; they count neither way", "cannot_tell"
    )
    limits = sum(len(control.limits) for control in binder.controls)
    yield Figure("Parts that could not be judged", limits, controls, "nothing collected shows them, or it is not whole")
    yield Figure(
        "Controls with an incomplete population", len(binder.incomplete), controls, "what is missing is named", "gap"
    )
    yield Figure(
        "Units that nobody put in or out of scope", binder.discovered.undecided, "02-scope/index.html",
        "accounts, projects, subscriptions, repositories", "gap",
    )  # fmt: skip
    done, due = share_done(binder)
    coverage = "05-coverage/index.html"
    yield Figure("Slots not done", due - done, coverage, f"of {due:,} that were due", "gap")
    without = len({run for run, *_ in run_gaps(binder)})
    yield Figure(
        "Runs without a provider", without, coverage, "its connector or sign-in failed: nothing of it is read", "gap"
    )


def _seen(binder: Binder) -> Iterator[Figure]:
    place = "03-controls/index.html"
    yield Figure("Controls judged", len(binder.controls), place)
    yield Figure(
        "Items", sum(len(control.items) for control in binder.controls), place, "each once, by its last outcome"
    )
    for verdict in ("pass", "deviation", "not_applicable", "cannot_tell"):
        count = sum(control.counts[verdict] for control in binder.controls)
        yield Figure(verdict.replace("_", " "), count, place, mark=verdict, part=True)
    judged = sum(len(control.judgements) for control in binder.controls)
    yield Figure("Judgements", judged, place, "of a control, by a sealed rule")
    yield Figure("Snapshots in the archive", len(binder.log.evidence), "07-integrity/index.html")
    yield Figure("Leaves of the log", len(binder.log.leaves), "07-integrity/index.html")
