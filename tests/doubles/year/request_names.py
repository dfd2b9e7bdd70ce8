"""Names for requests that follow from what is asked and when: two threads that ask at once change nobody's name."""

from __future__ import annotations

import hashlib
from collections import Counter


class RequestNames:
    """The same question at one moment is told apart by how often it was asked."""

    def __init__(self) -> None:
        self._moment = ""
        self._asked = Counter[tuple[str, ...]]()

    def name(self, moment: str, *asked: str) -> str:
        """The name of one request."""
        if moment != self._moment:
            self._moment = moment
            self._asked.clear()
        self._asked[asked] += 1
        text = "\0".join((moment, str(self._asked[asked]), *asked))
        return hashlib.sha256(text.encode()).hexdigest()[:24].upper()
