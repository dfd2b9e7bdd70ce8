"""What runs and what was rolled out: jobs, releases, models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import AiSystem, Deployment, JobRun
from connectors.gcp import gcp
from connectors.gcp.inventory import assets, of_type
from connectors.gcp.kinds import bulk, search
from connectors.gcp.moments import moment
from connectors.gcp.project_operations import DATAFLOW_JOBS, EXECUTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.model import Window
    from connectors.gcp.source import GcpSource

MODEL, ENDPOINT = "aiplatform.googleapis.com/Model", "aiplatform.googleapis.com/Endpoint"
ROLLOUT, REVISION = "clouddeploy.googleapis.com/Rollout", "run.googleapis.com/Revision"
_REVISION = "name,createTime"
JOB, DATAFLOW = "run.googleapis.com/Job", "dataflow.googleapis.com/Job"
_FLOWS = {
    "JOB_STATE_DONE": "success",
    "JOB_STATE_DRAINED": "success",
    "JOB_STATE_UPDATED": "success",
    "JOB_STATE_FAILED": "failure",
    "JOB_STATE_CANCELLED": "cancelled",
    "JOB_STATE_UNKNOWN": "other",
    "JOB_STATE_STOPPED": "other",
}
_ROLLOUTS = {
    "SUCCEEDED": "success",
    "FAILED": "failure",
    "APPROVAL_REJECTED": "failure",
    "CANCELLED": "inactive",
    "HALTED": "inactive",
}


@gcp.evidence(
    "gcp.jobs.runs",
    yields=JobRun,
    needs=[search(DATAFLOW), search(JOB), DATAFLOW_JOBS, EXECUTIONS],
    kind=Kind.POPULATION,
    keeps_days=60,
)
def runs(source: GcpSource) -> Iterator[JobRun]:
    """Processing job runs.

    Every job of Dataflow that was made within the window, and every execution of every job of Cloud Run that began
    within it, with how it ended. Asked of the projects in which Cloud Asset Inventory knows such jobs. Workflows and
    what Cloud Scheduler calls are not read, so a run that was due and did not begin does not show here.

    Whole when each list was read to its end; regions of Dataflow that failed to answer are a gap.
    """
    window = source.window
    for flow in _flows(source):
        began = moment(flow.get("createTime"))
        if began and window.start <= began < window.end:
            state = flow.get("currentState", "")
            yield JobRun(
                key=f"dataflow {flow['id']}",
                seen=[flow],
                job_run_id=flow["id"],
                process=flow.get("name"),
                started_at=began,
                ended_at=moment(flow.get("currentStateTime")) if state in _FLOWS else None,
                status=_FLOWS.get(state, "running") if state else None,
            )
    for one in _executions(source):
        began = moment(one.get("startTime") or one.get("createTime"))
        if began and window.start <= began < window.end:
            yield JobRun(
                key=one["name"],
                seen=[one],
                job_run_id=one["name"],
                process=one.get("job"),
                started_at=began,
                ended_at=moment(one.get("completionTime")),
                status=_ended(one),
            )


def _flows(source: GcpSource) -> Iterator[Answer]:
    """The jobs of each project that has any."""
    for _, listed in source.each(
        sorted({parts[4] for parts in _named(source, DATAFLOW)}),
        lambda one: list(source.list(DATAFLOW_JOBS, project=one)),
    ):
        yield from listed


def _executions(source: GcpSource) -> Iterator[Answer]:
    jobs = sorted((parts[4], parts[6], parts[-1]) for parts in _named(source, JOB))
    for _, listed in source.each(
        jobs, lambda one: list(source.list(EXECUTIONS, project=one[0], location=one[1], job=one[2]))
    ):
        yield from listed


def _named(source: GcpSource, kind: str) -> Iterator[list[str]]:
    """The parts of the name of each thing of a kind; those of excluded projects are left out."""
    for _, found in source.each([kind], lambda one: list(source.list(search(one), readMask="name"))):
        for one in found:
            parts = one["name"].split("/")
            if parts[4] not in source.settings.excluded_projects:
                yield parts


def _ended(execution: Answer) -> str | None:
    if not execution.get("completionTime"):
        return "running"
    states = {one.get("type"): one.get("state") for one in execution.get("conditions") or ()}
    if execution.get("cancelledCount"):
        return "cancelled"
    return {"CONDITION_SUCCEEDED": "success", "CONDITION_FAILED": "failure"}.get(str(states.get("Completed")))


@gcp.evidence(
    "gcp.deploys", yields=Deployment, needs=[*bulk(ROLLOUT), search(REVISION)], kind=Kind.POPULATION, keeps_days=365
)
def deploys(source: GcpSource) -> Iterator[Deployment]:
    """Rollouts and serving revisions.

    Of the window, every rollout of Cloud Deploy with how it ended, and every revision of a service of Cloud Run, which
    begins when it is made. From which commit either was built Google does not say here. Revisions are deleted with
    their service, or by hand.

    Whole when both lists were read to their end. A revision carries its environment, where secrets are: so only its
    name and time are asked for.
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
