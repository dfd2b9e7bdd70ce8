"""The identities in the made-up tenant, and how Azure writes times."""

from __future__ import annotations

from datetime import UTC, datetime

TENANT = "72f988bf-0000-4000-8000-000000000000"


def subscription_id(index: int) -> str:
    return f"{index:08x}-5b5c-4000-8000-000000000000"


def guid(kind: int, index: int) -> str:
    return f"{kind:08x}-0000-4000-8000-{index:012x}"


def text(at: datetime) -> str:
    """With seven places after the point, as Azure counts."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.0000000Z"
