"""Identities that are the same in every run, and say what they are of."""

from __future__ import annotations

_KINDS = (
    "tenant",
    "user",
    "group",
    "role",
    "assignment",
    "application",
    "principal",
    "key",
    "entry",
    "review",
    "other",
)


def identity(kind: str, number: int) -> str:
    """A GUID."""
    return f"{_KINDS.index(kind) + 1:08x}-0000-4000-8000-{number:012x}"


TENANT = identity("tenant", 1)
