"""Microsoft's own documentation examples of Graph v1.0, where they lie beside the project: not ours to ship."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
_FILE = "graph-examples.json"
_IDENTITY = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,12}|\{[^}]*\}|[^/]*@[^/]*|da\d+_\d+", re.IGNORECASE
)


class NoExamplesError(Exception):
    """They are not on this machine."""


def _read() -> list[dict[str, Any]]:
    places = [
        *([Path(named)] if (named := os.environ.get("EVIDENCE_SPECS")) else []),
        *(parent / "shared" / "specs" for parent in (ROOT.parent, ROOT.parent.parent)),
    ]
    file = next((one / _FILE for one in places if (one / _FILE).exists()), None)
    if file is None:
        looked = ", ".join(map(str, places))
        raise NoExamplesError(f"{_FILE} is in none of {looked}; EVIDENCE_SPECS names another folder")
    found: list[dict[str, Any]] = json.loads(file.read_text("utf-8"))["examples"]
    return found


def examples() -> list[tuple[str, Any]]:
    """Documented path, with identities as `{id}`, and the answer; those whose answer is no JSON are left out."""
    return [(_path(one["url"]), one["body"]) for one in _read() if isinstance(one["body"], dict)]


def paths() -> set[str]:
    """Every documented path, also of those examples whose answer is no JSON. NoExamplesError where there are none."""
    return {_path(one["url"]) for one in _read()}


def fields(value: Any) -> set[str]:
    """Every field name in an answer, at any depth."""
    match value:
        case dict():
            return {name for name in value if not name.startswith("@")}.union(*map(fields, value.values()))
        case list():
            return set().union(*map(fields, value))
        case _:
            return set()


def _path(url: str) -> str:
    path = url.partition("?")[0].rstrip("/")
    return "/".join("{id}" if _IDENTITY.fullmatch(one) else one for one in path.split("/"))


def fields_of(path: str) -> set[str]:
    """Every field name in the examples of a path and of what is below it; those that are no valid JSON as text."""
    found: set[str] = set()
    for one in _read():
        shown = _path(one["url"])
        if shown == path or shown.startswith((f"{path}/", f"{path}(")):
            body = one["body"]
            found |= set(re.findall(r'"(\w+)":', body)) if isinstance(body, str) else fields(body)
    return found
