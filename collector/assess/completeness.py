"""What is missing from the evidence that a control rests on, scope by scope."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import starmap
from typing import TYPE_CHECKING, Any

from collector import canonical, windows
from collector.model import Kind
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from collector.assess.controls import Control

NOT_COLLECTED = "not collected"
_SHOWN = 20
"""How many gaps of one evidence type are spelled out; the snapshot's own document has every one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sealed snapshot to judge: the index of its leaf in the log, and the leaf."""

    index: int
    body: Mapping[str, Any]

    @property
    def type(self) -> str:
        """Its evidence type."""
        return str(self.body["type"])

    @property
    def scope(self) -> tuple[str, str]:
        """Its provider and unit."""
        return str(self.body["provider"]), str(self.body["unit"])


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing the evidence lacks."""

    evidence_type: str
    cause: str
    """A gap's cause, or that the type was not collected at all."""
    subject: str = ""
    detail: str = ""

    def __str__(self) -> str:
        parts = (f"{self.evidence_type} {self.cause}", self.subject, self.detail)
        return ": ".join(part for part in parts if part)


class Completeness:
    """Answers, for a control and a scope, what is missing there."""

    def __init__(
        self,
        evidence: Sequence[Evidence],
        content: Callable[[str], bytes],
        unreadable: Mapping[int, str],
        estate: Collection[str],
        out: Collection[tuple[str, str]] = (),
    ) -> None:
        """`unreadable` are snapshots not fully loaded, by leaf index; `estate` are types read once for all scopes.

        `out` are scopes that the scope register takes out: of these nothing is missing but what was read for others.
        """
        self._estate = frozenset(estate)
        self.out = frozenset(out)
        self._missing: dict[tuple[str, str, str], list[Missing]] = {}
        self._lost = [(one.scope, one.type, words) for one in evidence if (words := _lost(one))]
        self.scopes = sorted({one.scope for one in evidence})
        for one in evidence:
            place = (one.type, *one.scope)
            if place in self._missing and one.body["type_kind"] != Kind.RECORD:
                raise ValueError(f"two snapshots of {one.type} in {' '.join(one.scope)}: judge the newest one alone")
            self._missing.setdefault(place, []).extend(_gaps(one, content))
            if one.index in unreadable:
                self._missing[place].append(Missing(one.type, "defect", "", unreadable[one.index]))

    def of(self, control: Control, scope: tuple[str, str]) -> list[Missing]:
        """Everything the control needs and this scope lacks; empty when its evidence is whole."""
        return [
            one for needed in control.required if provider_of(needed) == scope[0] for one in self._in(needed, scope)
        ]

    def across(self, control: Control) -> list[Missing]:
        """What is missing, in any scope, from the evidence that every item of the control rests on."""
        found: list[Missing] = []
        for needed in control.header.across:
            read = [gaps for (kind, *_), gaps in self._missing.items() if kind == needed]
            found += [one for gaps in read for one in gaps] if read else [Missing(needed, NOT_COLLECTED)]
        return found

    def lost(self, control: Control) -> Iterator[tuple[tuple[str, str], str]]:
        """Each stretch of time that the control needs and no source remembers any more: its scope, and it in words."""
        return ((scope, words) for scope, kind, words in self._lost if kind in control.evidence)

    def _in(self, needed: str, scope: tuple[str, str]) -> list[Missing]:
        if needed not in self._estate:
            nothing = [] if scope in self.out else [Missing(needed, NOT_COLLECTED)]
            return self._missing.get((needed, *scope), nothing)
        read = [gaps for (kind, provider, _), gaps in self._missing.items() if (kind, provider) == (needed, scope[0])]
        return [one for gaps in read for one in gaps] if read else [Missing(needed, NOT_COLLECTED)]


def still_standing(standing: Iterable[tuple[int, Mapping[str, Any]]], evidence: Iterable[Evidence]) -> list[Evidence]:
    """The evidence of earlier runs (index and body) that this one has not read anew."""
    own = {(one.type, one.scope) for one in evidence}
    return [one for one in starmap(Evidence, standing) if (one.type, one.scope) not in own]


def provider_of(evidence_type: str) -> str:
    """Whose evidence it is: `aws` for `aws.iam.credential_report`."""
    return evidence_type.partition(".")[0]


def named(missing: Sequence[Missing]) -> str:
    """Every gap in one sentence; beyond so many of one evidence type, their number."""
    by_type: dict[str, list[Missing]] = {}
    for one in missing:
        by_type.setdefault(one.evidence_type, []).append(one)
    parts: list[str] = []
    for kind, gaps in by_type.items():
        parts += [str(one) for one in gaps[:_SHOWN]]
        if len(gaps) > _SHOWN:
            parts.append(f"and {len(gaps) - _SHOWN} more gaps in the snapshot of {kind}")
    return "; ".join(parts)


def causes(missing: Sequence[Missing]) -> str:
    """The evidence types and causes, each once."""
    return ", ".join(dict.fromkeys(f"{one.evidence_type} {one.cause}" for one in missing))


def _lost(evidence: Evidence) -> str:
    stretch = windows.lost(evidence.body)
    return f"{evidence.type} from {timestamp(stretch.start)} to {timestamp(stretch.end)}" if stretch else ""


def _gaps(evidence: Evidence, content: Callable[[str], bytes]) -> Iterator[Missing]:
    if evidence.body["complete"]:
        return
    found = False
    for line in content(evidence.body["completeness"]["sha256"]).splitlines():
        entry = canonical.decode(line)
        if gap := entry.get("gap"):
            found = True
            yield Missing(evidence.type, gap["cause"], gap["subject"], gap["detail"])
        elif not entry["total"]["ties"]:
            found, total = True, entry["total"]
            yield Missing(
                evidence.type, "truncated", total["name"], f"{total['expected']} expected, {total['found']} found"
            )
    if not found:
        yield Missing(evidence.type, "defect", "", "its leaf says that it is incomplete, but names no gap")
