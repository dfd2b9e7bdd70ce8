"""What every record has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from collector.answer import Answer

_SAYING = ("within", "repo", "account_unit", "collected_unit")
"""Fields that say it, where a record has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row: its identity, and where it was read."""

    table: ClassVar[str]
    key: str
    seen: Sequence[Answer]
    observed_at: datetime | None = None
    within: str | None = None
    """The unit that it belongs to, by the name that the scope register knows it by, where that is not its scope."""

    @property
    def unit(self) -> str | None:
        """The unit it belongs to; None where nothing says more than its scope."""
        said = (getattr(self, name, None) for name in _SAYING)
        return next((str(one) for one in said if one), None)

    def __init_subclass__(cls) -> None:
        cls.table = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
