"""What the company has said of a deviation: exceptions that were granted, and responses. Neither hides it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
