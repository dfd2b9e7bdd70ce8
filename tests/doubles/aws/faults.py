"""The fault plan: rules that spoil chosen requests on the wire, in front of the emulator."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tests.doubles.aws import refusals
from tests.doubles.aws.paging import cut_short, never_ending, one_page
from tests.doubles.aws.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_NOT_FOUND_PAGE = (
    b"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n"
    b"<p>The requested URL was not found on the server.</p>\n"
)
_PORTAL_PAGE = b"<!doctype html>\n<html><title>Sign in</title><body>Please sign in to continue.</body></html>\n"


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls a rule is about; an empty field matches all."""

    service: str = ""
    operation: str = ""
    region: str = ""
    account: str = ""
    contains: str = ""

    def fits(self, call: Call) -> bool:
        """Whether every given field agrees with the call."""
        named = (
            (self.service, call.service),
            (self.operation, call.operation),
            (self.region, call.region),
            (self.account, call.account),
        )
        return all(not wanted or wanted == seen for wanted, seen in named) and (
            not self.contains or self.contains in call.text
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the plan: after `skip` fitting calls, spoil the next `times` of them (None: all)."""

    match: Match
    fault: str = ""
    times: int | None = None
    skip: int = 0
    page_size: int = 0
    latency_ms: float = 0
    seconds: float = 3600
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rule:
        """From JSON; an unknown key, fault or match field is an error, since a rule that cannot fire lies."""
        unknown = set(given) - {item.name for item in fields(cls)}
        fault = given.get("fault", "")
        if unknown or (fault and fault not in _FAULTS):
            raise ValueError(f"unknown in a fault rule: {sorted(unknown) or fault}; faults are {sorted(_FAULTS)}")
        return cls(**{**given, "match": Match(**given.get("match", {}))})


class FaultPlan:
    """The rules in force; the first fitting fault wins, page sizes and latencies apply besides."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._seen: list[int] = []

    def add(self, rules: list[Rule]) -> None:
        """Put rules behind those in force."""
        with self._lock:
            self._rules.extend(rules)
            self._seen.extend(0 for _ in rules)

    def clear(self) -> None:
        """No rules."""
        with self._lock:
            self._rules, self._seen = [], []

    def fired(self) -> list[dict[str, Any]]:
        """How often each rule has met a call that fits it, and how often it spoilt one."""
        with self._lock:
            return [
                {"match": _shown(rule.match), "fault": rule.fault, "fitting": seen, "fired": _fired(rule, seen)}
                for rule, seen in zip(self._rules, self._seen, strict=True)
            ]

    def answer(self, call: Call, ask: Callable[[Call], Answer]) -> tuple[Answer, str]:
        """The call's answer under the plan, and the name of the fault that spoilt it, or ""."""
        rules = self._fitting(call)
        page_size = next((rule.page_size for rule in rules if rule.page_size), 0)
        spoiling = next((rule for rule in rules if rule.fault), None)
        wait = sum(rule.latency_ms for rule in rules) / 1000

        def whole() -> Answer:
            return one_page(call, page_size, ask) if page_size else ask(call)

        try:
            answer = _FAULTS[spoiling.fault](call, spoiling, whole) if spoiling else whole()
        except refusals.RefusedError as error:
            answer = refusals.error_answer(call, error.code, str(error), error.status)
        return replace(answer, wait_seconds=answer.wait_seconds + wait), spoiling.fault if spoiling else ""

    def _fitting(self, call: Call) -> list[Rule]:
        with self._lock:
            active = []
            for place, rule in enumerate(self._rules):
                if not rule.match.fits(call):
                    continue
                before = self._seen[place]
                self._seen[place] += 1
                if before >= rule.skip and (rule.times is None or before < rule.skip + rule.times):
                    active.append(rule)
            return active


def _shown(match: Match) -> dict[str, str]:
    return {item.name: value for item in fields(match) if (value := getattr(match, item.name))}


def _fired(rule: Rule, seen: int) -> int:
    beyond_skip = max(0, seen - rule.skip)
    return beyond_skip if rule.times is None else min(beyond_skip, rule.times)


def _half(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _cut(answer: Answer) -> Answer:
    return replace(_half(answer), promised_length=max(len(answer.body), 2))


def _replaced(rule: Rule) -> Answer:
    return Answer(rule.status, rule.body.encode(), tuple(rule.headers.items()))


_FAULTS: dict[str, Callable[[Call, Rule, Callable[[], Answer]], Answer]] = {
    "deny": lambda call, _rule, _ask: refusals.denied(call),
    "throttle": lambda call, _rule, _ask: refusals.throttled(call),
    "expired": lambda call, _rule, _ask: refusals.expired(call),
    "error500": lambda call, _rule, _ask: refusals.broken(call),
    "not_found_html": lambda _call, _rule, _ask: Answer(404, _NOT_FOUND_PAGE, _HTML),
    "html": lambda _call, _rule, _ask: Answer(200, _PORTAL_PAGE, _HTML),
    "empty": lambda _call, _rule, _ask: Answer(200, b""),
    "timeout": lambda _call, rule, _ask: Answer(200, b"", wait_seconds=rule.seconds, silent=True),
    "truncate": lambda _call, _rule, ask: _half(ask()),
    "cut": lambda _call, _rule, ask: _cut(ask()),
    "drop_next_token_but_truncated": lambda call, _rule, ask: cut_short(call, ask()),
    "same_token_for_ever": lambda call, _rule, ask: never_ending(call, ask()),
    "replace_body": lambda _call, rule, _ask: _replaced(rule),
}
