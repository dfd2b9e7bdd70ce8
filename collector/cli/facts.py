"""What the pages say that no leaf can: whose archive it is, how it verified, what the evidence types are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from collector import __version__, registry
from collector.archive import pin
from collector.archive.reader import Reader
from collector.cli import options, vouchers
from collector.cli.verify import checked
from collector.connector import Per
from collector.errors import ArchiveError, UsageError
from collector.package.facts import Description, Facts, Verification

if TYPE_CHECKING:
    from collector.archive.store import Place
    from collector.config import Config


def facts_of(settings: Config, store: Place, generated: datetime) -> Facts:
    """The archive is verified here; ArchiveError when it has no commit. `generated` is the time the pages bear."""
    key = options.verifier_key(settings)
    found, lock = checked(store, key, pin.read(settings.archive.keys_path), vouchers.trusted(settings.archive))
    if found.head is None:
        raise ArchiveError("the archive has no commit that can be read; `collector verify` says what is wrong")
    # Only for words about the evidence types: a connector that cannot be loaded is in the runs' own gaps.
    connectors, _ = registry.load(registry.installed())
    return Facts(
        generated=generated,
        generator=__version__,
        organisation=settings.organisation,
        origin=key.split("+", maxsplit=1)[0],
        size=found.head.size,
        root=found.head.root.hex(),
        verification=Verification(
            sound=found.sound,
            key=key,
            faults=tuple(f"{fault.object}: {fault.problem}" for fault in found.faults),
            notes=tuple(found.notes),
            stamps=tuple(found.stamps),
            cosigned=tuple(found.cosigned),
        ),
        lock=str(lock),
        simulated=settings.simulated,
        descriptions={
            one.id: Description(one.title, one.description, one.per is Per.ESTATE)
            for connector in connectors.values()
            for one in connector.types.values()
        },
    )


def as_of_newest(settings: Config, store: Place) -> Facts:
    """Facts as of the archive's newest leaf, so that the same archive gives the same pages: no clock is read."""
    ends = [leaf.body.get("ended") or leaf.body.get("assessed") for leaf in Reader(store).leaves()]
    known = max((datetime.fromisoformat(end).astimezone(UTC) for end in ends if end), default=None)
    if known is None:
        raise UsageError("no run is sealed in this archive yet; `collector snapshot` makes one")
    return facts_of(settings, store, known)
