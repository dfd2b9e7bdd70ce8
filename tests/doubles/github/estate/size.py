"""How big the organisation is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Totals; `copies` says how often each kind of deviation is planted, `burst` how many runs one day has."""

    repositories: int
    members: int
    pulls: int
    copies: int
    burst: int


SMALL = Size(repositories=6, members=14, pulls=150, copies=1, burst=20)
BIG = Size(repositories=60, members=40, pulls=3000, copies=4, burst=1300)
SIZES = {"small": SMALL, "big": BIG}
