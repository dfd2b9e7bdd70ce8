"""What was delivered where, and what guards the places that are delivered to."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING, Any

from collector.model import Cause, Kind
from collector.records import Deployment, DeployTarget
from connectors.github import github
from connectors.github.actors import actor
from connectors.github.change_operations import APPROVALS, DEPLOYMENTS, ENVIRONMENTS
from connectors.github.repositories import LISTED, at, in_scope, moment
from connectors.github.shared_operations import KEPT_FOR_GOOD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.answer import Answer
    from collector.source.rest.source import RestSource
    from connectors.github.settings import GithubSettings

_RUN = re.compile(r"/actions/runs/([0-9]+)(?:/|$)", re.ASCII)
_STATES = {"SUCCESS": "success", "ERROR": "failure", "FAILURE": "failure", "INACTIVE": "inactive"}


@github.evidence(
    "github.deployments",
    yields=Deployment,
    needs=[*LISTED, DEPLOYMENTS, APPROVALS],
    kind=Kind.POPULATION,
    keeps_days=KEPT_FOR_GOOD,
)
def deployments(source: RestSource) -> Iterator[Deployment]:
    """Deployments to production.

    Population: every deployment that was begun within the window, in every repository, archived ones included, to
    whatever environment; `production` says whether the environment is one by the configuration's patterns. One that
    succeeded once is a success, also where a later one has put it out of use. For deployments to production that ran
    in Actions, who approved the run is added.

    Listed newest first until they are older than the window. Complete when every list was read up to there, and every
    approval asked for. What is delivered without telling GitHub is not in it.
    """
    for repository, found in source.each(in_scope(source, archived=True), lambda one: _deployed(source, one)):
        for deployment, approvals in source.each(found, partial(_approvals, source, repository)):
            yield _deployment(source.settings, repository, deployment, approvals)


@github.evidence("github.environments", yields=DeployTarget, needs=[*LISTED, ENVIRONMENTS])
def environments(source: RestSource) -> Iterator[DeployTarget]:
    """Deployment environment rules.

    Every environment of every repository that is neither archived nor empty: who must approve a deployment to it,
    whether that may be who started it, from which branches it may be deployed, whether administrators may pass that by.

    Complete when each repository's list has as many environments as GitHub says it has.
    """
    for repository, found in source.each(in_scope(source), lambda one: list(source.list(ENVIRONMENTS, **at(one)))):
        for one in found:
            yield _target(source.settings, repository["full_name"], one)


def is_production(environment: str, settings: GithubSettings) -> bool:
    """By the configuration's patterns."""
    return any(fnmatchcase(environment.lower(), one) for one in settings.production_environments)


def _deployed(source: RestSource, repository: Answer) -> list[Answer]:
    window, found = source.window, []
    for one in source.list(DEPLOYMENTS, **at(repository)):
        if (begun := moment(one["createdAt"])) < window.start:
            break
        if begun < window.end:
            found.append(one)
        if one["statuses"]["pageInfo"]["hasNextPage"]:
            detail = "it has been in more states than are read at once"
            source.gap(Cause.TRUNCATED, f"deployment {one['databaseId']} of {repository['full_name']}", detail)
    return found


def _approvals(source: RestSource, repository: Answer, deployment: Answer) -> list[Answer]:
    """Who approved the run that deployed to production."""
    run = _run(deployment)
    if run is None or not is_production(deployment["originalEnvironment"], source.settings):
        return []
    return list(source.list(APPROVALS, **at(repository), run_id=run))


def _run(deployment: Answer) -> int | None:
    found = (_RUN.search(one["logUrl"] or "") for one in deployment["statuses"]["nodes"])
    return next((int(one[1]) for one in found if one), None)


def _deployment(
    settings: GithubSettings, repository: Answer, deployment: Answer, approvals: list[Answer]
) -> Deployment:
    creator, environment = actor(deployment["creator"], settings), deployment["originalEnvironment"]
    states = sorted(deployment["statuses"]["nodes"], key=lambda one: one["createdAt"])
    success = next((one for one in states if one["state"] == "SUCCESS"), None)
    last = states[-1]["state"] if states else "NONE"
    approvers = {
        actor(one["user"], settings).login
        for one in approvals
        if one["state"] == "approved" and environment in {each["name"] for each in one["environments"]}
    }
    return Deployment(
        key=f"{repository['full_name']}@{deployment['databaseId']}",
        seen=[deployment, *approvals],
        deployment_id=f"{repository['full_name']}@{deployment['databaseId']}",
        repo=repository["full_name"],
        environment=environment,
        production=is_production(environment, settings),
        sha=deployment["commitOid"],
        committed_at=moment((deployment["commit"] or {}).get("committedDate")),
        ref=(deployment["ref"] or {}).get("name"),
        deployed_by=creator.login,
        deployed_by_kind=creator.kind,
        deployed_at=moment((success or deployment)["createdAt"]),
        status="success" if success else "none" if last == "NONE" else _STATES.get(last, "pending"),
        approved_by=tuple(sorted(filter(None, approvers))),
    )


def _target(settings: GithubSettings, repo: str, told: Answer) -> DeployTarget:
    rules: dict[str, dict[str, Any]] = {one["type"]: one for one in told.get("protection_rules") or ()}
    required, policy = rules.get("required_reviewers"), told.get("deployment_branch_policy")
    branches = "any" if policy is None else "protected" if policy["protected_branches"] else "custom"
    return DeployTarget(
        key=f"{repo}@{told['name']}",
        seen=[told],
        environment=told["name"],
        repo=repo,
        production=is_production(told["name"], settings),
        reviewers=tuple(sorted(_reviewer(one) for one in required["reviewers"])) if required else (),
        self_review=not required["prevent_self_review"] if required else None,
        branches=branches,
        admins_bypass=told.get("can_admins_bypass"),
    )


def _reviewer(told: Mapping[str, Any]) -> str:
    who = told["reviewer"]
    return f"{told['type'].lower()} {who.get('slug') or who.get('login')}"
