"""Microsoft's own descriptions and examples of Resource Manager, where they lie beside the project: not ours."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.doubles.arm import kql
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.doubles.rest import Asked

ROOT = Path(__file__).resolve().parents[3]
SUBSCRIPTION = "11111111-2222-4333-8444-555555555555"
_FILE = "arm-examples.json"
_OF_SUBSCRIPTION = re.compile(r"^/?subscriptions/[^/]+", re.IGNORECASE)
_SQL = re.compile(
    r"(/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft.Sql/servers/[^/]+)(/databases/[^/]+)?"
)
_PARTS = {
    "microsoft.policyinsights/policystates": "policyresources",
    "microsoft.security/assessments/subassessments": "securityresources",
}


class NoExamplesError(Exception):
    """They are not on this machine."""


@cache
def operations() -> list[dict[str, Any]]:
    """Every described operation; NoExamplesError where there is no description."""
    places = [
        *([Path(named)] if (named := os.environ.get("EVIDENCE_SPECS")) else []),
        *(parent / "shared" / "specs" for parent in (ROOT.parent, ROOT.parent.parent)),
    ]
    file = next((one / _FILE for one in places if (one / _FILE).exists()), None)
    if file is None:
        looked = ", ".join(map(str, places))
        raise NoExamplesError(f"{_FILE} is in none of {looked}; EVIDENCE_SPECS names another folder")
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["operations"]
    return found


def shape(path: str) -> str:
    """A path without the names of its names: Azure compares the rest without regard to case."""
    plain = re.sub(r"\{[^}]*\}", "{}", path).lower()
    # `default` is the one name that some parts may have; a `{scope}` may be a subscription.
    return plain.replace("/blobservices/{}", "/blobservices/default").replace(
        "/immutabilitypolicies/{}", "/immutabilitypolicies/default"
    )


@cache
def described() -> dict[tuple[str, str], list[dict[str, Any]]]:
    """By method and shape; what may stand at any `{scope}` also stands at a subscription."""
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in operations():
        shaped = shape(one["path"])
        wider = [shaped, f"/subscriptions{shaped}"] if one["path"].startswith("/{scope}/") else [shaped]
        for path in wider:
            found.setdefault((one["method"], path), []).append(one)
    return found


def fields() -> set[str]:
    """Every name of a field in any example."""
    return set(_names([example["body"] for one in operations() for example in one["examples"]]))


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _names(inner)


def moved(value: Any) -> Any:
    """An example, with every id in one subscription: in the documentation each has another."""
    if isinstance(value, dict):
        return {name: moved(inner) for name, inner in value.items() if name not in {"nextLink", "@odata.nextLink"}}
    if isinstance(value, list):
        return [moved(one) for one in value]
    return _OF_SUBSCRIPTION.sub(f"/subscriptions/{SUBSCRIPTION}", value) if isinstance(value, str) else value


@cache
def resources() -> dict[str, list[dict[str, Any]]]:
    """The tables of Resource Graph, filled with every resource in any example; each id once."""
    tables: dict[str, dict[str, dict[str, Any]]] = {"resources": {}, "policyresources": {}, "securityresources": {}}
    for one in operations():
        for example in one["examples"]:
            body = moved(example["body"])
            for item in body.get("value", [body]) if isinstance(body, dict) else []:
                for row in filter(None, [_row(one["path"], item), *_above(item)]):
                    table = _PARTS.get(row["type"].lower(), "resources")
                    tables[table].setdefault(row["id"].lower(), row)
    return {name: list(rows.values()) for name, rows in tables.items()}


def _row(path: str, item: Any) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    if "complianceState" in item:
        name = f"{item.get('resourceId')}/{item.get('policyDefinitionName')}/{item.get('timestamp')}"
        made = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.PolicyInsights/policyStates/{name}"
        return {"id": made, "name": name, "type": "microsoft.policyinsights/policystates",
                "subscriptionId": SUBSCRIPTION, "properties": item}  # fmt: skip
    made, kind = str(item.get("id") or ""), str(item.get("type") or "")
    if not made.startswith(f"/subscriptions/{SUBSCRIPTION}/resource") or kind.count("/") < 1 or "name" not in item:
        return None
    kind = "Microsoft.Network/networkWatchers/flowLogs" if path.endswith("/flowLogs/{flowLogName}") else kind
    return {**item, "type": kind, "subscriptionId": SUBSCRIPTION}


def _above(item: Any) -> Iterator[dict[str, Any]]:
    """The SQL server and database that an example is a part of: no example has them themselves."""
    found = _SQL.match(str(item.get("id"))) if isinstance(item, dict) else None
    for kind, made in (
        ("Microsoft.Sql/servers", found and found[1]),
        ("Microsoft.Sql/servers/databases", found and found[0]),
    ):
        if made and (kind.endswith("servers") or "/databases/" in made):
            yield {"id": made, "name": made.rsplit("/", 1)[-1], "type": kind, "subscriptionId": SUBSCRIPTION}


class Examples:
    """Answers each request by an example of it: the first, second, … in each round."""

    def __init__(self, round_: int) -> None:
        self._round = round_
        self.complaints: list[str] = []
        self.answered: set[tuple[str, str]] = set()

    def answer(self, asked: Asked) -> Given:
        path = unquote(asked.path)
        if path.lower() == "/providers/microsoft.resourcegraph/resources":
            self.answered.add((asked.method, path.lower()))
            return Given(200, self._graph(asked.json["query"]))
        if path == "/subscriptions":
            return Given(200, {"value": [{"id": f"/subscriptions/{SUBSCRIPTION}", "subscriptionId": SUBSCRIPTION,
                                          "displayName": "Example", "state": "Enabled"}]})  # fmt: skip
        if path.lower() == f"/subscriptions/{SUBSCRIPTION}/resources":
            return Given(200, {"value": [{**one, "properties": None} for one in resources()["resources"]]})
        found = [pair for pair in described() if pair[0] == asked.method and _fits(pair[1], path)]
        least = min((pair[1].count("{}") for pair in found), default=0)
        found = [pair for pair in found if pair[1].count("{}") == least]  # `/{roleId}` fits nearly everything
        shown = [(pair, example) for pair in found for one in described()[pair] for example in one["examples"]]
        if not shown:
            return Given(404, {"error": {"code": "NoExample", "message": "There is no example of it."}})
        pair, example = shown[min(self._round, len(shown) - 1)]
        self.answered.add(pair)
        body = moved(example["body"])
        if isinstance(body.get("value"), list):
            if path.endswith("/containers"):  # no example has a container of logs
                kept = {**body["value"][0]["properties"], "hasImmutabilityPolicy": True}
                body["value"][0] |= {"name": "insights-activity-logs", "properties": kept}
            body["value"] = list({json.dumps(one, sort_keys=True): one for one in body["value"]}.values())
        return Given(example["status"], body)

    def _graph(self, query: str) -> dict[str, Any]:
        here = {"id": f"/subscriptions/{SUBSCRIPTION}", "name": "x", "type": "microsoft.resources/subscriptions",
                "subscriptionId": SUBSCRIPTION}  # fmt: skip
        rows = kql.answered(
            query, {**resources(), "resourcecontainers": [here], "managedservicesresources": []}[kql.table(query)]
        )
        return {"totalRecords": len(rows), "count": len(rows), "data": rows, "facets": [], "resultTruncated": "false"}


def _fits(shaped: str, path: str) -> bool:
    return re.fullmatch(re.escape(shaped).replace(r"\{\}", "[^/]+"), path.lower()) is not None


def names(values: Iterable[Any]) -> set[str]:
    """Every name of a field in these answers."""
    return {name for value in values for name in _names(value)}
