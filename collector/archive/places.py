"""Where an archive can be: one word in the configuration, made into a store."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from collector.archive.local import LocalStore
from collector.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from collector.archive.store import Place

_S3_FORM = "s3://bucket/prefix?region=…&endpoint=…"
_OPTIONS = ("region", "endpoint")


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and the prefix of every key of one archive in it: empty, or ending in `/`."""

    name: str
    prefix: str
    region: str | None
    endpoint: str | None

    def __str__(self) -> str:
        return f"s3://{self.name}/{self.prefix}".rstrip("/")


def store_at(place: str, retain_days: int, clock: Callable[[], datetime]) -> Place:
    """The store in a directory or at an `s3://` URL; UsageError when it is neither."""
    scheme, separator, _ = place.partition("://")
    if not separator:
        return LocalStore(Path(place))
    if scheme != "s3":
        raise UsageError(f"{place}: no archive can be kept there; name a directory, or {_S3_FORM}")
    # boto3 takes half a second to import; an archive in a directory never needs it.
    from collector.archive.s3 import S3Store  # noqa: PLC0415

    return S3Store(bucket_at(place), retain_days, clock)


def bucket_at(url: str) -> Bucket:
    """The bucket an `s3://` URL names; UsageError when it names none, or says what is not understood."""
    parts = urlsplit(url)
    if not parts.netloc or "@" in parts.netloc or parts.fragment:
        raise UsageError(f"{url}: write it as {_S3_FORM}; credentials come from the environment and never stand here")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name in options:
        if name not in _OPTIONS:
            near = get_close_matches(name, _OPTIONS, 1) or _OPTIONS
            raise UsageError(f"{url}: unknown option {name!r}; did you mean {' or '.join(near)}?")
    prefix = parts.path.strip("/")
    return Bucket(
        parts.netloc, f"{prefix}/" if prefix else "", options.get("region") or None, options.get("endpoint") or None
    )
