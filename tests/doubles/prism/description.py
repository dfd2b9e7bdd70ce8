"""GitHub's OpenAPI description, cut down to the operations that the connector reads, in the words that Prism takes."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from tests.doubles.github.descriptions import openapi

if TYPE_CHECKING:
    from collections.abc import Iterable

_JSON, _GITHUB_JSON = "application/json", "application/vnd.github+json"
_ANY: dict[str, Any] = {"description": "GraphQL", "content": {_JSON: {"schema": {}}}}
_GRAPHQL = {"post": {"requestBody": {"content": {_JSON: {"schema": {"type": "object"}}}}, "responses": {"200": _ANY}}}


def described(operations: Iterable[str]) -> dict[str, Any]:
    """A whole description of these operations (`GET /orgs/{org}`) and of what they refer to; GraphQL is let through.

    Answers are described for `application/json`, but clients are told to ask for `application/vnd.github+json`; and
    any read may be answered with 304, which the description says of a few alone.
    """
    whole = openapi()
    paths: dict[str, Any] = {"/graphql": _GRAPHQL}
    for name in operations:
        method, path = name.split(" ")[:2]
        if path == "/graphql":
            continue
        spelt = next(one for one in whole["paths"] if _blank(one) == _blank(path))
        told = copy.deepcopy(whole["paths"][spelt][method.lower()])
        _allow_ranges(told)
        told["responses"].setdefault("304", {"description": "Not modified"})
        paths.setdefault(spelt, {})[method.lower()] = told
    made = {"openapi": "3.0.3", "info": whole["info"], "paths": paths, "components": _reached(paths, whole)}
    _take_both(made)
    return made


def _allow_ranges(operation: dict[str, Any]) -> None:
    """`created` is described as one moment, and documented as a search for a range of them."""
    for one in operation.get("parameters", ()):
        if one.get("$ref") == "#/components/parameters/created":
            one.clear()
            one.update({"name": "created", "in": "query", "required": False, "schema": {"type": "string"}})


def _reached(paths: dict[str, Any], whole: dict[str, Any]) -> dict[str, Any]:
    """The parts that anything here refers to, and what those refer to."""
    found: dict[str, Any] = {}
    wanted = _references(paths)
    while wanted:
        _, _, kind, name = wanted.pop().split("/")
        if name not in found.setdefault(kind, {}):
            found[kind][name] = copy.deepcopy(whole["components"][kind][name])
            wanted |= _references(found[kind][name])
    return found


def _references(told: Any) -> set[str]:
    if isinstance(told, list):
        return set().union(*map(_references, told))
    if not isinstance(told, dict):
        return set()
    if isinstance(told.get("$ref"), str):
        return {told["$ref"]}
    return set().union(*map(_references, told.values()))


def _take_both(told: Any) -> None:
    if isinstance(told, dict):
        content = told.get("content")
        if isinstance(content, dict) and _JSON in content:
            content.setdefault(_GITHUB_JSON, content[_JSON])
        for one in told.values():
            _take_both(one)
    elif isinstance(told, list):
        for one in told:
            _take_both(one)


def _blank(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)
