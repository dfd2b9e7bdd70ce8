"""What was done in the organisation: the logs, and the alerts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.workspace.estate import ADMINISTRATOR, CUSTOMER, DOMAIN, written

if TYPE_CHECKING:
    from datetime import datetime

    from tests.doubles.workspace.estate import Estate, Json

_WARNING = "type.googleapis.com/google.apps.alertcenter.type.AccountWarning"


def activity(
    estate: Estate, log: str, at: datetime, name: str, kind: str, actor: str = ADMINISTRATOR, **parameters: Any
) -> Json:
    """Put an activity of one event into a log; texts, numbers, truths and lists each under Google's name for them."""
    found = estate.activities.setdefault(log, [])
    known = next((one["id"] for one in estate.users if one["primaryEmail"] == actor), None)
    made = {
        "kind": "admin#reports#activity",
        "id": {
            "time": written(at),
            "uniqueQualifier": str(-7_000_000_000 + len(found)),
            "applicationName": log,
            "customerId": CUSTOMER,
        },
        "actor": {"callerType": "USER", "email": actor, **({"profileId": known} if known else {})},
        "ipAddress": "192.0.2.7",
        "events": [{"type": kind, "name": name, "parameters": [_parameter(*pair) for pair in parameters.items()]}],
    }
    found.append(made)
    return made


def lay_history(estate: Estate) -> None:
    """Every log, and the alerts."""
    _console(estate)
    _logins(estate)
    _drive(estate)
    _apps(estate)
    _alerts(estate)


def _parameter(name: str, value: Any) -> Json:
    match value:
        case bool():
            return {"name": name, "boolValue": value}
        case int():
            return {"name": name, "intValue": str(value)}
        case list():
            return {"name": name, "multiValue": value}
        case _:
            return {"name": name, "value": value}


def _console(estate: Estate) -> None:
    def done(days: float, name: str, kind: str = "USER_SETTINGS", **parameters: Any) -> None:
        activity(estate, "admin", estate.end - timedelta(days=days), name, kind, **parameters)

    done(170, "CREATE_USER", USER_EMAIL=f"contractor@{DOMAIN}")
    done(60, "DELETE_USER", USER_EMAIL=f"newhire@{DOMAIN}")  # of somebody who had the address before
    done(
        30, "ASSIGN_ROLE", "DELEGATED_ADMIN_SETTINGS", USER_EMAIL=f"helper@{DOMAIN}", ROLE_NAME="_HELP_DESK_ADMIN_ROLE"
    )
    done(29, "UNASSIGN_ROLE", "DELEGATED_ADMIN_SETTINGS", USER_EMAIL=f"renamed@{DOMAIN}", ROLE_NAME="Auditors")
    done(28, "GRANT_ADMIN_PRIVILEGE", USER_EMAIL=f"Bertha.Root@{DOMAIN}")
    done(12, "SUSPEND_USER", USER_EMAIL=f"suspended@{DOMAIN}")
    done(11, "ADD_GROUP_MEMBER", "GROUP_SETTINGS", USER_EMAIL=f"old.name@{DOMAIN}", GROUP_EMAIL=f"oncall@{DOMAIN}")
    done(7, "SUSPEND_USER", USER_EMAIL=f"leaver@{DOMAIN}")
    done(5, "DELETE_USER", USER_EMAIL=f"leaver@{DOMAIN}")
    done(2, "CREATE_USER", USER_EMAIL=f"leaver@{DOMAIN}")
    done(1.9, "TURN_OFF_2_STEP_VERIFICATION", USER_EMAIL=f"nofactor.one@{DOMAIN}")
    done(1.8, "CHANGE_TWO_STEP_VERIFICATION_START_DATE", "SECURITY_SETTINGS", NEW_VALUE="2027", SETTING_NAME="start")
    done(1.7, "DOWNLOAD_PENDING_INVITES_LIST", "USER_SETTINGS")
    done(1.6, "DELETE_USER", USER_EMAIL=f"forgotten@{DOMAIN}")
    estate.manifest["actions"] = {
        "user_created": [estate.id("contractor"), estate.id("leaver")],
        "role_granted": [estate.id("helper"), estate.id("Bertha.Root")],
        "role_revoked": [estate.id("renamed")],
        "user_suspended": [estate.id("suspended"), estate.deleted[0]["id"]],
        "group_added": [estate.id("renamed")],
        # The first and the last one Google does not remember any more.
        "user_deleted": [f"newhire@{DOMAIN}", estate.deleted[0]["id"], f"forgotten@{DOMAIN}"],
        "mfa_reset": [estate.id("nofactor.one")],
        "policy_changed": [None],
        "other": [None],
    }


