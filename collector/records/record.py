"""What every record has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.answer import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row: its identity, and where it was read."""

    table: ClassVar[str]
    key: str
    seen: Sequence[Answer]
    observed_at: datetime | None = None

    def __init_subclass__(cls) -> None:
        cls.table = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
