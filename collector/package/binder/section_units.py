"""02-scope: every unit that the providers show against the scope register, how both tie, and what changed.

lists.csv     each list of units: how many at the edges of the period, found, gone, and what they are to the company
units.csv     every unit, with the entry that decides on it
register.csv  every entry of the register as it stands at the end, and whether any list shows what it is about
changes.csv   what changed in the period
left-out.csv  what the collector's own configuration leaves out, and why
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.excluded import unit_of_scope
from collector.normalise import timestamp
from collector.package.binder import cells
from collector.package.binder.leaf_page import put_leaf
from collector.package.binder.units import LISTS, STANDINGS
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.units import Change, Discovered, Unit

CONTROL = "GOV-12"
"""The control that judges what this shows."""
_DECIDED = ("decision", "reason", "approved_by", "valid_from", "valid_to")
_LISTS = (
    "evidence_type", "provider", "scope", "readings", "not_whole", "first_reading", "last_reading", "last_is_whole",
    "first_read_in_the_period", "at_the_beginning", "found", "no_longer_shown", "at_the_end", "unclassified",
    "in_scope_and_excluded", "no_register", "excluded", "in_scope", "being_closed", "ties", "leaf",
)  # fmt: skip
_UNITS = (
    "evidence_type", "provider", "scope", "unit", "name", "state", "standing", "because", *_DECIDED, "at_the_beginning",
    "first_seen", "last_seen", "gone_by", "read_as_a_scope", "leaf", "row_id", "row_sha256", "register_leaf",
    "register_row_id", "register_row_sha256",
)  # fmt: skip
_REGISTER = ("unit", *_DECIDED, "in_force_at_the_end", "lacks", "shown_by", "leaf", "row_id", "row_sha256")
_CHANGES = ("at", "evidence_type", "provider", "scope", "unit", "what", "before", "after", "leaf")
_LEFT_OUT = ("setting", "unit", "reason", "from_run", "to_run")


def put_units(binder: Binder) -> dict[str, Any]:
    """Write the files; what the page of the scope shows of them."""
    shelf, found = binder.shelf, binder.discovered
    left_out = list(_left_out(binder))
    shelf.put("02-scope/lists.csv", cells.document(_LISTS, _lists(found)))
    shelf.put("02-scope/units.csv", cells.document(_UNITS, _units(binder, found)))
    shelf.put("02-scope/register.csv", cells.document(_REGISTER, _register(binder, found)))
    shelf.put("02-scope/changes.csv", cells.document(_CHANGES, map(_change, found.changes)))
    shelf.put("02-scope/left-out.csv", cells.document(_LEFT_OUT, left_out))
    leaves = {one.leaf for one in found.lists} | {one.last_leaf for one in found.units}
    leaves |= {one.leaf for one in found.changes if one.leaf is not None}
    for leaf in sorted(leaves | ({found.register.leaf} if found.register.leaf is not None else set())):
        put_leaf(binder, leaf)
    return {
        "found": found,
        "units": [_shown(one) for one in found.units],
        "changes": [_told(one) for one in found.changes],
        "left_out": left_out,
        "standings": [one for one in STANDINGS if any(each.standings[one] for each in found.lists)],
        "nouns": LISTS,
        "judged": any(one.id == CONTROL for one in binder.controls),
    }


def _lists(found: Discovered) -> Iterator[tuple[object, ...]]:
    for one in found.lists:
        yield (
            *one.series, one.readings, one.partial, one.first, one.last, one.whole, one.began_inside, one.opening,
            one.found, one.gone, one.closing, *(one.standings[each] for each in STANDINGS), one.ties, one.leaf,
        )  # fmt: skip


def _units(binder: Binder, found: Discovered) -> Iterator[tuple[object, ...]]:
    read = {
        unit_of_scope(said.unit) for said in binder.log.evidence.values() if moment(said.started) < binder.period.end
    }
    for one in found.units:
        entry = one.decision.entry
        version = entry.version if entry else None
        yield (
            *one.series, one.unit_id, one.name, one.status, _standing(one), one.decision.because,
            *(entry.given(name) if entry else None for name in _DECIDED), one.at_start and one.at_start.value,
            one.first_seen, one.last_seen, one.gone_by, one.unit_id in read, one.last_leaf, one.version.row_id,
            one.version.sha256, version and version.leaf, version and version.row_id, version and version.sha256,
        )  # fmt: skip


def _register(binder: Binder, found: Discovered) -> Iterator[tuple[object, ...]]:
    shown: dict[str, list[str]] = {}
    for one in found.units:
        shown.setdefault(one.unit_id, []).append(one.series.type)
    for entry in found.register.entries:
        version = entry.version
        yield (
            entry.unit_id, *(entry.given(name) for name in _DECIDED), entry.in_force(binder.period.end),
            ", ".join(entry.lacks) or None, " ".join(shown.get(entry.unit_id, ())) or None, version.leaf,
            version.row_id, version.sha256,
        )  # fmt: skip


def _change(one: Change) -> tuple[object, ...]:
    return (one.at, *one.series, one.unit_id, one.what, one.before, one.after, one.leaf)


def _left_out(binder: Binder) -> Iterator[tuple[str, str, str, str, str]]:
    """What the configurations of the period's runs exclude with a reason: of it nothing is read at all."""
    known: dict[str, dict[tuple[str, str, str], None]] = {}
    found: dict[tuple[str, str, str], list[str]] = {}
    for run, leaf in binder.log.runs.items():
        if not binder.period.start <= moment(leaf.body["ended"]) < binder.period.end:
            continue
        sha256 = leaf.body["configuration"]["sha256"]
        if sha256 not in known:
            said = canonical.decode(binder.log.reader.content(sha256).rstrip(b"\n"))
            known[sha256] = dict.fromkeys(_excluded(said))
        for one in known[sha256]:
            found.setdefault(one, []).append(run)
    yield from ((*one, runs[0], runs[-1]) for one, runs in sorted(found.items()))


def _excluded(configuration: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for table, settings in configuration.items():
        for name, given in settings.items() if isinstance(settings, dict) else ():
            if name.startswith("excluded_") and isinstance(given, dict):
                yield from ((f"{table}.{name}", str(unit), str(reason)) for unit, reason in given.items())


def _standing(one: Unit) -> str:
    return "no longer shown" if one.gone_by else one.decision.standing.value


def _shown(one: Unit) -> Sequence[object]:
    entry = one.decision.entry
    said = [entry.given(name) if entry else None for name in ("reason", "approved_by", "valid_from", "valid_to")]
    return (
        _standing(one),
        one.unit_id,
        f"07-integrity/leaves/{one.last_leaf}.html",
        one.name or "",
        f"{one.series.provider} {one.series.unit}",
        one.status or "",
        said[0] or ("" if entry else one.decision.because),
        said[1] or "",
        (said[2] or "")[:10],
        (said[3] or "")[:10],
        f"{one.first_seen:%Y-%m-%d}",
    )


def _told(one: Change) -> Sequence[object]:
    return (
        timestamp(one.at)[:16].replace("T", " "),
        one.unit_id,
        one.what,
        one.before or "",
        one.after or "",
        "" if one.leaf is None else one.leaf,
    )
