"""Which logs Google keeps of a bucket's objects: the bucket's usage logs, and the audit logs of its project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.archive.access import AccessLog, Kept
from collector.archive.gcs_lock import settings_of
from collector.archive.gcs_policies import project_policy
from collector.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from collector.archive.gcs_calls import GcsCalls

USAGE_LOGS, AUDIT_LOGS = "usage logs of the bucket", "Data Access audit logs of the project"
_SERVICES = {"storage.googleapis.com", "allServices"}
_TYPES = {"DATA_WRITE": "writes", "DATA_READ": "reads"}


def access_logs(calls: GcsCalls) -> tuple[AccessLog, ...]:
    """As `Place.access_logs`."""
    try:
        found = settings_of(calls)
    except ArchiveError as error:
        told = f"{error}; it takes storage.buckets.get"
        return tuple(AccessLog(name, Kept.UNKNOWN, told) for name in (USAGE_LOGS, AUDIT_LOGS))
    if found.project_number is None:  # every bucket has one: what has none is no answer about a bucket
        told = f"Bucket metadata of {calls.bucket} was answered by something else"
        return tuple(AccessLog(name, Kept.UNKNOWN, told) for name in (USAGE_LOGS, AUDIT_LOGS))
    return _usage(found.get_logging(), calls.bucket.name), _audit(calls, found.project_number)


def _usage(logging: Mapping[str, Any] | None, bucket: str) -> AccessLog:
    if logging and logging.get("logBucket"):
        where = f"gs://{logging['logBucket']}/{logging.get('logObjectPrefix') or bucket}"
        return AccessLog(USAGE_LOGS, Kept.ON, f"into {where}", f"ask the owner of {where} for the days in question")
    return AccessLog(USAGE_LOGS, Kept.OFF, "they are not needed where the audit logs have writes and reads")


def _audit(calls: GcsCalls, project: int) -> AccessLog:
    try:
        logged, exempted = _logged(calls, project)
    except ArchiveError as error:
        return AccessLog(AUDIT_LOGS, Kept.UNKNOWN, f"{error}; it takes resourcemanager.projects.getIamPolicy")
    if "writes" in logged:
        ask = f"ask whoever reads the logs of project {project} for `data_access`"
        but = f", but not what {', '.join(exempted)} does" if exempted else ""
        told = f"{' and '.join(logged)}, in Cloud Logging of project {project}{but}"
        return AccessLog(AUDIT_LOGS, Kept.ON, told, ask)
    told = (
        f"project {project} does not log writes of objects (only {' and '.join(logged) or 'changes of buckets'}); a "
        "folder or the organisation above it may: ask for their audit configuration"
    )
    return AccessLog(AUDIT_LOGS, Kept.UNKNOWN, told)


def _logged(calls: GcsCalls, project: int) -> tuple[list[str], list[str]]:
    """What the project's own audit configuration logs of every object, and whose doings are left out of that."""
    policy = project_policy(calls, project)
    try:
        configs = [one for one in policy.get("auditConfigs", ()) if one["service"] in _SERVICES]
        audited = [each for one in configs for each in one.get("auditLogConfigs", ())]
        types = {each["logType"] for each in audited}
        exempted = sorted({name for each in audited for name in each.get("exemptedMembers", ())})
    except (KeyError, TypeError, AttributeError) as error:
        raise ArchiveError(f"GetIamPolicy of project {project} was answered by something else") from error
    return [word for name, word in _TYPES.items() if name in types], exempted
