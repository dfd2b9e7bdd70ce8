"""Where each object lies; the names are part of the format (FORMAT.md, "Objects")."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LOG = "log/"

TOKEN_SUFFIXES = ("tsr", "tsr2")
"""What the token of the first authority ends in, and that of the second; no more than these are asked."""

_LOG_OBJECT = re.compile(r"log/([0-9]{12})\.(seg|ckpt|tsr2?|cosig)")
_STORED_OBJECT = re.compile(r"(packs|blobs)/([0-9]{4}Q[1-4])/([0-9a-f]{64})\.zst")


def segment_key(sequence: int) -> str:
    """The object that is commit number `sequence`."""
    return f"{LOG}{sequence:012d}.seg"


def checkpoint_key(sequence: int) -> str:
    """The object that holds the signed tree head after commit number `sequence`."""
    return f"{LOG}{sequence:012d}.ckpt"


def token_key(sequence: int, suffix: str = TOKEN_SUFFIXES[0]) -> str:
    """The object that holds an authority's token over the checkpoint of commit number `sequence`."""
    return f"{LOG}{sequence:012d}.{suffix}"


def cosignature_key(sequence: int) -> str:
    """The object that holds the witnesses' signature lines on the checkpoint of commit number `sequence`."""
    return f"{LOG}{sequence:012d}.cosig"


def pack_key(epoch: str, digest: str) -> str:
    """A pack, named by the SHA-256 of its own bytes."""
    return f"packs/{epoch}/{digest}.zst"


def blob_key(epoch: str, digest: str) -> str:
    """One large content, named by the SHA-256 of the content (not of the compressed object)."""
    return f"blobs/{epoch}/{digest}.zst"


def epoch_of(at: datetime) -> str:
    """The retention epoch of an instant: its calendar quarter in UTC, such as `2026Q4`."""
    utc = _utc(at)
    return f"{utc.year:04d}Q{(utc.month + 2) // 3}"


def retained_until(at: datetime, days: int) -> datetime:
    """Until when what is committed at an instant is to be locked: `days` after the end of its retention epoch.

    One date for a whole quarter, so that a content is never released before the evidence of that quarter that cites it.
    """
    utc = _utc(at)
    # Quarters count from 0 here, so the month after this one's last is 3 further on than its first.
    year, quarter = divmod(utc.year * 4 + (utc.month - 1) // 3 + 1, 4)
    return datetime(year, quarter * 3 + 1, 1, tzinfo=UTC) + timedelta(days=days)


def longest_days(days: int) -> int:
    """The most days from a commit to the end of its lock: `days`, and before them a whole quarter."""
    return 92 + days


def _utc(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise ValueError(f"{at} has no time zone")
    return at.astimezone(UTC)


def is_pack(key: str) -> bool:
    """Whether a stored object is a pack; otherwise it is a blob."""
    return key.startswith("packs/")


def epoch_in(key: str) -> str:
    """The retention epoch in the name of a pack or blob."""
    return key.split("/")[1]


def digest_in(key: str) -> str:
    """The SHA-256 in the name of a pack or blob."""
    return key.split("/")[2].removesuffix(".zst")


def is_stored_object(key: str) -> bool:
    """Whether the name is that of a pack or a blob."""
    return _STORED_OBJECT.fullmatch(key) is not None


def sequences(keys: Iterable[str], suffix: str) -> list[int]:
    """The ordered sequence numbers of the log objects that end in `suffix`: `seg`, `ckpt`, `tsr`, `tsr2`, `cosig`."""
    # Every start comes through here with the whole log: the end of a name is looked at before the rest of it.
    matches = (_LOG_OBJECT.fullmatch(key) for key in keys if key.endswith(f".{suffix}"))
    return sorted(int(match[1]) for match in matches if match)


def sequence_in(key: str) -> int:
    """The sequence number in the name of a log object."""
    return int(key.removeprefix(LOG).partition(".")[0])


def gaps(present: Iterable[int], first: int, last: int) -> Iterator[range]:
    """The runs of sequence numbers from `first` to `last` that are not among `present` (ascending)."""
    expected = first
    for sequence in present:
        if sequence > expected:
            yield range(expected, sequence)
        expected = max(expected, sequence + 1)
    if expected <= last:
        yield range(expected, last + 1)


def segment_keys(sequences: range) -> str:
    """A run of segments, for a message: the one name, or the first and the last."""
    return run_of(sequences, segment_key)


def run_of(sequences: range, key_of: Callable[[int], str]) -> str:
    """A run of objects of one sort, for a message: the one name, or the first and the last."""
    first, last = key_of(sequences[0]), key_of(sequences[-1])
    return first if first == last else f"{first} to {last}"


def is_log_object(key: str) -> bool:
    """Whether the name is that of a segment, a checkpoint, or what outsiders say of one."""
    return _LOG_OBJECT.fullmatch(key) is not None
