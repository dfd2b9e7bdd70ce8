"""A GitHub that answers with the examples of its own description, and complains of a request that is not described."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from tests.doubles.github import contract
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.doubles.rest import Asked

_COUNTED = ("installations", "workflow_runs", "environments", "secrets")


class Examples:
    """Answers to these operations (`GET /orgs/{org}`); `complaints` has what was wrong with requests."""

    def __init__(self, operations: Iterable[str]) -> None:
        self.complaints: list[str] = []
        self.answered: set[str] = set()
        self._templates = {
            re.compile(re.sub(r"\{\w+\}", "[^/]+", name.split(" ")[1])): name
            for name in operations
            if name.startswith("GET ")
        }

    def answer(self, asked: Asked) -> Given:
        """The example for a request."""
        if asked.path == "/graphql":
            return _graphql(asked)
        name = next((name for fits, name in self._templates.items() if fits.fullmatch(asked.path)), "")
        if not name:
            self.complaints.append(f"{asked.method} {asked.path} is not described")
            return Given(404, {"message": "Not Found"})
        method, path = name.split(" ")
        self.complaints += [f"{name}: {one}" for one in contract.wrong_query(method, path, dict(asked.query))]
        self.answered.add(name)
        return example(method, path)


def example(method: str, path: str) -> Given:
    """The first example of a good answer. A count beside a list is made to fit: examples show one item of many."""
    responses = contract.described(method, path)["responses"]
    if "204" in responses and "200" not in responses:
        return Given(204)
    told = contract.resolved(responses["200"])["content"]["application/json"]["examples"]
    body: Any = copy.deepcopy(contract.resolved(next(iter(told.values())))["value"])
    _lead_on(path, body)
    for items in _COUNTED if isinstance(body, dict) and "total_count" in body else ():
        if items in body:
            body["total_count"] = len(body[items])
    return Given(200, body)


def _lead_on(path: str, body: Any) -> None:
    """What a reader goes by is set so that it goes on: the plan has a log, the branch is guarded, the issue is one."""
    if path == "/orgs/{org}":
        body["plan"]["name"] = "enterprise"
    if path == "/repos/{owner}/{repo}/branches/{branch}":
        body["protection"]["enabled"] = True
    if path == "/repos/{owner}/{repo}/issues":
        for one in body:
            one.pop("pull_request", None)


def _graphql(asked: Asked) -> Given:
    """Who asks, and that no repository is empty; there are no examples of anything else."""
    query = asked.json["query"]
    if "viewer" in query:
        return Given(200, {"data": {"viewer": {"login": "octocat"}}})
    if "isEmpty" in query:
        repositories = example("GET", "/orgs/{org}/repos").body
        heads = [{"nameWithOwner": one["full_name"], "isEmpty": False} for one in repositories]
        page = {"totalCount": len(heads), "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": heads}
        return Given(200, {"data": {"organization": {"repositories": page}}})
    if "samlIdentityProvider" in query:
        return Given(200, {"data": {"organization": {"samlIdentityProvider": None}}})
    return Given(200, {"data": {"repository": None}, "errors": [{"type": "NOT_FOUND", "path": ["repository"]}]})
