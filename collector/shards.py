"""A run split over several processes: each collects and seals its share, and one judges them all when all are there.

A shard is a run of its own in the archive. It judges nothing: what another shard reads would look missing to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from collector import canonical
from collector.errors import UsageError
from collector.model import Cause, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.archive.reader import Leaf
    from collector.plan import Task

_MOST = 1000


@dataclass(frozen=True, slots=True)
class Shard:
    """Share `index` (from 1) of the `of` shares of a run; `plan` is a digest of what all of them are to read."""

    run: str
    index: int
    of: int
    plan: str = ""

    @classmethod
    def parse(cls, text: str, run: str) -> Shard:
        """The shard written as `2/5`; UsageError when it is none."""
        match = re.fullmatch(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", text, re.ASCII)
        if match is None or not int(match[1]) <= int(match[2]) <= _MOST:
            raise UsageError(f"--shard {text}: write it as 2/5, the second of five; there may be {_MOST}")
        return cls(run, int(match[1]), int(match[2]))

    @property
    def id(self) -> str:
        """The id of the shard's own run."""
        return f"{self.run}.{self.index}of{self.of}"

    def share(self, tasks: Iterable[Task]) -> list[Task]:
        """Its tasks: chosen by type and scope alone, so that each process finds its own without asking the others."""
        return [task for task in tasks if int(_name(task).hex(), 16) % self.of == self.index - 1]


def plan_digest(tasks: Iterable[Task]) -> str:
    """SHA-256 over the types and scopes of a plan: shards of two plans would leave something unread."""
    return canonical.digest(b"".join(sorted(_name(task) for task in tasks)))


def sealed_shards(leaves: Iterable[Leaf], run: str) -> list[dict[str, Any]]:
    """The run leaves of all shards of a run, in order; UsageError unless all are there and fit together."""
    ends = [leaf.body for leaf in leaves if leaf.body["kind"] == "run" and _belongs(leaf.body, run)]
    if not ends:
        raise UsageError(f"--run {run}: no shard of this run is sealed; `collector snapshot --shard 1/2 --run {run}`")
    ends.sort(key=lambda one: int(one["shard"]["index"]))
    for member in ("of", "plan"):
        if len({one["shard"][member] for one in ends}) > 1:
            raise UsageError(f"--run {run}: its shards were not cut from one plan; collect again under another --run")
    there = [one["shard"]["index"] for one in ends]
    wanted = range(1, ends[0]["shard"]["of"] + 1)
    if missing := [str(index) for index in wanted if index not in there]:
        raise UsageError(f"--run {run}: not all shards are sealed yet; missing of {len(wanted)}: {', '.join(missing)}")
    if len(there) > len(wanted):
        raise UsageError(f"--run {run}: a shard was sealed twice; collect again under another --run")
    return ends


def refuse_again(leaves: Iterable[Leaf], run: str) -> None:
    """UsageError when a run with this id is sealed already."""
    if any(leaf.body["kind"] == "run" and leaf.body["run"] == run for leaf in leaves):
        raise UsageError(f"run {run} is sealed in this archive already; name another --run")


def broken_in(shards: Sequence[dict[str, Any]]) -> list[tuple[str, Gap]]:
    """The connectors that could not be loaded for any of the shards, each once, with the gap this left."""
    gaps = {canonical.encode(gap): gap for shard in shards for gap in shard["gaps"]}
    read = [Gap(**gap | {"cause": Cause(gap["cause"])}) for gap in gaps.values()]
    return [(gap.subject.removeprefix("connector "), gap) for gap in read]


def _belongs(end: dict[str, Any], run: str) -> bool:
    return bool(end.get("shard", {}).get("run") == run)


def _name(task: Task) -> bytes:
    return sha256(canonical.encode([task.evidence.id, task.scope.provider, task.scope.unit_id])).digest()
