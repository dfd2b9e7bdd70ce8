"""What was rolled out, and what it was built by: releases, builds, models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import AiSystem, Deployment, JobRun
from connectors.gcp import gcp
from connectors.gcp.inventory import assets, of_type
from connectors.gcp.kinds import bulk, search
from connectors.gcp.moments import moment, written
from connectors.gcp.named import named
from connectors.gcp.project_operations import BUILDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.model import Window
    from connectors.gcp.source import GcpSource

MODEL, ENDPOINT = "aiplatform.googleapis.com/Model", "aiplatform.googleapis.com/Endpoint"
ROLLOUT, REVISION = "clouddeploy.googleapis.com/Rollout", "run.googleapis.com/Revision"
_REVISION = "name,createTime"
TRIGGER, BUILD = "cloudbuild.googleapis.com/BuildTrigger", "cloudbuild.googleapis.com/Build"
_MADE = 'create_time>="{}" AND create_time<"{}"'
_EVERYWHERE = "global"
"""Where a build runs that names no location."""
_BUILDS = {
    "SUCCESS": "success",
    "FAILURE": "failure",
    "INTERNAL_ERROR": "failure",
    "TIMEOUT": "failure",
    "EXPIRED": "failure",
    "CANCELLED": "cancelled",
    "PENDING": "running",
    "QUEUED": "running",
    "WORKING": "running",
}
_ROLLOUTS = {
    "SUCCEEDED": "success",
    "FAILED": "failure",
    "APPROVAL_REJECTED": "failure",
    "CANCELLED": "inactive",
    "HALTED": "inactive",
}


@gcp.evidence(
    "gcp.deploys",
    yields=(Deployment, JobRun),
    needs=[*bulk(ROLLOUT), search(REVISION), search(TRIGGER), search(BUILD), BUILDS],
    kind=Kind.POPULATION,
    keeps_days=365,
    late_minutes=60,
)
def deploys(source: GcpSource) -> Iterator[Deployment | JobRun]:
    """Rollouts and serving revisions.

    Of the window, every rollout of Cloud Deploy with how it ended, and every revision of a service of Cloud Run, which
    begins when it is made. From which commit either was built Google does not say here. Revisions are deleted with
    their service, or by hand. Every build of Cloud Build that was made within the window, with the commit that it was
    made of where Google has resolved one (`job_run`); which build a revision came from is not in either. One that
    somebody sent by hand has no trigger (`manual`).

    Builds are asked of the projects and locations in which the inventory knows a trigger, or a build of the window.
    Whole when all lists were read to their end, and each build of the window that the inventory knows is among those
    listed; it follows with some delay, so windows overlap by an hour. Revisions and builds carry their environment,
    where secrets are: so only what names and dates them is asked for.
    """
    window = source.window
    for one in of_type(source, ROLLOUT):
        at = moment(one.data.get("deployEndTime") or one.data.get("createTime"))
        if _inside(at, window):
            yield Deployment(
                key=one.name,
                seen=[one.seen],
                deployment_id=one.name,
                environment=one.data.get("targetId"),
                deployed_at=at,
                status=_ROLLOUTS.get(one.data.get("state", ""), "pending") if one.data else None,
            )
    searched = source.each([REVISION], lambda one: list(source.list(search(one), readMask=_REVISION)))
    for _, revisions in searched:
        for revision in revisions:
            at = moment(revision.get("createTime"))
            if _inside(at, window):
                yield Deployment(
                    key=revision["name"].removeprefix("//"),
                    seen=[revision],
                    deployment_id=revision["name"].removeprefix("//"),
                    deployed_at=at,
                )
    yield from _builds(source)


def _builds(source: GcpSource) -> Iterator[JobRun]:
    window = source.window
    last, made = int(window.end.timestamp()), _MADE.format(written(window.start), written(window.end))
    # The inventory knows whole seconds: those that lie within the window.
    known = list(named(source, BUILD, query=f"createTime>{int(window.start.timestamp())} AND createTime<{last}"))
    places: dict[tuple[str, str], tuple[str, str]] = {}
    for parts in (*named(source, TRIGGER), *known):
        place = _place(source, parts)
        places.setdefault(place, (parts[4], place[1]))
    shown, read = set(), set()
    for (project, location), listed in source.each(
        sorted(places.values()), lambda one: list(source.list(BUILDS, project=one[0], location=one[1], filter=made))
    ):
        read.add((source.project_id(project), location))
        shown |= {one["id"] for one in listed}
        for one in listed:
            at = moment(one.get("createTime"))
            if _inside(at, window):
                yield JobRun(
                    key=f"{project} {one['id']}",
                    seen=[one],
                    within=source.project_id(project),
                    job_run_id=one["id"],
                    process=one.get("buildTriggerId") or "build",
                    trigger="trigger" if one.get("buildTriggerId") else "manual",
                    sha=_commit(one.get("sourceProvenance") or {}),
                    actor=(one.get("serviceAccount") or "").rpartition("/")[2] or None,
                    started_at=moment(one.get("startTime")) or at,
                    ended_at=moment(one.get("finishTime")),
                    status=_BUILDS.get(one.get("status", ""), "other") if one.get("status") else None,
                )
    # What was not read is a gap of its own.
    due = [one[-1] for one in known if _place(source, one) in read]
    source.total("builds in the inventory = listed", expected=len(due), found=len(shown.intersection(due)))


def _place(source: GcpSource, parts: list[str]) -> tuple[str, str]:
    """The project and the location in a name; one name may call a project by its number, and another by its id."""
    return source.project_id(parts[4]), parts[6] if parts[5] == "locations" else _EVERYWHERE


def _commit(source: Mapping[str, Any]) -> str | None:
    """The commit that a build was made of, in whichever of its forms Google has resolved it."""
    for form, name in (
        ("resolvedRepoSource", "commitSha"),
        ("resolvedConnectedRepository", "revision"),
        ("resolvedGitSource", "revision"),
    ):
        if found := (source.get(form) or {}).get(name):
            return str(found)
    return None


def _inside(at: datetime | None, window: Window) -> bool:
    return at is None or window.start <= at < window.end


@gcp.evidence("gcp.ai.systems", yields=AiSystem, needs=bulk(MODEL, ENDPOINT))
def ai_systems(source: GcpSource) -> Iterator[AiSystem]:
    """Vertex AI models and endpoints.

    Every model in the registry and every endpoint of Vertex AI, in every project and location. Whether requests are
    logged is known of endpoints alone. Models that are called by Google's own names, as Gemini is, are in no list.

    Whole when both lists were read to their end and tie with a second search.
    """
    found, known = assets(source, MODEL, ENDPOINT), source.known()
    for kind, name in ((MODEL, "model"), (ENDPOINT, "endpoint")):
        for one in found[kind] or ():
            project = known.get(one.project)
            yield AiSystem(
                key=one.name,
                seen=[one.seen],
                system=str(one.data.get("displayName") or one.name),
                provider_role="deployer",
                kind=name,
                owner=_label(one.data, project.labels if project else {}, source.settings.owner_label),
                logging_on=_logged(one.data) if kind == ENDPOINT and one.data else None,
            )


def _logged(endpoint: Mapping[str, Any]) -> bool:
    return bool((endpoint.get("predictRequestResponseLoggingConfig") or {}).get("enabled"))


def _label(own: Mapping[str, Any], of_project: Mapping[str, str], name: str) -> str | None:
    return (own.get("labels") or {}).get(name) or of_project.get(name)
