"""The operations that show how code changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collector.source.rest.api import Operation

CHANGES: tuple[Operation, ...] = ()
