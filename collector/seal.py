"""What the archive is given: the documents of a snapshot, and the leaves that cite them. FORMAT.md has the shapes."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.normalise import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from collector.basis import Basis
    from collector.model import Content, Exchange, Gap, Snapshot, Total


def exchanges_document(exchanges: Iterable[Exchange]) -> bytes:
    """One line for each exchange; `body` names the raw answer by its SHA-256."""
    return _lines(
        asdict(exchange)
        | {
            "started_at": timestamp(exchange.started_at),
            "ended_at": timestamp(exchange.ended_at),
            "server_date": exchange.server_date and timestamp(exchange.server_date),
        }
        for exchange in exchanges
    )


def completeness_document(gaps: Iterable[Gap], totals: Iterable[Total]) -> bytes:
    """One line for each gap and each control total; empty when there is neither."""
    return _lines(
        [
            *({"gap": asdict(gap)} for gap in gaps),
            *({"total": asdict(total) | {"ties": total.ties}} for total in totals),
        ]
    )


def evidence_leaf(snapshot: Snapshot, run: str) -> dict[str, Any]:
    """The leaf of one snapshot."""
    window = snapshot.window
    replaced = {"pseudonyms": snapshot.pseudonyms} if snapshot.pseudonyms else {}
    return replaced | {
        "kind": "evidence",
        "run": run,
        "type": snapshot.evidence_type,
        "type_kind": snapshot.kind.value,
        "provider": snapshot.scope.provider,
        "unit": snapshot.scope.unit_id,
        "unit_name": snapshot.scope.name,
        "slot": snapshot.slot and timestamp(snapshot.slot),
        "window": window and {"from": timestamp(window.start), "to": timestamp(window.end)},
        "continues": snapshot.continues and timestamp(snapshot.continues),
        "started": timestamp(snapshot.started_at),
        "ended": timestamp(snapshot.ended_at),
        "caller": snapshot.caller,
        "complete": snapshot.complete,
        "gaps": dict(Counter(gap.cause.value for gap in snapshot.gaps)),
        "records": _cited(snapshot.records),
        "exchanges": _cited(snapshot.exchanges),
        "completeness": _cited(snapshot.completeness),
    }


def run_leaf(  # noqa: PLR0913 - each is one fact about the run
    run: str,
    *,
    mode: str,
    started: datetime,
    ended: datetime,
    expected: int,
    snapshots: Sequence[Snapshot],
    gaps: Sequence[Gap],
    configuration: Content,
    version: str,
    code: str,
    after_token: tuple[int, str, str] | None = None,
    vouchers: Mapping[str, Sequence[str]] | None = None,
    slots: Mapping[str, Any] | None = None,
    clock: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The leaf that ends a run. `gaps` are those of the run itself: a connector that could not even be started.

    `after_token` is the newest token there was when it started: the commit it stamps, its object, the SHA-256 of that.
    `vouchers` are the addresses of the `authorities` and the names of the `witnesses` that are to be asked about it.
    `slots` sums up the slots it has answered; None for a run out of schedule.
    `clock` is what it found of the collector's clock; None where it asked no provider.
    """
    token = after_token and dict(zip(("commit", "object", "digest"), after_token, strict=True))
    whole = sum(snapshot.complete for snapshot in snapshots)
    return {
        "kind": "run",
        "run": run,
        "mode": mode,
        "started": timestamp(started),
        "ended": timestamp(ended),
        "outcome": "ok" if whole == expected and not gaps else "partial" if whole else "failed",
        "expected": expected,
        "collected": whole,
        "slots": slots and dict(slots),
        "clock": clock and dict(clock),
        "gaps": [asdict(gap) for gap in gaps],
        "configuration": _cited(configuration),
        "collector": version,
        "code": code,
        "after_token": token,
        "vouchers": {"authorities": [], "witnesses": []}
        | {party: list(names) for party, names in (vouchers or {}).items()},
    }


def schedule_leaf(at: datetime, entries: Content, basis: Basis | None = None) -> dict[str, Any]:
    """The leaf of a schedule, which rules the slots after `at`."""
    return {"kind": "schedule", "at": timestamp(at), "entries": _cited(entries), "basis": _basis(basis)}


def claim_leaf(run: str, at: datetime, until: datetime, basis: Basis | None = None) -> dict[str, Any]:
    """The leaf by which a run takes up every slot up to `at` that is neither answered nor held."""
    return {"kind": "claim", "run": run, "at": timestamp(at), "until": timestamp(until), "basis": _basis(basis)}


