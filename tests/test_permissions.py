"""What `collector permissions` prints is what the providers saw called, of every provider: nothing less, nothing more.

Each provider's whole collection is made once against its double. What the double saw on the wire is turned into rights
by the double's own table of what opens what, never by the connector's declarations; and each operation that is declared
must have been sent. What is printed and was not needed has its reason here, and a reason without need of it fails too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import tests.connectors.azure.gathering as azure_gathering
import tests.connectors.entra.gathering as entra_gathering
import tests.connectors.gcp.gathering as gcp_gathering
import tests.connectors.github.gathering as github_gathering
import tests.connectors.okta.gathering as okta_gathering
import tests.connectors.workspace.gathering as gws_gathering
from collector.cli.permissions import command
from tests.cli.oracle import oracle_of
from tests.doubles.arm.tenant import running_tenant as running_arm
from tests.doubles.aws.permits import actions_for
from tests.doubles.gcp.server import running_gcp
from tests.doubles.github.process import running_github
from tests.doubles.github.rest import load_routes
from tests.doubles.github.routes import ROUTES as GITHUB_ROUTES
from tests.doubles.graph.tenant import running_tenant as running_graph
from tests.doubles.okta.estate import build
from tests.doubles.okta.routes import ROUTES as OKTA_ROUTES
from tests.doubles.okta.server import running_okta
from tests.doubles.workspace.server import running_workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from collector.model import Snapshot
    from tests.doubles.rest import Asked

SHOWN = Path(__file__).parents[1] / "collector" / "cli" / "collector.toml"


@dataclass(frozen=True)
class Called:
    """What a whole collection came to."""

    rights: set[str]
    """What opened the calls that were seen, by the double's own table."""
    operations: set[str]
    """What was sent, by name, as the exchanges have it."""
    snapshots: Sequence[Snapshot]


