"""Which access to data the audit log of each project has: by its own settings, and by those of all that it hangs in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.records import LogSource
from connectors.gcp.kinds import CONTAINERS, policies

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from connectors.gcp.hierarchy import Unit
    from connectors.gcp.source import GcpSource

_EVERYTHING = frozenset(f"allServices {kind}" for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE"))


def data_access(source: GcpSource) -> Iterator[LogSource]:
    """One row for each active project, by the IAM policies of all projects, folders and the organisation."""
    set_on: dict[str, Answer] = {}
    read = set()
    for kind, listed in source.each(CONTAINERS, lambda one: list(source.list(policies(one)))):
        read.add(kind)
        set_on.update({str(one["ancestors"][0]): one for one in listed if one.get("ancestors")})
    for unit in source.known().values():
        if unit.active:
            yield _row(source, unit, set_on, whole=read == set(CONTAINERS))


def _row(source: GcpSource, unit: Unit, set_on: Mapping[str, Answer], *, whole: bool) -> LogSource:
    own = set_on.get(unit.name)
    above = list(own["ancestors"])[1:] if own else []
    # Only the list of a whole organisation shows that what is not in it has no policy.
    known = whole and own is not None and source.root in above and source.root.startswith("organizations/")
    found = [one for one in (own, *(set_on.get(name) for name in above)) if one is not None]
    logged, exempt = _settings(found)
    everything = logged >= _EVERYTHING and not exempt
    name = f"logging.googleapis.com/projects/{unit.id}/logs/cloudaudit.googleapis.com%2Fdata_access"
    return LogSource(
        key=name,
        seen=found or [unit.seen],
        within=unit.id,
        source=name,
        kind="data_access",
        enabled=True if logged else False if known else None,
        covers="account",
        all_regions=True,
        whole=everything if known or exempt else None,
        events=(*sorted(logged), *sorted(exempt)) if known else None,
    )


def _settings(found: Sequence[Answer]) -> tuple[set[str], set[str]]:
    """What is logged, and whom that leaves out, over all these policies: each adds, and none can take away."""
    logged, exempt = set(), set()
    for service, one in _configured(found):
        what = f"{service} {one.get('logType')}"
        logged.add(what)
        exempt |= {f"NOT {what} of {member}" for member in one.get("exemptedMembers") or ()}
    return logged, exempt


def _configured(found: Sequence[Answer]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for policy in found:
        for config in (policy.get("iamPolicy") or {}).get("auditConfigs") or ():
            for one in config.get("auditLogConfigs") or ():
                yield str(config.get("service")), one
