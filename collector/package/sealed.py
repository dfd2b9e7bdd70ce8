"""The shapes that `collector.seal` and `collector.assess` write, read back strictly: another shape is an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from collector.errors import ArchiveError
from collector.model import Verdict  # noqa: TC001 - msgspec reads the annotation at run time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.reader import Leaf

T = TypeVar("T")


class Archived(Protocol):
    """The two verbs of `collector.archive.reader.Reader` that the page needs."""

    def leaves(self) -> Iterable[Leaf]:
        """Every leaf, in the order of the log."""

    def content(self, sha256: str) -> bytes:
        """The content with this digest; ArchiveError when the archive does not hold it."""


class Cited(msgspec.Struct, frozen=True):
    """A content, and how many lines it has."""

    sha256: str
    count: int


class Window(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The stretch a population covers."""

    start: str
    end: str


class GapLine(msgspec.Struct, frozen=True):
    """Something that could not be read."""

    cause: str
    subject: str
    detail: str
    request: str | None = None


class TotalLine(msgspec.Struct, frozen=True):
    """The same number, counted in two ways."""

    name: str
    expected: int
    found: int
    ties: bool


class CompletenessLine(msgspec.Struct, frozen=True):
    """Either a gap or a total."""

    gap: GapLine | None = None
    total: TotalLine | None = None


class ExchangeLine(msgspec.Struct, frozen=True):
    """One request and its answer."""

    request: str
    page: int
    operation: str
    place: str
    parameters: dict[str, Any]
    caller: str
    started_at: str
    ended_at: str
    attempts: int
    status: int | None
    error: str | None
    request_id: str | None
    server_date: str | None
    body: str | None


class OutcomeLine(msgspec.Struct, frozen=True):
    """What a rule says of one item."""

    item: str
    provider: str | None
    unit: str | None
    outcome: Verdict
    seen: Verdict | None
    because: str
    rows: list[str]


class Token(msgspec.Struct, frozen=True):
    """The token that a run cites: over the head after which commit."""

    commit: int
    object: str
    digest: str


class Vouchers(msgspec.Struct, frozen=True):
    """Whom a run was to ask: authorities by their addresses, witnesses by their names."""

    authorities: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()


class Clock(msgspec.Struct, frozen=True):
    """How far the providers' clocks were from the collector's, in seconds, and how far they may be."""

    limit: int
    ahead: dict[str, int]


class RunBody(msgspec.Struct, frozen=True):
    """The leaf that ends a run."""

    run: str
    mode: str
    started: str
    ended: str
    outcome: str
    expected: int
    collected: int
    gaps: list[GapLine]
    configuration: Cited
    collector: str
    code: str
    after_token: Token | None = None
    vouchers: Vouchers = Vouchers()
    clock: Clock | None = None


class TimeBody(msgspec.Struct, frozen=True):
    """The leaf of an authority or witness that gave nothing."""

    party: str
    name: str
    cause: str
    detail: str


class StorageBody(msgspec.Struct, frozen=True):
    """The leaf of what the archive's place said of its lock after a run."""

    read: str
    place: str
    state: str
    because: str


class EvidenceBody(msgspec.Struct, frozen=True):
    """The leaf of one snapshot."""

    run: str
    type: str
    type_kind: str
    provider: str
    unit: str
    unit_name: str
    window: Window | None
    continues: str | None
    started: str
    ended: str
    caller: str
    complete: bool
    gaps: dict[str, int]
    records: Cited
    exchanges: Cited
    completeness: Cited
    pseudonyms: str | None = None


class OutcomeBody(msgspec.Struct, frozen=True):
    """The leaf of one control's outcomes."""

    run: str
    control: str
    assessed: str
    rule: Cited
    parameters: dict[str, Any]
    outcomes: Cited
    counts: dict[str, int]
    evidence: list[int]


def body(leaf: Leaf, shape: type[T]) -> T:
    """What the leaf says, in its shape; ArchiveError names the leaf that has another."""
    try:
        return msgspec.convert(leaf.body, shape)
    except msgspec.ValidationError as error:
        raise ArchiveError(f"leaf {leaf.index} cannot be shown: {error}; was it written by a later version?") from error


def lines(archive: Archived, cited: Cited, shape: type[T], where: str) -> list[T]:
    """The lines of a document; ArchiveError when one has another shape, or their number is not the one sealed."""
    content = archive.content(cited.sha256)
    try:
        found = [msgspec.json.decode(line, type=shape) for line in content.split(b"\n") if line]
    except msgspec.DecodeError as error:
        raise ArchiveError(f"{where} ({cited.sha256}) cannot be shown: {error}") from error
    if len(found) != cited.count:
        raise ArchiveError(f"{where} ({cited.sha256}) has {len(found)} lines, but its leaf says {cited.count}")
    return found
