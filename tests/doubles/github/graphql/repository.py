"""Repository, Ref, Commit, and what is checked on a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.github.estate.code import Check, Commit, Issue, Pull, Repo, Status
from tests.doubles.github.estate.nouns import Organisation, Person
from tests.doubles.github.graphql.registry import Asked, Of, failing, field, paged, plainly
from tests.doubles.github.rest.checks import latest
from tests.doubles.github.rest.contents import blob_name
from tests.doubles.github.rest.people import node_id
from tests.doubles.github.rest.pulls import pulls_with
from tests.doubles.github.wire import RefusedError, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.graphql.registry import Connection


@dataclass(frozen=True, slots=True)
class File:
    """A file by its path."""

    path: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its path."""

    path: str


_BAD = {"failure", "timed_out", "cancelled", "action_required", "startup_failure"}


@field("Query", "repository")
def by_name(asked: Asked, _source: None, arguments: dict[str, Any]) -> Repo:
    """A renamed one is found by its old name too, as at GitHub."""
    owner, name = arguments["owner"], arguments["name"]
    org = asked.world.org
    try:
        if owner.lower() == org.login:
            return asked.world.visible(org.renamed.get(name, name), asked.request.caller)
    except RefusedError:
        pass
    raise failing("NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'.")


@field("Repository", "defaultBranchRef")
def default_branch(_asked: Asked, repo: Repo, _arguments: dict[str, Any]) -> Of | None:
    return None if repo.empty else Of(repo, repo.default_branch)


@field("Repository", "ref")
def ref(_asked: Asked, repo: Repo, arguments: dict[str, Any]) -> Of | None:
    name = arguments["qualifiedName"].removeprefix("refs/heads/")
    return Of(repo, name) if name in repo.branches else None


@field("Repository", "object")
def git_object(_asked: Asked, repo: Repo, arguments: dict[str, Any]) -> Of | None:
    name = arguments.get("oid") or arguments.get("expression") or ""
    if name.startswith("HEAD:"):
        return _content(repo, name.removeprefix("HEAD:"))
    sha = repo.branches.get(name, name)
    return Of(repo, repo.commits[sha]) if sha in repo.commits else None


def _content(repo: Repo, path: str) -> Of | None:
    """A file, or a folder, at the head of the default branch."""
    if path in repo.files:
        return Of(repo, File(path))
    inside = [name for name in repo.files if name.startswith(f"{path}/")]
    return Of(repo, Folder(path)) if inside else None