def _logins(estate: Estate) -> None:
    for index in range(5):
        at = estate.end - timedelta(days=3, hours=index)
        activity(estate, "login", at, "login_success", "login", f"ben@{DOMAIN}", login_type="google_password")
    at = estate.end - timedelta(days=2)
    activity(
        estate,
        "login",
        at,
        "suspicious_login",
        "account_warning",
        f"ben@{DOMAIN}",
        affected_email_address=f"ben@{DOMAIN}",
    )
    leaked = "account_disabled_password_leak"
    activity(estate, "login", at, leaked, "account_warning", f"cleo@{DOMAIN}", affected_email_address=f"cleo@{DOMAIN}")
    both = activity(estate, "login", at, "2sv_disable", "2sv_change", f"dan@{DOMAIN}")
    both["events"].append({"type": "2sv_change", "name": "2sv_enroll", "parameters": []})


def _drive(estate: Estate) -> None:
    def shared(days: float, name: str, **parameters: Any) -> None:
        told = {"doc_id": f"doc{days}", "doc_title": "Plans", "owner": f"ben@{DOMAIN}", **parameters}
        activity(estate, "drive", estate.end - timedelta(days=days), name, "acl_change", f"ben@{DOMAIN}", **told)

    shared(
        9, "change_document_visibility", visibility="people_with_link", visibility_change="external", new_value=["x"]
    )
    shared(8, "change_document_visibility", visibility="private", visibility_change="internal", old_value=["y"])
    shared(7, "change_document_visibility", visibility="people_within_domain_with_link", visibility_change="none")
    added = {"old_value": ["none"], "visibility": "shared_externally"}
    shared(
        6,
        "change_user_access",
        target_user="zoe@elsewhere.example",
        new_value=["can_edit"],
        visibility_change="none",
        **added,
    )
    shared(
        5, "change_user_access", target_user=f"cleo@{DOMAIN}", new_value=["can_view"], visibility_change="none", **added
    )
    taken = {"new_value": ["none"], "visibility_change": "none", "visibility": "private"}
    shared(4, "change_user_access", target_user="zoe@elsewhere.example", old_value=["can_edit"], **taken)
    estate.manifest["shared"] = {"doc9": "made_public", "doc6": "shared_outside"}


def _apps(estate: Estate) -> None:
    for days in (20, 3):
        at = estate.end - timedelta(days=days)
        activity(
            estate, "token", at, "authorize", "auth", ADMINISTRATOR, client_id="77.apps.example", app_name="Zippy Notes"
        )
    activity(
        estate, "token", estate.end - timedelta(days=2), "revoke", "auth", ADMINISTRATOR, client_id="77.apps.example"
    )
    for days in (15, 4):
        at = estate.end - timedelta(days=days)
        activity(
            estate,
            "saml",
            at,
            "login_success",
            "login",
            f"ben@{DOMAIN}",
            application_name="Payroll",
            initiated_by="idp",
        )
    at = estate.end - timedelta(days=1)
    activity(estate, "saml", at, "login_failure", "login", f"ben@{DOMAIN}", application_name="Travel", failure_type="x")


def _alerts(estate: Estate) -> None:
    for index, (status, severity) in enumerate([("NOT_STARTED", "HIGH"), ("IN_PROGRESS", "MEDIUM"), ("CLOSED", "LOW")]):
        estate.alerts.append(
            {
                "customerId": CUSTOMER.removeprefix("C"),
                "alertId": f"0000-{index}",
                "createTime": estate.ago(days=30 - index),
                "startTime": estate.ago(days=30 - index),
                "type": "Suspicious login",
                "source": "Google identity",
                "data": {
                    "@type": "type.googleapis.com/google.apps.alertcenter.type.AccountWarning",
                    "email": f"ben@{DOMAIN}",
                },
                "metadata": {
                    "customerId": CUSTOMER.removeprefix("C"),
                    "alertId": f"0000-{index}",
                    "status": status,
                    "severity": severity,
                    "assignee": ADMINISTRATOR,
                    "updateTime": estate.ago(days=20),
                },
            }
        )
