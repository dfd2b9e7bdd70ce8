"""Judges requests and answers by Google's own descriptions of its APIs, as google-api-python-client ships them.

`Discovery("admin.directory_v1", …)` knows every method of these documents. A path, parameter, mask or field that they
do not have is a fault in words; so is a value of another type, outside an enumeration or beyond a limit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_NAME = re.compile(r"\{\+?(\w+)\}")
_WORD = re.compile(r"[\w.*-]+")
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}
Mask = dict[str, "Mask"]
_BY_HAND = Path(__file__).parent / "descriptions"
"""Of what google-api-python-client does not ship, set out after Google's own clients; each says which."""


@dataclass(frozen=True)
class Method:
    """One method of one document."""

    id: str
    verb: str
    path: re.Pattern[str]
    names: int
    """How many names its path has."""
    described: Mapping[str, Any]
    document: Mapping[str, Any]

    @property
    def scopes(self) -> frozenset[str]:
        """Each of them alone opens it."""
        return frozenset(self.described.get("scopes", ()))

    @property
    def answer(self) -> Mapping[str, Any]:
        """The schema of what it answers."""
        found: Mapping[str, Any] = self.described.get("response", {})
        return found

    @property
    def parameters(self) -> Mapping[str, Any]:
        """All that it takes in the query, with what every method of the document takes."""
        own = {name: one for name, one in self.described.get("parameters", {}).items() if one["location"] == "query"}
        return {**self.document.get("parameters", {}), **own}


class Discovery:
    """The methods of some documents, by verb and path."""

    def __init__(self, *documents: str) -> None:
        self._methods = [method for name in documents for method in _methods(document(name))]

    def method(self, verb: str, path: str) -> Method | None:
        """What this request calls; None when Google describes no such thing."""
        found = [one for one in self._methods if one.verb == verb and one.path.fullmatch(path)]
        # `projects/{p}:getIamPolicy` also reads as a project of that name: the template that says more is meant.
        return min(found, key=lambda one: (one.names, -len(one.path.pattern)), default=None)

    def wrong_request(self, verb: str, path: str, query: Mapping[str, Sequence[str]], body: Any = None) -> list[str]:
        """Everything in a request that its description does not have; `path` as it is sent, but decoded."""
        method = self.method(verb, path)
        if method is None:
            return [f"{verb} {path}: there is no such method"]
        faults = list(_wrong_query(method, path, query))
        if body is not None:
            wanted = method.described.get("request")
            faults += _wrong_value(method.document, wanted, body, "") if wanted else ["takes no body"]
        return [f"{method.id}: {fault}" for fault in faults]

    def wrong_answer(self, verb: str, path: str, status: int, body: Any) -> list[str]:
        """Everything in an answer that its description does not have."""
        method = self.method(verb, path)
        if method is None:
            return [] if status == 404 else [f"{verb} {path}: answered, though there is no such method"]
        faults = _wrong_value(method.document, method.answer, body, "") if status < 400 else _wrong_error(status, body)
        return [f"{method.id}: {fault}" for fault in faults]


@cache
def document(name: str) -> Mapping[str, Any]:
    """Google's description of one API: `admin.directory_v1`."""
    spec = find_spec("googleapiclient")
    assert spec is not None, "google-api-python-client is not installed"
    assert spec.origin is not None
    folders = (Path(spec.origin).parent / "discovery_cache" / "documents", _BY_HAND)
    (first, *_) = [path for folder in folders if (path := folder / f"{name}.json").is_file()]
    found: Mapping[str, Any] = json.loads(first.read_text("utf-8"))
    return found


def wrong_value(described: Mapping[str, Any], schema: str, value: Any) -> Iterator[str]:
    """Everything in a value that this schema of a document does not have."""
    return _wrong_value(described, {"$ref": schema}, value, "")


def mask(text: str) -> Mask:
    """A `fields` parameter as a tree: `a,b/c(d,e)`. ValueError when it cannot be read."""
    tree, rest = _mask(text)
    if rest:
        raise ValueError(f"the mask goes wrong at {rest!r}")
    return tree


def masked(body: Any, tree: Mask) -> Any:
    """What of an answer a mask leaves."""
    if isinstance(body, list):
        return [masked(one, tree) for one in body]
    if not tree or "*" in tree or not isinstance(body, dict):
        return body
    return {name: masked(body[name], below) for name, below in tree.items() if name in body}


