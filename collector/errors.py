"""Every error the product raises on purpose, in one small tree.

Each message is one sentence for the person at the keyboard: what was asked, of whom, what came back, what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.model import Gap


class CollectorError(Exception):
    """Anything the collector can explain; everything else is a bug."""


class UsageError(CollectorError):
    """What the user gave (configuration, argument, credentials) cannot be used; nothing was started."""


class ArchiveError(CollectorError):
    """The archive could not be read or written."""


class TamperedError(ArchiveError):
    """Something in the archive is not what its log says it is."""


class ForkError(ArchiveError):
    """Two different histories claim the same place in the log; the collector stops and touches nothing."""


class UnreadableError(CollectorError):
    """A source did not give what was asked; `gap` says what is missing and why."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(f"{gap.subject}: {gap.detail}")
        self.gap = gap


class UndeclaredCallError(CollectorError):
    """A connector made a call that its declaration does not name: a bug in the connector."""