def missed_leaf(run: str, at: datetime, slots: Content, causes: Mapping[str, int]) -> dict[str, Any]:
    """The leaf of the slots that were not served; `causes` counts them by cause."""
    return {"kind": "missed", "run": run, "at": timestamp(at), "slots": _cited(slots), "causes": dict(causes)}


def outcome_leaf(  # noqa: PLR0913 - one argument for each member of the leaf
    run: str,
    *,
    control: str,
    assessed: datetime,
    rule: Content,
    parameters: dict[str, Any],
    outcomes: Content,
    counts: dict[str, int],
    evidence: Sequence[int],
    catalogue: Content | None = None,
) -> dict[str, Any]:
    """The leaf of one control's outcomes. `evidence` are the indices of the evidence leaves that were judged.

    `catalogue` lists all rules and parameters that the run went by.
    """
    return {
        "kind": "outcome",
        "run": run,
        "control": control,
        "assessed": timestamp(assessed),
        "rule": _cited(rule),
        "parameters": parameters,
        "outcomes": _cited(outcomes),
        "counts": counts,
        "evidence": list(evidence),
        "catalogue": catalogue and _cited(catalogue),
    }


def exception_leaf(
    item: Mapping[str, str | None], *, reason: str, approver: str, expires: datetime, by: str, at: datetime
) -> dict[str, Any]:
    """The leaf of an exception. `item` says which one: `control`, `provider`, `unit`, `item`."""
    said = {"reason": reason, "approver": approver, "expires": timestamp(expires)}
    return {"kind": "exception", **item, **said, "by": by, "at": timestamp(at)}


def response_leaf(
    item: Mapping[str, str | None], *, cause: str | None, owner: str | None, response: str | None, by: str, at: datetime
) -> dict[str, Any]:
    """The leaf of what the company found and does about a deviation. `item` as for an exception."""
    said = {"cause": cause, "owner": owner, "response": response}
    return {"kind": "response", **item, **said, "by": by, "at": timestamp(at)}


def sample_leaf(  # noqa: PLR0913 - one argument for each member of the leaf
    of: str,
    *,
    period: Mapping[str, str],
    seed: str | None,
    size: int,
    complete: bool,
    population: Content,
    ids: Content,
    by: str,
    at: datetime,
) -> dict[str, Any]:
    """The leaf of a sample; without a seed the ids are the auditor's own, and the size is how many they are."""
    return {
        "kind": "sample",
        "of": of,
        "period": dict(period),
        "method": "ids" if seed is None else "seed",
        "seed": seed,
        "size": size,
        "complete": complete,
        "population": _cited(population),
        "ids": _cited(ids),
        "by": by,
        "at": timestamp(at),
    }


def storage_leaf(
    run: str,
    *,
    place: str,
    read: datetime,
    commit: int,
    state: str,
    because: str,
    facts: Mapping[str, Any],
    findings: Content,
) -> dict[str, Any]:
    """The leaf of what the archive's place said of its own lock, when asked about the objects of one commit."""
    return {
        "kind": "storage",
        "run": run,
        "place": place,
        "read": timestamp(read),
        "commit": commit,
        "state": state,
        "because": because,
        "facts": dict(facts),
        "findings": _cited(findings),
    }


def vouched_leaf(run: str, commit: int, objects: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The leaf of what outsiders gave for a commit: each object that holds it, with the SHA-256 of its bytes."""
    found = [{"object": key, "digest": digest} for key, digest in objects]
    return {"kind": "vouched", "run": run, "commit": commit, "objects": found}


def time_leaf(
    run: str, *, commit: int, party: str, name: str, cause: str, detail: str, size: int | None
) -> dict[str, Any]:
    """The leaf of an authority or witness that did not vouch for a commit, and why. `size`: see `Voucher`."""
    return {
        "kind": "time",
        "run": run,
        "commit": commit,
        "party": party,
        "name": name,
        "cause": cause,
        "detail": detail,
        "size": size,
    }


def findings_document(findings: Iterable[tuple[str, str]]) -> bytes:
    """One line for each object that the place does not hold as it should."""
    return _lines({"object": key, "problem": problem} for key, problem in findings)


def _basis(basis: Basis | None) -> dict[str, Any] | None:
    if basis is None:
        return None
    settled = basis.settled and timestamp(basis.settled)
    return {"settled": settled, "since": basis.since, "besides": list(basis.besides)}


def _cited(content: Content) -> dict[str, Any]:
    return {"sha256": content.sha256, "count": content.count}


def _lines(rows: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(canonical.encode(row) + b"\n" for row in rows)
