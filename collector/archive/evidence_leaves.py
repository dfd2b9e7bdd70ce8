"""Evidence leaves of the declared form, read all at once: nearly all of a log is these.

This is a short cut and no second rule. `read` answers only where every leaf is canonical and has exactly the members
that FORMAT.md lists ("Leaves of a run"); any others are read one by one, which comes to the same and takes longer.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.archive.citations import Cited

# The members stand in the order in which canonical JSON has them: what is decoded and encoded again is canonical.


class Served(NamedTuple):
    """What a leaf says of the slot it answers: type, provider and unit, and the slot as it is written."""

    series: tuple[str, str, str]
    slot: str


class Evidence(NamedTuple):
    """What evidence leaves say together: the contents they cite, how many leaves each run has, and the slots.

    `served` has an item for each leaf: None where it answers no slot.
    """

    cited: set[Cited]
    runs: Counter[str]
    served: list[Served | None]


_Number = Annotated[int, msgspec.Meta(gt=-(2**53), lt=2**53)]


class _Cited(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    count: _Number
    sha256: str


class _Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    caller: str | None
    complete: bool
    completeness: _Cited
    continues: str | None
    ended: str
    exchanges: _Cited
    gaps: dict[str, _Number]
    kind: Literal["evidence"]
    provider: str
    records: _Cited
    run: str
    slot: str | None
    started: str
    type: str
    type_kind: str
    unit: str
    unit_name: str
    window: dict[str, str] | None


_decoder = msgspec.json.Decoder(_Leaf)
_encoder = msgspec.json.Encoder(order="sorted")


def may_be_evidence(leaf: bytes) -> bool:
    """Whether it is worth trying."""
    return b'"kind":"evidence"' in leaf


def read(leaves: Sequence[bytes]) -> Evidence | None:
    """What these leaves say; None unless each is canonical JSON of the declared form."""
    lines = b"\n".join(leaves) + b"\n"
    # Names of members must be ASCII; that every text here is, is more than enough.
    if not lines.isascii():
        return None
    try:
        found = _decoder.decode_lines(lines)
        # As many values as leaves, and not a byte between them but one newline each: so none lies across two leaves.
        if len(found) != len(leaves) or _encoder.encode_lines(found) != lines:
            return None
        cited: set[Cited] = {(leaf.exchanges.sha256, True, leaf.exchanges.count) for leaf in found}
        cited |= {(leaf.records.sha256, False, leaf.records.count) for leaf in found}
        cited |= {(leaf.completeness.sha256, False, leaf.completeness.count) for leaf in found}
        if not _digests([sha256 for sha256, _, _ in cited]):
            return None
    except (ValueError, RecursionError):  # msgspec's errors are ValueErrors
        return None
    # What stands under `sha256` must be a digest, in `gaps` and `window` too; that is for who reads one by one.
    if any("sha256" in leaf.gaps or (leaf.window and "sha256" in leaf.window) for leaf in found):
        return None
    served = [None if leaf.slot is None else Served((leaf.type, leaf.provider, leaf.unit), leaf.slot) for leaf in found]
    return Evidence(cited, Counter([leaf.run for leaf in found]), served)


def _digests(texts: list[str]) -> bool:
    """Whether each is a SHA-256 in lower-case hex: as `digest_from` judges, but all at once."""
    return {len(text) for text in texts} <= {64} and not "".join(texts).encode().translate(None, b"0123456789abcdef")
