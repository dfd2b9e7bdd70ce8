"""Every request passes here: controls, faults, quotas, who asks, the route, what the plan has, and conditions."""

from __future__ import annotations

import hashlib
import itertools
import json
from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

from tests.doubles.github import limits, routes
from tests.doubles.github.faults import FaultPlan
from tests.doubles.github.journal import Journal
from tests.doubles.github.moving import move
from tests.doubles.github.paging import Page
from tests.doubles.github.plans import check_plan
from tests.doubles.github.rest import load_routes
from tests.doubles.github.wire import Answer, RefusedError, Request, absent, invalid, not_accessible, shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.doubles.github.world import World

VERSIONS = ("2022-11-28", "2026-03-10")
_CONTROL = "/_double/"

load_routes()


class Front:
    """The double as a function from request to answer."""

    def __init__(self, world: World, controls: Callable[[Front], dict[str, Callable[[Any], Any]]]) -> None:
        self.world = world
        self.plan = FaultPlan()
        self.journal = Journal()
        self.public = ""
        """Where clients reach it from, if not where it listens."""
        self._controls = controls(self)
        self._served = itertools.count(1)

    def answer(self, request: Request) -> Answer:
        """The answer to anything."""
        if request.path.startswith(_CONTROL):
            return self._control(f"{request.method} {request.path.removeprefix(_CONTROL)}", request.body)
        number = next(self._served)
        request = _routed(_by_name(self.world, request))
        with self.world.lock:
            move(self.world, request)
        answer, fault = self.plan.answer(request, self._well)
        self.journal.note(request, fault, answer.status)
        identity = f"D0B1:{number:06X}:0:0:{number:08X}"
        return answer.having(("X-GitHub-Request-Id", identity), ("Date", formatdate(usegmt=True)))

    def _well(self, request: Request) -> Answer:
        try:
            self.world.limits.enter()
        except RefusedError as refused:
            return refused.answer()
        try:
            return self._counted(request)
        except RefusedError as refused:
            return refused.answer()
        finally:
            self.world.limits.leave()

    def _counted(self, request: Request) -> Answer:
        caller = self.world.tokens.caller(request)
        version = request.headers.get("x-github-api-version", VERSIONS[0])
        if version not in VERSIONS:
            raise RefusedError(400, f'API version "{version}" is not supported')
        if "user-agent" not in request.headers:
            raise RefusedError(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            )
        request = replace(request, caller=caller)
        name = f"{caller.kind} {caller.name}" if caller else "127.0.0.1"
        resource = _resource(request)
        if request.path in {"/rate_limit", "/graphql"}:
            return self._told(request)
        bucket = self.world.limits.spend(name, resource)
        try:
            answer = self._told(request)
        except RefusedError as refused:
            answer = refused.answer()
        tag = f'W/"{hashlib.sha256(answer.body).hexdigest()}"'
        if answer.status == 200 and request.method == "GET":
            answer = answer.having(("ETag", tag), ("Cache-Control", "private, max-age=60, s-maxage=60"))
            if tag in request.headers.get("if-none-match", ""):
                # What has not changed costs nothing.
                bucket = self.world.limits.spend(name, resource, -1)
                answer = replace(answer, status=304, body=b"")
        return answer.having(
            *limits.headers(bucket, resource).items(),
            ("X-GitHub-Api-Version-Selected", version),
            ("X-GitHub-Media-Type", "github.v3; format=json"),
        )

    def _told(self, request: Request) -> Answer:
        met = routes.found(request.method, request.path)
        if met is None:
            raise absent()
        route, _ = met
        with self.world.lock:
            moved = _renamed(self.world, request)
            if moved is not None:
                return moved
            self._permit(route, request)
            made = route.answering(self.world, request)
        answer = _as_answer(made)
        held = route.permission.partition(":")
        return answer.having(("X-Accepted-GitHub-Permissions", f"{held[0]}={held[2]}")) if held[0] else answer

    def _permit(self, route: routes.Route, request: Request) -> None:
        caller = request.caller
        if route.permission == "app":
            if caller is None or caller.kind != "app":
                raise RefusedError(401, "A JSON web token could not be decoded")
            return
        if caller is not None and caller.kind == "app":
            raise RefusedError(401, "Bad credentials")
        if "repo" in request.arguments:
            self.world.repo(request)
        elif "org" in request.arguments:
            self.world.check_org(request)
        if caller is None and route.permission not in {"", "metadata:read"}:
            raise RefusedError(401, "Requires authentication")
        if caller is not None and not caller.may(route.permission):
            raise not_accessible(route.permission.replace(":", "="))
        check_plan(self.world, route.plan, request)

    def _control(self, name: str, body: bytes) -> Answer:
        control = self._controls.get(name)
        if control is None:
            return shown({"error": f"no such control; there are {sorted(self._controls)}"}, 404)
        try:
            with self.world.lock:
                return shown(control(json.loads(body) if body else None))
        except (ValueError, TypeError, LookupError, AttributeError, RefusedError) as error:
            return shown({"error": f"{type(error).__name__}: {error}"}, 400)


def _routed(request: Request) -> Request:
    met = routes.found(request.method, request.path)
    if met is None:
        return replace(request, operation=f"{request.method} (no such route)")
    return replace(request, operation=met[0].operation, arguments=met[1])


def _by_name(world: World, request: Request) -> Request:
    """The address of a repository by its number, as redirections give it, is its address by name."""
    parts = request.path.split("/", 3)
    if parts[1] != "repositories" or len(parts) < 3:
        return request
    for one in world.org.repos.values():
        if str(one.id) == parts[2]:
            rest = f"/{parts[3]}" if len(parts) > 3 else ""
            return replace(request, path=f"/repos/{world.org.login}/{one.name}{rest}")
    return request


def _as_answer(made: Any) -> Answer:
    if isinstance(made, Answer):
        return made
    if isinstance(made, Page):
        return shown(made.items).having(*((("Link", made.link),) if made.link else ()))
    return shown(made)


def _resource(request: Request) -> str:
    return "search" if request.path.startswith("/search/") else "graphql" if request.path == "/graphql" else "core"


def _renamed(world: World, request: Request) -> Answer | None:
    """A repository under its old name answers with where it is now, by its number."""
    new = world.org.renamed.get(request.arguments.get("repo", ""))
    if new is None:
        return None
    old = f"/repos/{request.arguments['owner']}/{request.arguments['repo']}"
    repo = world.visible(new, request.caller)
    where = replace(request, path=request.path.replace(old, f"/repositories/{repo.id}", 1)).url()
    if request.method != "GET":
        raise invalid("Moved")
    body = {"message": "Moved Permanently", "url": where, "documentation_url": "https://docs.github.com/rest"}
    return shown(body, 301).having(("Location", where))
