"""The org's policies: one weak, one strong, one switched off."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.doubles.okta.org import Json, stamp

if TYPE_CHECKING:
    from tests.doubles.okta.org import Org


def add_policies(org: Org) -> None:
    """A password of eight, a rule with one factor and a session of a day are the planted deviations."""
    _password(org, "Employees", 14, 1)
    _password(org, "Contractors", 8, 2)
    _password(org, "Retired", 4, 3, status="INACTIVE")
    door = _policy(org, "OKTA_SIGN_ON", "Default Policy", 1)
    _sign_on(org, door, "Office", 1, idle=120)
    _sign_on(org, door, "Elsewhere", 2, idle=1440)
    _sign_on(org, door, "Blocked", 3, idle=120, access="DENY")
    strict = _policy(org, "ACCESS_POLICY", "Any two factors", 1)
    _access(org, strict, "Catch-all Rule", 99, mode="2FA", resistant=True)
    loose = _policy(org, "ACCESS_POLICY", "Password only", 2)
    _access(org, loose, "Catch-all Rule", 99, mode="1FA", resistant=False)
    _access(org, loose, "Switched off", 1, mode="1FA", resistant=False, status="INACTIVE")
    enrol = _policy(org, "MFA_ENROLL", "Everybody enrols", 1)
    enrol["settings"] = {
        "type": "AUTHENTICATORS",
        "authenticators": [
            {"key": "okta_password", "enroll": {"self": "REQUIRED"}},
            {"key": "webauthn", "enroll": {"self": "OPTIONAL"}},
        ],
    }


def _policy(org: Org, kind: str, name: str, priority: int, *, status: str = "ACTIVE") -> Json:
    made = stamp(org.end - timedelta(days=600))
    one: Json = {
        "id": org.new_id("00p"),
        "name": name,
        "description": name,
        "type": kind,
        "priority": priority,
        "status": status,
        "system": False,
        "created": made,
        "lastUpdated": made,
        "conditions": None if kind == "ACCESS_POLICY" else {"people": {"groups": {"include": ["00g1"]}}},
    }
    org.policies.append(one)
    org.rules[one["id"]] = []
    return one


def _password(org: Org, name: str, length: int, priority: int, *, status: str = "ACTIVE") -> None:
    _policy(org, "PASSWORD", name, priority, status=status)["settings"] = {
        "password": {
            "complexity": {"minLength": length, "minLowerCase": 1, "excludeAttributes": ["firstName"]},
            "age": {"maxAgeDays": 0, "historyCount": 4},
            "lockout": {"maxAttempts": 10},
        },
        "recovery": {"factors": {}},
        "delegation": {"options": {"skipUnlock": False}},
    }


def _rule(org: Org, policy: Json, kind: str, name: str, priority: int, **more: Any) -> None:
    made = stamp(org.end - timedelta(days=600))
    org.rules[policy["id"]].append(
        {
            "id": org.new_id("0pr"),
            "name": name,
            "type": kind,
            "priority": priority,
            "status": more.pop("status", "ACTIVE"),
            "system": False,
            "created": made,
            "lastUpdated": made,
            "conditions": {},
            "actions": more,
        }
    )


def _sign_on(org: Org, policy: Json, name: str, priority: int, *, idle: int, access: str = "ALLOW") -> None:
    signon = {
        "access": access,
        "requireFactor": False,
        "primaryFactor": "PASSWORD_IDP_ANY_FACTOR",
        "session": {"usePersistentCookie": False, "maxSessionIdleMinutes": idle, "maxSessionLifetimeMinutes": 1440},
    }
    _rule(org, policy, "SIGN_ON", name, priority, signon=signon)


def _access(
    org: Org, policy: Json, name: str, priority: int, *, mode: str, resistant: bool, status: str = "ACTIVE"
) -> None:
    possession = {"phishingResistant": "REQUIRED", "required": True} if resistant else {"deviceBound": "REQUIRED"}
    method = {
        "type": "ASSURANCE",
        "factorMode": mode,
        "reauthenticateIn": "PT2H",
        "constraints": [{"possession": possession}] if mode == "2FA" else [{"knowledge": {"types": ["PASSWORD"]}}],
    }
    _rule(
        org,
        policy,
        "ACCESS_POLICY",
        name,
        priority,
        status=status,
        appSignOn={"access": "ALLOW", "verificationMethod": method},
    )
