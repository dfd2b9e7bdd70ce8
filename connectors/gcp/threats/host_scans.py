"""VM Manager: which machines are scanned for weaknesses, and what was found on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import JobRun, Scanner, Vulnerability
from connectors.gcp import gcp
from connectors.gcp.kinds import search
from connectors.gcp.labels import labels
from connectors.gcp.moments import moment
from connectors.gcp.project_operations import HOST_REPORTS, INSTANCES, PATCH_JOBS
from connectors.gcp.threats.findings import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.source import GcpSource

_INSTANCE = "compute.googleapis.com/Instance"
_RUNNING = "RUNNING"
_PATCHED = {
    "SUCCEEDED": "success",
    "COMPLETED_WITH_ERRORS": "failure",
    "TIMED_OUT": "failure",
    "CANCELED": "cancelled",
    "COMPLETED_WITH_INACTIVE_VMS": "other",
}
_FIXES = ("availableInventoryItemId", "fixedCpeUri", "upstreamFix")
Place = tuple[str, str]
"""A project and a zone of it."""


@gcp.evidence(
    "gcp.vuln.hosts",
    yields=(Vulnerability, Scanner, JobRun),
    needs=[search(_INSTANCE), INSTANCES, HOST_REPORTS, PATCH_JOBS],
)
def hosts(source: GcpSource) -> Iterator[Vulnerability | Scanner | JobRun]:
    """Host vulnerabilities and patch jobs.

    Of every machine with a report of VM Manager, each weakness of what is installed on it, as it stands now, and
    whether there is a fix. A weakness that was fixed is in the next report no more. Of the same projects every patch
    job that Google still lists, with how it ended (`job_run`); one that left out machines that were off is `other`, and
    a dry run says so.

    And one row for every running machine: it is scanned where it has a report, at the time of that report, and not
    scanned (`absent`) where the reports of its zone were read and none is its own: no agent runs on it, or Google does
    not know its system. What is weak on such a machine nobody knows.

    Each zone in which the inventory knows a running machine is asked for its machines and their reports; a project in
    which the OS Config API is off is a gap, and its machines are neither scanned nor not. Whole when every list was
    read to its end, and the running machines listed are as many as the inventory knows.
    """
    running: dict[Place, int] = {}
    excluded = source.settings.excluded_projects
    for machine in source.list(search(_INSTANCE), readMask="name,state"):
        parts = machine["name"].split("/")
        if machine.get("state") == _RUNNING and parts[4] not in excluded:
            running[parts[4], parts[6]] = running.get((parts[4], parts[6]), 0) + 1
    places = sorted(running)
    machines: dict[Place, list[Answer]] = dict(
        source.each(places, lambda one: list(source.list(INSTANCES, project=one[0], zone=one[1])))
    )
    reports: dict[Place, list[Answer]] = dict(
        source.each(places, lambda one: list(source.list(HOST_REPORTS, project=one[0], zone=one[1])))
    )
    projects = {one.id: one for one in source.known().values()}
    for place, listed in machines.items():
        found = [one for one in listed if one.get("status") == _RUNNING]
        source.total("running machines in the inventory = listed", expected=running[place], found=len(found))
        for machine in found:
            yield _scanner(source, machine, reports.get(place), projects.get(place[0]))
    for place, read in reports.items():
        # A report names its machine by a number.
        names = {one["id"]: _name(one) for one in machines.get(place, ())}
        for report in read:
            yield from _weaknesses(report, names.get(_number(report)))
    for _, jobs in source.each(
        sorted({project for project, _ in places}), lambda one: list(source.list(PATCH_JOBS, project=one))
    ):
        yield from map(_patched, jobs)


def _patched(job: Answer) -> JobRun:
    state = job.get("state", "")
    return JobRun(
        key=job["name"],
        seen=[job],
        job_run_id=job["name"],
        process=job.get("displayName") or job.get("patchDeployment") or job["name"],
        trigger="dry run" if job.get("dryRun") else "schedule" if job.get("patchDeployment") else "manual",
        started_at=moment(job.get("createTime")),
        ended_at=moment(job.get("updateTime")) if state in _PATCHED else None,
        status=_PATCHED.get(state, "running") if state else None,
    )


def _scanner(source: GcpSource, machine: Answer, reports: Sequence[Answer] | None, project: Unit | None) -> Scanner:
    own = next((one for one in reports or () if _number(one) == machine["id"]), None)
    return Scanner(
        key=f"scanner {_name(machine)}",
        seen=[machine, *([own] if own else []), *([project.seen] if project else [])],
        asset_id=_name(machine),
        kind="host",
        state="enabled" if own else None if reports is None else "absent",
        environment=labels(source.settings, machine.get("labels"), project)["environment"],
        scanned_at=moment(own.get("updateTime")) if own else None,
    )


def _name(machine: Answer) -> str:
    """As the inventory names it, whatever link it is asked for by."""
    return "compute.googleapis.com/projects/" + str(machine["selfLink"]).rpartition("/projects/")[2]


def _number(report: Answer) -> str:
    return str(report["name"].split("/")[-2])


def _weaknesses(report: Answer, machine: str | None) -> Iterator[Vulnerability]:
    named = report["name"].removesuffix("/vulnerabilityReport")
    for index, weak in enumerate(report.get("vulnerabilities") or ()):
        details = weak.get("details") or {}
        yield Vulnerability(
            key=f"{named} {details.get('cve') or index}",
            seen=[report],
            finding_id=f"{named} {details.get('cve') or index}",
            asset_id=machine or named,
            kind="host",
            title=details.get("cve"),
            severity=SEVERITIES.get(str(details.get("severity")).upper()),
            status="open",
            first_seen_at=moment(weak.get("createTime")),
            fix_available=fixable(weak),
        )


def fixable(weakness: Mapping[str, Any]) -> bool | None:
    """Whether a fix can be had for anything that it affects; None where the report does not say what that is."""
    affected = weakness.get("items")
    if not affected:
        return None
    return any(bool(one.get(name)) for one in affected for name in _FIXES)
