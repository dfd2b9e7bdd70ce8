"""A log that is written leaf by leaf, as runs would: what the period engine reads, without a provider."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.normalise import timestamp
from collector.period.engine import ControlPeriod, control_over, newest
from collector.period.history import about, history
from collector.period.looks import Item
from collector.slots import Cause, Entry, Missed, Series, entries_document, missed_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.period.intervals import Interval
    from collector.period.narrowed import Log as ProviderLog
    from collector.period.span import Period

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STATES, SECRETS, EVENTS = "toy.states", "toy.secrets", "toy.events"
UNIT = ("toy", "one")
THING = Item(*UNIT, "thing")


def at(day: float) -> datetime:
    return START + day * DAY


class Log:
    """A log that is written leaf by leaf, as a run would."""

    def __init__(self) -> None:
        self.leaves: list[tuple[int, dict[str, Any]]] = []
        self.contents: dict[str, bytes] = {}
        entries = [Entry(Series(kind, *UNIT), "", "daily at 12:00 UTC") for kind in (STATES, SECRETS, EVENTS)]
        self.put({"kind": "schedule", "at": timestamp(START), "entries": self.cited(entries_document(entries))})

    def put(self, body: dict[str, Any]) -> int:
        self.leaves.append((len(self.leaves), body))
        return len(self.leaves) - 1

    def cited(self, document: bytes) -> dict[str, Any]:
        digest = canonical.digest(document)
        self.contents[digest] = document
        return {"sha256": digest, "count": document.count(b"\n")}

    def evidence(self, kind: str, day: int, *rows: str | dict[str, Any], complete: bool = True) -> int:
        moment = timestamp(at(day) + DAY / 2)
        window = {"from": timestamp(at(day - 1)), "to": moment} if kind == EVENTS else None
        document = b"".join(canonical.encode({"row_id": row} if isinstance(row, str) else row) + b"\n" for row in rows)
        return self.put(
            {
                "kind": "evidence", "run": f"r{day}", "type": kind, "provider": UNIT[0], "unit": UNIT[1],
                "type_kind": "population" if window else "configuration", "window": window, "continues": None,
                "slot": moment, "started": moment, "ended": moment, "complete": complete,
                "gaps": {} if complete else {"denied": 1},
                "records": self.cited(document), "unit_name": "One", "exchanges": self.cited(b""),
                "completeness": self.cited(b""),
            }
        )  # fmt: skip

    def window(
        self, begin: float, end: float, rows: list[dict[str, Any]], *, continues: float | None, pages: int = 1,
        gap: str = "", total: int | None = None,
    ) -> int:  # fmt: skip
        """A population's snapshot as a run seals it, with as many pages; its rows lie on them one after another."""
        pieces = [{"request": "q", "page": number + 1, "body": None} for number in range(pages)]
        lines = [
            {"source_id": row["row_id"]} | row | {"origins": [["q", place % pages + 1, f"/{place}"]]}
            for place, row in enumerate(rows)
        ]
        known: list[dict[str, Any]] = []
        if total is not None:
            known.append(
                {"total": {"name": "counted", "expected": total, "found": len(rows), "ties": total == len(rows)}}
            )
        if gap:
            known.append({"gap": {"cause": "truncated", "subject": gap, "detail": "no end", "request": None}})
        documents = [b"".join(canonical.encode(one) + b"\n" for one in many) for many in (lines, pieces, known)]
        cited = dict(zip(("records", "exchanges", "completeness"), map(self.cited, documents), strict=True))
        return self.put(
            {
                "kind": "evidence", "run": f"w{end}", "type": EVENTS, "provider": UNIT[0], "unit": UNIT[1],
                "unit_name": "One", "type_kind": "population", "slot": None, "started": timestamp(at(end)),
                "ended": timestamp(at(end)), "window": {"from": timestamp(at(begin)), "to": timestamp(at(end))},
                "continues": None if continues is None else timestamp(at(continues)),
                "complete": not gap and total in {None, len(rows)}, "gaps": {"truncated": 1} if gap else {}, **cited,
            }
        )  # fmt: skip

    def judged(
        self,
        evidence: list[int],
        *lines: tuple[str, str, list[str]],
        rule: bytes = b"rule",
        parameters: dict[str, Any] | None = None,
        configuration: dict[str, Any] | None = None,
        elsewhere: Sequence[Item] = (),
    ) -> int:
        """A run that judges this evidence, at the time of its newest. Items `elsewhere` cannot be told, of no rows."""
        said_of = [(Item(*UNIT, item), outcome, rows) for item, outcome, rows in lines]
        said_of += [(one, "cannot_tell", []) for one in elsewhere]
        document = b"".join(
            canonical.encode(
                {"item": item.item, "provider": item.provider or None, "unit": item.unit or None, "outcome": outcome,
                 "because": item.item, "rows": rows}
            )
            + b"\n"
            for item, outcome, rows in said_of
        )  # fmt: skip
        said = self.leaves[max(evidence)][1]
        sealed = self.cited(canonical.encode(configuration or {}) + b"\n")
        self.put({"kind": "run", "run": said["run"], "ended": said["ended"], "configuration": sealed})
        cited = {"rule": self.cited(rule), "outcomes": self.cited(document), "evidence": evidence}
        return self.put(
            {"kind": "outcome", "run": said["run"], "control": "X-01", "assessed": said["ended"], **cited}
            | {"parameters": parameters or {}, "catalogue": self.cited(rule)}
        )

    def excepted(self, day: float, expires: float, item: str = THING.item, unit: str | None = None) -> int:
        return self.put(
            {"kind": "exception", "control": "X-01", "provider": None, "unit": unit, "item": item, "reason": "planned",
             "approver": "cfo", "expires": timestamp(at(expires)), "by": "ops", "at": timestamp(at(day))}
        )  # fmt: skip

    def responded(self, day: float, owner: str, response: str | None = None) -> int:
        return self.put(
            {"kind": "response", "control": "X-01", "provider": None, "unit": None, "item": THING.item, "cause": "slip",
             "owner": owner, "response": response, "by": "ops", "at": timestamp(at(day))}
        )  # fmt: skip

    def over(self, period: Period, log: ProviderLog | None = None) -> ControlPeriod:
        leaves = about("X-01", lambda: self.leaves)
        return control_over("X-01", leaves, self.contents.__getitem__, period, newest(self.leaves), log)

    def missed(self, kind: str, first: int, last: int) -> None:
        noon = DAY / 2
        one = Missed(Series(kind, *UNIT), at(first) + noon, at(last) + noon, last - first + 1, Cause.NOT_RUNNING)
        self.put(
            {
                "kind": "missed",
                "run": "later",
                "at": timestamp(at(last + 1)),
                "slots": self.cited(missed_document([one])),
            }
        )

    def items(self, end: int) -> dict[Item, list[Interval]]:
        return history("X-01", about("X-01", lambda: self.leaves), self.contents.__getitem__, START, at(end))

    def states(self, end: int, item: Item = THING) -> list[str]:
        return [one.state.value for one in self.items(end)[item]]