@field("Tree", "entries")
def entries(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> list[dict[str, Any]]:
    under = f"{one.it.path}/"
    names = sorted({name.removeprefix(under).split("/")[0] for name in one.repo.files if name.startswith(under)})
    return [
        {"name": name, "path": under + name, "type": "blob" if under + name in one.repo.files else "tree"}
        for name in names
    ]


@field("Repository", "nameWithOwner")
def full_name(asked: Asked, repo: Repo, _arguments: dict[str, Any]) -> str:
    return f"{asked.world.org.login}/{repo.name}"


@field("Repository", "owner")
def owner(asked: Asked, _repo: Repo, _arguments: dict[str, Any]) -> Organisation:
    return asked.world.org


@field("Repository", "url")
def web(asked: Asked, repo: Repo, _arguments: dict[str, Any]) -> str:
    return f"{WEB}/{asked.world.org.login}/{repo.name}"


@field("Commit", "history")
def history(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    """Every commit reachable, as the schema says, not the first parents alone; those are told by `parents`."""
    found = one.repo.history(one.it.sha)
    if path := arguments.get("path"):
        found = [each for each in found if path in each.files]
    if since := arguments.get("since"):
        found = [each for each in found if (moment(each.committed_at) or "") >= since]
    if until := arguments.get("until"):
        found = [each for each in found if (moment(each.committed_at) or "") <= until]
    return paged([Of(one.repo, each) for each in found], arguments)


@field("Commit", "parents")
def parents(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    return paged([Of(one.repo, one.repo.commits[sha]) for sha in one.it.parents], arguments)


@field("Commit", "associatedPullRequests")
def associated(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    return paged([Of(one.repo, each) for each in pulls_with(one.repo, one.it.sha)], arguments)


@field("Commit", "author")
def author(asked: Asked, one: Of, _arguments: dict[str, Any]) -> dict[str, Any]:
    return _git_actor(asked, one.it.author, one.it.authored_at)


@field("Commit", "committer")
def committer(asked: Asked, one: Of, _arguments: dict[str, Any]) -> dict[str, Any]:
    return _git_actor(asked, one.it.committer, one.it.committed_at)


@field("Commit", "signature")
def signature(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> dict[str, Any] | None:
    return {"isValid": True, "state": "VALID"} if one.it.verified else None


@field("Commit", "statusCheckRollup")
def rollup(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> Of | None:
    return one if one.it.checks or one.it.statuses else None


@field("StatusCheckRollup", "state")
def rollup_state(_asked: Asked, one: Of, _arguments: dict[str, Any]) -> str:
    checks, statuses = latest(one.it), {each.context: each.state for each in one.it.statuses}
    if any(each.conclusion in _BAD for each in checks) or "failure" in statuses.values():
        return "FAILURE"
    if any(each.ended_at is None for each in checks) or "pending" in statuses.values():
        return "PENDING"
    return "SUCCESS"


@field("StatusCheckRollup", "contexts")
def contexts(_asked: Asked, one: Of, arguments: dict[str, Any]) -> Connection:
    newest = {each.context: each for each in one.it.statuses}
    return paged([Of(one.repo, each) for each in [*latest(one.it), *newest.values()]], arguments)


@field("CheckRun", "isRequired")
@field("StatusContext", "isRequired")
def required(asked: Asked, one: Of, arguments: dict[str, Any]) -> bool:
    """Whether the rules on the pull request's base ask for it, as they stand now."""
    number = arguments.get("pullRequestNumber")
    pull = one.repo.pulls.get(number) if number else None
    base = pull.base if pull else one.repo.default_branch
    name = one.it.name if isinstance(one.it, Check) else one.it.context
    rule = one.repo.protections.get(base)
    names = set(rule.checks) if rule else set()
    for ruleset in [*one.repo.rulesets, *asked.world.org.rulesets]:
        if ruleset.enforcement == "active" and ruleset.covers(one.repo.name, base, one.repo.default_branch):
            for part in ruleset.rules:
                checks = part.get("parameters", {}).get("required_status_checks", [])
                names |= {each["context"] for each in checks}
    return name in names


@field("StatusContext", "creator")
def creator(asked: Asked, one: Of, _arguments: dict[str, Any]) -> Person:
    return asked.world.org.people[one.it.creator]


def type_of(value: Any) -> str:
    """The name of a thing's type, where the schema leaves it open."""
    it = value.it if isinstance(value, Of) else value
    if isinstance(it, Person):
        return it.kind
    if isinstance(it, dict):
        return "GpgSignature"
    names = {
        Organisation: "Organization",
        Commit: "Commit",
        Check: "CheckRun",
        Status: "StatusContext",
        Pull: "PullRequest",
    }
    names |= {Repo: "Repository", Issue: "Issue", File: "Blob", Folder: "Tree"}
    return names[type(it)]


def _git_actor(asked: Asked, login: str | None, at: Any) -> dict[str, Any]:
    person = asked.world.org.people.get(login or "")
    mail = (person.email if person else "") or f"{login}@users.noreply.github.com"
    user = person if person and person.kind == "User" else None
    return {"name": person.name if person else None, "email": mail, "date": moment(at), "user": user}


for _name in ("name", "email", "date", "user"):
    plainly("GitActor", **{_name: lambda one, name=_name: one[name]})
plainly("GpgSignature", isValid=lambda one: one["isValid"], state=lambda one: one["state"])
plainly(
    "Repository",
    id=lambda repo: node_id("Repository", repo.id),
    databaseId=lambda repo: repo.id,
    name=lambda repo: repo.name,
    isArchived=lambda repo: repo.archived,
    isEmpty=lambda repo: repo.empty,
    isPrivate=lambda repo: repo.visibility != "public",
    visibility=lambda repo: repo.visibility.upper(),
    createdAt=lambda repo: repo.created_at,
    pushedAt=lambda repo: repo.pushed_at,
)
plainly(
    "Ref",
    id=lambda one: node_id("Ref", f"{one.repo.id}:{one.it}"),
    name=lambda one: one.it,
    prefix=lambda _: "refs/heads/",
    target=lambda one: Of(one.repo, one.repo.commits[one.repo.branches[one.it]]),
)
plainly(
    "Commit",
    id=lambda one: node_id("Commit", f"{one.repo.id}:{one.it.sha}"),
    oid=lambda one: one.it.sha,
    message=lambda one: one.it.message,
    messageHeadline=lambda one: one.it.message.splitlines()[0],
    authoredDate=lambda one: one.it.authored_at,
    committedDate=lambda one: one.it.committed_at,
)
plainly("Blob", oid=lambda one: blob_name(one.repo.files[one.it.path]))
for _name in ("name", "path", "type"):
    plainly("TreeEntry", **{_name: lambda one, name=_name: one[name]})
plainly("StatusCheckRollup", id=lambda one: node_id("StatusCheckRollup", one.it.sha), commit=lambda one: one)
plainly(
    "CheckRun",
    id=lambda one: node_id("CheckRun", one.it.id),
    databaseId=lambda one: one.it.id,
    name=lambda one: one.it.name,
    status=lambda one: "COMPLETED" if one.it.ended_at else "IN_PROGRESS",
    conclusion=lambda one: one.it.conclusion.upper() if one.it.ended_at and one.it.conclusion else None,
    startedAt=lambda one: one.it.started_at,
    completedAt=lambda one: one.it.ended_at,
)
plainly(
    "StatusContext",
    id=lambda one: node_id("StatusContext", one.it.id),
    context=lambda one: one.it.context,
    state=lambda one: one.it.state.upper(),
    createdAt=lambda one: one.it.created_at,
)
