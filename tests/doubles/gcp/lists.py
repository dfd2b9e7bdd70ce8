"""What each of Google's methods lists of the estate, before masks and pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.doubles.gcp.estate import FOLDERS, ORGANISATION, Asset, Estate, Project, written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Lister:
    """Where a method's list stands in its answer, how large a page may be, and what is on it."""

    items: str
    most: int
    of: Callable[[Estate, str, Mapping[str, Any]], list[dict[str, Any]]]
    size: str = "pageSize"


def _below(estate: Estate, path: str) -> tuple[list[Project], bool]:
    """The projects below the root that a path names, and whether that is the organisation."""
    kind, unit = path.split("/")[2:4]
    root = f"{kind}/{unit.partition(':')[0]}"
    if root == ORGANISATION:
        return estate.projects, True
    chosen = [one for one in estate.projects if root in {one.folder, one.name, f"projects/{one.id}"}]
    return chosen, False


def _assets(estate: Estate, path: str, query: Mapping[str, Any]) -> list[Asset]:
    projects, all_of_it = _below(estate, path)
    kept = {one.number for one in projects}
    wanted = query.get("assetTypes")
    return [
        one
        for one in estate.assets
        if (one.project.number in kept if one.project else all_of_it) and (not wanted or one.type == wanted)
    ]


def _ancestors(asset: Asset) -> list[str]:
    """From the project, the folder or the organisation that it is or lies in up to the top."""
    first = asset.name.removeprefix("//cloudresourcemanager.googleapis.com/")
    folder = asset.project.folder if asset.project else first if first in FOLDERS else ""
    # The third folder hangs in the second.
    folders = [folder, FOLDERS[1]] if folder == FOLDERS[2] else [folder] if folder else []
    return [*([asset.project.name] if asset.project else []), *folders, ORGANISATION]


