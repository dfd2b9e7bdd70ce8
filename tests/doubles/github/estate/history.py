"""A year of work in each repository: numbers that pull requests, issues and deleted ones share, and the commits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.code import Issue
from tests.doubles.github.estate.ground import BARE
from tests.doubles.github.estate.laying import Line
from tests.doubles.github.estate.plants import PLANTS, Plant
from tests.doubles.github.estate.pulls import abandon, merge
from tests.doubles.github.estate.sketch import Sketch, sound

if TYPE_CHECKING:
    import random

    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.ground import Ground

_PULL, _ISSUE, _DELETED = "pull", "issue", "deleted"
_SUITES_DAYS = 24
_PLANTED_BEFORE_DAYS = 40
_SETTLES = timedelta(minutes=30)
"""What follows a merge, its checks and its deployment, is over by then: the end must not cut it off."""


def seed_history(ground: Ground) -> None:
    """Pull requests by a falling share for each repository, the planted kinds spread over those where they can be."""
    names = [name for name, repo in ground.org.repos.items() if name not in ground.manifest.facts["empty"]]
    shares = [1 / (place + 1) ** 0.6 for place in range(len(names))]
    counts = [max(4, int(ground.size.pulls * share / sum(shares))) for share in shares]
    counts[0] += ground.size.pulls - sum(counts)
    planted = _spread(ground, dict(zip(names, counts, strict=True)))
    for name, count in zip(names, counts, strict=True):
        _work(ground, ground.org.repos[name], count, planted.get(name, []))
    ground.manifest.facts["repositories"] = [_facts(ground, repo) for repo in ground.org.repos.values()]


def _spread(ground: Ground, counts: dict[str, int]) -> dict[str, list[Plant]]:
    """Which repository gets which plants: in turn, and never more than half of its pull requests."""
    planted: dict[str, list[Plant]] = {}
    for copy in range(ground.size.copies):
        for place, plant in enumerate(PLANTS):
            fitting = [name for name in ground.worked_in(*plant.regimes) if name != "search-2"]
            free = [name for name in fitting if len(planted.get(name, [])) < counts[name] // 2]
            if not free:
                raise ValueError(f"no repository can hold {plant.why}: plan more pull requests")
            planted.setdefault(free[(copy + place) % len(free)], []).append(plant)
    return planted


def _work(ground: Ground, repo: Repo, pulls: int, plants: list[Plant]) -> None:
    chance = ground.chance("work", repo.name)
    until = ground.org.end - timedelta(days=150) if repo.archived else ground.org.end
    recent = sum(plant.recent for plant in plants)
    kinds = _sequence(chance, pulls, recent)
    moments = sorted(_moment(chance, ground.org.start, until) for _ in kinds)
    if recent:
        lately = [_moment(chance, ground.ago(days=_SUITES_DAYS), ground.ago(days=8)) for _ in range(recent)]
        moments[-recent - 1 :] = [*sorted(lately), ground.ago(days=7)]
        moments.sort()
    numbers = {number: (kind, at) for number, (kind, at) in enumerate(zip(kinds, moments, strict=True), start=1)}
    line = Line(ground, repo)
    line.begin()
    for number, (kind, at) in numbers.items():
        if kind == _ISSUE:
            _open_issue(ground, repo, number, at, chance)
    sketches = _sketches(ground, repo, {n: at for n, (kind, at) in numbers.items() if kind == _PULL}, plants)
    last = until - _SETTLES
    merged = sorted((s.merged, number, s, plant) for number, (s, plant) in sketches.items() if s.merged < last)
    pushes = _direct_pushes(ground, repo, until)
    for at, number, sketch, plant in merged:
        while pushes and pushes[0] < at:
            _push_directly(ground, repo, line, pushes.pop(0))
        merge(ground, line, number, sketch, plant)
    for at in pushes:
        _push_directly(ground, repo, line, at)
    for number, (sketch, _) in sketches.items():
        if sketch.merged >= last:
            abandon(ground, line, number, sketch)
    repo.pulls = dict(sorted(repo.pulls.items()))


def _sequence(chance: random.Random, pulls: int, recent: int) -> list[str]:
    """The kinds behind a repository's numbers, ending with pull requests: the recent plants, and one more."""
    others = [_ISSUE] * (pulls // 3 + 1) + [_DELETED] * (1 + pulls // 60)
    kinds = [_PULL] * (pulls - 1 - recent) + others
    chance.shuffle(kinds)
    return [*kinds, *[_PULL] * (recent + 1)]


def _sketches(
    ground: Ground, repo: Repo, opened: dict[int, datetime], plants: list[Plant]
) -> dict[int, tuple[Sketch, Plant | None]]:
    chance = ground.chance("sketch", repo.name)
    people = [one.login for one in ground.org.with_role("member")]
    owners = [one.login for one in ground.org.with_role("admin")]
    found: dict[int, tuple[Sketch, Plant | None]] = {}
    before = ground.org.end - timedelta(days=_PLANTED_BEFORE_DAYS)
    older = [number for number, at in opened.items() if at < before]
    settled = [plant for plant in plants if not plant.recent]
    recent = [plant for plant in plants if plant.recent]
    chosen = dict(zip(chance.sample(older, len(settled)), settled, strict=True))
    chosen |= dict(zip(sorted(opened)[-len(recent) - 1 : -1], recent, strict=True)) if recent else {}
    for number, at in opened.items():
        plant = chosen.get(number)
        if plant is None and chance.random() < 1 / 12:
            found[number] = (_never_merged(sound(chance, people, at)), None)
            continue
        sketch = sound(chance, people, at)
        if plant is not None:
            if plant.past_rules:
                sketch.merger = chance.choice(owners)
            plant.spoil(sketch)
            if sketch.merged >= ground.org.end - _SETTLES:
                raise ValueError(f"{plant.why} in {repo.name} would end after the year does")
        found[number] = (sketch, plant)
    return found


def _never_merged(sketch: Sketch) -> Sketch:
    sketch.merged = datetime.max.replace(tzinfo=sketch.created.tzinfo)
    return sketch


def _direct_pushes(ground: Ground, repo: Repo, until: datetime) -> list[datetime]:
    """One for each copy in a repository without rules: what nobody reviewed."""
    if ground.regimes.get(repo.name) != BARE:
        return []
    chance = ground.chance("push", repo.name)
    return sorted(_moment(chance, ground.org.start + timedelta(days=20), until) for _ in range(ground.size.copies))


def _push_directly(ground: Ground, repo: Repo, line: Line, at: datetime) -> None:
    author = ground.org.with_role("member")[0].login
    commit = line.add(at, author, author, "Quick fix on the spot", ("src/main.py",))
    item = f"{ground.full(repo.name)}@{commit.sha}"
    ground.manifest.deviates("CHG-03", item, "direct_push", sha=commit.sha, repo=repo.name, at=at.isoformat())


def _open_issue(ground: Ground, repo: Repo, number: int, at: datetime, chance: random.Random) -> None:
    author = chance.choice(ground.org.with_role("member")).login
    issue = Issue(ground.id("issue"), number, f"Something to do in {repo.name}", "As said.", author, at, at)
    closed = at + timedelta(days=chance.randint(1, 40))
    if closed < ground.org.end and chance.random() < 3 / 4:
        issue.closed_at, issue.closed_by, issue.updated_at = closed, author, closed
    repo.issues[number] = issue


def _moment(chance: random.Random, start: datetime, end: datetime) -> datetime:
    seconds = int((end - start).total_seconds()) - 7200
    return start + timedelta(seconds=chance.randint(3600, seconds))


def _facts(ground: Ground, repo: Repo) -> dict[str, object]:
    merged = [one for one in repo.pulls.values() if one.merged_at]
    highest = max([0, *repo.pulls, *repo.issues])
    line = [one for one in repo.line() if one.committed_at >= ground.org.start]
    return {
        "name": repo.name,
        "id": repo.id,
        "visibility": repo.visibility,
        "archived": repo.archived,
        "empty": repo.empty,
        "default_branch": repo.default_branch,
        "regime": ground.regimes.get(repo.name, ""),
        "head": repo.branches.get(repo.default_branch),
        "highest_number": highest,
        "pulls": {
            "merged": sorted(one.number for one in merged),
            "merged_to_default": sorted(one.number for one in merged if one.base == repo.default_branch),
            "open": sorted(one.number for one in repo.pulls.values() if one.open),
            "closed": sorted(one.number for one in repo.pulls.values() if not one.open and not one.merged_at),
        },
        "issues": sorted(repo.issues),
        "deleted_numbers": sorted(set(range(1, highest + 1)) - set(repo.pulls) - set(repo.issues)),
        "commits_on_default": len(line),
        "commits_without_change": sorted(one.sha for one in line if one.pull is None),
    }
