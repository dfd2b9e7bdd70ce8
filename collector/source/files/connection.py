"""A provider whose evidence is files: one scope, the company, and what was delivered for each evidence type."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.errors import UnreadableError, UsageError
from collector.model import Cause, Gap, Scope
from collector.source.files.content import MEGABYTE
from collector.source.files.shelf import MOST_FILES, Bucket, newest, shelf
from collector.source.files.source import Delivery, FileSource

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from collector.connector import EvidenceType, Outside, Surroundings
    from collector.model import Window
    from collector.source.files.content import Piece
    from collector.source.files.settings import FileSettings, Watched
    from collector.source.files.shelf import Folder
    from collector.source.recorder import Recorder

    Deliveries = Mapping[str, Delivery]
    """By evidence type."""


class FileConnection:
    """The files of one company."""

    def __init__(self, provider: str, settings: FileSettings, deliveries: Deliveries, around: Surroundings) -> None:
        self._scope = Scope(provider, settings.company)
        self._settings = settings
        self._deliveries = deliveries
        self._around = around

    def scopes(self) -> Sequence[Scope]:
        """The company."""
        return [self._scope]

    def home(self) -> Scope:
        """The same."""
        return self._scope

    def sources(
        self, evidence: EvidenceType, scope: Scope, window: Window | None, recorder: Recorder
    ) -> Sequence[FileSource]:
        """One, over all that was delivered; UnreadableError when nothing ever is."""
        delivery = self._deliveries.get(evidence.id)
        if delivery is None:
            raise UnreadableError(
                Gap(Cause.NOT_CONFIGURED, evidence.id, "nothing is watched for it; attach a file, or watch a folder")
            )
        return [
            FileSource(
                recorder, self._around, scope=scope, settings=self._settings, window=window,
                evidence_type=evidence.id, delivery=delivery,
            )
        ]  # fmt: skip

    def close(self) -> None:
        """Nothing is held open."""


def opening(provider: str) -> Callable[[FileSettings, Outside], Callable[[Surroundings], FileConnection]]:
    """How a provider of files signs in: its watched places must be of a kind that can be watched."""

    def sign_in(settings: FileSettings, outside: Outside) -> Callable[[Surroundings], FileConnection]:
        deliveries: dict[str, Delivery] = {}
        for one in settings.watch:
            if one.type in deliveries:
                raise UsageError(f"[[{provider}.watch]] type = {one.type!r} is watched twice")
            deliveries[one.type] = _watched(one, settings, outside)
        return lambda around: FileConnection(provider, settings, deliveries, around)

    return sign_in


def watched(settings: FileSettings) -> Collection[str]:
    """The evidence types that have a place to be read from again and again; all others are attached by hand."""
    return {one.type for one in settings.watch}


def handed_over(
    provider: str, settings: FileSettings, evidence_type: str, delivery: Delivery
) -> Callable[[Surroundings], FileConnection]:
    """What opens a connection to files that somebody hands over."""
    return lambda around: FileConnection(provider, settings, {evidence_type: delivery}, around)


def _watched(one: Watched, settings: FileSettings, outside: Outside) -> Delivery:
    place = shelf(one.path, outside.environment)
    return Delivery(
        find=lambda: _found(place, one, settings, outside),
        caller=f"uploaded to {place.place}, not read from a source; owner {one.owner}, approved by {one.approved_by}",
        owner=one.owner,
        approved_by=one.approved_by,
    )


def _found(place: Folder | Bucket, one: Watched, settings: FileSettings, outside: Outside) -> Sequence[Piece]:
    """What lies there now. No file, or an old one, says nothing of the present."""
    subject, lying = f"{one.type}: {one.path}", newest(place.listed(), every=one.every_file)
    if not lying:
        raise UnreadableError(Gap(Cause.UNAVAILABLE, subject, "no file is there"))
    if len(lying) > MOST_FILES:
        raise UnreadableError(Gap(Cause.TRUNCATED, subject, f"more than {MOST_FILES} files are there"))
    age = outside.clock() - lying[-1].modified_at
    if one.fresh_hours and age > timedelta(hours=one.fresh_hours):
        hours = int(age.total_seconds() // 3600)
        detail = (
            f"the newest file, {lying[-1].name}, is {hours} hours old; {one.fresh_hours} are allowed (`fresh_hours`)"
        )
        raise UnreadableError(Gap(Cause.UNAVAILABLE, subject, detail))
    return [place.read(file, settings.megabytes * MEGABYTE) for file in lying]
