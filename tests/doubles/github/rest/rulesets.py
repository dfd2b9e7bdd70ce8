"""Rulesets of a repository and of the organisation, the rules they put on a branch, and what they said to pushes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.github.paging import Page, page_of
from tests.doubles.github.rest.people import node_id
from tests.doubles.github.routes import get
from tests.doubles.github.wire import absent, invalid, moment
from tests.doubles.github.world import WEB

if TYPE_CHECKING:
    from tests.doubles.github.estate.rules import Ruleset, RuleSuite
    from tests.doubles.github.wire import Request
    from tests.doubles.github.world import World

_DAYS = {"hour": 1 / 24, "day": 1, "week": 7, "month": 30}


@get("/orgs/{org}/rulesets", "organization_administration:read", plan="org_rulesets")
def organisation_rulesets(world: World, request: Request) -> Page:
    return page_of(request, world.org.rulesets).each(lambda one: _summary(world, request, one))


@get("/orgs/{org}/rulesets/rule-suites", "organization_administration:write", plan="org_rulesets")
def organisation_suites(world: World, request: Request) -> Page:
    return _suites(world, request, world.org.suites)


@get("/orgs/{org}/rulesets/rule-suites/{rule_suite_id}", "organization_administration:write", plan="org_rulesets")
def organisation_suite(world: World, request: Request) -> dict[str, Any]:
    return _one_suite(world, request, world.org.suites)


@get("/orgs/{org}/rulesets/{ruleset_id}", "organization_administration:read", plan="org_rulesets")
def organisation_ruleset(world: World, request: Request) -> dict[str, Any]:
    return _whole(world, request, world.org.rulesets)


@get("/repos/{owner}/{repo}/rules/branches/{branch}", plan="private_rules")
def branch_rules(world: World, request: Request) -> Page:
    """The rules in force on a branch, of all rulesets together; those that are only evaluated are not among them."""
    repo, branch = world.repo(request), request.arguments["branch"]
    held = [
        {**rule, "ruleset_source_type": _kind(one), "ruleset_source": _source(world, one), "ruleset_id": one.id}
        for one in [*world.org.rulesets, *repo.rulesets]
        if one.enforcement == "active" and one.covers(repo.name, branch, repo.default_branch)
        for rule in one.rules
    ]
    return page_of(request, held)


@get("/repos/{owner}/{repo}/rulesets", plan="private_rules")
def repository_rulesets(world: World, request: Request) -> Page:
    """With those of the organisation unless `includes_parents` is false."""
    repo = world.repo(request)
    parents = [one for one in world.org.rulesets if one.covers(repo.name, repo.default_branch, repo.default_branch)]
    chosen = repo.rulesets + (parents if request.query.get("includes_parents", "true") == "true" else [])
    return page_of(request, chosen).each(lambda one: _summary(world, request, one))


@get("/repos/{owner}/{repo}/rulesets/rule-suites", "administration:write", plan="private_rules")
def repository_suites(world: World, request: Request) -> Page:
    name = world.repo(request).name
    return _suites(world, request, [one for one in world.org.suites if one.repo == name])


@get("/repos/{owner}/{repo}/rulesets/rule-suites/{rule_suite_id}", "administration:write", plan="private_rules")
def repository_suite(world: World, request: Request) -> dict[str, Any]:
    name = world.repo(request).name
    return _one_suite(world, request, [one for one in world.org.suites if one.repo == name])


@get("/repos/{owner}/{repo}/rulesets/{ruleset_id}", plan="private_rules")
def repository_ruleset(world: World, request: Request) -> dict[str, Any]:
    return _whole(world, request, [*world.repo(request).rulesets, *world.org.rulesets])


def _whole(world: World, request: Request, among: list[Ruleset]) -> dict[str, Any]:
    """Bypass actors are shown only to those who may write rulesets, as GitHub says."""
    for one in among:
        if str(one.id) == request.arguments["ruleset_id"]:
            names: dict[str, Any] = {"ref_name": {"include": list(one.include), "exclude": list(one.exclude)}}
            if one.repo is None:
                include, exclude = list(one.repos_include), list(one.repos_exclude)
                names["repository_name"] = {"include": include, "exclude": exclude, "protected": False}
            told = _summary(world, request, one) | {"conditions": names, "rules": one.rules}
            needed = "organization_administration:write" if one.repo is None else "administration:write"
            if request.caller and request.caller.may(needed):
                told |= {"bypass_actors": one.bypass, "current_user_can_bypass": "never"}
            return told
    raise absent()


def _summary(world: World, request: Request, one: Ruleset) -> dict[str, Any]:
    owner = f"orgs/{world.org.login}" if one.repo is None else f"repos/{world.org.login}/{one.repo}"
    web = (
        f"{WEB}/organizations/{world.org.login}/settings" if one.repo is None else f"{WEB}/{world.org.login}/{one.repo}"
    )
    return {
        "id": one.id,
        "name": one.name,
        "target": "branch",
        "source_type": _kind(one),
        "source": _source(world, one),
        "enforcement": one.enforcement,
        "node_id": node_id("RepositoryRuleset", one.id),
        "_links": {
            "self": {"href": f"{request.base}/{owner}/rulesets/{one.id}"},
            "html": {"href": f"{web}/rules/{one.id}"},
        },
        "created_at": moment(one.created_at),
        "updated_at": moment(one.created_at),
    }


def _kind(one: Ruleset) -> str:
    return "Organization" if one.repo is None else "Repository"


def _source(world: World, one: Ruleset) -> str:
    return world.org.login if one.repo is None else f"{world.org.login}/{one.repo}"


def _suites(world: World, request: Request, among: list[RuleSuite]) -> Page:
    """`time_period` is a day unless asked, and a month at most; the newest come first."""
    period = request.query.get("time_period", "day")
    if period not in _DAYS:
        raise invalid("time_period must be one of hour, day, week, month")
    since = max(world.org.end, datetime.now(UTC) if world.moves else world.org.end) - timedelta(days=_DAYS[period])
    wanted = request.query.get("rule_suite_result", "all")
    chosen = [one for one in among if one.at >= since and wanted in {"all", one.result}]
    if actor := request.query.get("actor_name"):
        chosen = [one for one in chosen if one.actor == actor]
    if name := request.query.get("repository_name"):
        chosen = [one for one in chosen if one.repo == name]
    chosen.sort(key=lambda one: (one.at, one.id), reverse=True)
    return page_of(request, chosen).each(lambda one: _suite(world, one))


def _one_suite(world: World, request: Request, among: list[RuleSuite]) -> dict[str, Any]:
    for one in among:
        if str(one.id) == request.arguments["rule_suite_id"]:
            ruleset = next((held for held in world.org.repos[one.repo].rulesets), None)
            source = {
                "type": "ruleset",
                "id": ruleset.id if ruleset else None,
                "name": ruleset.name if ruleset else None,
            }
            said = "pass" if one.result == "pass" else "fail"
            details = None if said == "pass" else "Changes must be approved before they are merged."
            rule = {
                "rule_source": source,
                "enforcement": "active",
                "result": said,
                "rule_type": one.rule,
                "details": details,
            }
            return _suite(world, one) | {"rule_evaluations": [rule]}
    raise absent()


def _suite(world: World, one: RuleSuite) -> dict[str, Any]:
    return {
        "id": one.id,
        "actor_id": world.org.people[one.actor].id,
        "actor_name": one.actor,
        "before_sha": one.before,
        "after_sha": one.after,
        "ref": one.ref,
        "repository_id": world.org.repos[one.repo].id,
        "repository_name": one.repo,
        "pushed_at": moment(one.at),
        "result": one.result,
        "evaluation_result": one.result,
    }
