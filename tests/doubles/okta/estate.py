"""An org made from a number and an end date, with planted deviations and near misses, each in the manifest."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.doubles.okta.org import Json, Org, stamp
from tests.doubles.okta.rules import add_policies
from tests.doubles.okta.surroundings import add_surroundings

FIRST = (
    "anna",
    "ben",
    "carla",
    "dan",
    "eva",
    "finn",
    "gina",
    "hugo",
    "ida",
    "jan",
    "kim",
    "leo",
    "mia",
    "nils",
    "olga",
)
LAST = ("berg", "costa", "dahl", "egger", "fisher", "gomez", "haas", "ito", "jansen", "koch", "lang", "moss", "nowak")
STRONG = ("push", "webauthn", "signed_nonce", "token:software:totp")
ROLES = {"SUPER_ADMIN": "Super Administrator", "READ_ONLY_ADMIN": "Read-Only Administrator",
         "ORG_ADMIN": "Organization Administrator", "HELP_DESK_ADMIN": "Help Desk Administrator"}  # fmt: skip


def build(users: int = 60, *, seed: int = 42, end: datetime) -> Org:
    """An org of so many ordinary users, and a few that something is the matter with."""
    org, chance = Org(end), random.Random(seed)  # noqa: S311 - it makes an estate, it guards nothing
    _people(org, chance, users)
    _groups_and_roles(org, chance)
    add_policies(org)
    add_surroundings(org)
    org.events.sort(key=lambda event: event["published"])
    return org


def _people(org: Org, chance: random.Random, count: int) -> None:
    day, end = timedelta(days=1), org.end
    ada = org.add_user("ada.admin@northwind.example", "ACTIVE", end - 700 * day, last=end - day)
    org.add_factor(ada, "webauthn", end - 600 * day, provider="FIDO")
    for number in range(count):
        login = f"{chance.choice(FIRST)}.{chance.choice(LAST)}{number}@northwind.example"
        made = end - chance.randint(30, 900) * day
        one = org.add_user(login, "ACTIVE", made, last=end - chance.randint(0, 60) * day)
        for kind in chance.sample(STRONG, chance.randint(1, 2)):
            org.add_factor(one, kind, made)
    planted: dict[str, Any] = {
        "no_factor": [org.add_user("nora.nofactor@northwind.example", "ACTIVE", end - 90 * day, last=end - day)],
        "question_only": [org.add_user("quinn.question@northwind.example", "ACTIVE", end - 90 * day, last=end - day)],
        "pending_only": [org.add_user("pia.pending@northwind.example", "PASSWORD_EXPIRED", end - 90 * day, last=end)],
        "stale": [org.add_user("stan.stale@northwind.example", "ACTIVE", end - 400 * day, last=end - 200 * day)],
        "new_without_factor": [org.add_user("neo.new@northwind.example", "ACTIVE", end - timedelta(hours=10))],
        "invited": [
            org.add_user("stacy.staged@northwind.example", "STAGED", end - 5 * day),
            org.add_user("perry.provisioned@northwind.example", "PROVISIONED", end - 5 * day),
        ],
        "service": [org.add_user("svc-backup@northwind.example", "ACTIVE", end - 300 * day, last=end - 10 * day)],
        "guest": [
            org.add_user("greg.guest@partner.example", "ACTIVE", end - 50 * day, last=end - day, userType="Contractor")
        ],
        "locked": [org.add_user("lou.locked@northwind.example", "LOCKED_OUT", end - 90 * day, last=end - 2 * day)],
    }
    org.add_factor(planted["question_only"][0], "question", end - 80 * day)
    org.add_factor(planted["pending_only"][0], "push", end - 80 * day, status="PENDING_ACTIVATION")
    for name in ("stale", "guest", "locked"):
        org.add_factor(planted[name][0], "push", end - 80 * day)
    leavers = [
        org.add_user(f"lee.leaver{n}@northwind.example", "ACTIVE", end - 300 * day, last=end - 21 * day)
        for n in range(4)
    ]
    for one in planted["invited"] + leavers + [planted["new_without_factor"][0]]:
        made = datetime.fromisoformat(org.users[one]["created"])
        if made > end - 90 * day:
            org.log("user.lifecycle.create", made, targets=[org.as_target(one)])
    for number, one in enumerate(leavers):
        org.change_status(one, "SUSPENDED" if number == 3 else "DEPROVISIONED", end - 20 * day)
    gone = {leavers[0]: org.users[leavers[0]]["profile"]["login"]}
    org.delete_user(leavers[0], end - 10 * day)
    planted |= {"deprovisioned": leavers[1:3], "suspended": leavers[3:], "deleted": list(gone)}
    org.manifest = {"people": planted, "count": len(org.users)}


def _role(org: Org, kind: str, assigned: str, made: datetime, **more: Any) -> Json:
    label = more.pop("label", ROLES.get(kind, kind))
    return {
        "id": org.new_id("gra" if assigned == "GROUP" else "ra1"),
        "label": label,
        "type": kind,
        "status": "ACTIVE",
        "created": stamp(made),
        "lastUpdated": stamp(made),
        "assignmentType": assigned,
        **more,
    }


def _groups_and_roles(org: Org, chance: random.Random) -> None:
    made, ordinary = org.end - timedelta(days=500), [one for one in org.users if one not in _planted(org)]
    for name, kind in (("Everyone", "BUILT_IN"), ("Engineering", "OKTA_GROUP"), ("Platform", "OKTA_GROUP")):
        one = org.new_id("00g")
        org.groups[one] = {
            "id": one,
            "created": stamp(made),
            "lastUpdated": stamp(made),
            "lastMembershipUpdated": stamp(made),
            "objectClass": ["okta:user_group"],
            "type": kind,
            "profile": {"name": name, "description": f"All of {name}"},
        }
        share = {"Everyone": len(org.users), "Engineering": len(ordinary) // 2, "Platform": 3}[name]
        org.members[one] = list(org.users) if name == "Everyone" else sorted(chance.sample(ordinary[1:], share))
    by_name = {group["profile"]["name"]: one for one, group in org.groups.items()}
    org.group_roles[by_name["Platform"]] = [_role(org, "ORG_ADMIN", "GROUP", made)]
    org.permissions = {"cr0reads": ["okta.users.read", "okta.groups.read"], "cr0writes": ["okta.users.manage"]}
    admins = ordinary[:3]
    for one in admins:
        org.user_roles[one] = [_role(org, "SUPER_ADMIN", "USER", made)]
    org.user_roles[ordinary[4]] = [
        _role(org, "READ_ONLY_ADMIN", "USER", made),
        _role(org, "CUSTOM", "USER", made, label="Watcher", role="cr0reads", **{"resource-set": "iamset1"}),
    ]
    org.user_roles[ordinary[5]] = [
        _role(org, "CUSTOM", "USER", made, label="Joiner desk", role="cr0writes", **{"resource-set": "iamset1"})
    ]
    recent = org.end - timedelta(days=3)
    target = org.as_target(admins[2])
    role = {"id": "role1", "type": "ROLE", "alternateId": "SUPER_ADMIN", "displayName": "Super Administrator"}
    org.log("user.account.privilege.grant", recent, targets=[target, role])
    group = {
        "id": by_name["Platform"],
        "type": "UserGroup",
        "alternateId": "unknown",
        "displayName": "Platform",
    }
    org.log("group.user_membership.add", recent, targets=[org.as_target(org.members[group["id"]][0]), group])
    org.log("group.user_membership.remove", recent, targets=[org.as_target(ordinary[6]), group], result="FAILURE")
    org.manifest["roles"] = {
        "super": admins,
        "through_group": org.members[group["id"]],
        "reading": [ordinary[4]],
        "custom": [ordinary[5]],
        "group": group["id"],
    }


def _planted(org: Org) -> set[str]:
    return {one for some in org.manifest["people"].values() for one in some}
