"""What is written down in files: policies, and who owns the code."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model import Cause, Kind
from collector.records import Document
from connectors.github import github
from connectors.github.actors import actor
from connectors.github.document_operations import CODE_OWNERS, FILE, FOLDER
from connectors.github.repositories import LISTED, at, in_scope, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

OWNERS_FILES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks for it, in this order; the first that is there holds."""


@github.evidence("github.policy_docs", yields=Document, needs=[*LISTED, FILE, FOLDER, CODE_OWNERS], kind=Kind.RECORD)
def documents(source: RestSource) -> Iterator[Document]:
    """Policies kept as reviewed files.

    Every file that the configuration names as a policy, or that lies in a folder that it names, as it stands on the
    default branch; and the CODEOWNERS file of every repository that is neither archived nor empty. `version` is the
    digest under which git knows the file's content. With each, the last change of it, and who approved that: a person
    who is not its author, for the last commit that was merged.

    A policy that the configuration names and that is not there is a gap. Complete when each was read, and each pull
    request showed all its reviews.
    """
    # One that cannot be read costs no other: each is a gap of its own.
    for _, files in source.each(source.settings.policy_paths, partial(_policy, source)):
        for repo, path, answer, place in files:
            yield from _document(source, "policy", repo, path, answer, place)
    for repository, found in source.each(in_scope(source), lambda one: source.get(CODE_OWNERS, **at(one))):
        for alias, path in zip(("first", "second", "third"), OWNERS_FILES, strict=True):
            if (found["data"]["repository"][alias] or {}).get("oid"):
                yield from _document(source, "code_owners", repository["full_name"], path, found, alias)
                break


def _policy(source: RestSource, named: str) -> list[tuple[str, str, Answer, str]]:
    """The file, or those of the folder; repository, path, the answer, and the name of the content in it."""
    repo, _, path = named.partition(":")
    owner, _, name = repo.partition("/")
    if owner.lower() != source.scope.unit_id.lower():
        return []
    path = path.strip("/")
    listed = source.get(FOLDER, owner=owner, repo=name, expression=f"HEAD:{path}")
    content = listed["data"]["repository"]["content"]
    if content is None:
        source.gap(Cause.NOT_CONFIGURED, named, "the configuration names this policy, and no such file is there")
        return []
    inside = [one["path"] for one in content.get("entries") or () if one["type"] == "blob"]
    wanted = inside if content["__typename"] == "Tree" else [path]
    read = source.each(wanted, lambda one: source.get(FILE, owner=owner, repo=name, expression=f"HEAD:{one}", path=one))
    return [(repo, one, answer, "content") for one, answer in read]


def _document(source: RestSource, kind: str, repo: str, path: str, answer: Answer, place: str) -> Iterator[Document]:
    told = answer["data"]["repository"]
    branch = told["defaultBranchRef"]
    changes = branch["target"][f"{place}Changes"]["nodes"]
    if not changes:
        source.gap(
            Cause.TRUNCATED, f"history of {repo}:{path}", "the file is there, and no commit that made it is told"
        )
    last = changes[0] if changes else None
    pull = None if last is None else _brought(last, branch["name"])
    if pull is not None and pull["reviews"]["pageInfo"]["hasNextPage"]:
        source.gap(Cause.TRUNCATED, f"reviews of {repo}#{pull['number']}", "it has more than are read at once")
    approvals = [] if pull is None else list(_approvals(source, pull))
    who = None if last is None else (last["author"] or {}).get("user")
    yield Document(
        key=f"{repo}:{path}",
        seen=[answer],
        document=f"{repo}:{path}",
        kind=kind,
        version=told[place]["oid"],
        changed_at=None if last is None else moment(last["committedDate"]),
        changed_by=None if who is None else who["login"],
        change_id=None if pull is None else f"{repo}#{pull['number']}",
        approved_by=None if last is None else tuple(sorted({by for by, _ in approvals})),
        approved_at=max((moment(when) for _, when in approvals), default=None),
    )


def _brought(commit: Mapping[str, Any], branch: str) -> Mapping[str, Any] | None:
    """The merged change that brought a commit to its branch first."""
    merged: Iterable[Mapping[str, Any]] = (
        one for one in commit["associatedPullRequests"]["nodes"] if one["mergedAt"] and one["baseRefName"] == branch
    )
    return min(merged, key=lambda one: (one["mergedAt"], one["number"]), default=None)


def _approvals(source: RestSource, pull: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who approved what was merged, and when: people other than its author, of its last commit, before the merge."""
    author = actor(pull["author"], source.settings).login
    for review in pull["reviews"]["nodes"]:
        who = actor(review["author"], source.settings)
        if who.login is None or who.kind != "human" or who.login == author or review["state"] != "APPROVED":
            continue
        if (review["commit"] or {}).get("oid") == pull["headRefOid"] and review["submittedAt"] <= pull["mergedAt"]:
            yield who.login, review["submittedAt"]
