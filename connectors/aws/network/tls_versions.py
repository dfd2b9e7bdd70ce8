"""The names AWS has for versions of TLS, and which is the oldest."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSIONS = {
    "SSLv2": "SSL 2.0",
    "SSLv3": "SSL 3.0",
    "TLSv1": "1.0",
    "TLSv1.1": "1.1",
    "TLSv1.2": "1.2",
    "TLSv1.3": "1.3",
}
"""By AWS's name, oldest first."""


def oldest(protocols: Iterable[str]) -> str | None:
    """The oldest of several versions, as records have it; None where there is none, or one that nobody here knows."""
    given = set(protocols)
    known = [version for name, version in _VERSIONS.items() if name in given]
    return known[0] if known and given <= set(_VERSIONS) else None
