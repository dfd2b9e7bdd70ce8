"""Entra ID, by the credentials that Azure's own tools find: who reads Azure may read its people, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.connector import AtHand, Usual
from collector.source.rest.auth.azure_usual import PLACES, authority, found
from connectors.entra.settings import CLOUDS

if TYPE_CHECKING:
    from collector.connector import Outside


def look(outside: Outside) -> AtHand | None:
    """An application in the environment or a person who is signed in, at the cloud that the environment names."""
    where = found(outside.environment)
    named = authority(outside.environment)
    cloud = next((name for name, (host, *_) in CLOUDS.items() if host == named), "commercial")
    return AtHand(where, {"cloud": cloud}) if where else None


USUAL = Usual(PLACES, look)
