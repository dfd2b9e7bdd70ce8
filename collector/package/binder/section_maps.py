"""08-maps: the same controls by criterion, by other frameworks' ids, and by the numbers of the auditor's own list.

Ids and our own words only: the texts of criteria and standards belong to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.package.binder import cells
from collector.package.binder.render import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from collector.package.binder.binder import Binder
    from collector.package.binder.requests import Request
    from collector.package.binder.tested import Tested


@dataclass(frozen=True, slots=True)
class Framework:
    """A list of ids that controls bear on."""

    key: str
    name: str
    caution: str = ""


FRAMEWORKS = (
    Framework("criteria", "Trust services criteria"),
    Framework("iso27001_2022", "ISO/IEC 27001:2022, Annex A"),
    Framework("hipaa", "HIPAA Security Rule"),
    Framework("gdpr", "GDPR"),
    Framework(
        "eu_ai_act", "EU AI Act",
        "Low confidence: these links are thin, and drawn by the program's authors alone. Take them as places to start.",
    ),
)  # fmt: skip
_HEAD = ("id", "control", "title", "items", "pass", "deviation", "cannot_tell", "not_applicable",
         "deviations_in_period", "population", "page", "confidence")  # fmt: skip
_REQUESTS = ("number", "request", "answered_by", "file")


def put_maps(binder: Binder, requests: Sequence[Request] | None) -> None:
    """Write a view for each framework, and the index of the auditor's list where there is one."""
    maps = [(one, entries(binder, one)) for one in FRAMEWORKS]
    for framework, found in maps:
        rows = [_row(binder, framework, name, control) for name, controls in found.items() for control in controls]
        binder.shelf.put(f"08-maps/{framework.key}.csv", cells.document(_HEAD, rows))
    if requests is not None:
        rows = [
            (one.number, one.text, answer.words if answer else None, f"../{answer.place}" if answer else None)
            for one in requests
            for answer in (one.answers or (None,))
        ]
        binder.shelf.put("08-maps/requests.csv", cells.document(_REQUESTS, rows))
    place = "08-maps/index.html"
    known = {"binder": binder, "maps": maps, "requests": requests}
    binder.shelf.put(place, lambda: page("binder/maps.html.j2", place, **known))


def entries(binder: Binder, framework: Framework) -> Mapping[str, Sequence[Tested]]:
    """The controls for each id of a framework, in the order of the ids."""
    found: dict[str, list[Tested]] = {}
    for control in binder.controls:
        for name in _ids(control, framework):
            found.setdefault(name, []).append(control)
    return {name: found[name] for name in sorted(found, key=_order)}


def _ids(control: Tested, framework: Framework) -> Iterable[str]:
    header = control.rule.header
    return header.criteria if framework.key == "criteria" else getattr(header.maps, framework.key)


def _order(name: str) -> tuple[object, ...]:
    """Numbers by their size: A.5.9 before A.5.15."""
    return tuple(_parts(name))


def _parts(name: str) -> Iterator[tuple[int, int, str]]:
    number = ""
    for letter in f"{name}\0":
        if letter.isdecimal():
            number += letter
            continue
        if number:
            yield 0, int(number), ""
            number = ""
        yield 1, 0, letter


def _row(binder: Binder, framework: Framework, name: str, control: Tested) -> tuple[object, ...]:
    failed = len(binder.register.of(control))
    counts = control.counts
    return (
        name, control.id, control.rule.header.title, len(control.items), counts["pass"], counts["deviation"],
        counts["cannot_tell"], counts["not_applicable"], failed,
        "complete" if binder.whole[control.id].complete else "INCOMPLETE", f"../03-controls/{control.id}/index.html",
        "low" if framework.caution else "",
    )  # fmt: skip
