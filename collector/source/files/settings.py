"""The table of a provider whose evidence is files: `[hris]`, `[records]`."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A folder or bucket prefix that one evidence type is read from, whenever it is due."""

    type: str
    path: str
    """`/srv/hr/roster-*.csv`, or `s3://bucket/prefix?region=…&endpoint=…`."""
    owner: str
    """Who answers for what is put there."""
    approved_by: str
    """Who approved that this is the list."""
    every_file: bool = False
    """Take all files there and not the newest alone."""
    fresh_hours: int = 48
    """A newest file older than this is not taken for the present; 0: of any age."""

    def __post_init__(self) -> None:
        for name in ("owner", "approved_by", "path"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} must not be empty")
        if self.fresh_hours < 0:
            raise ValueError("fresh_hours must not be below 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """How the company's files are read."""

    company: str = "company"
    """The scope: a short name that never changes."""
    time_zone: str = "UTC"
    """In which a date without a time is meant."""
    date_format: str = ""
    """How dates are written where not as 2026-01-31, such as `%d.%m.%Y`."""
    megabytes: int = 50
    """How large a file may be."""
    rows: int = 200_000
    """How many rows it may have."""
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    """By evidence type, which column of the file holds which field, where it has not the field's own name."""
    watch: list[Watched] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not 1 <= self.megabytes <= 1_000 or not 1 <= self.rows <= 5_000_000:  # noqa: PLR2004 - this very check
            raise ValueError("megabytes must be from 1 to 1000, rows from 1 to 5000000")
        try:
            ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"time_zone {self.time_zone!r} is no time zone, such as Europe/Berlin") from error
