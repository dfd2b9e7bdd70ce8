"""The parameters of a call, as they are put on record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from collector.normalise import timestamp


def plain(value: Any) -> Any:  # noqa: ANN401 - any parameter of any call
    """Parameters as JSON."""
    match value:
        case datetime():
            return timestamp(value)
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value