def printed(provider: str) -> Any:
    ended = CliRunner().invoke(command, [provider], catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return json.loads(ended.output)


def called(rights: Iterable[str], found: Iterable[Any]) -> Called:
    listed = list(found)
    sent = {one["operation"] for each in listed for one in each.exchanges}
    return Called(set(rights), sent, [one.snapshot for one in listed])


def declared(provider: str, connector: Any) -> set[str]:
    """Every operation that the declarations reach."""
    module = import_module(f"connectors.{provider}.api")
    return set(module.OWN.union(*(module.API.reached(one.needs) for one in connector.types.values())))


def hold(granted: set[str], seen: Called, spare: dict[str, str], lacking: dict[str, str] | None = None) -> None:
    """The two sets are one, but for what has a reason; and nothing was left unread on the way."""
    lacking = lacking or {}
    gaps = [f"{one.evidence_type}: {gap}" for one in seen.snapshots for gap in one.gaps]
    assert gaps == []
    assert {one for one in seen.rights - granted if one not in lacking} == set(), "called, and not in `permissions`"
    assert {one for one in granted - seen.rights if one not in spare} == set(), "in `permissions`, and never called for"
    assert spare.keys() == granted - seen.rights, "a reason for what is called, or is not printed"
    assert lacking.keys() == seen.rights - granted, "a reason for what is printed, or is not called"


@pytest.mark.slow
def test_aws(tmp_path_factory: pytest.TempPathFactory) -> None:
    """`collector snapshot` of a whole organisation, and `collector doctor`."""
    oracle = oracle_of(tmp_path_factory)
    (statement,) = printed("aws")["Statement"]
    lacking = {
        "sts:GetCallerIdentity": "anyone may ask who they are",
        "sts:AssumeRole": "a right of the identity itself: deploy/aws/collector-assume-role.json",
    }
    for requests in (oracle.requests, [*oracle.requests, *oracle.asked_by_doctor]):
        rights = {right for one in requests for right in actions_for(one["service"], one["operation"])}
        hold(set(statement["Action"]), Called(rights, set(), []), {}, lacking)
    asked = (actions_for(one["service"], one["operation"]) for one in oracle.asked_by_doctor)
    assert set[str]().union(*asked) <= rights


# What a field of GitHub's GraphQL takes, by GitHub's pages on the permissions of its REST twin.
GRAPHQL = {
    "viewer": set[str](),
    "repositories": {"metadata"},
    "samlIdentityProvider": {"members"},
    "object": {"contents"},
    "history": {"contents"},
    "pullRequests": {"pull_requests"},
    "pullRequest": {"pull_requests"},
    "associatedPullRequests": {"pull_requests"},
    "statusCheckRollup": {"checks", "statuses", "contents"},
    "closingIssuesReferences": {"issues"},
    "deployments": {"deployments"},
}
POLICIES = ("northwind/infra:policies",)


@pytest.mark.slow
def test_github() -> None:
    load_routes()
    connector = github_gathering.connector()
    settings = {"deployable_branches": ("release/*", "experi*"), "policy_paths": POLICIES}
    with running_github() as double:
        found = github_gathering.gathered(double, *connector.types, settings=settings)
        requests = {one["operation"] for one in double.requests()}
    seen = called((), found)
    api = import_module("connectors.github.api").API
    texts = "".join(api.operation(one).document or "" for one in seen.operations)
    rights = {one.permission for one in GITHUB_ROUTES if one.operation in requests and one.permission}
    rights |= {
        f"{right}:read" for field, all_ in GRAPHQL.items() for right in all_ if re.search(rf"\b{field}\b", texts)
    }
    policy = printed("github")
    granted = {f"{name}:{level}" for name, level in policy["app_manifest"]["default_permissions"].items()}
    refused = {one["operation"]: one["because"] for one in policy["not_asked_for"]}
    wider = {one.permission: refused[one.operation] for one in GITHUB_ROUTES if one.operation in refused}
    hold(granted, Called(rights, seen.operations, seen.snapshots), {}, wider)
    more = {
        "GET /repos/{owner}/{repo}/pulls": "they are listed so where issues are off, and their numbers cannot be told",
        "POST /graphql repository.pullRequest.reviews": "one pull request has more reviews than a page",
    }
    assert seen.operations - declared("github", connector) == set()
    assert declared("github", connector) - seen.operations == more.keys()


def test_gcp() -> None:
    connector = gcp_gathering.connector()
    with running_gcp() as double:
        seen = called((), gcp_gathering.gathered(double))
        rights = {name for one in double.called for name in one.permissions}
    spare = {
        "resourcemanager.folders.list": "Google asks for it where the list of what is below a folder is whole",
        "resourcemanager.projects.list": "the same, of projects",
        "cloudsql.instances.list": "the inventory lists them; Google asks for it where their backups are listed",
        "serviceusage.services.use": "calls are counted against the quota of a project",
    }
    hold(set(printed("gcp")["includedPermissions"]), Called(rights, set(), seen.snapshots), spare)
    assert seen.operations == declared("gcp", connector)


def azure_rights(asked: Iterable[Asked]) -> set[str]:
    """By Azure's own rule: an address names the resource provider and the kinds, and GET reads."""
    found: set[str] = set()
    for one in asked:
        path = one.path.lower().rstrip("/")
        after = path.rpartition("/providers/")[2] if "/providers/" in path else ""
        kinds = after.split("/")
        if path.startswith("/v1.0/") or path == "/tenants":
            continue  # Graph's own rights; and anyone may ask which tenant this is
        if not after:
            found.add("microsoft.resources/" + "/".join(path.split("/")[1::2]) + "/read")
        elif len(kinds) == 1:
            found.add("microsoft.resources/subscriptions/providers/read")
        else:
            action = f"{kinds[0]}/" + "/".join(kinds[1::2])
            found.add(f"{action}/read")
            if one.method == "POST" and "resourcegraph" not in action:
                found.add(f"{action}/action")
        if path.endswith("microsoft.resourcegraph/resources"):
            found |= {f"{kind}/read" for kind in re.findall(r"'([a-z.]+/[a-z./]+)'", one.json["query"])}
    return found


def test_azure() -> None:
    """A tenant that has something of every kind, and one that has nothing of any: there each provider is asked for."""
    connector = azure_gathering.connector()
    asked: list[Asked] = []
    found = []
    for empty in (False, True):
        with running_arm(2) as tenant:
            if empty:
                for name in tenant.estate.tables.keys() - {"resourcecontainers"}:
                    tenant.estate.tables[name] = []
                for path in tenant.estate.lists:
                    if re.fullmatch(r"/subscriptions/[^/]+/resources", path):
                        tenant.estate.lists[path] = []
            graph = {"entra_connected": True, "graph_url": tenant.double.url, "graph_token": "env:AZURE_TOKEN"}
            found += azure_gathering.gathered(tenant, settings=graph)
            asked += tenant.double.asked
            assert tenant.double.complaints == []
    (permissions,) = printed("azure")["properties"]["permissions"]
    granted = {one.lower() for one in permissions["actions"]}
    assert (permissions["dataActions"], permissions["notActions"]) == ([], [])
    spare = {"*/read": "a list of all resources, of whatever kind, shows only those that may be read"}
    seen = called(azure_rights(asked), found)
    hold(granted, seen, spare)
    assert seen.operations == declared("azure", connector)
    # A role of Azure cannot hold what Graph grants: that stands where it is turned on.
    api = import_module("connectors.azure.api").API
    of_graph = {api.operation(one).needs for one in seen.operations if api.operation(one).base == "graph"}
    assert of_graph == {"GroupMember.Read.All, User.Read.All"}
    assert "GroupMember.Read.All and User.Read.All" in SHOWN.read_text("utf-8")


def test_okta() -> None:
    connector = okta_gathering.connector()
    with running_okta(build(60, end=datetime.now(UTC))) as double:
        seen = called((), okta_gathering.gathered(double))
        rights = {one.scope for one in OKTA_ROUTES if one.template in double.templates() and one.scope}
        assert double.complaints == []
    hold(set(printed("okta")["service_app"]["scopes"]), Called(rights, set(), seen.snapshots), {})
    assert seen.operations == declared("okta", connector)


def test_entra() -> None:
    connector = entra_gathering.connector()
    with running_graph() as tenant:
        seen = called((), entra_gathering.gathered(tenant))
        rights = set(tenant.needed)
        assert tenant.double.complaints == []
    hold(set(printed("entra")["application_permissions"]), Called(rights, set(), seen.snapshots), {})
    assert seen.operations == declared("entra", connector)


def test_gws() -> None:
    connector = gws_gathering.connector()
    policy = printed("gws")
    granted = {*policy["oauth_scopes"], *(one["scope"] for one in policy["could_write"])}
    with running_workspace() as double:
        seen = called((), gws_gathering.gathered(double, *connector.types))
        asked = set(double.tokens.asked)
        # Of several scopes that each open a call, the one that a token was asked for is the one that was used.
        rights = {scope for one in double.called for scope in one.scopes if scope in asked}
        closed = [one for one in double.called if not one.scopes & granted]
    assert closed == []
    assert asked == granted
    hold(granted, Called(rights, set(), seen.snapshots), {})
    assert seen.operations == declared("workspace", connector)


def test_what_is_missing_and_what_is_too_much_is_named() -> None:
    seen = Called({"a:read", "b:read"}, set(), [])
    with pytest.raises(AssertionError, match=r"called, and not in `permissions`(?s:.*)b:read"):
        hold({"a:read"}, seen, {})
    with pytest.raises(AssertionError, match=r"never called for(?s:.*)c:read"):
        hold({"a:read", "b:read", "c:read"}, seen, {})
    with pytest.raises(AssertionError, match="a reason for"):
        hold({"a:read", "b:read"}, seen, {"b:read": "no reason is needed"})
