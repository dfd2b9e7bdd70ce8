"""Leaves by which people say something of what is sealed: exceptions, responses and samples. Steps 5 and 13."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from collector.archive.citations import digest_from
from collector.archive.layout import LOG, segment_key
from collector.archive.reader import Reader
from collector.errors import ArchiveError
from collector.ledger import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.report import Report
    from collector.archive.store import Store

_TEXT, _MAYBE, _TIME = "text", "text or null", "time"
MEMBERS = {
    "exception": {
        "control": _TEXT, "provider": _MAYBE, "unit": _MAYBE, "item": _TEXT, "reason": _TEXT, "approver": _TEXT,
        "expires": _TIME, "by": _TEXT, "at": _TIME,
    },
    "response": {
        "control": _TEXT, "provider": _MAYBE, "unit": _MAYBE, "item": _TEXT, "cause": _MAYBE, "owner": _MAYBE,
        "response": _MAYBE, "by": _TEXT, "at": _TIME,
    },
    "sample": {
        "of": _TEXT, "period": "object", "method": _TEXT, "seed": _MAYBE, "size": "number", "complete": "true or false",
        "population": "object", "ids": "object", "by": _TEXT, "at": _TIME,
    },
}  # fmt: skip
"""The members of each kind besides `kind`, and what each has to be."""
METHODS = frozenset({"seed", "ids"})


def check(leaf: dict[str, Any]) -> None:
    """Step 5: a statement has the members of its kind and no others. ValueError says what is wrong with it."""
    wanted = MEMBERS.get(leaf["kind"])
    if wanted is None:
        return
    if leaf.keys() != {"kind", *wanted}:
        raise ValueError(f"a leaf of kind {leaf['kind']!r} has other members than it is to have")
    for name, what in wanted.items():
        if not _is(leaf[name], what):
            raise ValueError(f"{name!r} of a leaf of kind {leaf['kind']!r} is no {what}")
    if leaf["kind"] == "exception" and moment(leaf["expires"]) <= moment(leaf["at"]):
        raise ValueError("an exception that expires before it is made")
    if leaf["kind"] == "response" and not any(leaf[name] for name in ("cause", "owner", "response")):
        raise ValueError("a response that says nothing")
    if leaf["kind"] == "sample":
        _check_sample(leaf)


def draw(population: Iterable[str], seed: str, size: int) -> list[str]:
    """The first `size` of a population when it is sorted by SHA-256 over "SEED:ROW_ID"."""
    return sorted(population, key=lambda row_id: (sha256(f"{seed}:{row_id}".encode()).hexdigest(), row_id))[:size]


@dataclass(slots=True)
class SampleCheck:
    """Step 13: each sample is of its population, and one by seed is what its seed draws."""

    waiting: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    """Commit, index and body of each sample leaf."""

    def take(self, sequence: int, index: int, leaf: dict[str, Any]) -> None:
        """Keep one for when the contents have been read."""
        if leaf["kind"] == "sample":
            self.waiting.append((sequence, index, leaf))

    def conclude(self, store: Store, report: Report) -> None:
        """Put what is wrong into the report. Left out, with a note, when the log itself has a fault."""
        if self.waiting and any(fault.object.startswith(LOG) for fault in report.faults):
            report.notes.append("Samples not checked: the log they are in has a fault.")
            return
        reader = Reader(store)
        for sequence, index, leaf in self.waiting:
            try:
                population, ids = (
                    reader.content(leaf[name]["sha256"]).decode().splitlines() for name in ("population", "ids")
                )
            except ArchiveError as error:
                report.could_not_read(segment_key(sequence), error)
                continue
            except UnicodeDecodeError:
                population, ids = [], [""]
            if problem := wrong(leaf, population, ids):
                report.fault(segment_key(sequence), f"leaf {index}: {problem}")


def wrong(leaf: dict[str, Any], population: list[str], ids: list[str]) -> str:
    """What is wrong with a sample, given the lines of its two contents; empty when nothing is."""
    if sorted(set(population)) != population:
        return "its population is not in order, or names an item twice"
    if len(set(ids)) != len(ids) or not set(ids) <= set(population):
        return "its ids are not of its population, each once"
    if leaf["method"] == "seed" and ids != draw(population, leaf["seed"], leaf["size"]):
        return "its ids are not those that its seed draws"
    return ""


def _check_sample(leaf: dict[str, Any]) -> None:
    if leaf["method"] not in METHODS or (leaf["seed"] is None) != (leaf["method"] == "ids"):
        raise ValueError("a sample is by seed, which it names, or by ids")
    if leaf["period"].keys() != {"from", "to", "zone"} or not all(_is(one, _TEXT) for one in leaf["period"].values()):
        raise ValueError("a sample is of a period: from, to and zone")
    for name in ("population", "ids"):
        if leaf[name].keys() != {"sha256", "count"} or not _is(leaf[name]["count"], "number"):
            raise ValueError(f"the {name} of a sample are cited")
        digest_from(leaf[name]["sha256"])
    if leaf["ids"]["count"] != min(leaf["size"], leaf["population"]["count"]):
        raise ValueError("a sample has as many ids as its size says, or all there are")


def _is(value: object, what: str) -> bool:
    match what:
        case "text":
            return isinstance(value, str) and value != ""
        case "text or null":
            return value is None or (isinstance(value, str) and value != "")
        case "time":
            return isinstance(value, str) and value.endswith("Z") and _told(value)
        case "number":
            return type(value) is int and value >= 0
        case "true or false":
            return isinstance(value, bool)
        case _:
            return isinstance(value, dict)


def _told(text: str) -> bool:
    try:
        moment(text)
    except ValueError:
        return False
    return True
