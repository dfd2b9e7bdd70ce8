"""The line of commits of one repository while it is laid, oldest first."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.code import Check, Commit, Run

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.ground import Ground


@dataclass(slots=True)
class Line:
    """The default branch and the branches that leave it."""

    ground: Ground
    repo: Repo
    made: int = 0
    """How many commits were made before: their names are counted."""
    _heads: list[tuple[datetime, str]] = field(default_factory=list)

    def begin(self) -> None:
        """The first commit, before the period; and a branch that nobody deploys."""
        owner = self.ground.org.with_role("admin")[0].login
        self.repo.files = {"README.md": f"# {self.repo.name}\n", "src/main.py": "print('hello')\n"}
        self.add(self.repo.created_at + timedelta(minutes=5), owner, owner, "First commit", tuple(self.repo.files))
        self.repo.branches["experiments"] = self.head

    @property
    def head(self) -> str:
        """The newest commit of the default branch."""
        return self.repo.branches[self.repo.default_branch]

    def head_at(self, at: datetime) -> str:
        """What the default branch pointed to at a moment."""
        place = bisect_right(self._heads, (at, "~"))
        return self._heads[max(0, place - 1)][1]

    def add(
        self,
        at: datetime,
        author: str,
        committer: str,
        message: str,
        files: tuple[str, ...],
        *,
        second_parent: str = "",
        pull: int | None = None,
    ) -> Commit:
        """A commit on the default branch."""
        heads = [self.head] if self.repo.branches else []
        parents = (*heads, second_parent) if second_parent else tuple(heads)
        commit = self.commit(at, author, committer, message, files, parents, pull=pull)
        self.repo.branches[self.repo.default_branch] = commit.sha
        self.repo.pushed_at = max(self.repo.pushed_at, at)
        self._heads.append((at, commit.sha))
        return commit

    def commit(
        self,
        at: datetime,
        author: str,
        committer: str,
        message: str,
        files: tuple[str, ...],
        parents: tuple[str, ...],
        *,
        pull: int | None = None,
    ) -> Commit:
        """A commit on no branch yet."""
        self.made += 1
        sha = self.ground.sha("commit", self.repo.name, self.made)
        commit = Commit(sha, parents, message, author, committer, at, at, files, verified=self.made % 7 != 0, pull=pull)
        self.repo.commits[sha] = commit
        return commit

    def test_on_push(self, commit: Commit, actor: str) -> None:
        """The workflow that runs on the default branch after a push."""
        start, end = commit.committed_at + timedelta(minutes=1), commit.committed_at + timedelta(minutes=6)
        commit.checks.append(Check(self.ground.id("check"), "test", commit.sha, "success", start, end))
        self.run("push", commit.sha, self.repo.default_branch, actor, "success", (start, end))

    def run(  # noqa: PLR0913 - what a run is made of
        self, event: str, sha: str, branch: str, actor: str, ended: str | None, times: tuple[datetime, datetime],
        *, pull: int | None = None, workflow: str = "ci", attempt: int = 1,
    ) -> Run:  # fmt: skip
        """A run of a workflow."""
        made = Run(
            self.ground.id("run"), len(self.repo.runs) + 1, workflow, event, branch, sha, actor,
            "completed" if ended else "in_progress", ended, *times, attempt, pull,
        )  # fmt: skip
        self.repo.runs.append(made)
        return made
