"""Who and what acts from outside: outside collaborators, apps, tokens, keys, secrets and webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tests.doubles.github.estate.code import DeployKey
from tests.doubles.github.estate.nouns import Hook, Installation, Secret, TokenGrant

if TYPE_CHECKING:
    from tests.doubles.github.estate.ground import Ground

_IDLE_DAYS = 90


def seed_outsiders(ground: Ground) -> None:
    """One administers a repository, one has no second factor, one reads."""
    for login, repo, role in (
        ("contractor-lin", "billing", "write"),
        ("pentester-max", "api", "read"),
        ("agency-pia", "web", "admin"),
    ):
        ground.org.repos[repo].collaborators[login] = role
        if role == "admin":
            ground.manifest.deviates("IAM-12", f"{login}: rights", "privileged", repo=ground.full(repo))
    ground.manifest.facts["outside_collaborators"] = [one.login for one in ground.org.with_role("outside")]


def seed_apps(ground: Ground) -> None:
    """Apps and tokens: narrow ones, broad ones, idle ones, and a suspended one."""
    reads = {"metadata": "read", "contents": "read"}
    for place, (slug, permissions, selection) in enumerate(
        (
            ("code-coverage", reads | {"statuses": "read"}, "selected"),
            ("northwind-deployer", reads | {"deployments": "write"}, "all"),
            ("super-admin-helper", reads | {"administration": "write", "members": "write"}, "all"),
            ("old-linter", reads | {"contents": "write"}, "all"),
        )
    ):
        one = Installation(
            ground.id("installation"), 900 + place, slug, permissions, selection, ["push"], ground.ago(days=300)
        )
        if slug == "old-linter":
            one.suspended_at, one.suspended_by = ground.ago(days=100), ground.org.with_role("admin")[0].login
            ground.manifest.near_miss("VEN-05", f"{slug}: rights", "suspended")
        elif "write" in permissions.values():
            ground.manifest.deviates("VEN-05", f"{slug}: rights", "broad")
        ground.org.installations.append(one)
    people = [one.login for one in ground.org.with_role("member")]
    for place, (name, level, used, ends) in enumerate(
        (
            ("laptop", "read", 2, 60),
            ("old-script", "read", _IDLE_DAYS + 40, 200),
            ("never-used", "read", None, 30),
            ("release-bot", "write", 1, None),
            ("expired", "read", 120, -30),
        )
    ):
        last = None if used is None else ground.ago(days=used)
        until = None if ends is None else ground.ago(days=-ends)
        grants = {"repository": {"metadata": "read", "contents": level}}
        one_grant = TokenGrant(
            ground.id("grant"),
            people[place],
            name,
            grants,
            "subset" if place else "all",
            ground.ago(days=200),
            until,
            last,
        )
        ground.org.grants.append(one_grant)
        why = "broad" if level == "write" else "idle" if name in {"old-script", "never-used"} else ""
        if why:
            item = f"token {name} of {people[place]}: {'rights' if why == 'broad' else 'use'}"
            ground.manifest.deviates("VEN-05", item, why, id=one_grant.id)


def seed_credentials(ground: Ground) -> None:
    """Deploy keys, the names of Actions secrets, and webhooks."""
    owner = ground.org.with_role("admin")[0].login
    for place, name in enumerate(ground.regimes):
        repo = ground.org.repos[name]
        last = ground.ago(days=place + 1) if place % 2 else None
        repo.keys.append(
            DeployKey(ground.id("key"), f"deploy {name}", place % 3 != 0, owner, ground.ago(days=500), last)
        )
        born = ground.ago(days=400 - place)
        repo.secrets.append(Secret("REGISTRY_TOKEN", born, born + timedelta(days=place)))
    ground.org.secrets = [
        Secret("NPM_TOKEN", ground.ago(days=700), ground.ago(days=650)),
        Secret("DEPLOY_ROLE", ground.ago(days=90), ground.ago(days=20), "private"),
    ]
    for active, events in ((True, ["*"]), (True, ["push", "pull_request"]), (False, ["repository"])):
        at = ground.ago(days=250)
        url = f"https://hooks.northwind.example/{len(ground.org.hooks) + 1}"
        ground.org.hooks.append(Hook(ground.id("hook"), url, events, active, at, at))
