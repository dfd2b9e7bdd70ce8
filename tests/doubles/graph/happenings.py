"""What happened in the made-up tenant: logs with a lag, reviews, requests, runs, incidents, courses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.graph.ids import identity
from tests.doubles.graph.people import text

if TYPE_CHECKING:
    from tests.doubles.graph.people import People

SHOWN_FROM = "_shownFrom"
"""When an entry of a log can first be read; never sent."""
REVIEWS = "/identityGovernance/accessReviews/definitions"
WORKFLOWS = "/identityGovernance/lifecycleWorkflows/workflows"
AGREEMENTS = "/identityGovernance/termsOfUse/agreements"


@dataclass
class Happenings:
    """Lists as Graph gives them, by the path they are at."""

    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    planted: dict[str, list[str]] = field(default_factory=dict)


def seeded(people: People, now: datetime) -> Happenings:
    """Twenty days of logs, and one of everything else, with something wrong in each."""
    made = Happenings()
    _audits(made, people, now)
    _sign_ins(made, people, now)
    _governance(made, people, now)
    _security(made, people, now)
    _awareness(made, people, now)
    return made


def _audits(made: Happenings, people: People, now: datetime) -> None:
    boss, leaver, gone = people.users[7], people.users[5], people.deleted[0]
    changed = [{"displayName": "AccountEnabled", "oldValue": "[true]", "newValue": "[false]"}]
    said = [
        (20, "Add user", [_target("User", people.users[2])]),
        (12, "Update user", [_target("User", leaver) | {"modifiedProperties": changed}]),
        (12, "Disable account", [_target("User", leaver)]),
        (
            5,
            "Add member to role",
            [
                _target("User", people.users[8]),
                {"id": identity("role", 1), "type": "Role", "displayName": "Global Administrator"},
            ],
        ),
        (
            4,
            "Add member to group",
            [{"id": identity("group", 1), "type": "Group", "displayName": "Admins"}, _target("User", people.users[9])],
        ),
        (3, "Delete user", [_target("User", gone)]),
        (
            2,
            "Add member to role completed (PIM activation)",
            [{"id": identity("role", 1), "type": "Role"}, _target("User", people.users[10])],
        ),
        (1, "User registered security info", [_target("User", people.users[11])]),
        (
            1,
            "Update conditional access policy",
            [{"id": "ca-1", "type": "Policy", "displayName": "Second factor for everyone"}],
        ),
        (1, "Something new", []),
    ]
    made.lists["/auditLogs/directoryAudits"] = [
        _entry(number, now - timedelta(days=days, minutes=number), activity, targets, boss)
        for number, (days, activity, targets) in enumerate(said)
    ]
    late = _entry(99, now - timedelta(minutes=30), "Reset user password", [_target("User", people.users[3])], boss)
    made.lists["/auditLogs/directoryAudits"].append(late | {SHOWN_FROM: now + timedelta(minutes=90)})
    made.planted["late entry"] = [late["id"]]


def _target(kind: str, user: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": user["id"],
        "type": kind,
        "displayName": None,
        "userPrincipalName": user["userPrincipalName"],
        "modifiedProperties": [],
    }


def _entry(
    number: int, at: datetime, activity: str, targets: list[dict[str, Any]], boss: dict[str, Any]
) -> dict[str, Any]:
    who: dict[str, Any] = {"user": {"id": boss["id"], "userPrincipalName": boss["userPrincipalName"]}, "app": None}
    if activity == "Something new":
        who = {"user": None, "app": {"displayName": "Sync", "servicePrincipalId": identity("principal", 1)}}
    return {
        "id": f"Directory_{number:05d}",
        "category": "UserManagement",
        "activityDisplayName": activity,
        "activityDateTime": text(at),
        "result": "success",
        "initiatedBy": who,
        "targetResources": targets,
        "additionalDetails": [{"key": "User-Agent", "value": "browser"}],
    }


def _sign_ins(made: Happenings, people: People, now: datetime) -> None:
    usual, old, rescue = people.users[0], people.users[12], people.by_login("breakglass1")
    rows = [(usual, "Browser", 0)] * 6 + [(old, "IMAP4", 0), (old, "POP3", 50126), (rescue, "Browser", 0)]
    made.lists["/auditLogs/signIns"] = [
        {
            "id": identity("entry", number),
            "createdDateTime": text(now - timedelta(days=1, minutes=number)),
            "userPrincipalName": user["userPrincipalName"],
            "userId": user["id"],
            "appDisplayName": "Office",
            "clientAppUsed": client,
            "conditionalAccessStatus": "success",
            "isInteractive": True,
            "status": {"errorCode": code, "failureReason": None, "additionalDetails": None},
        }
        for number, (user, client, code) in enumerate(rows)
    ]
    made.planted |= {"legacy sign-in": [identity("entry", 6)], "break-glass sign-in": [identity("entry", 8)]}


def _governance(made: Happenings, people: People, now: datetime) -> None:
    reviewer, kept, removed, forgotten = (people.users[number] for number in (7, 13, 14, 15))
    made.lists[REVIEWS] = [
        {"id": identity("review", 1), "displayName": "Quarterly review of Admins", "status": "InProgress"}
    ]
    made.lists[f"{REVIEWS}/{identity('review', 1)}/instances"] = [
        {
            "id": identity("review", 2),
            "startDateTime": text(now - timedelta(days=40)),
            "endDateTime": text(now - timedelta(days=26)),
            "status": "Applied",
        },
        {
            "id": identity("review", 3),
            "startDateTime": text(now - timedelta(days=2)),
            "endDateTime": text(now + timedelta(days=12)),
            "status": "InProgress",
        },
    ]
    resource = {"id": identity("group", 1), "displayName": "Admins", "type": "Group"}
    decided = {
        "reviewedBy": {"id": reviewer["id"], "userPrincipalName": reviewer["userPrincipalName"]},
        "reviewedDateTime": text(now - timedelta(days=30)),
    }
    nobody = {
        "reviewedBy": {"id": "00000000-0000-0000-0000-000000000000", "userPrincipalName": ""},
        "reviewedDateTime": None,
    }
    made.lists[f"{REVIEWS}/{identity('review', 1)}/instances/{identity('review', 2)}/decisions"] = [
        {
            "id": "d-1",
            "principal": {"id": kept["id"]},
            "resource": resource,
            "decision": "Approve",
            "applyResult": "AppliedSuccessfully",
            "appliedDateTime": text(now - timedelta(days=26)),
            **decided,
        },
        {
            "id": "d-2",
            "principal": {"id": removed["id"]},
            "resource": resource,
            "decision": "Deny",
            "applyResult": "AppliedWithUnknownFailure",
            "appliedDateTime": None,
            **decided,
        },
        {
            "id": "d-3",
            "principal": {"id": forgotten["id"]},
            "resource": None,
            "decision": "NotReviewed",
            "applyResult": "New",
            "appliedDateTime": None,
            **nobody,
        },
    ]
    made.lists[f"{REVIEWS}/{identity('review', 1)}/instances/{identity('review', 3)}/decisions"] = []
    made.lists[WORKFLOWS] = [{"id": "w-1", "displayName": "Leavers", "category": "leaver", "isEnabled": True}]
    made.lists[f"{WORKFLOWS}/w-1/runs"] = [
        {
            "id": "run-1",
            "startedDateTime": text(now - timedelta(days=3)),
            "completedDateTime": text(now - timedelta(days=3)),
            "processingStatus": "completedWithErrors",
            "successfulUsersCount": 1,
            "failedUsersCount": 1,
        }
    ]
    made.lists[f"{WORKFLOWS}/w-1/runs/run-1/userProcessingResults"] = [
        {
            "id": "p-1",
            "subject": {"id": people.deleted[0]["id"]},
            "startedDateTime": text(now - timedelta(days=3)),
            "completedDateTime": text(now - timedelta(days=3)),
            "processingStatus": "completed",
        },
        {
            "id": "p-2",
            "subject": {"id": people.users[5]["id"]},
            "startedDateTime": text(now - timedelta(days=3)),
            "completedDateTime": text(now - timedelta(days=3)),
            "processingStatus": "failed",
        },
    ]
    asked = {"objectId": kept["id"], "principalName": kept["userPrincipalName"], "email": kept["mail"]}
    made.lists["/identityGovernance/entitlementManagement/assignmentRequests"] = [
        {
            "id": "ar-1",
            "requestType": "userAdd",
            "state": "delivered",
            "status": "Delivered",
            "createdDateTime": text(now - timedelta(days=9)),
            "completedDateTime": text(now - timedelta(days=8)),
            "requestor": asked,
            "accessPackage": {"id": "ap", "displayName": "Engineering"},
        },
        {
            "id": "ar-2",
            "requestType": "userAdd",
            "state": "pendingApproval",
            "status": "PendingApproval",
            "createdDateTime": text(now - timedelta(days=1)),
            "completedDateTime": None,
            "requestor": asked,
            "accessPackage": {"id": "ap", "displayName": "Engineering"},
        },
    ]
    made.lists["/roleManagement/directory/roleAssignmentScheduleRequests"] = [
        {
            "id": "pim-1",
            "action": "selfActivate",
            "principalId": people.users[10]["id"],
            "roleDefinitionId": identity("role", 1),
            "justification": "incident 7",
            "status": "Provisioned",
            "createdDateTime": text(now - timedelta(days=2)),
            "approvalId": None,
            "createdBy": {"user": {"id": people.users[10]["id"]}},
            "ticketInfo": {"ticketNumber": "INC-7", "ticketSystem": "x"},
        },
        {
            "id": "pim-2",
            "action": "adminAssign",
            "principalId": people.users[8]["id"],
            "roleDefinitionId": identity("role", 1),
            "justification": "",
            "status": "Denied",
            "createdDateTime": text(now - timedelta(days=60)),
            "approvalId": None,
            "createdBy": {"user": {"id": people.users[7]["id"]}},
            "ticketInfo": {"ticketNumber": None, "ticketSystem": None},
        },
    ]


def _security(made: Happenings, people: People, now: datetime) -> None:
    made.lists["/identityProtection/riskDetections"] = [
        {
            "id": "risk-1",
            "riskEventType": "unfamiliarFeatures",
            "riskState": "atRisk",
            "riskLevel": "high",
            "riskDetail": "none",
            "detectedDateTime": text(now - timedelta(days=2)),
            "lastUpdatedDateTime": text(now - timedelta(days=2)),
            "userId": people.users[3]["id"],
            "userPrincipalName": people.users[3]["userPrincipalName"],
        },
        {
            "id": "risk-2",
            "riskEventType": "leakedCredentials",
            "riskState": "remediated",
            "riskLevel": "high",
            "riskDetail": "userPerformedSecuredPasswordReset",
            "detectedDateTime": text(now - timedelta(days=9)),
            "lastUpdatedDateTime": text(now - timedelta(days=8)),
            "userId": people.users[4]["id"],
            "userPrincipalName": people.users[4]["userPrincipalName"],
        },
    ]
    made.lists["/security/incidents"] = [
        {
            "id": "100",
            "displayName": "Mail",
            "severity": "high",
            "status": "active",
            "createdDateTime": text(now - timedelta(days=2)),
            "lastUpdateDateTime": text(now - timedelta(days=1)),
            "assignedTo": None,
            "classification": "unknown",
            "determination": "unknown",
            "customTags": [],
        }
    ]
    made.lists["/security/alerts_v2"] = [
        {
            "id": "al-1",
            "title": "Odd",
            "severity": "low",
            "status": "resolved",
            "serviceSource": "microsoftDefenderForEndpoint",
            "incidentId": "100",
            "determination": "notMalicious",
            "createdDateTime": text(now - timedelta(days=2)),
            "lastUpdateDateTime": text(now - timedelta(days=1)),
            "resolvedDateTime": text(now - timedelta(days=1)),
        }
    ]
    made.lists["/deviceManagement/managedDevices"] = [
        {
            "id": f"dev-{number}",
            "deviceName": f"PC{number}",
            "userPrincipalName": people.users[number]["userPrincipalName"],
            "managedDeviceOwnerType": "company",
            "operatingSystem": "Windows",
            "osVersion": "10.0",
            "isEncrypted": number != 1,
            "complianceState": "noncompliant" if number == 1 else "compliant",
            "lastSyncDateTime": text(now - timedelta(days=1)),
            "enrolledDateTime": text(now - timedelta(days=100)),
        }
        for number in range(3)
    ]
    made.lists["/deviceManagement/deviceCompliancePolicies"] = [
        {"@odata.type": "#microsoft.graph.windows10CompliancePolicy", "id": "cp-1", "displayName": "Windows"}
    ]


def _awareness(made: Happenings, people: People, now: datetime) -> None:
    made.lists["/reports/security/getAttackSimulationTrainingUserCoverage"] = [
        {
            "attackSimulationUser": {
                "userId": people.users[0]["id"],
                "displayName": "x",
                "email": people.users[0]["mail"],
            },
            "userTrainings": [
                {
                    "displayName": "Phishing",
                    "trainingStatus": "completed",
                    "assignedDateTime": text(now - timedelta(days=40)),
                    "completionDateTime": text(now - timedelta(days=30)),
                }
            ],
        },
        {
            "attackSimulationUser": {
                "userId": people.users[1]["id"],
                "displayName": "y",
                "email": people.users[1]["mail"],
            },
            "userTrainings": [
                {
                    "displayName": "Phishing",
                    "trainingStatus": "overdue",
                    "assignedDateTime": text(now - timedelta(days=40)),
                    "completionDateTime": None,
                }
            ],
        },
    ]
    made.lists["/security/attackSimulation/simulations"] = [
        {
            "id": "sim-1",
            "displayName": "Spring",
            "status": "succeeded",
            "launchDateTime": text(now - timedelta(days=50)),
            "completionDateTime": text(now - timedelta(days=43)),
        }
    ]
    made.lists[AGREEMENTS] = [{"id": "terms-1", "displayName": "Terms of use"}]
    made.lists[f"{AGREEMENTS}/terms-1/acceptances"] = [
        {
            "id": "acc-1",
            "agreementId": "terms-1",
            "userId": people.users[0]["id"],
            "userEmail": people.users[0]["mail"],
            "userPrincipalName": people.users[0]["userPrincipalName"],
            "agreementFileId": "file-1",
            "recordedDateTime": text(now - timedelta(days=10)),
            "expirationDateTime": None,
            "state": "accepted",
        }
    ]
    made.lists["/security/subjectRightsRequests"] = [
        {
            "id": "srr-1",
            "displayName": "Export for somebody",
            "type": "export",
            "status": "active",
            "dataSubjectType": "customer",
            "createdDateTime": text(now - timedelta(days=5)),
            "closedDateTime": None,
            "internalDueDateTime": text(now + timedelta(days=20)),
        }
    ]
    made.lists["/security/labels/retentionLabels"] = [
        {
            "id": "lab-1",
            "displayName": "Two years",
            "actionAfterRetentionPeriod": "delete",
            "isInUse": True,
            "retentionDuration": {"@odata.type": "#microsoft.graph.security.retentionDurationInDays", "days": "730"},
        },
        {
            "id": "lab-2",
            "displayName": "For good",
            "actionAfterRetentionPeriod": "none",
            "isInUse": False,
            "retentionDuration": {"@odata.type": "#microsoft.graph.security.retentionDurationForever"},
        },
    ]
