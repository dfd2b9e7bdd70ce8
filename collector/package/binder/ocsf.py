"""Each item's outcome as an OCSF Compliance Finding (class 2003), one JSON object on a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.model import Verdict
from collector.slots import moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from collector.package.binder.binder import Binder
    from collector.package.binder.tested import Item, Tested

VERSION = "1.5.0"
_STATUS = {Verdict.PASS: 1, Verdict.CANNOT_TELL: 2, Verdict.DEVIATION: 3, Verdict.NOT_APPLICABLE: 99}
"""OCSF's "warning" is "no result, because information is missing": that is what cannot be told."""
_SEVERITY = {"low": 2, "medium": 3, "high": 4, "critical": 5}
_CREATE, _UPDATE = 1, 2
_CLASS = 2003


def lines(binder: Binder) -> Iterator[bytes]:
    """One finding for each item of each control, by its last outcome."""
    for control in binder.controls:
        for item in control.items:
            yield json.dumps(_finding(binder, control, item), sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _finding(binder: Binder, control: Tested, item: Item) -> dict[str, Any]:
    header, line, last = control.rule.header, item.last, item.told[-1].last
    first, newest = _millis(item.told[0].first.said.assessed), _millis(last.said.assessed)
    provider, unit, name = item.place
    activity = _CREATE if first == newest else _UPDATE
    return {
        "activity_id": activity,
        "category_name": "Findings",
        "category_uid": 2,
        "class_name": "Compliance Finding",
        "class_uid": _CLASS,
        "type_uid": _CLASS * 100 + activity,
        "time": newest,
        "severity_id": _SEVERITY[header.severity],
        "severity": header.severity.capitalize(),
        "message": line.because,
        "status_detail": line.because,
        "compliance": {
            "control": control.id,
            "requirements": list(header.criteria),
            "standards": ["Trust services criteria (ids)"],
            "status_id": _STATUS[line.outcome],
            "desc": header.statement,
        },
        "finding_info": {
            "uid": item.row_id,
            "title": f"{control.id} {header.title}",
            "desc": f"{name}: {line.outcome.value.replace('_', ' ')}",
            "first_seen_time": first,
            "last_seen_time": newest,
            "types": [line.outcome.value],
            "data_sources": list(header.evidence),
        },
        "metadata": {
            "product": {
                "name": "evidence-collector",
                "vendor_name": "evidence-collector",
                "version": binder.facts.generator,
            },
            "version": VERSION,
            "uid": item.row_id,
        },
        "resources": [{"uid": name, "name": name, "namespace": f"{provider} {unit}", "type": "item"}],
        "unmapped": {
            "outcome": line.outcome.value,
            "seen": line.seen.value if line.seen else None,
            "row_sha256": item.row_sha256,
            "leaf": last.leaf.index,
            "leaf_hash": last.leaf.hash,
            "rule_sha256": last.said.rule.sha256,
        },
    }


def _millis(text: str) -> int:
    return int(moment(text).timestamp() * 1000)
