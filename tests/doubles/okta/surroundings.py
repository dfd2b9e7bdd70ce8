"""What an org has besides people and rules: applications, tokens, streams, zones, devices, campaigns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.okta.org import Json, stamp

if TYPE_CHECKING:
    from tests.doubles.okta.org import Org


def add_surroundings(org: Org) -> None:
    """A token that is too old is the planted deviation."""
    _apps(org)
    _watching(org)
    _devices(org)
    _campaigns(org)


def _apps(org: Org) -> None:
    made, ordinary = stamp(org.end - timedelta(days=400)), list(org.users)
    for name, status in (("Payroll", "ACTIVE"), ("Wiki", "ACTIVE"), ("Old CRM", "INACTIVE")):
        one = org.new_id("0oa")
        org.apps[one] = {
            "id": one,
            "name": name.lower().replace(" ", "_"),
            "label": name,
            "status": status,
            "signOnMode": "SAML_2_0",
            "created": made,
            "lastUpdated": made,
            "features": [],
            "visibility": {"autoSubmitToolbar": False, "hide": {"iOS": False, "web": False}},
        }
        org.app_users[one] = [
            {
                "id": user,
                "scope": "GROUP" if number % 2 else "USER",
                "status": "ACTIVE",
                "created": made,
                "lastUpdated": made,
                "statusChanged": made,
                "credentials": {"userName": org.users[user]["profile"]["login"]},
                "profile": {},
            }
            for number, user in enumerate(ordinary[:20])
        ]
        group = list(org.groups)[1]
        org.app_groups[one] = [{"id": group, "lastUpdated": made, "priority": 0, "profile": {}}]
    target = {"id": next(iter(org.apps)), "type": "AppInstance", "alternateId": "Payroll", "displayName": "Payroll"}
    moment = org.end - timedelta(days=2)
    org.log("application.user_membership.add", moment, targets=[org.as_target(ordinary[2]), target])
    org.log("application.user_membership.remove", moment, targets=[org.as_target(ordinary[3]), target])


def _watching(org: Org) -> None:
    made, user = org.end - timedelta(days=300), next(iter(org.users))
    for name, days in (("terraform", 200), ("fresh", 20)):
        org.tokens.append(
            {
                "id": org.new_id("00T"),
                "name": name,
                "userId": user,
                "clientName": "Okta API",
                "tokenWindow": "P30D",
                "created": stamp(org.end - timedelta(days=days)),
                "lastUpdated": stamp(org.end - timedelta(days=1)),
                "expiresAt": stamp(org.end + timedelta(days=29)),
                "network": {"connection": "ANYWHERE"},
            }
        )
    org.manifest["tokens"] = {"old": [org.tokens[0]["id"]]}
    org.streams.append(
        {
            "id": org.new_id("0oa"),
            "name": "To the SIEM",
            "type": "aws_eventbridge",
            "status": "ACTIVE",
            "created": stamp(made),
            "lastUpdated": stamp(made),
            "settings": {"accountId": "111111111111", "eventSourceName": "okta", "region": "eu-central-1"},
            "_links": {"self": {"href": "https://northwind.okta.com/api/v1/logStreams/1", "method": "GET"}},
        }
    )
    org.threats = {"action": "audit", "excludeZones": [], "created": stamp(made), "lastUpdated": stamp(made)}
    org.zones.append(
        {
            "id": org.new_id("nzo"),
            "name": "Office",
            "type": "IP",
            "usage": "POLICY",
            "status": "ACTIVE",
            "system": False,
            "created": stamp(made),
            "lastUpdated": stamp(made),
            "gateways": [{"type": "CIDR", "value": "192.0.2.0/24"}],
        }
    )
    org.behaviours.append(
        {
            "id": org.new_id("abc"),
            "name": "New place",
            "type": "VELOCITY",
            "status": "ACTIVE",
            "created": stamp(made),
            "lastUpdated": stamp(made),
            "settings": {"velocityKph": 805},
        }
    )
    moment, target = org.end - timedelta(days=1), org.as_target(list(org.users)[-1])
    org.log("user.account.lock", moment, targets=[target], severity="WARN", result="FAILURE")
    org.log("security.threat.detected", moment, targets=[], severity="WARN", result="DENY")
    org.log("user.session.start", org.end - timedelta(hours=1), targets=[])
    org.log("user.mfa.factor.activate", moment, targets=[target])
    org.log("policy.rule.update", moment, targets=[{"id": org.policies[0]["id"], "type": "PolicyEntity"}])
    org.log("system.api_token.create", moment, targets=[{"id": org.tokens[1]["id"], "type": "Token"}])


def _devices(org: Org) -> None:
    made = stamp(org.end - timedelta(days=100))
    for platform, disk in (("MACOS", "ALL_INTERNAL_VOLUMES"), ("WINDOWS", "NONE"), ("IOS", None)):
        one = org.new_id("guo")
        profile: Json = {"displayName": f"{platform} of somebody", "platform": platform, "registered": True}
        org.devices.append(
            {
                "id": one,
                "status": "ACTIVE",
                "created": made,
                "lastUpdated": made,
                "profile": profile | ({"diskEncryptionType": disk} if disk else {}),
                "resourceType": "UDDevice",
                "resourceDisplayName": {"value": profile["displayName"], "sensitive": False},
                "resourceId": one,
                "_embedded": {"users": [{"managementStatus": "MANAGED", "user": {"id": next(iter(org.users))}}]},
            }
        )
    org.assurances.append(
        {
            "id": org.new_id("dae"),
            "name": "Macs",
            "platform": "MACOS",
            "diskEncryptionType": {"include": ["ALL_INTERNAL_VOLUMES"]},
            "screenLockType": {"include": ["BIOMETRIC", "PASSCODE"]},
            "createdDate": made,
            "lastUpdate": made,
        }
    )


def _campaigns(org: Org) -> None:
    day, people = timedelta(days=1), list(org.users)
    for name, status, began in (("Q1", "COMPLETED", 120), ("Q2", "ACTIVE", 20), ("Q3", "SCHEDULED", -30)):
        one = org.new_id("icn")
        start = stamp(org.end - began * day)
        org.campaigns.append(
            {
                "id": one,
                "name": f"Admins {name}",
                "status": status,
                "created": stamp(org.end - 200 * day),
                "lastUpdated": stamp(org.end - (began - 14) * day) if began > 20 else start,
                "scheduleSettings": {"startDate": start, "durationInDays": 14, "type": "ONE_OFF"},
            }
        )
        for number in range(0 if status == "SCHEDULED" else 3):
            decided = status == "COMPLETED" or number == 0
            org.reviews.append(
                {
                    "id": org.new_id("icr"),
                    "campaignId": one,
                    "resourceId": list(org.apps)[0],  # noqa: RUF015 - the first of several
                    "decision": ("REVOKE" if number == 1 else "APPROVE") if decided else "UNREVIEWED",
                    "decided": stamp(org.end - (began - 5) * day) if decided else None,
                    "remediationStatus": None,
                    "reviewerProfile": {"id": people[0], "login": org.users[people[0]]["profile"]["login"]},
                    "principalProfile": {
                        "id": people[number + 1],
                        "login": org.users[people[number + 1]]["profile"]["login"],
                    },
                }
            )
