"""Which ports a list of network rules opens to everyone: allowing and denying rules, in the order of their priority."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_ANYONE = frozenset({"*", "0.0.0.0/0", "::/0", "internet", "any", "0.0.0.0"})  # noqa: S104 - what rules are looked for
_LAST = 65535
_PROTOCOLS = frozenset({"*", "tcp", "udp"})
Span = tuple[int, int]


def open_ports(rules: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The ports that anyone may reach: `22`, `8000-8080`, `all`; the rules are `properties` of security rules.

    The first rule that fits a packet decides, so what is denied to everyone before stays shut. A rule that denies only
    some protocols or destinations shuts nothing for certain, and is passed over.
    """
    shut: list[Span] = []
    opened: list[Span] = []
    for rule in sorted((one for one in rules if one.get("direction") == "Inbound"), key=lambda one: one["priority"]):
        if not _from_anyone(rule) or str(rule.get("protocol")).lower() not in _PROTOCOLS:
            continue
        spans = [span for written in _several(rule, "destinationPortRange") for span in _span(written)]
        if rule.get("access") == "Allow":
            opened += [left for span in spans for left in _without(span, shut)]
        elif rule.get("protocol") == "*" and _several(rule, "destinationAddressPrefix") == ["*"]:
            shut += spans
    return tuple(_written(span) for span in _joined(opened))


def _from_anyone(rule: Mapping[str, Any]) -> bool:
    return any(one.lower() in _ANYONE for one in _several(rule, "sourceAddressPrefix"))


def _several(rule: Mapping[str, Any], name: str) -> list[str]:
    """A rule has one value, or a list of them under the plural."""
    plural = f"{name}es" if name.endswith("x") else f"{name}s"
    return [str(one) for one in (rule.get(plural) or ([rule[name]] if rule.get(name) else []))]


def _span(written: str) -> list[Span]:
    first, _, last = written.partition("-")
    if written == "*":
        return [(0, _LAST)]
    return [(int(first), int(last or first))] if first.isdecimal() and (last or first).isdecimal() else []


def _without(span: Span, shut: Iterable[Span]) -> list[Span]:
    left = [span]
    for first, last in shut:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, first - 1)), (max(start, last + 1), end))
            if part[0] <= part[1]
        ]
    return left


def _joined(spans: list[Span]) -> list[Span]:
    whole: list[Span] = []
    for first, last in sorted(spans):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(last, whole[-1][1]))
        else:
            whole.append((first, last))
    return whole


def _written(span: Span) -> str:
    first, last = span
    return "all" if span == (0, _LAST) else str(first) if first == last else f"{first}-{last}"
