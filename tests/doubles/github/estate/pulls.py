"""Sketches become pull requests: commits, checks, reviews, and the merge in one of GitHub's three ways."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Check, Comment, Happening, Issue, Pull, Review, Status
from tests.doubles.github.estate.ground import EMERGENCY, RULED
from tests.doubles.github.estate.nouns import AuditEvent
from tests.doubles.github.estate.people import ACTIONS_BOT, WEB_FLOW
from tests.doubles.github.estate.rules import RuleSuite

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.ground import Ground
    from tests.doubles.github.estate.laying import Line
    from tests.doubles.github.estate.plants import Plant
    from tests.doubles.github.estate.sketch import Sketch

_METHODS = ("squash", "merge", "rebase", "squash")
FILES = ("src/main.py", "src/rules.py", "tests/test_main.py", "README.md", "deploy/values.yaml")


def merge(ground: Ground, line: Line, number: int, sketch: Sketch, plant: Plant | None) -> Pull:
    """Lay a merged pull request, and write what was planted into the manifest."""
    pull = _opened(ground, line, number, sketch)
    before = line.head
    pull.method = _METHODS[number % len(_METHODS)]
    pull.closed_at = pull.merged_at = pull.updated_at = sketch.merged
    pull.merged_by = sketch.merger
    _land(line, pull, sketch)
    if pull.base == line.repo.default_branch and ground.regimes.get(line.repo.name) == RULED:
        result = "bypass" if plant is not None and plant.past_rules else "pass"
        head = pull.merge_sha or pull.head
        ref = f"refs/heads/{pull.base}"
        suite = RuleSuite(ground.id("suite"), line.repo.name, sketch.merger, ref, before, head, sketch.merged, result)
        ground.org.suites.append(suite)
    if plant is not None:
        _write_down(ground, line, pull, sketch, plant)
    return pull


def abandon(ground: Ground, line: Line, number: int, sketch: Sketch) -> Pull:
    """Lay a pull request that is closed without a merge, or still open when the end came."""
    sketch.cut(ground.org.end)
    pull = _opened(ground, line, number, sketch)
    closed = sketch.pushed + timedelta(days=3)
    if number % 3 and closed < ground.org.end:
        pull.closed_at = pull.updated_at = closed
    return pull


def _opened(ground: Ground, line: Line, number: int, sketch: Sketch) -> Pull:
    repo = line.repo
    base = line.head_at(sketch.pushes[0].at)
    shas: list[str] = []
    for place, push in enumerate(sketch.pushes):
        files = (FILES[(number + place) % len(FILES)],)
        parents = (shas[-1] if shas else base,)
        shas.append(line.commit(push.at, push.by, push.by, f"Step {place + 1} of #{number}", files, parents).sha)
    head = repo.commits[shas[-1]]
    head.checks = [Check(ground.id("check"), c.name, head.sha, c.conclusion, c.started, c.ended) for c in sketch.checks]
    head.statuses = [Status(ground.id("status"), *said, ACTIONS_BOT) for said in sketch.statuses]
    branch = f"{sketch.author.removesuffix('[bot]')}/change-{number}"
    if sketch.checks:
        ended = _conclusion(sketch)
        times = (sketch.checks[0].started, sketch.checks[-1].ended or sketch.checks[-1].started)
        line.run("pull_request", head.sha, branch, sketch.author, ended, times, pull=number)
    earlier = [one for one in repo.issues if one < number and one % 5 == 0]
    closes = earlier[-1:] if number % 4 == 0 else []
    pull = Pull(
        ground.id("pull"),
        number,
        f"Change {number} of {repo.name}",
        "What and why." + "".join(f"\n\nCloses #{n}" for n in closes),
        sketch.author,
        sketch.base or repo.default_branch,
        branch,
        sketch.created,
        sketch.pushed,
        shas,
        base,
        labels=list(sketch.labels),
        closes=closes,
    )
    if sketch.reviews:
        pull.reviews = [
            Review(
                ground.id("review"),
                said.by,
                said.state,
                said.at,
                shas[said.place],
                "Looks good." if said.state == "APPROVED" else "See inside.",
            )
            for said in sketch.reviews
            if said.at < ground.org.end
        ]
    repo.pulls[number] = pull
    return pull


def _land(line: Line, pull: Pull, sketch: Sketch) -> None:
    repo = line.repo
    files = tuple(sorted({name for sha in pull.commits for name in repo.commits[sha].files}))
    if pull.base != repo.default_branch:
        parents = (repo.branches[pull.base],)
        landed = line.commit(sketch.merged, pull.author, WEB_FLOW, pull.title, files, parents, pull=pull.number)
        repo.branches[pull.base] = pull.merge_sha = landed.sha
        pull.method = "squash"
        return
    if pull.method == "merge":
        message = f"Merge pull request #{pull.number} from {pull.branch}"
        for sha in pull.commits:
            repo.commits[sha].pull = pull.number
        landed = line.add(
            sketch.merged, sketch.merger, WEB_FLOW, message, files, second_parent=pull.head, pull=pull.number
        )
    elif pull.method == "squash":
        landed = line.add(
            sketch.merged, pull.author, WEB_FLOW, f"{pull.title} (#{pull.number})", files, pull=pull.number
        )
    else:
        for sha in pull.commits:
            one = repo.commits[sha]
            author = one.author or pull.author
            landed = line.add(sketch.merged, author, sketch.merger, one.message, one.files, pull=pull.number)
            landed.authored_at = one.authored_at
    pull.merge_sha = landed.sha
    line.test_on_push(landed, sketch.merger)


def _write_down(ground: Ground, line: Line, pull: Pull, sketch: Sketch, plant: Plant) -> None:
    item = f"{ground.full(line.repo.name)}#{pull.number}"
    more: dict[str, Any] = {"repo": line.repo.name, "number": pull.number, "merged_at": sketch.merged.isoformat()}
    more["emergency"] = EMERGENCY in sketch.labels
    for control in plant.controls:
        ground.manifest.deviates(control, item, plant.why, **more)
    if plant.near:
        ground.manifest.near_miss(plant.near, item, plant.why, **more)
    if plant.past_rules:
        _note_override(ground, line, pull, sketch.merged)
    if sketch.ticket:
        _file_ticket(ground, line, pull, *sketch.ticket)


def _note_override(ground: Ground, line: Line, pull: Pull, at: datetime) -> None:
    fields = {"repo": ground.full(line.repo.name), "branch": f"refs/heads/{pull.base}", "after": pull.merge_sha}
    fields["pull_request_id"] = str(pull.number)
    identity = ground.sha("audit", line.repo.name, pull.number)[:22]
    event = AuditEvent(identity, "protected_branch.policy_override", pull.merged_by or "", at, fields)
    ground.org.audit.append(event)


def _file_ticket(ground: Ground, line: Line, pull: Pull, reviewer: str, at: datetime) -> None:
    """An issue about the change, opened by its author, and closed by who reviewed it afterwards."""
    repo = line.repo
    free = [one for one in repo.issues.values() if one.number > pull.number and not one.labels]
    if not free:
        raise ValueError(f"{repo.name} has no issue after #{pull.number} to be the ticket")
    opened = (pull.merged_at or at) + timedelta(minutes=30)
    issue: Issue = free[0]
    issue.title, issue.author = f"Review afterwards of #{pull.number}", pull.author
    issue.body = f"Production was down; #{pull.number} was merged without review.\n\nReason: emergency."
    issue.labels, issue.assignees = ["change", EMERGENCY], [reviewer]
    issue.created_at, issue.closed_at, issue.updated_at, issue.closed_by = opened, at, at, reviewer
    issue.comments = [Comment(ground.id("comment"), reviewer, at, f"Reviewed #{pull.number} after the fact: sound.")]
    issue.timeline = [
        Happening(ground.id("event"), "labeled", pull.author, opened, "change"),
        Happening(ground.id("event"), "labeled", pull.author, opened, EMERGENCY),
        Happening(ground.id("event"), "assigned", pull.author, opened, reviewer),
        Happening(ground.id("event"), "closed", reviewer, at),
    ]


def _conclusion(sketch: Sketch) -> str | None:
    said = [one.conclusion for one in sketch.checks]
    return None if None in said else "failure" if "failure" in said else "success"