def _methods(described: Mapping[str, Any]) -> Iterator[Method]:
    def walk(resource: Mapping[str, Any]) -> Iterator[Method]:
        for one in resource.get("methods", {}).values():
            template = described["servicePath"] + (one.get("flatPath") or one["path"])
            parts = _NAME.split("/" + template)
            pattern = "".join(re.escape(part) if index % 2 == 0 else "[^/]+" for index, part in enumerate(parts))
            yield Method(one["id"], one["httpMethod"], re.compile(pattern), len(parts) // 2, one, described)
        for below in resource.get("resources", {}).values():
            yield from walk(below)

    return walk(described)


def _wrong_query(method: Method, path: str, query: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for name, one in method.parameters.items():
        if one.get("required") and name not in query:
            yield f"{name} is required"
    for name, values in query.items():
        one = method.parameters.get(name)
        if one is None:
            yield f"takes no {name}"
            continue
        if len(values) > 1 and not one.get("repeated"):
            yield f"{name} is given {len(values)} times"
        for value in values:
            yield from _wrong_parameter(name, one, value)
        if name == "fields":
            yield from _wrong_mask(method, values[0])
    for name, value in _in_path(method, path).items():
        yield from _wrong_parameter(name, method.described["parameters"][name], value)


def _in_path(method: Method, path: str) -> dict[str, str]:
    """The parameters in the path, where the template names them as the description does."""
    template = "/" + method.document["servicePath"] + method.described["path"]
    pattern = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(_NAME.split(template))
    )
    found = re.fullmatch(pattern, path)
    return found.groupdict() if found else {}


def _wrong_parameter(name: str, one: Mapping[str, Any], value: str) -> Iterator[str]:
    kind = one["type"]
    if (kind == "boolean" and value not in {"true", "false"}) or (kind == "integer" and not value.isdecimal()):
        yield f"{name}={value} is no {kind}"
    elif kind == "integer" and not int(one.get("minimum", 0)) <= int(value) <= int(one.get("maximum", 2**63)):
        yield f"{name}={value} is outside its limits"
    if "enum" in one and value not in one["enum"]:
        yield f"{name}={value} is none of {one['enum']}"
    if "pattern" in one and not re.fullmatch(one["pattern"], value):
        yield f"{name}={value} is not written as {one['pattern']}"


def _wrong_mask(method: Method, text: str) -> Iterator[str]:
    try:
        tree = mask(text)
    except ValueError as error:
        yield str(error)
        return
    fields = _fields(method.document, method.answer)
    if "nextPageToken" in fields and "nextPageToken" not in tree and "*" not in tree:
        yield f"the mask {text} cuts off every page but the first"
    yield from _unknown(method.document, method.answer, tree, "")


def _unknown(described: Mapping[str, Any], schema: Mapping[str, Any], tree: Mask, at: str) -> Iterator[str]:
    schema = _item(described, schema)
    fields = schema.get("properties", {})
    for name, below in tree.items():
        if name in fields:
            yield from _unknown(described, fields[name], below, f"{at}/{name}")
        elif name != "*" and "additionalProperties" not in schema and schema.get("type") != "any":
            yield f"the mask asks for {at}/{name}, which there is not"


def _fields(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = _named(described, schema).get("properties", {})
    return found


def _named(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = described["schemas"][schema["$ref"]] if "$ref" in schema else schema
    return found


def _item(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema; of a list that of its items."""
    schema = _named(described, schema)
    return _item(described, schema["items"]) if schema.get("type") == "array" else schema


def _mask(text: str) -> tuple[Mask, str]:
    tree: Mask = {}
    while True:
        word = _WORD.match(text)
        if word is None:
            raise ValueError(f"the mask goes wrong at {text!r}")
        below, text = tree.setdefault(word[0], {}), text[word.end() :]
        while text.startswith("/"):
            word = _WORD.match(text, 1)
            if word is None:
                raise ValueError(f"the mask goes wrong at {text!r}")
            below, text = below.setdefault(word[0], {}), text[word.end() :]
        if text.startswith("("):
            inner, text = _mask(text[1:])
            if not text.startswith(")"):
                raise ValueError("a bracket of the mask is left open")
            below.update(inner)
            text = text[1:]
        if not text.startswith(","):
            return tree, text
        text = text[1:]


def _wrong_value(described: Mapping[str, Any], schema: Mapping[str, Any], value: Any, at: str) -> Iterator[str]:
    schema = _named(described, schema)
    kind = schema.get("type", "any")
    if kind == "any":
        return
    fits = isinstance(value, _TYPES[kind]) and (kind == "boolean") == isinstance(value, bool)
    if not fits:
        yield f"{at or 'the answer'} is {value!r}, and no {kind}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, and none of {schema['enum']}"
    if kind == "string" and schema.get("format") in {"int64", "uint64"} and not re.fullmatch(r"-?\d+", value):
        yield f"{at} is {value!r}, and no number"
    if kind == "array":
        for index, one in enumerate(value):
            yield from _wrong_value(described, schema["items"], one, f"{at}/{index}")
    if kind == "object":
        fields, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, one in value.items():
            if name in fields or others is not None:
                yield from _wrong_value(described, fields.get(name, others), one, f"{at}/{name}")
            else:
                yield f"{at}/{name} is not described"


def _wrong_error(status: int, body: Any) -> Iterator[str]:
    """Google's errors have one shape in all its APIs: https://google.aip.dev/193, with the older list beside it."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict) or set(body) != {"error"}:
        yield f"an error of another shape: {body!r}"
    elif error.get("code") != status or not isinstance(error.get("message"), str):
        yield f"an error without its code or message: {error!r}"
    elif unknown := set(error) - {"code", "message", "status", "errors", "details"}:
        yield f"an error with {sorted(unknown)}"
