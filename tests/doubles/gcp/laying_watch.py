"""Logs, alerts, findings, and what runs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.gcp.estate import Estate, Project

_LOCATION = "europe-west1"


def lay_watch(estate: Estate) -> None:
    """Of the organisation, and of each project."""
    _lay_sinks(estate)
    for index, project in enumerate(estate.projects):
        _lay_store(estate, project)
        _lay_alerts(estate, project, index)
        _lay_entries(estate, project, index)
        _lay_work(estate, project, index)
        _lay_watchers(estate, project, index)
        if index % 5 == 0:
            _lay_automation(estate, project, index)
        estate.rows["findings"].append(_finding(estate, project, index))
        estate.rows[f"occurrences {project.id}"].append(
            {
                "name": f"projects/{project.id}/occurrences/o{index}",
                "kind": "VULNERABILITY",
                "resourceUri": f"https://europe-docker.pkg.dev/{project.id}/app@sha256:{index:064d}",
                "noteName": f"projects/goog-vulnz/notes/CVE-2026-1{index:04d}",
                "createTime": estate.ago(days=60 if index % 6 == 0 else 2),
                "vulnerability": {"effectiveSeverity": "CRITICAL", "severity": "HIGH"},
            }
        )
        late = f"projects/{project.id}/occurrences/o{index}"
        (estate.plant if index % 6 == 0 and project.active else estate.near_miss)("LOG-08", late)


def _lay_sinks(estate: Estate) -> None:
    first = estate.projects[0]
    archive = f"{first.id}-data"
    every = {
        "name": "everything",
        "destination": f"storage.googleapis.com/{archive}",
        "includeChildren": True,
        "filter": 'logName:"cloudaudit.googleapis.com"',
    }
    estate.add(
        "logging.googleapis.com/LogSink", "logging.googleapis.com/organizations/100/sinks/everything", None, every
    )
    estate.plant("LOG-02", f"store storage.googleapis.com/{archive}")


def _lay_store(estate: Estate, project: Project) -> None:
    for name, locked, days in (("_Required", True, 400), ("_Default", False, 30)):
        data = {
            "name": f"projects/{project.id}/locations/global/buckets/{name}",
            "retentionDays": days,
            "lifecycleState": "ACTIVE",
            **({"locked": True} if locked else {}),
        }
        estate.add("logging.googleapis.com/LogBucket", f"logging.googleapis.com/{data['name']}", project, data)


def _lay_alerts(estate: Estate, project: Project, index: int) -> None:
    metric = {
        "name": "iam",
        "filter": 'protoPayload.methodName="SetIamPolicy"',
        "metricDescriptor": {"type": "logging.googleapis.com/user/iam"},
    }
    estate.add(
        "logging.googleapis.com/LogMetric", f"logging.googleapis.com/projects/{project.id}/metrics/iam", project, metric
    )
    channel = f"projects/{project.id}/notificationChannels/7"
    policy = {
        "name": f"projects/{project.id}/alertPolicies/1",
        "displayName": f"IAM changes of {project.id}",
        "enabled": index % 5 != 0,
        "conditions": [
            {"conditionThreshold": {"filter": 'metric.type="logging.googleapis.com/user/iam" resource.type="global"'}}
        ],
        "notificationChannels": [channel],
    }
    estate.add("monitoring.googleapis.com/AlertPolicy", f"monitoring.googleapis.com/{policy['name']}", project, policy)
    estate.rows[f"notificationChannels {project.id}"].append(
        {
            "name": channel,
            "type": "webhook_tokenauth",
            "enabled": True,
            "labels": {"url": "https://hooks.example.com/?auth_token=hunter2"},
        }
    )
    estate.rows[f"alerts {project.id}"].append(
        {
            "name": f"projects/{project.id}/alerts/{index}",
            "state": "CLOSED" if index % 2 else "OPEN",
            "openTime": estate.ago(hours=6),
            **({"closeTime": estate.ago(hours=5)} if index % 2 else {}),
            "policy": {"name": policy["name"], "displayName": policy["displayName"]},
        }
    )
    uptime = {
        "name": f"projects/{project.id}/uptimeCheckConfigs/web",
        "displayName": f"web of {project.id}",
        "monitoredResource": {"type": "uptime_url", "labels": {"host": f"{project.id}.northwind.example"}},
    }
    estate.add(
        "monitoring.googleapis.com/UptimeCheckConfig", f"monitoring.googleapis.com/{uptime['name']}", project, uptime
    )


def _entry(estate: Estate, project: Project, number: int, who: str, method: str, **more: Any) -> dict[str, Any]:
    return {
        "insertId": f"e{project.number}-{number}",
        "logName": f"projects/{project.id}/logs/cloudaudit.googleapis.com%2Factivity",
        "timestamp": estate.ago(hours=3 + number),
        "resource": {"type": "project", "labels": {"project_id": project.id}},
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "methodName": method,
            "resourceName": f"projects/{project.id}",
            "authenticationInfo": {"principalEmail": who},
            **more,
        },
    }


def _lay_entries(estate: Estate, project: Project, index: int) -> None:
    delta = {"action": "ADD", "role": "roles/owner", "member": f"user:new{index}@northwind.example"}
    granted = {"serviceData": {"policyDelta": {"bindingDeltas": [delta]}}}
    robot = f"app@{project.id}.iam.gserviceaccount.com"
    rows = [
        _entry(estate, project, 0, "ada@northwind.example", "SetIamPolicy", **granted),
        _entry(estate, project, 1, robot, "google.iam.admin.v1.CreateServiceAccountKey"),
        _entry(estate, project, 2, "ada@northwind.example", "v1.compute.firewalls.insert"),
        _entry(estate, project, 3, robot, "v1.compute.firewalls.insert"),
    ]
    estate.rows[f"entries projects/{project.id}"] += rows


def _lay_work(estate: Estate, project: Project, index: int) -> None:
    if index % 3:
        return
    path = f"projects/{project.id}/locations/{_LOCATION}/jobs/nightly"
    estate.add("run.googleapis.com/Job", f"run.googleapis.com/{path}", project, {"name": path})
    succeeded = index % 2 == 0
    estate.rows[f"executions {project.id} nightly"].append(
        {
            "name": f"{path}/executions/n1",
            "job": "nightly",
            "createTime": estate.ago(hours=4),
            "startTime": estate.ago(hours=4),
            "completionTime": estate.ago(hours=3),
            "conditions": [{"type": "Completed", "state": "CONDITION_SUCCEEDED" if succeeded else "CONDITION_FAILED"}],
            "template": {"containers": [{"env": [{"name": "KEY", "value": "hunter2"}]}]},
        }
    )
    revision = f"run.googleapis.com/projects/{project.id}/locations/{_LOCATION}/services/web/revisions/web-1"
    estate.add("run.googleapis.com/Revision", revision, project, {}, created=estate.now)
    flow = {
        "id": f"2026-{index}",
        "name": "loading",
        "projectId": project.id,
        "currentState": "JOB_STATE_DONE",
        "createTime": estate.ago(hours=7),
        "currentStateTime": estate.ago(hours=6),
        "location": _LOCATION,
    }
    estate.add(
        "dataflow.googleapis.com/Job",
        f"dataflow.googleapis.com/projects/{project.id}/locations/{_LOCATION}/jobs/{flow['id']}",
        project,
        {},
    )
    estate.rows[f"jobs {project.id}"].append(flow)
    model = {"name": f"projects/{project.id}/locations/{_LOCATION}/models/1", "displayName": f"scoring {index}"}
    estate.add("aiplatform.googleapis.com/Model", f"aiplatform.googleapis.com/{model['name']}", project, model)


def _lay_automation(estate: Estate, project: Project, index: int) -> None:
    """A workflow, what a schedule calls, builds by a trigger, and patches of machines."""
    here = f"projects/{project.id}/locations/{_LOCATION}"
    ended = "SUCCEEDED" if index % 2 == 0 else "FAILED"
    runs: list[tuple[str, str, str, dict[str, Any]]] = [
        ("workflows.googleapis.com/Workflow", f"{here}/workflows/settling", f"workflow runs {project.id} settling", {
            "name": f"{here}/workflows/settling/executions/1", "state": ended, "argument": '{"key": "hunter2"}',
            "createTime": estate.ago(hours=5), "startTime": estate.ago(hours=5), "endTime": estate.ago(hours=4),
        }),
        ("cloudscheduler.googleapis.com/Job", f"{here}/jobs/hourly", f"scheduled {project.id} {_LOCATION}", {
            "name": f"{here}/jobs/hourly", "schedule": "0 * * * *", "timeZone": "Etc/UTC", "state": "ENABLED",
            "lastAttemptTime": estate.ago(hours=1), "status": {"code": 13} if index % 2 else {},
            "httpTarget": {"uri": "https://jobs.northwind.example", "headers": {"authorization": "Bearer hunter2"}},
        }),
        ("cloudbuild.googleapis.com/BuildTrigger", f"{here}/triggers/t1", f"builds {project.id} {_LOCATION}", {
            "id": f"b{index}", "name": f"{here}/builds/b{index}", "projectId": project.id, "buildTriggerId": "t1",
            "status": "SUCCESS" if index % 2 == 0 else "FAILURE", "createTime": estate.ago(hours=10),
            "startTime": estate.ago(hours=10), "finishTime": estate.ago(hours=9),
            "serviceAccount": f"projects/{project.id}/serviceAccounts/build@{project.id}.iam.gserviceaccount.com",
            "sourceProvenance": {"resolvedGitSource": {"url": "https://x:hunter2@git.example", "revision": "c0ffee"}},
            "substitutions": {"_TOKEN": "hunter2"},
        }),
    ]  # fmt: skip
    for kind, name, table, row in runs:
        estate.add(kind, f"{kind.partition('/')[0]}/{name}", project, {})
        estate.rows[table].append(row)
    _lay_builds(estate, project, index)
    old = {**estate.rows[f"builds {project.id} {_LOCATION}"][0], "id": "old", "createTime": estate.ago(days=40)}
    estate.rows[f"builds {project.id} {_LOCATION}"].append(old)
    estate.rows[f"patchJobs {project.id}"].append(
        {
            "name": f"projects/{project.id}/patchJobs/p1",
            "displayName": "monthly",
            "state": "SUCCEEDED" if index % 2 == 0 else "COMPLETED_WITH_ERRORS",
            "patchDeployment": f"projects/{project.id}/patchDeployments/monthly",
            "createTime": estate.ago(hours=12),
            "updateTime": estate.ago(hours=11),
            "instanceDetailsSummary": {"succeededInstanceCount": "2", "failedInstanceCount": str(index % 2)},
            "patchConfig": {"preStep": {"linuxExecStepConfig": {"localPath": "/opt/hunter2.sh"}}},
        }
    )


def _lay_builds(estate: Estate, project: Project, index: int) -> None:
    """The build by the trigger, and in some projects one by hand in a place that has no trigger."""
    (built,) = estate.rows[f"builds {project.id} {_LOCATION}"]
    kind = "cloudbuild.googleapis.com/Build"
    at = estate.now - timedelta(hours=10)
    estate.add(kind, f"cloudbuild.googleapis.com/{built['name']}", project, {}, created=at)
    if index % 2 == 0:
        name = f"projects/{project.id}/locations/global/builds/h{index}"
        by_hand = {
            "id": f"h{index}", "name": name, "projectId": project.id, "status": "SUCCESS",
            "createTime": estate.ago(hours=10), "startTime": estate.ago(hours=10), "finishTime": estate.ago(hours=9),
        }  # fmt: skip
        estate.rows[f"builds {project.id} global"].append(by_hand)
        estate.add(kind, f"cloudbuild.googleapis.com/{name}", project, {}, created=at)


def _lay_watchers(estate: Estate, project: Project, index: int) -> None:
    """One project has switched it off, one only takes in what others find; machines are looked into nowhere."""
    own = {6: ("DISABLED", "DISABLED"), 9: ("INHERITED", "INGEST_ONLY")}.get(index % 12, ("INHERITED", "ENABLED"))
    states = {
        "event-threat-detection": own,
        "vm-threat-detection": ("INHERITED", "DISABLED"),
        "security-health-analytics": ("INHERITED", "ENABLED"),
    }
    for name, (intended, effective) in states.items():
        estate.rows[f"watchers {project.id}"].append(
            {
                "name": f"projects/{project.number}/locations/global/securityCenterServices/{name}",
                "intendedEnablementState": intended,
                "effectiveEnablementState": effective,
                "modules": {"MALWARE_BAD_IP": {"effectiveEnablementState": effective}},
                "updateTime": estate.ago(days=90),
            }
        )
    wrong = own[1] != "ENABLED" and project.active
    (estate.plant if wrong else estate.near_miss)("LOG-06", f"threat detection in {project.id}")


def _finding(estate: Estate, project: Project, index: int) -> dict[str, Any]:
    muted = {"mute": "MUTED", "muteInitiator": "ada@northwind.example"} if index % 4 == 0 else {"mute": "UNMUTED"}
    # One that is still open, and one that was mended, both after their limit.
    late, threat = index % 12 in {4, 5}, index % 3 == 0
    name = f"organizations/100/sources/1/findings/f{index}"
    if not threat:
        (estate.plant if late else estate.near_miss)("LOG-09", f"finding {name}")
    return {
        "finding": {
            "name": name,
            "parent": "organizations/100/sources/1",
            "resourceName": f"//cloudresourcemanager.googleapis.com/projects/{project.number}",
            "category": "OPEN_FIREWALL",
            "state": "INACTIVE" if index % 2 else "ACTIVE",
            "severity": "HIGH",
            "createTime": estate.ago(days=40 if late else 20),
            "eventTime": estate.ago(hours=6),
            "findingClass": "THREAT" if threat else "MISCONFIGURATION",
            **muted,
        },
        "stateChange": "UNUSED",
    }
