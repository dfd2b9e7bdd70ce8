"""The register of deviations: when each was opened and closed, within which bounds, and totals that tie. Pure.

A deviation is counted by what was seen. It is carried in when it was seen before the period, and nothing showed before
the period that it was over; opened when it was first seen in the period; closed when a look in the period first shows
that it is over. So carried in + opened - closed = open, for any history. The bounds of when it truly was stand beside.
What was so from the first look on because it happened so, such as a change that nobody reviewed, is of the period in
which it happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from collector.period.exceptions import Granted, Response
    from collector.period.intervals import Look
    from collector.period.looks import Item
    from collector.period.narrowed import Clue


@dataclass(frozen=True, slots=True)
class Deviation:
    """One stretch in which an item was a deviation, from the first look that shows it to one that shows it over.

    What nobody looked at in between does not close it.
    """

    id: str
    """First 16 hex digits of SHA-256 over control, item and the leaf that first said so: the same in every package."""
    control: str
    item: Item
    event: bool
    """Whether it has happened once, and is no state that lasts: then only a later outcome closes it."""
    opened_after: datetime | None
    """The last look that shows it was not there yet; of what has happened, when it did. None where nothing tells."""
    opened_by: datetime
    """The first look that shows it."""
    detected: datetime
    """When a judgement first said so."""
    closed_after: datetime
    """The last look that shows it."""
    closed_by: datetime | None
    """The first look that shows it is over; None while it is open."""
    least: timedelta
    """How long it was open at least: what looks show, the stretches nobody looked at left out. What has happened so
    stays so from the first look on."""
    most: timedelta | None
    """How long it was open at most; None where no look before shows that it was not. Open ones count to `as_of`."""
    unseen: timedelta
    """How long nobody looked while it may have been open."""
    opening: Clue | None
    """The provider's own log event that tells when it began; None where there is none."""
    closing: Clue | None
    cause: str
    """In the words of the rule, when it was first seen; `response.cause` is what the company found."""
    closed_because: str
    """In the words of the rule; empty while it is open."""
    opened_by_rule: bool
    """Whether the rule or a parameter changed between the two looks that bound its opening."""
    closed_by_rule: bool
    """The same of its closing: then it may be another measure that closed it, and not the company."""
    before: Look | None
    first: Look
    last: Look
    after: Look | None
    carried_in: bool
    opened: bool
    closed: bool
    """Each in this period."""
    exceptions: Sequence[Granted]
    """Those in force at some time while it may have been open, oldest first. They change no count."""
    responses: Sequence[Response]
    """Oldest first; the last one counts."""

    @property
    def open(self) -> bool:
        """Whether it is open at the end of the period."""
        return not self.closed

    @property
    def owner(self) -> str | None:
        """As the newest response that names one has it."""
        return next((one.owner for one in reversed(self.responses) if one.owner), None)

    @property
    def response(self) -> str | None:
        """As the newest one has it."""
        return next((one.response for one in reversed(self.responses) if one.response), None)

    @property
    def found_cause(self) -> str | None:
        """What the company found to be the cause; `cause` is what the rule saw."""
        return next((one.cause for one in reversed(self.responses) if one.cause), None)


@dataclass(frozen=True, slots=True)
class Register:
    """All deviations of a control in a period, oldest first."""

    control: str
    as_of: datetime
    """Up to when the archive was read: open ones count their hours to here."""
    deviations: Sequence[Deviation]

    @property
    def carried_in(self) -> int:
        """How many were open when the period began."""
        return sum(one.carried_in for one in self.deviations)

    @property
    def opened(self) -> int:
        """How many were first seen in it."""
        return sum(one.opened for one in self.deviations)

    @property
    def closed(self) -> int:
        """How many were shown to be over in it."""
        return sum(one.closed for one in self.deviations)

    @property
    def open(self) -> int:
        """How many are open at its end."""
        return sum(one.open for one in self.deviations)

    @property
    def ties(self) -> bool:
        """Whether carried in + opened - closed = open."""
        return self.carried_in + self.opened - self.closed == self.open
