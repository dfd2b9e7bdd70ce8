"""The package as OSCAL assessment results: observations only.

OSCAL's findings say whether an objective is satisfied; that is the auditor's to say, so there are none here. Identities
follow from what they name: the same package has the same ones.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

from collector.normalise import timestamp

if TYPE_CHECKING:
    from collector.package.binder.binder import Binder
    from collector.package.binder.register import Deviation
    from collector.package.binder.tested import Tested

VERSION = "1.1.3"
_NAMESPACE = "https://evidence-collector.invalid/oscal"
"""Of our own properties; `.invalid` leads nowhere, and is not to."""


def document(binder: Binder) -> bytes:
    """assessment-results, as JSON."""
    period, facts = binder.period, binder.facts
    plan = _uuid(binder, "plan")
    selected = [{"control-id": control.id} for control in binder.controls]
    selection: dict[str, Any] = {"include-controls": selected} if selected else {"include-all": {}}
    result: dict[str, Any] = {
        "uuid": _uuid(binder, "result"),
        "title": f"Evidence of {period.first} to {period.last}",
        "description": "What written rules said of each item over sealed evidence, and what could not be told. "
        "Observations only: whether a control operated is for the auditor to say.",
        "start": timestamp(period.start),
        "end": timestamp(period.end),
        "reviewed-controls": {"control-selections": [selection]},
        "observations": [
            *(_of_control(binder, one) for one in binder.controls),
            *(_of_deviation(binder, one) for one in binder.register.rows),
        ],
    }
    if not result["observations"]:
        del result["observations"]
    about = {
        "uuid": _uuid(binder, "document"),
        "metadata": {
            "title": f"Evidence package of {facts.organisation or facts.origin}",
            "last-modified": timestamp(facts.generated),
            "version": f"{facts.size}",
            "oscal-version": VERSION,
            "props": [
                _prop("archive", facts.origin), _prop("leaves", str(facts.size)), _prop("root", facts.root),
                _prop("simulated", str(facts.simulated).lower()),
            ],
        },
        "import-ap": {"href": f"#{plan}"},
        "results": [result],
        "back-matter": {
            "resources": [
                {
                    "uuid": plan,
                    "title": "How the evidence was made",
                    "description": "No assessment plan was written in OSCAL: what was collected and judged is here.",
                    "rlinks": [{"href": "../01-how-made/index.html", "media-type": "text/html"}],
                }
            ]
        },
    }  # fmt: skip
    return json.dumps({"assessment-results": about}, indent=1, ensure_ascii=False).encode() + b"\n"


def _of_control(binder: Binder, control: Tested) -> dict[str, Any]:
    counts = control.counts
    whole = binder.whole[control.id].complete
    return {
        "uuid": _uuid(binder, f"control/{control.id}"),
        "title": f"{control.id} {control.rule.header.title}",
        "description": control.rule.header.statement,
        "props": [
            _prop("control", control.id),
            *(_prop(f"items-{name.replace('_', '-')}", str(count)) for name, count in counts.items()),
            _prop("population", "complete" if whole else "incomplete"),
            _prop("rule-sha256", control.last.said.rule.sha256),
        ],
        "methods": ["TEST-AUTOMATED"],
        "relevant-evidence": [
            {"href": f"../03-controls/{control.id}/{name}", "description": words}
            for name, words in (("population.csv", "every item"), ("results.csv", "the outcome of each"))
        ],
        "collected": control.last.said.assessed,
    }


def _of_deviation(binder: Binder, one: Deviation) -> dict[str, Any]:
    found = one.found
    bounds = (
        ("opened-after", found.opened_after),
        ("opened-by", found.opened_by),
        ("closed-after", found.closed_after),
        ("closed-by", found.closed_by),
    )
    return {
        "uuid": _uuid(binder, f"deviation/{found.id}"),
        "title": f"Deviation {one.number} of {one.tested.id}",
        "description": f"{one.item.place.item}: {found.cause}",
        "props": [
            _prop("control", one.tested.id),
            _prop("row-id", one.item.row_id),
            *(_prop(name, timestamp(at)) for name, at in bounds if at),
            _prop("state", "open" if found.open else "closed"),
        ],
        "methods": ["TEST-AUTOMATED"],
        "relevant-evidence": [
            {
                "href": f"../03-controls/{one.tested.id}/evidence/{one.item.row_id}/index.html",
                "description": "the item, with the way to the sealed raw answer",
            }
        ],
        "collected": timestamp(found.detected),
    }


def _prop(name: str, value: str) -> dict[str, str]:
    return {"name": name, "ns": _NAMESPACE, "value": value}


def _uuid(binder: Binder, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{_NAMESPACE}/{binder.facts.root}/{binder.period.name}/{name}"))
