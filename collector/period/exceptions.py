"""What the company has said of a deviation: exceptions that were granted, and responses. Neither hides it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.ledger import moment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from collector.period.looks import Leaf


@dataclass(frozen=True, slots=True)
class Granted:
    """An exception from a control for one item, as it was sealed."""

    leaf: int
    control: str
    provider: str | None
    unit: str | None
    """None: the item wherever it is."""
    item: str
    reason: str
    approver: str
    expires: datetime
    """From here on it covers nothing."""
    by: str
    """Who sealed it."""
    at: datetime
    """When. It covers nothing before."""


@dataclass(frozen=True, slots=True)
class Response:
    """What was found to be the cause of a deviation, who owns it and what is done about it, as it was sealed."""

    leaf: int
    control: str
    provider: str | None
    unit: str | None
    item: str
    cause: str | None
    owner: str | None
    response: str | None
    by: str
    at: datetime


def statements(control: str, leaves: Iterable[Leaf]) -> tuple[list[Granted], list[Response]]:
    """Every exception and every response that was ever sealed for a control, in the order of the log."""
    granted: list[Granted] = []
    responses: list[Response] = []
    for leaf, body in leaves:
        if body["kind"] not in {"exception", "response"} or body["control"] != control:
            continue
        place = (leaf, control, body["provider"], body["unit"], body["item"])
        if body["kind"] == "exception":
            expires, at = moment(body["expires"]), moment(body["at"])
            granted.append(Granted(*place, body["reason"], body["approver"], expires, body["by"], at))
        else:
            said = (body["cause"], body["owner"], body["response"])
            responses.append(Response(*place, *said, body["by"], moment(body["at"])))
    return granted, responses
