"""The fault plan: rules that spoil chosen requests on the wire."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from tests.doubles.github.limits import Bucket, headers, secondary
from tests.doubles.github.wire import Answer, RefusedError, Request, absent, not_accessible, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Spoiling = Callable[["Rule", Request, Callable[[], Answer]], Answer]

_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_UNICORN = b"<!DOCTYPE html>\n<html><head><title>Unicorn!</title></head><body>We had issues.</body></html>\n"


@dataclass(frozen=True, slots=True)
class Rule:
    """After `skip` fitting requests, spoil the next `times` (None: all). Empty `operation` and `contains` fit all."""

    fault: str
    operation: str = ""
    """As routes have it: `GET /orgs/{org}/repos`, `POST /graphql`."""
    contains: str = ""
    """Part of the address with its query, or of the body."""
    times: int | None = None
    skip: int = 0
    seconds: float = 1
    url: str = ""
    """Where a spoofed next link leads."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rule:
        """From JSON; an unknown key or fault is an error, since a rule that cannot fire lies."""
        unknown = set(given) - {item.name for item in fields(cls)}
        if unknown or given.get("fault") not in _FAULTS:
            raise ValueError(
                f"unknown in a rule: {sorted(unknown) or given.get('fault')}; faults are {sorted(_FAULTS)}"
            )
        return cls(**given)

    def fits(self, request: Request) -> bool:
        """Whether the rule is about this request."""
        said = request.url() + request.body.decode(errors="replace")
        return self.operation in {"", request.operation} and self.contains in said


class FaultPlan:
    """The rules in force; the first that fits and is due wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[tuple[Rule, list[int]]] = []

    def add(self, given: list[Mapping[str, Any]]) -> None:
        """Put rules behind those in force."""
        rules = [Rule.read(one) for one in given]
        with self._lock:
            self._rules += [(rule, [0, 0]) for rule in rules]

    def clear(self) -> None:
        """Answer well again."""
        with self._lock:
            self._rules = []

    def fired(self) -> list[dict[str, Any]]:
        """How many requests have met each rule, and how many it spoilt: a test's proof that its fault was met."""
        with self._lock:
            return [
                {"fault": rule.fault, "operation": rule.operation, "fitting": seen, "fired": fired}
                for rule, (seen, fired) in self._rules
            ]

    def answer(self, request: Request, ask: Callable[[Request], Answer]) -> tuple[Answer, str]:
        """The request's answer under the plan, and the name of the fault that spoilt it, or ""."""
        rule = self._due(request)
        if rule is None:
            return ask(request), ""
        try:
            return _FAULTS[rule.fault](rule, request, lambda: ask(request)), rule.fault
        except RefusedError as refused:
            return refused.answer(), rule.fault

    def _due(self, request: Request) -> Rule | None:
        due = None
        with self._lock:
            for rule, counts in self._rules:
                if not rule.fits(request):
                    continue
                before = counts[0]
                counts[0] += 1
                if due is None and before >= rule.skip and (rule.times is None or before < rule.skip + rule.times):
                    counts[1] += 1
                    due = rule
        return due


def _refusing(error: Callable[[Rule], RefusedError]) -> Spoiling:
    def refuse(rule: Rule, _request: Request, _ask: Callable[[], Answer]) -> Answer:
        raise error(rule)

    return refuse


def _exhausted(rule: Rule) -> RefusedError:
    spent = Bucket(5000, 5000, int(time.time() + rule.seconds))
    return RefusedError(403, "API rate limit exceeded for installation.", headers=headers(spent, "core"))


def _half(answer: Answer) -> Answer:
    return replace(answer, body=answer.body[: len(answer.body) // 2])


def _cut(answer: Answer) -> Answer:
    return replace(_half(answer), promised=max(len(answer.body), 2))


def _spoofed(rule: Rule, answer: Answer) -> Answer:
    return answer.having(("Link", f'<{rule.url}>; rel="next"'))


def _unlinked(answer: Answer) -> Answer:
    return replace(answer, headers=tuple(one for one in answer.headers if one[0] != "Link"))


def _graphql_error(kind: str, message: str) -> Answer:
    return shown({"data": None, "errors": [{"type": kind, "message": message}]})


_FAULTS: dict[str, Spoiling] = {
    "unauthorized": _refusing(lambda _: RefusedError(401, "Bad credentials")),
    "forbidden": _refusing(lambda _: not_accessible()),
    "not_found": _refusing(lambda _: absent()),
    "gone": _refusing(lambda _: RefusedError(410, "Issues are disabled for this repo")),
    "legal": _refusing(lambda _: RefusedError(451, "Repository access blocked")),
    "exhausted": _refusing(_exhausted),
    "secondary": _refusing(lambda rule: secondary(int(rule.seconds))),
    "secondary_429": _refusing(lambda rule: secondary(int(rule.seconds), 429)),
    "error500": _refusing(lambda _: RefusedError(500, "Server Error")),
    "unicorn": lambda _rule, _request, _ask: Answer(502, _UNICORN, _HTML),
    "html": lambda _rule, _request, _ask: Answer(200, b"<!doctype html><title>Sign in</title>\n", _HTML),
    "empty": lambda _rule, _request, _ask: Answer(200, b""),
    "truncate": lambda _rule, _request, ask: _half(ask()),
    "cut": lambda _rule, _request, ask: _cut(ask()),
    "slow": lambda rule, _request, ask: replace(ask(), wait_seconds=rule.seconds),
    "timeout": lambda rule, _request, _ask: Answer(200, b"", wait_seconds=rule.seconds, silent=True),
    "spoofed_next": lambda rule, _request, ask: _spoofed(rule, ask()),
    "same_page_for_ever": lambda rule, request, ask: _spoofed(replace(rule, url=request.url()), ask()),
    "no_next": lambda _rule, _request, ask: _unlinked(ask()),
    "graphql_rate_limited": lambda _r, _q, _a: _graphql_error("RATE_LIMITED", "API rate limit exceeded"),
    "graphql_forbidden": lambda _r, _q, _a: _graphql_error("FORBIDDEN", "Resource not accessible by integration"),
    "graphql_timeout": lambda _r, _q, _a: _graphql_error(
        "SERVER_ERROR", "Something went wrong while executing your query. This may be the result of a timeout."
    ),
}
