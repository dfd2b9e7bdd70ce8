"""A sealed year of a company that has everything so many times over.

    python -m benchmarks.widened YEAR FOLDER --times 10    # YEAR is a folder of `python -m tests.doubles.year`

Each scope of the year is there again under a name of its own, with its own rows and its own raw answers (each is longer
by a line end for each time, so that none is kept once for all), and each control judges the items of all of them in one
outcome. Moments, runs, rules and what went wrong stay as they are: it is a wider year, and not a longer one. It is
written and signed by the archive's own code, and verifies like any other.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.archive.archive import Archive
from collector.archive.keys import Keys
from collector.archive.local import LocalStore
from collector.archive.reader import Leaf, Reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from collector.archive.staging import Staging

_ROW = re.compile(rb'"row_id":"([0-9a-f]{32})"')
_BODY = re.compile(rb'"body":"([0-9a-f]{64})"')
_TIMES = ("started", "at", "assessed", "read", "created")


class Widening:
    """Takes the leaves of a year in order, and commits them so many times over."""

    def __init__(self, source: Reader, target: Archive, times: int) -> None:
        self.source = source
        self.target = target
        self.times = times
        self.places: dict[int, list[int]] = {0: [0]}
        """Where a leaf of the year is now."""
        self._size = 1

    def commit(self, leaves: Iterable[Leaf]) -> None:
        """One commit of the year."""
        made: list[dict[str, Any]] = []
        wanted = list(leaves)
        at = next(wanted[0].body[name] for name in _TIMES if wanted[0].body.get(name))
        with self.target.stage(datetime.fromisoformat(at)) as staging:
            for leaf in wanted:
                copies = list(self._leaves(leaf.body, staging))
                self.places[leaf.index] = list(range(self._size, self._size + len(copies)))
                self._size += len(copies)
                made += copies
            self.target.append(made, staging)

    def _leaves(self, body: dict[str, Any], staging: Staging) -> list[dict[str, Any]]:
        body = dict(body)
        match body["kind"]:
            case "evidence":
                return [self._evidence(body, copy, staging) for copy in range(self.times)]
            case "outcome":
                self._outcome(body, staging)
            case "schedule":
                body["entries"] = self._series(body["entries"], staging)
            case "missed":
                body["slots"] = self._series(body["slots"], staging)
                body["causes"] = self._counts(body["causes"])
            case "run":
                body |= {name: body[name] * self.times for name in ("expected", "collected")}
                if body["slots"]:
                    served, missed = body["slots"]["served"] * self.times, self._counts(body["slots"]["missed"])
                    body["slots"] = body["slots"] | {"served": served, "missed": missed}
                staging.put(self.source.content(body["configuration"]["sha256"]))
            case "storage":
                staging.put(self.source.content(body["findings"]["sha256"]))
        return [body]

    def _evidence(self, body: dict[str, Any], copy: int, staging: Staging) -> dict[str, Any]:
        content = self.source.content
        rows = _ROW.sub(lambda one: b'"row_id":"%s"' % row(one[1], copy), content(body["records"]["sha256"]))

        def answered(one: re.Match[bytes]) -> bytes:
            return b'"body":"%s"' % staging.put(content(one[1].decode()) + b"\n" * copy).encode()

        asked = _BODY.sub(answered, content(body["exchanges"]["sha256"]))
        staging.put(content(body["completeness"]["sha256"]))
        return body | {
            "unit": unit(body["unit"], copy),
            "records": body["records"] | {"sha256": staging.put(rows)},
            "exchanges": body["exchanges"] | {"sha256": staging.put(asked)},
        }

    def _outcome(self, body: dict[str, Any], staging: Staging) -> None:
        lines: list[dict[str, Any]] = []
        for line in map(canonical.decode, self.source.content(body["outcomes"]["sha256"]).splitlines()):
            copies = self.times if line["unit"] else 1  # what is about no scope is said once
            lines += [
                line
                | {"unit": unit(line["unit"], copy), "rows": [row(one.encode(), copy).decode() for one in line["rows"]]}
                for copy in range(copies)
            ]
        lines.sort(key=lambda one: (one["provider"] or "", one["unit"] or "", one["item"]))
        counts = {name: sum(one["outcome"] == name for one in lines) for name in body["counts"]}
        document = staging.put(b"".join(canonical.encode(one) + b"\n" for one in lines))
        body |= {
            "counts": counts,
            "outcomes": {"count": len(lines), "sha256": document},
            "evidence": sorted(place for one in body["evidence"] for place in self.places[one]),
        }
        for name in ("rule", "catalogue"):
            staging.put(self.source.content(body[name]["sha256"]))

    def _series(self, cited: dict[str, Any], staging: Staging) -> dict[str, Any]:
        """A document whose lines are about one scope each."""
        lines = [canonical.decode(line) for line in self.source.content(cited["sha256"]).splitlines()]
        wide = [one | {"unit": unit(one["unit"], copy)} for one in lines for copy in range(self.times)]
        wide.sort(key=lambda one: (one["type"], one["provider"], one["unit"], one.get("first", "")))
        document = staging.put(b"".join(canonical.encode(one) + b"\n" for one in wide))
        return {"count": len(wide), "sha256": document}

    def _counts(self, counted: dict[str, int]) -> dict[str, int]:
        return {name: count * self.times for name, count in counted.items()}


def unit(name: str, copy: int) -> str:
    """A scope's own name, and the names of those that are like it."""
    return f"{name}-{copy}" if copy and name else name


def row(row_id: bytes, copy: int) -> bytes:
    """The same for rows."""
    return sha256(b"%d %s" % (copy, row_id)).hexdigest()[:32].encode() if copy else row_id


def widened(year: Path, folder: Path, times: int) -> None:
    """Write it into an empty folder: collector.toml, the archive, new keys."""
    source = Reader(LocalStore(year / "evidence"))
    leaves = source.leaves()
    genesis = next(leaves).body
    keys = Keys.create(folder / "evidence.keys", genesis["origin"])
    target = Archive.create(LocalStore(folder / "evidence"), keys, datetime.fromisoformat(genesis["created"]))
    shutil.copy(year / "collector.toml", folder)
    widening = Widening(source, target, times)
    for _, commit in groupby(leaves, key=lambda leaf: leaf.sequence):
        widening.commit(commit)


def main() -> None:
    """Write it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("year", type=Path, help="a folder of `python -m tests.doubles.year`")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=10)
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    widened(given.year, given.folder, given.times)
    sys.stdout.write(f"{given.folder}\n")


if __name__ == "__main__":
    main()
