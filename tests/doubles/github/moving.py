"""Pages that shift while they are read: things that happen just before the n-th request of an operation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Pull
from tests.doubles.github.estate.laying import Line

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World


def plan_move(world: World, given: dict[str, Any]) -> None:
    """Plan one: `operation`, `before` (the count of the request, from 1), `do` and `repo`; `number` for merge."""
    if set(given) - {"operation", "before", "do", "repo", "number", "times"} or given["do"] not in _DOINGS:
        raise ValueError(f"unknown in a move: {given}; it may do {sorted(_DOINGS)}")
    if given["repo"] not in world.org.repos:
        raise ValueError(f"no repository {given['repo']}")
    world.moves.append({**given, "seen": 0})


def move(world: World, request: Request) -> None:
    """Let everything happen that is planned before this request."""
    for planned in world.moves:
        if planned["operation"] != request.operation:
            continue
        planned["seen"] += 1
        first = planned.get("before", 1)
        if first <= planned["seen"] < first + planned.get("times", 1):
            happen(world, planned)


def happen(world: World, given: dict[str, Any]) -> Any:
    """Do it now; the answer names what changed."""
    return _DOINGS[given["do"]](world, world.org.repos[given["repo"]], given)


def _open(world: World, repo: Repo, _given: dict[str, Any]) -> dict[str, Any]:
    number = max([0, *repo.pulls, *repo.issues]) + 1
    now = datetime.now(UTC).replace(microsecond=0)
    author = world.org.with_role("member")[0].login
    line = Line(world.ground, repo, made=len(repo.commits) + 1_000_000)
    commit = line.commit(now, author, author, f"Work on #{number}", ("README.md",), (line.head,))
    pull = Pull(
        world.ground.id("pull"), number, f"Change {number} of {repo.name}", "", author, repo.default_branch,
        f"{author}/change-{number}", now, now, [commit.sha], line.head,
    )  # fmt: skip
    repo.pulls[number] = pull
    return {"number": number}


def _merge(world: World, repo: Repo, given: dict[str, Any]) -> dict[str, Any]:
    pull = repo.pulls[given["number"]] if "number" in given else next(p for p in repo.pulls.values() if p.open)
    if not pull.open:
        raise ValueError(f"#{pull.number} is not open")
    now = datetime.now(UTC).replace(microsecond=0)
    line = Line(world.ground, repo, made=len(repo.commits) + 1_000_000)
    owner = world.org.with_role("admin")[0].login
    landed = line.add(now, pull.author, "web-flow", f"{pull.title} (#{pull.number})", ("README.md",), pull=pull.number)
    pull.method, pull.merge_sha, pull.merged_by = "squash", landed.sha, owner
    pull.merged_at = pull.closed_at = pull.updated_at = now
    return {"number": pull.number, "sha": landed.sha}


def _touch(_world: World, repo: Repo, given: dict[str, Any]) -> dict[str, Any]:
    """Somebody comments on it, so that it is the one updated last."""
    pull = repo.pulls[given["number"]] if "number" in given else next(iter(repo.pulls.values()))
    pull.updated_at = datetime.now(UTC).replace(microsecond=0)
    return {"number": pull.number}


def _push(world: World, repo: Repo, _given: dict[str, Any]) -> dict[str, Any]:
    author = world.org.with_role("member")[0].login
    line = Line(world.ground, repo, made=len(repo.commits) + 1_000_000)
    commit = line.add(datetime.now(UTC).replace(microsecond=0), author, author, "Pushed just now", ("README.md",))
    return {"sha": commit.sha}


def _rewrite(world: World, repo: Repo, _given: dict[str, Any]) -> dict[str, Any]:
    """The three newest commits of the default branch are replaced by one that somebody forced."""
    author = world.org.with_role("admin")[0].login
    line = Line(world.ground, repo, made=len(repo.commits) + 1_000_000)
    old = line.head
    kept = repo.line()[3]
    repo.branches[repo.default_branch] = kept.sha
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    commit = line.add(at, author, author, "History as it should have been", ("README.md",))
    return {"old_head": old, "kept": kept.sha, "sha": commit.sha}


_DOINGS = {"open_pull": _open, "merge_pull": _merge, "touch_pull": _touch, "push": _push, "rewrite_history": _rewrite}
