"""The credentials that Google's own tools find: a file that is named, or what gcloud left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from collector.connector import AtHand, Usual

if TYPE_CHECKING:
    from collector.connector import Outside

_NAMED = "GOOGLE_APPLICATION_CREDENTIALS"
_LEFT = "application_default_credentials.json"


def look(outside: Outside) -> AtHand | None:
    """A file of credentials. The identity of a machine in Google's cloud is not looked for: that needs the table."""
    known = outside.environment
    if known.get(_NAMED):
        return AtHand(_NAMED)
    home = known.get("HOME", "")
    folder = known.get("CLOUDSDK_CONFIG") or (f"{home}/.config/gcloud" if home else "")
    left = Path(folder) / _LEFT
    return AtHand(f"gcloud, {left}") if folder and left.is_file() else None


USUAL = Usual(f"{_NAMED}, gcloud auth application-default login", look)
