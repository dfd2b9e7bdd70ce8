"""The nouns of the product: frozen, and with no behaviour beyond what follows from their own fields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


class Kind(StrEnum):
    """What an evidence type is a reading of."""

    CONFIGURATION = "configuration"
    """State at one instant."""
    POPULATION = "population"
    """Every event, item or person of a window."""
    RECORD = "record"
    """A document made by people."""


class Cause(StrEnum):
    """Why something could not be read. Nothing else may stand for "we do not know"."""

    DENIED = "denied"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    TRUNCATED = "truncated"
    UNLICENSED = "unlicensed"
    NOT_CONFIGURED = "not_configured"
    DEFECT = "defect"


class Verdict(StrEnum):
    """What a rule says of one item."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    DEVIATION = "deviation"
    NOT_APPLICABLE = "not_applicable"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, order=True)
class Scope:
    """What one read covers: an AWS account, a GCP project, a GitHub organisation."""

    provider: str
    unit_id: str
    name: str = ""

    def __str__(self) -> str:
        return f"{self.provider} {self.unit_id}"


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time a population covers: from `start` up to, but without, `end`; both UTC."""

    start: datetime
    end: datetime

    def lost_since(self, end: datetime | None) -> Window | None:
        """What lies between the end of an earlier window and this one; None when they touch, or there was none."""
        return Window(end, self.start) if end is not None and end < self.start else None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something we could not read: what, why, and what the source said."""

    cause: Cause
    subject: str
    """What was asked, in the source's own terms: `s3:GetBucketPolicyStatus Bucket=logs (eu-west-1)`."""
    detail: str
    """What came back, in one sentence."""
    request: str | None = None
    """The request identity of the exchange that shows it, where there was one."""


@dataclass(frozen=True, slots=True)
class Total:
    """One check that a list is whole: the same number, counted in two independent ways."""

    name: str
    expected: int
    found: int

    @property
    def ties(self) -> bool:
        """Whether both counts agree."""
        return self.expected == self.found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where in the raw answers a record was read: the request, its page, and the path inside that page."""

    request: str
    page: int
    path: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as it came over the wire (after retries: the last attempt)."""

    request: str
    """Identity of the request: a digest of operation, place and parameters without page tokens."""
    page: int
    """Which page of the answer this is, from 1."""
    operation: str
    place: str
    """Where it was asked: a region or a host."""
    parameters: dict[str, Any]
    caller: str
    """The identity the source itself reports for our credentials."""
    started_at: datetime
    ended_at: datetime
    attempts: int
    status: int | None
    """The HTTP status; None when no answer came."""
    error: str | None
    """The source's own error code, when it sent one; otherwise how the transport failed."""
    request_id: str | None
    server_date: datetime | None
    """The source's own clock, from its Date header."""
    body: str | None
    """SHA-256 of the answer's body after redaction; None when no answer came."""


@dataclass(frozen=True, slots=True)
class Content:
    """A document in the archive: its SHA-256 and how many lines it has."""

    sha256: str
    count: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One evidence type, one scope, one time. Its documents are in the archive under their digests."""

    evidence_type: str
    scope: Scope
    kind: Kind
    window: Window | None
    started_at: datetime
    ended_at: datetime
    caller: str
    records: Content
    exchanges: Content
    completeness: Content
    gaps: tuple[Gap, ...]
    totals: tuple[Total, ...]
    slot: datetime | None = None
    """The slot it answers; None for one that was made out of schedule."""
    continues: datetime | None = None
    """The end of the last complete window before its own; None when it goes on from none."""
    pseudonyms: str | None = None
    """With which key names and addresses were replaced before anything was kept; None when they were not."""
    skew: int | None = None
    """How many seconds the provider's clock was ahead where it differed most; None where no answer told the time."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing: no gap (an unproved last page is one), and every total ties."""
        return not self.gaps and all(total.ties for total in self.totals)

    @property
    def lost(self) -> Window | None:
        """The stretch that was never read whole, and that the source remembered no more."""
        return self.window.lost_since(self.continues) if self.window else None
