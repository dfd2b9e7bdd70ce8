"""Spells out letters that paper would not show, so that two names that differ look different."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPACES = frozenset("\n\t ")


def letters(document: Any) -> set[str]:  # noqa: ANN401 - any JSON value
    """Each letter that its texts have."""
    match document:
        case str():
            return set(document)
        case dict():
            return letters(list(document.values()))
        case list() | tuple():
            return set().union(*map(letters, document))
    return set()


def spelt(document: Any, lacking: Collection[str]) -> Any:  # noqa: ANN401 - as above
    """The document with the number in place of each of these letters, and of any that is unseen."""
    match document:
        case str():
            return "".join(f"⟨U+{ord(one):04X}⟩" if one in lacking or unseen(one) else one for one in document)
        case dict():
            return {name: spelt(value, lacking) for name, value in document.items()}
        case list() | tuple():
            return [spelt(value, lacking) for value in document]
    return document


def unseen(letter: str) -> bool:
    """Whether it shows nothing of itself, as one does that turns others round."""
    return letter not in _SPACES and unicodedata.category(letter) in _UNSEEN
