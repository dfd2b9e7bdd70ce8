"""Okta's own description as a judge of our answers. It is Okta's, and no part of this project."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator

VARIABLE = "OKTA_DESCRIPTION"
_BESIDE = Path(__file__).parents[3].parent / "shared" / "specs" / "okta-get.json"

_PASSED_OVER = {"nullable", "example", "examples", "format", "discriminator", "pattern", "xml"}
"""Patterns too: those for durations and event sources match nothing, not even the description's own examples."""


class NoDescriptionError(Exception):
    """It is not there; the text says where it is looked for."""


@cache
def description() -> dict[str, Any]:
    """Okta's OpenAPI description; NoDescriptionError where it is absent."""
    path = Path(os.environ.get(VARIABLE) or _BESIDE)
    if not path.is_file():
        raise NoDescriptionError(f"Okta's API description is not at {path}; {VARIABLE} may say where it is")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def scopes(template: str) -> set[str]:
    """The OAuth scopes of which one opens an operation."""
    security = description()["paths"][template]["get"].get("security") or []
    return {scope for one in security for scope in one.get("oauth2", [])}


def unknown_query(template: str, query: list[str]) -> list[str]:
    """Parameters that the description does not have."""
    operation = description()["paths"][template]
    told = [_resolved(one) for one in [*operation["get"].get("parameters", []), *operation.get("parameters", [])]]
    return [name for name in query if name not in {one["name"] for one in told if one["in"] == "query"}]


def wrong_answer(template: str, status: int, body: Any) -> list[str]:
    """What the description says against an answer's body; each complaint names the place."""
    responses = description()["paths"][template]["get"]["responses"]
    if str(status) not in responses:
        return [f"status {status} is not described"]
    schema = _resolved(responses[str(status)]).get("content", {}).get("application/json", {}).get("schema")
    judge = Draft4Validator({**_as_json_schema(schema), "components": _components()})
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:300]}" for one in judge.iter_errors(body)]


@cache
def _components() -> dict[str, Any]:
    told = description()["components"]["schemas"]
    return {"schemas": {name: _as_json_schema(one) for name, one in told.items()}}


def _resolved(one: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in one:
        found: Any = description()
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        one = found
    return one


def _as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable`, and `discriminator`, where JSON Schema has a type or nothing.

    Variants often overlap in Okta's description, where the discriminator decides: `oneOf` is read as `anyOf`.
    """
    if isinstance(schema, list):
        return [_as_json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        {"oneOf": "anyOf"}.get(name, name): _as_json_schema(one)
        for name, one in schema.items()
        if name not in _PASSED_OVER
    }
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made
