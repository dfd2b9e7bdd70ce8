"""GitHub's own OpenAPI description as a judge of requests and answers."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jsonschema import Draft4Validator

from tests.doubles.github.descriptions import openapi


def undescribed(method: str, template: str) -> bool:
    """Whether the description does not have an operation."""
    return _path(template) not in openapi()["paths"] or method.lower() not in openapi()["paths"][_path(template)]


def described(method: str, template: str) -> dict[str, Any]:
    """An operation as the description has it."""
    told: dict[str, Any] = openapi()["paths"][_path(template)][method.lower()]
    return told


def wrong_query(method: str, template: str, query: dict[str, str]) -> list[str]:
    """What the description says against a request's query."""
    operation = described(method, template)
    named = [resolved(one) for one in operation.get("parameters", [])]
    known = {one["name"]: one for one in named if one["in"] == "query"}
    said = [f"unknown parameter {name}" for name in query if name not in known]
    for name, value in query.items():
        allowed = known.get(name, {}).get("schema", {}).get("enum")
        if allowed and value not in map(str, allowed):
            said.append(f"{name}={value} is none of {allowed}")
    return said


def wrong_answer(method: str, template: str, status: int, body: Any) -> list[str]:
    """What the description says against an answer's body; each complaint names the place."""
    responses = described(method, template)["responses"]
    if str(status) not in responses:
        return [f"status {status} is not described"]
    content = resolved(responses[str(status)]).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return [] if body is None else ["a body where none is described"]
    judge = Draft4Validator({**_nullable(schema), "components": _components()})
    return [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in judge.iter_errors(body)]


def _path(template: str) -> str:
    """The description's own spelling of a template: its names of variables may differ."""
    return _spellings().get(_blank(template), template)


@cache
def _spellings() -> dict[str, str]:
    return {_blank(path): path for path in openapi()["paths"]}


def _blank(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


@cache
def _components() -> dict[str, Any]:
    return {"schemas": {name: _nullable(one) for name, one in openapi()["components"]["schemas"].items()}}


def resolved(one: dict[str, Any]) -> dict[str, Any]:
    """What a reference leads to."""
    while "$ref" in one:
        found: Any = openapi()
        for part in one["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        one = found
    return one


def _nullable(schema: Any) -> Any:
    """OpenAPI 3.0 says `nullable` where JSON Schema has a type."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        name: _nullable(one)
        for name, one in schema.items()
        if name not in {"nullable", "example", "examples", "format"}
    }
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made
