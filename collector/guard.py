"""The one home of the broad `except`: other people's code ends here, and what it threw becomes a gap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from collector.errors import ArchiveError, UnreadableError
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger()


def guarded(subject: str, work: Callable[[], object], record: Callable[[Gap], None]) -> None:
    """Do the work. What a source refused is recorded as the gap it is; a bug, as a gap marked `defect`.

    ArchiveError alone goes on up: evidence that cannot be kept is no evidence.
    """
    try:
        work()
    except UnreadableError as error:
        record(error.gap)
    except ArchiveError:
        raise
    except Exception as error:
        log.exception("defect", subject=subject)
        record(Gap(Cause.DEFECT, subject, f"a bug in the connector: {type(error).__name__}: {error}"))
