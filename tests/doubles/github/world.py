"""All that the double knows: the organisation, who may ask, how much, and the switches that controls turn."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.doubles.github.wire import absent

if TYPE_CHECKING:
    from tests.doubles.github.estate.code import Repo
    from tests.doubles.github.estate.ground import Ground
    from tests.doubles.github.estate.nouns import Organisation
    from tests.doubles.github.limits import Limits
    from tests.doubles.github.tokens import Caller, Tokens
    from tests.doubles.github.wire import Request

WEB = "https://github.com"


@dataclass(slots=True)
class World:
    """The state behind the answers; `lock` is held while anything of it changes or is read."""

    ground: Ground
    tokens: Tokens
    limits: Limits
    moves: list[dict[str, Any]] = field(default_factory=list)
    """What will happen between pages; see `tests.doubles.github.moving`."""
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def org(self) -> Organisation:
        """The one organisation there is."""
        return self.ground.org

    def check_org(self, request: Request) -> Organisation:
        """The organisation that a request names."""
        if request.arguments["org"].lower() != self.org.login:
            raise absent()
        return self.org

    def repo(self, request: Request) -> Repo:
        """The repository that a request names, if its caller may know of it."""
        if request.arguments["owner"].lower() != self.org.login:
            raise absent()
        return self.visible(request.arguments["repo"], request.caller)

    def visible(self, name: str, caller: Caller | None) -> Repo:
        """A repository by name, absent for those who may not know of it."""
        repo = self.org.repos.get(name)
        if repo is None or not self.sees(repo, caller):
            raise absent()
        return repo

    def sees(self, repo: Repo, caller: Caller | None) -> bool:
        """Whether a caller may know of a repository."""
        if repo.visibility == "public":
            return True
        return caller is not None and caller.kind != "app" and caller.sees(repo.name)
