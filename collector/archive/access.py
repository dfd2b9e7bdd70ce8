"""Who keeps a log of what is done to the archive's objects: what its place says when it is asked.

The collector reads how such logs are set, and where they go. It never reads what is in them: they are the witness
against it, so they belong to somebody else, who can be asked for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kept(StrEnum):
    """Whether a log is kept; there is no fourth word."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "could not tell"


@dataclass(frozen=True, slots=True)
class AccessLog:
    """One kind of log that the place can keep of its objects."""

    name: str
    kept: Kept
    told: str
    """Where it goes and what it has; or how it is turned on; or why that could not be told, and what to grant."""
    entries: str = ""
    """Whom to ask for what is in it; empty where nothing is kept."""
