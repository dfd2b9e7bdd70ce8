"""What the inventory does not have, and so is asked of each project by itself."""

from __future__ import annotations

from connectors.gcp.operations import listed

INSTANCES = "GET /compute/v1/projects/{project}/zones/{zone}/instances"
KEY_USE = (
    "GET /v1/projects/{project}/locations/global/activityTypes/serviceAccountKeyLastAuthentication/activities:query"
)
CHANNELS = "GET /v3/projects/{project}/notificationChannels"
ALERTS = "GET /v3/projects/{project}/alerts"
BACKUP_RUNS = "GET /v1/projects/{project}/instances/{instance}/backupRuns"
SQL_OPERATIONS = "GET /v1/projects/{project}/operations"
OCCURRENCES = "GET /v1/projects/{project}/occurrences"
HOST_REPORTS = "GET /v1/projects/{project}/locations/{zone}/instances/-/vulnerabilityReports"
DATAFLOW_JOBS = "GET /v1b3/projects/{project}/jobs:aggregated"
PATCH_JOBS = "GET /v1/projects/{project}/patchJobs"
BUILDS = "GET /v1/projects/{project}/locations/{location}/builds"
WORKFLOW_RUNS = "GET /v1/projects/{project}/locations/{location}/workflows/{workflow}/executions"
SCHEDULED = "GET /v1/projects/{project}/locations/{location}/jobs"
WATCHERS = "GET /v1/projects/{project}/locations/global/securityCenterServices"
EXECUTIONS = "GET /v2/projects/{project}/locations/{location}/jobs/{job}/executions"

_INSTANCE = (
    "id,name,selfLink,status,labels,networkInterfaces(network,accessConfigs/natIP,ipv6AccessConfigs/externalIpv6)"
)
_CHANNEL = "name,type,enabled,verificationStatus"
_EXECUTION = "name,job,createTime,startTime,completionTime,conditions(type,state),cancelledCount,failedCount"
_PATCH_JOB = (
    "name,displayName,createTime,updateTime,state,dryRun,patchDeployment,"
    "instanceDetailsSummary(succeededInstanceCount,failedInstanceCount)"
)
_RESOLVED = "resolvedRepoSource/commitSha,resolvedConnectedRepository/revision,resolvedGitSource/revision"
_BUILD = (
    "id,name,projectId,buildTriggerId,status,createTime,startTime,finishTime,serviceAccount,"
    f"sourceProvenance({_RESOLVED})"
)

# An instance carries its metadata, where start-up scripts hold secrets, a channel its tokens, a job or a build its
# environment, a workflow what it was given, a patch job its scripts: so only what is named here is asked for.
OF_PROJECTS = (
    listed(
        INSTANCES,
        "compute",
        "/items",
        needs="compute.instances.list",
        key="/selfLink",
        maxResults=500,
        fields=f"nextPageToken,items({_INSTANCE})",
    ),
    listed(
        KEY_USE,
        "activity",
        "/activities",
        needs="policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
        key="/fullResourceName",
        pageSize=1000,
    ),
    listed(
        CHANNELS,
        "monitoring",
        "/notificationChannels",
        needs="monitoring.notificationChannels.list",
        pageSize=1000,
        fields=f"nextPageToken,notificationChannels({_CHANNEL})",
    ),
    listed(ALERTS, "monitoring", "/alerts", needs="monitoring.alerts.list", pageSize=1000),
    listed(BACKUP_RUNS, "sql", "/items", needs="cloudsql.backupRuns.list", key="/id", maxResults=1000),
    listed(SQL_OPERATIONS, "sql", "/items", needs="cloudsql.instances.get cloudsql.instances.list", maxResults=1000),
    listed(OCCURRENCES, "containers", "/occurrences", needs="containeranalysis.occurrences.list", pageSize=1000),
    listed(HOST_REPORTS, "osconfig", "/vulnerabilityReports", needs="osconfig.vulnerabilityReports.list", pageSize=100),
    listed(
        DATAFLOW_JOBS,
        "dataflow",
        "/jobs",
        needs="dataflow.jobs.list",
        key="/id",
        pageSize=500,
        fields="nextPageToken,failedLocation,jobs(id,name,currentState,currentStateTime,createTime,location,projectId)",
    ),
    listed(
        WATCHERS,
        "watchers",
        "/securityCenterServices",
        needs="securitycentermanagement.securityCenterServices.list",
        pageSize=100,
        # Each has hundreds of single detectors.
        fields="nextPageToken,securityCenterServices(name,intendedEnablementState,effectiveEnablementState,updateTime)",
    ),
    listed(
        EXECUTIONS,
        "run",
        "/executions",
        needs="run.executions.list",
        pageSize=100,
        fields=f"nextPageToken,executions({_EXECUTION})",
    ),
    listed(
        PATCH_JOBS,
        "osconfig",
        "/patchJobs",
        needs="osconfig.patchJobs.list",
        pageSize=100,
        fields=f"nextPageToken,patchJobs({_PATCH_JOB})",
    ),
    listed(
        BUILDS,
        "builds",
        "/builds",
        needs="cloudbuild.builds.list",
        key="/id",
        pageSize=100,
        fields=f"nextPageToken,builds({_BUILD})",
    ),
    listed(
        WORKFLOW_RUNS,
        "workflows",
        "/executions",
        needs="workflows.executions.list",
        pageSize=100,
        fields="nextPageToken,executions(name,createTime,startTime,endTime,state)",
    ),
    listed(
        SCHEDULED,
        "scheduler",
        "/jobs",
        needs="cloudscheduler.jobs.list",
        pageSize=500,
        fields="nextPageToken,jobs(name,schedule,timeZone,state,scheduleTime,lastAttemptTime,status/code)",
    ),
)
