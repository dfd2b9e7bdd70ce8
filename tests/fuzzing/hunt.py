"""Reads GitHub's evidence from spoilt answers, over and over, and looks for what must never come of it.

Three things count as found: an error that leaves the boundary of a task; a snapshot that says it is complete though an
answer was one that no true answer looks like, and it holds other records than ever; and a complete snapshot with fewer
records than ever, whatever was done to single values, unless the values decide what belongs to the list.
"""

from __future__ import annotations

import collections
import contextlib
import random
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from collector.errors import UsageError
from collector.model import Cause, Window
from connectors.github import pull_requests
from connectors.github.api import API
from tests.connectors.github.gathering import NORTHWIND, connector, gathered
from tests.doubles.github.process import GithubDouble, running_github
from tests.doubles.rest import running_rest
from tests.fuzzing.mutations import MUTATIONS, Mutation, Reply
from tests.fuzzing.recorded import Recorded, is_sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.github.gathering import Gathered

_SETTINGS: dict[str, Any] = {"policy_paths": (f"{NORTHWIND}/infra:policies",)}
_ON_A_PAGE, _PULLS_ON_A_PAGE = 7, 20
_QUIET = {"garbled", "strange value", "field left out"}


@dataclass
class Tally:
    """What was done, and what came of it."""

    tries: int = 0
    spoilt: int = 0
    """Answers that were spoilt and asked for."""
    complete: int = 0
    causes: collections.Counter[str] = field(default_factory=collections.Counter)
    mutations: collections.Counter[str] = field(default_factory=collections.Counter)
    told_otherwise: int = 0
    """Complete, with other rows, after single values were changed that a true answer might have."""
    found: list[str] = field(default_factory=list)


@dataclass
class Hunt:
    """The recorded server, and what every evidence type reads there when nothing is spoilt."""

    github: GithubDouble
    recorded: Recorded
    window: Window
    usual: dict[str, Gathered]
    requests: dict[str, list[tuple[str, str, bytes]]]

    def go(self, seed: int, tries: int, tally: Tally) -> None:
        """So many tries from this seed, one after the other."""
        chance = random.Random(seed)  # noqa: S311 - repeatable, on purpose
        for _ in range(tries):
            self._try(chance, tally, f"seed {seed}, try {tally.tries}")
            tally.tries += 1

    def _try(self, chance: random.Random, tally: Tally, where: str) -> None:
        evidence = chance.choice(sorted(self.usual))
        wanted = chance.sample(self.requests[evidence], min(len(self.requests[evidence]), chance.choice((1, 1, 2, 4))))
        done: list[Mutation] = []
        self.recorded.spoilt = {key: _spoiling(chance, done) for key in wanted}
        self.recorded.met.clear()
        where = f"{where}: {evidence}"
        try:
            found = self._gathered(evidence)
        except UsageError as error:
            tally.found.append(f"{where}: no snapshot at all: {error}")
            return
        except Exception as error:  # noqa: BLE001 - that one could leave the task is what is looked for
            tally.found.append(f"{where}: {type(error).__name__} left the task: {error}")
            return
        tally.spoilt += len(self.recorded.met)
        tally.mutations.update(one.name for one in done)
        tally.causes.update({gap.cause.value for gap in found.snapshot.gaps})
        tally.complete += found.snapshot.complete
        self._judge(found, done, tally, where)

    def _judge(self, found: Gathered, done: list[Mutation], tally: Tally, where: str) -> None:
        usual = self.usual[found.snapshot.evidence_type]
        if not found.snapshot.complete or found.rows == usual.rows:
            return
        names = sorted({one.name for one in done})
        if any(one.loud for one in done) and not any(one.name in _QUIET for one in done):
            tally.found.append(f"{where}: complete with other records after: {', '.join(names)}")
        elif len(found.rows) < len(usual.rows):
            tally.found.append(f"{where}: complete, {len(found.rows)} of {len(usual.rows)} records: {', '.join(names)}")
        else:
            tally.told_otherwise += 1

    def _gathered(self, evidence: str) -> Gathered:
        (found,) = gathered(self.github, evidence, settings=_SETTINGS, window=self.window)
        return found


def _spoiling(chance: random.Random, done: list[Mutation]) -> Any:
    """Spoilt in the same way each time, so that a second try is no cure. The way is chosen when first asked."""
    own = random.Random(chance.random())  # noqa: S311 - repeatable, on purpose
    made: list[Reply] = []
    lock = threading.Lock()

    def spoil(reply: Reply) -> Reply:
        with lock:
            while not made:
                mutation = own.choice(MUTATIONS)
                with contextlib.suppress(ValueError):
                    if (spoilt := mutation.spoil(reply, own)) is not None and spoilt != reply:
                        made.append(spoilt)
                        done.append(mutation)
        return made[0]

    return spoil


@contextlib.contextmanager
def hunting(evidence: tuple[str, ...] = ()) -> Iterator[Hunt]:
    """Record what these evidence types read, all of them unless named, and be ready to spoil it."""
    end = datetime.now(UTC)
    with _small_pages(), running_github("small") as double, running_rest() as server:
        recorded = Recorded(double.url, lambda: server.url)
        server.otherwise = recorded.answer
        github = GithubDouble(server.url, double.credentials, double.manifest)
        hunt = Hunt(github, recorded, Window(end - timedelta(days=60), end), {}, {})
        for one in evidence or connector().types:
            recorded.asked.clear()
            hunt.usual[one] = hunt._gathered(one)
            hunt.requests[one] = sorted({key for key in recorded.asked if not is_sign_in(key)})
            assert hunt.usual[one].snapshot.complete, hunt.usual[one].snapshot.gaps
            assert Cause.DEFECT not in hunt.usual[one].causes
        recorded.sealed = True
        yield hunt


@contextlib.contextmanager
def _small_pages() -> Iterator[None]:
    """So that the small organisation's lists have several."""
    size, pull_requests.PAGE_SIZE = pull_requests.PAGE_SIZE, _PULLS_ON_A_PAGE
    names = {name for one in connector().types.values() for name in API.reached(one.needs)}
    sent = [one.parameters for one in map(API.operation, names) if isinstance(one.parameters, dict)]
    shrunk = [one for one in sent if "per_page" in one]
    for one in shrunk:
        one["per_page"] = _ON_A_PAGE
    try:
        yield
    finally:
        pull_requests.PAGE_SIZE = size
        for one in shrunk:
            one["per_page"] = 100
