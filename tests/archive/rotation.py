"""What the tests of replaced keys have in common: both verifiers asked at once, and the keys as they lie there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from collector.archive import verify as built_in
from collector.archive.archive import Archive
from collector.archive.keyring import ROLES
from collector.archive.keys import Keys

from .test_standalone import findings, objects

if TYPE_CHECKING:
    from collector.archive.notes import VerifierKey
    from collector.archive.pin import Head

    from .conftest import Place

WHEN = "2026-11-01T12:00:00Z"
BOTH = pytest.mark.parametrize("role", ROLES)


def faults(place: Place, key: VerifierKey | None = None, pinned: Head | None = None) -> dict[str, str]:
    """Each object that both verifiers name, and what the built-in one says of it."""
    vkey = str(key or reloaded(place).log.verifier_key)
    report = built_in.verify(place.disk, vkey, pinned)
    found = findings(place.directory, vkey, pinned)
    named = {fault.object: fault.problem for fault in report.faults}
    assert objects(found) == named.keys(), (found.faults, report.faults)
    pending = [[note for note in notes if note.startswith("Pending")] for notes in (found.notes, report.notes)]
    assert pending[0] == pending[1]
    return named


def reloaded(place: Place) -> Keys:
    return Keys.load(place.keys.directory)


def reopened(place: Place) -> Archive:
    return Archive.open(place.judge, reloaded(place))