def _listed(estate: Estate, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in _assets(estate, path, query):
        base = {
            "name": one.name,
            "assetType": one.type,
            "updateTime": written(one.updated),
            "ancestors": _ancestors(one),
        }
        if query["contentType"] == "RESOURCE" and one.listed:
            found.append({**base, "resource": {"version": "v1", "data": one.data}})
        elif query["contentType"] == "IAM_POLICY" and one.policy is not None:
            found.append({**base, "iamPolicy": one.policy})
    return found


def _searched(estate: Estate, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    # The inventory knows whole seconds, and takes them as numbers.
    span = re.findall(r"createTime(>|<)(\d+)", query.get("query", ""))
    for one in _assets(estate, path, query):
        made = int(one.created.timestamp())
        if any((made > int(at)) != (sign == ">") or made == int(at) for sign, at in span):
            continue
        whole = {
            "name": one.name,
            "assetType": one.type,
            "project": one.project.name if one.project else None,
            "organization": ORGANISATION,
            "labels": one.labels or None,
            "state": one.state or None,
            "createTime": written(one.created),
            "updateTime": written(one.updated),
        }
        names = query["readMask"].split(",") if "readMask" in query else list(whole)
        if one.found:
            found.append({name: whole[name] for name in names if whole[name] is not None})
    return found


def _policies(estate: Estate, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "resource": one.name,
            "assetType": one.type,
            "organization": ORGANISATION,
            "policy": one.policy,
            **({"project": one.project.name} if one.project else {}),
        }
        for one in _assets(estate, path, query)
        if one.policy is not None and one.found
    ]


def _projects(estate: Estate, _: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    state = _state(query)
    return [
        {
            "name": one.name,
            "projectId": one.id,
            "parent": one.folder,
            "displayName": one.id,
            "state": "ACTIVE" if one.active else "DELETE_REQUESTED",
            "labels": {"environment": one.environment},
            "createTime": estate.made.get(one.id, "2025-01-01T00:00:00.123456Z"),
        }
        for one in estate.projects
        if state is None or one.active == (state == "ACTIVE")
    ]


def _folders(_: Estate, __: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    # The third folder hangs in the second.
    parents = (ORGANISATION, ORGANISATION, FOLDERS[1])
    found = [
        {"name": name, "parent": parent, "displayName": f"unit {name[-1]}", "state": "ACTIVE"}
        for name, parent in zip(FOLDERS, parents, strict=True)
    ]
    return found if _state(query) != "DELETE_REQUESTED" else []


def _organisations(estate: Estate, _: str, __: Mapping[str, Any]) -> list[dict[str, Any]]:
    if estate.manifest.get("no_organisation"):
        return []
    return [
        {
            "name": ORGANISATION,
            "displayName": "northwind.example",
            "state": "ACTIVE",
            "directoryCustomerId": "C0northwind",
        }
    ]


def _state(query: Mapping[str, Any]) -> str | None:
    found = re.fullmatch(r"state[:=](\w+)", query.get("query", ""))
    return found[1] if found else None


def _entries(estate: Estate, _: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By the few words of the filter language that are in use."""
    text = query["filter"]
    span = re.findall(r'timestamp (>=|<) "([^"]+)"', text)
    methods = re.search(r'methodName =~ "\(\?i\)\(([^)]*)\)\$"', text)
    rows = [row for name in query["resourceNames"] for row in estate.rows[f"entries {name}"]]
    found = [
        row
        for row in rows
        if all((row["timestamp"] >= at) == (sign == ">=") for sign, at in span)
        and (methods is None or re.search(f"(?i)({methods[1]})$", row["protoPayload"]["methodName"]))
        and not ("NOT protoPayload" in text and _who(row).endswith("gserviceaccount.com"))
    ]
    return sorted(found, key=lambda row: str(row["timestamp"]), reverse=query["orderBy"].endswith("desc"))


def _who(row: Mapping[str, Any]) -> str:
    return str(row["protoPayload"]["authenticationInfo"].get("principalEmail"))


def _findings(estate: Estate, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    within = {f"//cloudresourcemanager.googleapis.com/{one.name}" for one in _below(estate, path)[0]}
    span = re.findall(r'event_time (>=|<) "([^"]+)"', query["filter"])
    return [
        row
        for row in estate.rows["findings"]
        if row["finding"]["resourceName"] in within
        and all((row["finding"]["eventTime"] >= at) == (sign == ">=") for sign, at in span)
    ]


_OF = r"/projects/([^/:]+)"


def _builds(estate: Estate, path: str, query: Mapping[str, Any]) -> list[dict[str, Any]]:
    span = re.findall(r'create_time(>=|<)"([^"]+)"', query["filter"])
    rows = _rows(rf"{_OF}/locations/([^/]+)/builds", "builds")(estate, path, query)
    return [row for row in rows if all((row["createTime"] >= at) == (sign == ">=") for sign, at in span)]


def _rows(pattern: str, table: str) -> Callable[[Estate, str, Mapping[str, Any]], list[dict[str, Any]]]:
    """A table whose name is filled in from the path."""

    def of(estate: Estate, path: str, _: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = re.search(pattern, path)
        assert found is not None
        return estate.rows[" ".join((table, *found.groups()))]

    return of


LISTERS: dict[str, Lister] = {
    "cloudresourcemanager.organizations.search": Lister("organizations", 50, _organisations),
    "cloudresourcemanager.folders.search": Lister("folders", 100, _folders),
    "cloudresourcemanager.projects.search": Lister("projects", 100, _projects),
    "cloudasset.assets.list": Lister("assets", 1000, _listed),
    "cloudasset.searchAllResources": Lister("results", 500, _searched),
    "cloudasset.searchAllIamPolicies": Lister("results", 500, _policies),
    "logging.entries.list": Lister("entries", 1000, _entries),
    "securitycenter.organizations.sources.findings.list": Lister("listFindingsResults", 1000, _findings),
    "securitycenter.projects.sources.findings.list": Lister("listFindingsResults", 1000, _findings),
    "compute.instances.list": Lister("items", 500, _rows(rf"{_OF}/zones/([^/]+)/instances", "instances"), "maxResults"),
    "policyanalyzer.projects.locations.activityTypes.activities.query": Lister(
        "activities", 1000, _rows(_OF, "activities")
    ),
    "monitoring.projects.notificationChannels.list": Lister(
        "notificationChannels", 1000, _rows(_OF, "notificationChannels")
    ),
    "monitoring.projects.alerts.list": Lister("alerts", 1000, _rows(_OF, "alerts")),
    "sql.backupRuns.list": Lister("items", 1000, _rows(rf"{_OF}/instances/([^/]+)", "backupRuns"), "maxResults"),
    "sql.operations.list": Lister("items", 1000, _rows(_OF, "operations"), "maxResults"),
    "containeranalysis.projects.occurrences.list": Lister("occurrences", 1000, _rows(_OF, "occurrences")),
    "osconfig.projects.locations.instances.vulnerabilityReports.list": Lister(
        "vulnerabilityReports", 100, _rows(rf"{_OF}/locations/([^/]+)", "reports")
    ),
    "dataflow.projects.jobs.aggregated": Lister("jobs", 500, _rows(_OF, "jobs")),
    "run.projects.locations.jobs.executions.list": Lister(
        "executions", 100, _rows(rf"{_OF}/locations/[^/]+/jobs/([^/]+)", "executions")
    ),
    "securitycentermanagement.projects.locations.securityCenterServices.list": Lister(
        "securityCenterServices", 1000, _rows(_OF, "watchers")
    ),
    "osconfig.projects.patchJobs.list": Lister("patchJobs", 100, _rows(_OF, "patchJobs")),
    "cloudbuild.projects.locations.builds.list": Lister("builds", 100, _builds),
    "workflowexecutions.projects.locations.workflows.executions.list": Lister(
        "executions", 100, _rows(rf"{_OF}/locations/[^/]+/workflows/([^/]+)", "workflow runs")
    ),
    "cloudscheduler.projects.locations.jobs.list": Lister(
        "jobs", 500, _rows(rf"{_OF}/locations/([^/]+)/jobs", "scheduled")
    ),
}
PERMISSIONS: dict[str, frozenset[str]] = {
    "oauth2.userinfo.get": frozenset(),
    "cloudresourcemanager.organizations.search": frozenset({"resourcemanager.organizations.get"}),
    "cloudresourcemanager.folders.search": frozenset({"resourcemanager.folders.get"}),
    "cloudresourcemanager.projects.search": frozenset({"resourcemanager.projects.get"}),
    "cloudasset.assets.list RESOURCE": frozenset({"cloudasset.assets.listResource"}),
    "cloudasset.assets.list IAM_POLICY": frozenset({"cloudasset.assets.listIamPolicy"}),
    "cloudasset.searchAllResources": frozenset({"cloudasset.assets.searchAllResources"}),
    "cloudasset.searchAllIamPolicies": frozenset({"cloudasset.assets.searchAllIamPolicies"}),
    "logging.entries.list": frozenset({"logging.logEntries.list"}),
    "securitycenter.organizations.sources.findings.list": frozenset({"securitycenter.findings.list"}),
    "securitycenter.projects.sources.findings.list": frozenset({"securitycenter.findings.list"}),
    "compute.instances.list": frozenset({"compute.instances.list"}),
    "policyanalyzer.projects.locations.activityTypes.activities.query": frozenset(
        {"policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query"}
    ),
    "monitoring.projects.notificationChannels.list": frozenset({"monitoring.notificationChannels.list"}),
    "monitoring.projects.alerts.list": frozenset({"monitoring.alerts.list"}),
    "sql.backupRuns.list": frozenset({"cloudsql.backupRuns.list"}),
    "sql.operations.list": frozenset({"cloudsql.instances.get"}),
    "containeranalysis.projects.occurrences.list": frozenset({"containeranalysis.occurrences.list"}),
    "osconfig.projects.locations.instances.vulnerabilityReports.list": frozenset(
        {"osconfig.vulnerabilityReports.list"}
    ),
    "dataflow.projects.jobs.aggregated": frozenset({"dataflow.jobs.list"}),
    "run.projects.locations.jobs.executions.list": frozenset({"run.executions.list"}),
    "securitycentermanagement.projects.locations.securityCenterServices.list": frozenset(
        {"securitycentermanagement.securityCenterServices.list"}
    ),
    "osconfig.projects.patchJobs.list": frozenset({"osconfig.patchJobs.list"}),
    "cloudbuild.projects.locations.builds.list": frozenset({"cloudbuild.builds.list"}),
    "workflowexecutions.projects.locations.workflows.executions.list": frozenset({"workflows.executions.list"}),
    "cloudscheduler.projects.locations.jobs.list": frozenset({"cloudscheduler.jobs.list"}),
}
"""What each method takes, from Google's own pages, and not from the connector."""
