"""Who can write or delete in a bucket of Google's: by its own policy and its project's, and what each role gives."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from collector.archive.gcs_lock import settings_of
from collector.archive.gcs_policies import bucket_policy, denied, permissions_of, project_policy
from collector.archive.principals import ACTING, MEMBERS, Held, Power, Principal, Principals, Stops, key_of, unread
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from google.cloud import storage

    from collector.archive.gcs_calls import GcsCalls

_UNTIL = "until its date; Google refuses it to everybody"
_HELD = {
    Power.OVERWRITE: Held(Stops.YES, _UNTIL),
    Power.DELETE: Held(Stops.YES, _UNTIL),
    Power.LOCK: Held(
        Stops.PARTLY, "a locked retention can only be made longer; other settings of the bucket can change"
    ),
}
"""What a locked retention stops: of the bucket, or of each object."""
PERMISSIONS: Mapping[str, frozenset[Power]] = {
    "storage.objects.create": frozenset({Power.PUT}),
    "storage.objects.restore": frozenset({Power.PUT}),
    "storage.objects.delete": frozenset({Power.DELETE}),
    "storage.objects.move": frozenset({Power.DELETE}),
    # Its rules of deletion are a setting of the bucket's.
    "storage.buckets.update": frozenset({Power.LOCK, Power.DELETE}),
    "storage.buckets.enableObjectRetention": frozenset({Power.LOCK}),
    "storage.objects.setRetention": frozenset({Power.LOCK}),
    "storage.objects.overrideUnlockedRetention": frozenset({Power.LOCK}),
    "storage.buckets.setIamPolicy": frozenset({Power.RIGHTS}),
    "storage.objects.setIamPolicy": frozenset({Power.RIGHTS}),
    "storage.managedFolders.setIamPolicy": frozenset({Power.RIGHTS}),
    "resourcemanager.projects.setIamPolicy": frozenset({Power.RIGHTS}),
    "resourcemanager.projects.delete": frozenset({Power.DELETE}),
    "iam.roles.update": frozenset({Power.RIGHTS}),
}
"""What each permission can do to an archive; the others can do nothing."""
_OF_PROJECTS = ("resourcemanager.", "iam.")
_REPLACING = frozenset({"storage.objects.create", "storage.objects.delete"})
"""Both are asked of whoever puts an object under a name that is taken."""


def principals(calls: GcsCalls) -> Principals:
    """As `Place.principals`."""
    untold: list[str] = []
    bindings = [(one, f"bucket policy of gs://{calls.bucket.name}", False) for one in _of_bucket(calls, untold)]
    bindings += [(one, by, True) for one, by in _of_project(calls, untold)]
    roles = dict.fromkeys(str(one["role"]) for one, _, _ in bindings)
    try:
        given = permissions_of(calls, roles)
    except ArchiveError as error:
        given = dict.fromkeys(roles, error)
    for role, found in given.items():
        if isinstance(found, ArchiveError):
            untold.append(f"what {role} gives {unread('iam.roles.get', found, denied=denied(found))}")
    named = [
        one
        for binding, by, above in bindings
        for one in _told(binding, by, _powers(given[str(binding["role"])], above=above))
    ]
    return Principals(tuple(named), (*untold, MEMBERS, ACTING), _HELD, "gcp.iam.policies")


def _of_bucket(calls: GcsCalls, untold: list[str]) -> list[Mapping[str, Any]]:
    try:
        policy = bucket_policy(calls)
    except ArchiveError as error:
        untold.append(unread("storage.buckets.getIamPolicy", error, denied=denied(error)))
        return []
    return list(policy.get("bindings", ()))


def _of_project(calls: GcsCalls, untold: list[str]) -> Iterator[tuple[Mapping[str, Any], str]]:
    """What the bucket's project gives, which holds in each of its buckets; and what lies beyond that policy, untold."""
    try:
        found = settings_of(calls)
    except ArchiveError as error:
        untold.append(unread("storage.buckets.get", error, denied=denied(error)))
        return
    untold += _beyond(found)
    project = found.project_number
    if project is None:  # every bucket has one: what has none is no answer about a bucket
        untold.append(f"could not be read: Bucket metadata of {calls.bucket} was answered by something else")
        return
    untold.append(
        f"cannot be told from the bucket: who has rights by a folder or the organisation above project {project}"
    )
    try:
        policy = project_policy(calls, project)
    except ArchiveError as error:
        untold.append(unread("resourcemanager.projects.getIamPolicy", error, denied=denied(error)))
        return
    for one in policy.get("bindings", ()):
        yield one, f"policy of project {project}"


def _beyond(found: storage.Bucket) -> Iterator[str]:
    if not found.iam_configuration.uniform_bucket_level_access_enabled:
        yield "uniform bucket-level access is off: access lists of single objects were not looked at"
    if found.default_kms_key_name:
        yield key_of(found.default_kms_key_name)
    yield "policies of managed folders in the bucket, and policies that only deny, were not looked at"


def _powers(permissions: frozenset[str] | ArchiveError, *, above: bool) -> frozenset[Power] | None:
    """`above`: given on the project, and so also what only a project can give."""
    if isinstance(permissions, ArchiveError):
        return None
    given = {
        power
        for name in permissions
        if above or not name.startswith(_OF_PROJECTS)
        for power in PERMISSIONS.get(name, ())
    }
    return frozenset(given | ({Power.OVERWRITE} if permissions >= _REPLACING else set()))


def _told(binding: Mapping[str, Any], by: str, may: frozenset[Power] | None) -> Iterator[Principal]:
    """Each member of a binding, unless its role can do nothing to the archive; one that is not known may do all."""
    if may is not None and not may:
        return
    condition = binding.get("condition")
    for member in binding.get("members", ()):
        told = json.dumps(condition, ensure_ascii=False) if condition else ""
        yield Principal(str(member), may, by, on=str(binding["role"]), condition=told)
