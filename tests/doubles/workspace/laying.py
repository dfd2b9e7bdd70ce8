"""Lays out the organisation: people first, then what they may do, then what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doubles.workspace.estate import ADMINISTRATOR, CUSTOMER, DOMAIN, NAMES, NEVER, UNITS
from tests.doubles.workspace.history import lay_history

if TYPE_CHECKING:
    import random

    from tests.doubles.workspace.estate import Estate, Json

SUPER, HELP_DESK, READER = "1001", "1002", "1003"


def lay(estate: Estate, chance: random.Random, people: int) -> None:
    """All of it."""
    _units(estate)
    _people(estate, chance, people)
    _groups(estate)
    _roles(estate)
    _settings(estate)
    _devices(estate)
    lay_history(estate)


def _units(estate: Estate) -> None:
    for path, identity in UNITS.items():
        estate.units.append(
            {
                "kind": "admin#directory#orgUnit",
                "orgUnitId": f"id:{identity}",
                "orgUnitPath": path,
                "name": path.rpartition("/")[2] or DOMAIN,
            }
        )


def _user(estate: Estate, chance: random.Random, name: str, **told: Any) -> Json:
    user = {
        "kind": "admin#directory#user",
        "id": str(100_000_000_000_000_000_000 + chance.randrange(10**19)),
        "etag": f'"{chance.randrange(10**9)}"',
        "primaryEmail": f"{name}@{DOMAIN}",
        "name": {"givenName": name.title(), "familyName": "Northwind", "fullName": f"{name.title()} Northwind"},
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "lastLoginTime": estate.ago(days=chance.randrange(1, 30)),
        "creationTime": estate.ago(days=chance.randrange(200, 900)),
        "agreedToTerms": True,
        "suspended": False,
        "archived": False,
        "isEnrolledIn2Sv": True,
        "isEnforcedIn2Sv": True,
        "orgUnitPath": chance.choice(["/Engineering", "/"]),
        "customerId": CUSTOMER,
        "externalIds": [{"type": "organization", "value": f"E{chance.randrange(1000, 9999)}"}],
        **told,
    }
    estate.users.append(user)
    return user


def _people(estate: Estate, chance: random.Random, people: int) -> None:
    """Ada first; then the planted ones, and as many ordinary ones as it takes."""
    ago = estate.ago
    _user(estate, chance, "ada", isAdmin=True)
    _user(estate, chance, "Bertha.Root", isAdmin=True)
    for name in ("nofactor.one", "nofactor.two"):
        _user(estate, chance, name, isEnrolledIn2Sv=False, isEnforcedIn2Sv=False)
    _user(estate, chance, "newhire", isEnrolledIn2Sv=False, isEnforcedIn2Sv=False, creationTime=ago(hours=20))
    _user(estate, chance, "dormant", lastLoginTime=ago(days=140))
    _user(estate, chance, "never", lastLoginTime=NEVER, isEnrolledIn2Sv=True)
    _user(
        estate,
        chance,
        "suspended",
        suspended=True,
        suspensionReason="ADMIN",
        suspensionTime=ago(days=12),
        isEnrolledIn2Sv=False,
    )
    _user(estate, chance, "archived", archived=True, archivalTime=ago(days=40), lastLoginTime=ago(days=200))
    _user(estate, chance, "svc-backup", isEnrolledIn2Sv=False, isEnforcedIn2Sv=False)
    _user(
        estate,
        chance,
        "guest1",
        isGuestUser=True,
        guestAccountInfo={"primaryGuestEmail": "g@partner.example"},
        isEnrolledIn2Sv=False,
    )
    _user(estate, chance, "contractor", orgUnitPath="/Contractors")
    _user(estate, chance, "helper", isDelegatedAdmin=True)
    _user(estate, chance, "renamed", aliases=[f"old.name@{DOMAIN}"])
    for index in range(max(0, people - len(estate.users))):
        _user(estate, chance, f"{NAMES[index % len(NAMES)]}{index // len(NAMES) or ''}")
    for name, days in (("leaver", 5), ("eve.gone", 18)):
        gone = _user(
            estate,
            chance,
            name,
            deletionTime=ago(days=days, seconds=1),
            suspended=True,
            suspensionTime=ago(days=days + 2),
        )
        estate.users.remove(gone)
        estate.deleted.append(gone)
    # Its address went to somebody else, who came later.
    again = _user(estate, chance, "leaver", creationTime=ago(days=2, seconds=-1))
    estate.factors = {user["id"]: {"accounts:num_security_keys": 0} for user in estate.users}
    estate.factors[estate.id("ada")] = {"accounts:num_security_keys": 2, "accounts:num_passkeys_enrolled": 1}
    estate.manifest |= {
        "administrator": ADMINISTRATOR,
        "programs": [f"svc-*@{DOMAIN}"],
        "reused": {"address": f"leaver@{DOMAIN}", "first": estate.deleted[0]["id"], "then": again["id"]},
        "deviations": {
            "IAM-01": [estate.id("nofactor.one"), estate.id("nofactor.two"), estate.id("guest1")],
            "IAM-10": [estate.id("dormant")],
        },
        "near_misses": {
            "IAM-01": [estate.id("newhire"), estate.id("suspended"), estate.id("svc-backup"), estate.deleted[0]["id"]],
            "IAM-10": [estate.id("archived"), estate.id("suspended"), estate.deleted[1]["id"]],
        },
    }


def _group(estate: Estate, name: str, members: list[Json], **settings: str) -> str:
    identity = f"0{len(estate.groups)}group"
    address = f"{name}@{DOMAIN}"
    estate.groups.append(
        {
            "kind": "admin#directory#group",
            "id": identity,
            "email": address,
            "name": name,
            "directMembersCount": str(sum(one["type"] == "USER" for one in members)),
            "adminCreated": True,
        }
    )
    estate.members[identity] = members
    estate.group_settings[address] = {
        "kind": "groupsSettings#groups",
        "email": address,
        "name": name,
        "whoCanJoin": "INVITED_CAN_JOIN",
        "whoCanInvite": "ALL_MANAGERS_CAN_INVITE",
        "allowExternalMembers": "false",
        "whoCanViewGroup": "ALL_MEMBERS_CAN_VIEW",
        **settings,
    }
    return identity


def _member(estate: Estate, name: str, role: str = "MEMBER") -> Json:
    user = estate.user(name)
    return {
        "kind": "admin#directory#member",
        "id": user["id"],
        "email": user["primaryEmail"],
        "role": role,
        "type": "USER",
        "status": "ACTIVE",
    }


def _nested(identity: str, name: str) -> Json:
    return {
        "kind": "admin#directory#member",
        "id": identity,
        "email": f"{name}@{DOMAIN}",
        "role": "MEMBER",
        "type": "GROUP",
        "status": "ACTIVE",
    }


def _groups(estate: Estate) -> None:
    outsider = {
        "kind": "admin#directory#member",
        "id": "99887766",
        "email": "zoe@elsewhere.example",
        "role": "MEMBER",
        "type": "USER",
        "status": "ACTIVE",
    }
    oncall = _group(estate, "oncall", [_member(estate, "contractor"), _member(estate, "renamed")])
    leads = _group(estate, "leads", [_member(estate, "helper", "OWNER"), _nested(oncall, "oncall")])
    admins = _group(
        estate, "it-admins", [_member(estate, "dormant"), _nested(leads, "leads"), _nested(oncall, "oncall")]
    )
    _group(estate, "partners", [outsider, _member(estate, "ada", "OWNER")], allowExternalMembers="true")
    everyone = {
        "kind": "admin#directory#member",
        "id": CUSTOMER,
        "role": "MEMBER",
        "type": "CUSTOMER",
        "status": "ACTIVE",
    }
    _group(estate, "all-hands", [everyone], whoCanJoin="ALL_IN_DOMAIN_CAN_JOIN")
    empty = _group(estate, "nobody", [])
    estate.manifest |= {
        "role_group": admins,
        "empty_role_group": empty,
        "by_group": {
            estate.id("dormant"): (admins,),
            estate.id("helper"): (admins, leads),
            # By both groups: the shorter way is told.
            estate.id("contractor"): (admins, oncall),
            estate.id("renamed"): (admins, oncall),
        },
        "outsider": "99887766",
    }


def _roles(estate: Estate) -> None:
    def role(identity: str, name: str, privileges: list[str], **told: bool) -> None:
        estate.roles.append(
            {
                "kind": "admin#directory#role",
                "roleId": identity,
                "roleName": name,
                "isSystemRole": name.startswith("_"),
                "rolePrivileges": [{"privilegeName": one, "serviceId": "00haapch16h1ysv"} for one in privileges],
                **told,
            }
        )

    def assign(to: str, role_id: str, kind: str, **told: Any) -> None:
        estate.assignments.append(
            {
                "kind": "admin#directory#roleAssignment",
                "roleAssignmentId": str(9000 + len(estate.assignments)),
                "roleId": role_id,
                "assignedTo": to,
                "assigneeType": kind,
                "scopeType": "CUSTOMER",
                **told,
            }
        )

    role(SUPER, "_SEED_ADMIN_ROLE", ["SUPER_ADMIN"], isSuperAdminRole=True)
    role(HELP_DESK, "_HELP_DESK_ADMIN_ROLE", ["USERS_RETRIEVE", "USERS_RESET_PASSWORD"])
    role(READER, "Auditors", ["USERS_RETRIEVE", "GROUPS_RETRIEVE", "ORGANIZATION_UNITS_RETRIEVE"])
    assign(estate.id("ada"), SUPER, "user")
    assign(estate.id("Bertha.Root"), SUPER, "user", expirationDetails={"expireTime": "2027-01-01T00:00:00Z"})
    assign(estate.manifest["role_group"], HELP_DESK, "group")
    assign(estate.id("helper"), HELP_DESK, "user", scopeType="ORG_UNIT", orgUnitId=UNITS["/Engineering"])
    assign(estate.manifest["empty_role_group"], HELP_DESK, "group")
    assign(estate.id("never"), READER, "user")


def _policy(estate: Estate, kind: str, value: Json, unit: str = "/", *, order: float = 1.0, of: str = "ADMIN") -> None:
    estate.policies.append(
        {
            "name": f"policies/ahv{len(estate.policies):04}",
            "customer": f"customers/{CUSTOMER}",
            "type": of,
            "policyQuery": {
                "orgUnit": f"orgUnits/{UNITS[unit]}",
                "query": f"entity.org_units.exists(org_unit, org_unit.org_unit_id == orgUnitId('{UNITS[unit]}'))",
                "sortOrder": order,
            },
            "setting": {"type": f"settings/{kind}", "value": value},
        }
    )


def _settings(estate: Estate) -> None:
    _policy(estate, "security.password", {"minimumLength": 6, "allowedStrength": "WEAK"}, of="SYSTEM", order=0.5)
    _policy(estate, "security.password", {"minimumLength": 14, "allowedStrength": "STRONG", "allowReuse": False})
    _policy(estate, "security.password", {"minimumLength": 8}, "/Contractors", order=2.0)
    _policy(estate, "security.two_step_verification_enforcement", {"enforcedFrom": "2025-01-01T00:00:00Z"})
    _policy(estate, "security.session_controls", {"webSessionDuration": "43200s"})
    _policy(estate, "drive_and_docs.external_sharing", {"externalSharingMode": "ALLOWED"}, "/Engineering", order=2.0)
    for index in range(120):  # more than a page
        _policy(estate, f"service{index}.service_status", {"serviceState": "ENABLED"})
    estate.manifest["shortest_password"] = ("8", "unit /Contractors")
    estate.saml.append(
        {
            "name": "inboundSamlSsoProfiles/0okta",
            "customer": f"customers/{CUSTOMER}",
            "displayName": "Okta",
            "idpConfig": {
                "entityId": "http://www.okta.com/exk1",
                "singleSignOnServiceUri": "https://northwind.okta.example/sso",
            },
        }
    )
    for user in estate.users:
        estate.tokens[user["id"]] = []
    for name in ("ada", "contractor"):
        estate.tokens[estate.id(name)].append(
            {
                "kind": "admin#directory#token",
                "clientId": "77.apps.example",
                "displayText": "Zippy Notes",
                "anonymous": False,
                "nativeApp": False,
                "userKey": estate.id(name),
                "scopes": ["https://www.googleapis.com/auth/drive.readonly", "openid"],
            }
        )
    estate.tokens[estate.id("dormant")].append(
        {
            "kind": "admin#directory#token",
            "clientId": "88.apps.example",
            "displayText": "Mail Helper",
            "anonymous": True,
            "nativeApp": True,
            "userKey": estate.id("dormant"),
            "scopes": ["https://mail.google.com/"],
        }
    )


def _devices(estate: Estate) -> None:
    laptop = {
        "name": "devices/lap1",
        "deviceId": "lap1",
        "deviceType": "MAC_OS",
        "ownerType": "COMPANY",
        "model": "MacBook Pro",
        "osVersion": "MacOS 15.2",
        "encryptionState": "NOT_ENCRYPTED",
        "compromisedState": "UNCOMPROMISED",
        "managementState": "APPROVED",
        "createTime": estate.ago(days=100),
        "lastSyncTime": estate.ago(hours=3),
    }
    spare = {
        **laptop,
        "name": "devices/lap2",
        "deviceId": "lap2",
        "deviceType": "WINDOWS",
        "encryptionState": "ENCRYPTED",
    }
    phone = {"name": "devices/and1", "deviceId": "and1", "deviceType": "ANDROID", "ownerType": "BYOD"}
    estate.devices += [laptop, spare, phone]
    estate.device_users += [
        {
            "name": f"devices/lap1/deviceUsers/{name}",
            "userEmail": f"{name}@{DOMAIN}",
            "managementState": "APPROVED",
            "passwordState": "PASSWORD_SET",
            "lastSyncTime": estate.ago(hours=3),
        }
        for name in ("ada", "contractor")
    ]
    estate.mobile.append(
        {
            "kind": "admin#directory#mobiledevice",
            "resourceId": "AFiQxQ8",
            "deviceId": "3f2a",
            "type": "ANDROID",
            "model": "Pixel 9",
            "os": "Android 16",
            "email": [f"ada@{DOMAIN}"],
            "status": "APPROVED",
            "encryptionStatus": "Encrypted",
            "devicePasswordStatus": "On",
            "deviceCompromisedStatus": "No compromise detected",
            "lastSync": estate.ago(hours=5),
        }
    )
    estate.chrome.append(
        {
            "kind": "admin#directory#chromeosdevice",
            "deviceId": "cros-1",
            "serialNumber": "5CD1",
            "status": "ACTIVE",
            "model": "Chromebook Plus",
            "osVersion": "142.0",
            "lastSync": estate.ago(days=1),
            "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": f"contractor@{DOMAIN}"}],
        }
    )
