"""What changed in the collector itself over a period: its releases, its configuration, its keys. Pure over the log.

Each run says which program and which configuration made it. So every change that evidence was collected under is here,
with the first run that it shows in, and who approved it as far as the configuration says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collector import canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

_OWN = "approved_by"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was in the run before."""

    at: str
    """When the first run that shows it began, RFC 3339; for keys and schedules, when they were sealed."""
    leaf: int
    """Index of the leaf that shows it."""
    what: str
    """`version`, `code`, `schedule`, `key of the log`, …, or the name of a setting: `controls.IAM-10.max_age`."""
    before: str | None
    after: str | None
    approved_by: str
    """As the configuration in force says, of a threshold its control's own table first; empty: it says nothing."""


def changes(
    leaves: Iterable[tuple[int, Mapping[str, Any]]], content: Callable[[str], bytes], start: str, end: str
) -> list[Change]:
    """Every change from `start` up to `end` (RFC 3339, UTC), in the order of the log.

    `leaves` are index and body of the whole log: what was in force before the period is where it begins.
    """
    found: list[Change] = []
    before: dict[str, str] | None = None
    known: dict[str, dict[str, str]] = {}
    approver = ""
    for index, body in leaves:
        match body["kind"]:
            case "run":
                digest = body["configuration"]["sha256"]
                if digest not in known:
                    known = {digest: dict(_flat(canonical.decode(content(digest)), ""))}
                settings = known[digest]
                approver = settings.get(_OWN, "")
                now = {"version": body["collector"], "code": body["code"], **settings}
                found += _differences(before, now, body["started"], index, approver)
                before = now
            case "key":
                what = f"key of the {body['role']}: {body['because']}"
                found.append(Change(body["at"], index, what, body["replaces"], body["verifier_key"], approver))
            case "schedule":
                found.append(Change(body["at"], index, "schedule", None, body["entries"]["sha256"], approver))
    return [one for one in found if start <= one.at < end]


def _differences(
    before: Mapping[str, str] | None, now: Mapping[str, str], at: str, leaf: int, approver: str
) -> Iterator[Change]:
    if before is None:  # the first run: what it began with is no change of each setting
        yield Change(at, leaf, "version", None, now["version"], approver)
        yield Change(at, leaf, "code", None, now["code"], approver)
        return
    for name in sorted(before.keys() | now.keys()):
        if name != _OWN and before.get(name) != now.get(name):
            yield Change(at, leaf, name, before.get(name), now.get(name), _approver(name, now) or approver)


def _approver(name: str, settings: Mapping[str, str]) -> str:
    """Of a setting in `controls.ID`, who that table names."""
    table, _, _ = name.rpartition(".")
    return settings.get(f"{table}.{_OWN}", "") if table.startswith("controls.") else ""


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Each setting with its dotted name, as text."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    else:
        yield name, value if isinstance(value, str) else canonical.encode(value).decode()
