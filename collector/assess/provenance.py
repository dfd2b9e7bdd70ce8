"""Which rows people uploaded: what rests on them is only as good as their word, and says so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from collector.model import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from collector.assess.completeness import Evidence
    from collector.assess.outcomes import Outcome


class _Row(msgspec.Struct):
    row_id: str


class Provenance:
    """What is known of the rows that were not read from a source, by row_id."""

    def __init__(self, evidence: Iterable[Evidence], content: Callable[[str], bytes]) -> None:
        self._words: dict[str, str] = {}
        decoder = msgspec.json.Decoder(_Row)
        for one in evidence:
            if one.body["type_kind"] == Kind.RECORD:
                for line in content(one.body["records"]["sha256"]).splitlines():
                    try:
                        self._words[decoder.decode(line).row_id] = f"{one.type}, {one.body['caller']}"
                    except msgspec.DecodeError:
                        continue  # no row of ours: loading it has said so

    def told(self, one: Outcome) -> Outcome:
        """The outcome, with what it rests on that people uploaded."""
        found = sorted({self._words[row] for row in one.rows if row in self._words})
        return replace(one, because=f"{one.because} Rests on {'; on '.join(found)}.") if found else one
