"""The files of one evidence type: proved, kept to the byte, and read into rows whole or not at all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from collector import canonical
from collector.answer import Answer
from collector.errors import UnreadableError
from collector.model import Cause, Exchange, Gap, Origin
from collector.redact import masked
from collector.source.files import rows
from collector.source.files.columns import Style, fields_of, joined, placed
from collector.source.files.content import MEGABYTE, Form, RefusedError, form_of
from collector.source.reading import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from collector.connector import Surroundings
    from collector.model import Scope, Window
    from collector.source.files.columns import Fault, Table
    from collector.source.files.content import Piece
    from collector.source.files.settings import FileSettings
    from collector.source.recorder import Recorder

READ = "read file"
"""The one operation there is."""
_NAMED = 1_000
"""How many bad rows of a file are named one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Files that somebody answers for, and how they came."""

    find: Callable[[], Sequence[Piece]]
    """UnreadableError when they cannot be had."""
    caller: str
    """How they came and who answers for them, in a sentence: what stands in the leaf."""
    owner: str
    approved_by: str
    as_of: datetime | None = None
    """What time they speak of, where that is not the present."""
    version: str | None = None
    approved_at: datetime | None = None
    head_count: int | None = None
    """How many the list must have at its end, as its owner states."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was kept, and the exchange that shows it."""

    piece: Piece
    form: Form
    exchange: Exchange

    @property
    def as_of(self) -> datetime | None:
        """What time it speaks of, where the file itself tells."""
        return self.piece.modified_at

    def origin(self, path: str) -> Origin:
        """A place in it."""
        return Origin(self.exchange.request, self.exchange.page, path)


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: its identity, its fields, where it was read, and what time its file speaks of."""

    key: str
    fields: dict[str, Any]
    seen: Answer
    as_of: datetime | None


class FileSource(Reading):
    """What was delivered for one evidence type."""

    def __init__(
        self,
        recorder: Recorder,
        around: Surroundings,
        *,
        scope: Scope,
        settings: FileSettings,
        window: Window | None,
        evidence_type: str,
        delivery: Delivery,
    ) -> None:
        super().__init__(
            recorder, around, scope=scope, place="files", caller=delivery.caller, settings=settings, window=window
        )
        self.delivery = delivery
        self._type = evidence_type

    def taken(self) -> list[Taken]:
        """Every file, kept to the byte. What is refused is a gap each, and then nothing is taken of any."""
        found, faults = [], []
        for piece in self.delivery.find():
            try:
                form = _proved(piece, self.settings.megabytes)
            except RefusedError as error:
                faults.append(Gap(Cause.TRUNCATED, self._subject(piece), f"not taken: {error}"))
                continue
            found.append(self._kept(piece, form))
        self._stop(faults)
        return found

    def rows(self, table: Table, taken: Sequence[Taken]) -> Iterator[Row]:
        """Every row, after the last row of the last file has proved good."""
        style = Style(
            ZoneInfo(self.settings.time_zone), self.settings.date_format, self.settings.columns.get(self._type)
        )
        good: list[Row] = []
        faults: list[Gap] = []
        for one in taken:
            try:
                sheet = rows.read(one.form, one.piece.content, self.settings.rows)
            except RefusedError as error:
                faults.append(Gap(Cause.TRUNCATED, self._subject(one.piece), str(error), one.exchange.request))
                continue
            places, wrong = placed(sheet, table, style)
            for line in sheet.lines if not wrong else ():
                values, bad = fields_of(line, places, table, style)
                wrong += bad
                if not bad:
                    seen = Answer(values, one.origin(f"line {line.number}"))
                    good.append(Row(joined(values, table.key), values, seen, self.as_of(one)))
            faults += self._named(one, wrong)
        self._stop(faults)
        yield from good

    def whole(self, one: Taken) -> Answer:
        """A file as one answer."""
        return Answer({"file": one.piece.name}, one.origin("whole"))

    def as_of(self, one: Taken) -> datetime | None:
        """What time a file speaks of: the end of what it covers, or when it was put into its folder."""
        return self.delivery.as_of or one.as_of

    def _kept(self, piece: Piece, form: Form) -> Taken:
        window, delivery = self._window, self.delivery
        content = self._without_people(piece.content, form)
        parameters = {
            "file": piece.name,
            "form": form.value,
            "bytes": len(piece.content),
            "sha256": piece.sha256,
            "owner": delivery.owner,
            "approved_by": delivery.approved_by,
            "covers": [window.start.isoformat(), window.end.isoformat()] if window else None,
            "version": delivery.version,
            "approved_at": delivery.approved_at and delivery.approved_at.isoformat(),
        }
        now = self.now
        request = canonical.digest(canonical.encode([READ, piece.place, parameters]))[:16]
        exchange = Exchange(
            request=request,
            page=1,
            operation=READ,
            place=piece.place,
            parameters=parameters,
            caller=self.caller,
            started_at=now,
            ended_at=now,
            attempts=1,
            status=None,
            error=None,
            request_id=None,
            server_date=None,
            body=None if content is None else self._around.keep(content),
        )
        return Taken(piece, form, self._recorder.exchange(exchange))

    def _without_people(self, content: bytes, form: Form) -> bytes | None:
        """The file to the byte; where names are replaced, its rows without them; None where these cannot be read."""
        people = self._around.people
        if not people.on or not form.tabular:
            return content
        try:
            sheet = rows.read(form, content, self.settings.rows)
        except RefusedError:
            return None
        cleaned = ({name: people.cell(name, cell) for name, cell in line.cells.items()} for line in sheet.lines)
        return json.dumps(list(cleaned), default=str, ensure_ascii=False, indent=0).encode()

    def _named(self, one: Taken, wrong: Sequence[Fault]) -> list[Gap]:
        subject, request = self._subject(one.piece), one.exchange.request
        gaps = [
            Gap(Cause.TRUNCATED, f"{subject}{f' line {fault.line}' if fault.line else ''}", fault.problem, request)
            for fault in wrong[:_NAMED]
        ]
        if len(wrong) > _NAMED:
            gaps.append(Gap(Cause.TRUNCATED, subject, f"and {len(wrong) - _NAMED} more faults", request))
        return gaps

    def _stop(self, faults: Sequence[Gap]) -> None:
        """Nothing is loaded of a list in which anything is wrong: a half-read roster would hide who left."""
        for gap in faults:
            self._recorder.gap(gap)
        if faults:
            raise UnreadableError(faults[0])

    def _subject(self, piece: Piece) -> str:
        return f"{self._type}: {piece.name}"


def _proved(piece: Piece, megabytes: int) -> Form:
    """What the file is. It is kept to the byte, so a secret in it could not be taken out: then it is refused."""
    if len(piece.content) > megabytes * MEGABYTE:
        raise RefusedError(f"it is larger than {megabytes} megabytes")
    form = form_of(piece.name, piece.content)
    if form in {Form.CSV, Form.JSON}:  # text alone can be looked through
        text = piece.content.decode("utf-8-sig")
        if masked(text) != text:
            raise RefusedError("it holds something that looks like a secret (a key, a token); take it out first")
    return form
