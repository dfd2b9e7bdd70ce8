"""Where audit logs flow to, and what keeps them there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collector.records import LogSource, LogStore
from connectors.gcp import gcp
from connectors.gcp.entries import ACTIVITY, last, places
from connectors.gcp.inventory import assets
from connectors.gcp.kinds import CONTAINERS, bulk, policies
from connectors.gcp.moments import moment
from connectors.gcp.monitoring.data_access import data_access
from connectors.gcp.operations import LAST_ENTRY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from collector.answer import Answer
    from connectors.gcp.inventory import Asset
    from connectors.gcp.source import GcpSource

SINK, STORE = "logging.googleapis.com/LogSink", "logging.googleapis.com/LogBucket"
BUCKET = "storage.googleapis.com/Bucket"
_REQUIRED = "/buckets/_Required"
_AUDIT = "cloudaudit.googleapis.com"


@gcp.evidence(
    "gcp.audit.config",
    yields=(LogSource, LogStore),
    needs=[*bulk(SINK, STORE, BUCKET), *map(policies, CONTAINERS), LAST_ENTRY],
)
def audit_config(source: GcpSource) -> Iterator[LogSource | LogStore]:
    """Audit log settings, sinks, bucket retention and lock.

    One row for the log of administrators' actions, which Google writes for every project, folder and organisation, and
    which nobody can switch off or leave a project out of; with the newest entry found in any of them as its last
    delivery. It flows into a `_Required` log bucket of each, which Google itself locks. That its entries are unchanged
    Google gives no means to check: so its `integrity_check` is unknown.

    One row for the log of access to data of each active project (`data_access`), which is off until somebody sets it:
    `events` are what is logged, by service and kind, and whom that leaves out (`NOT …`). Google adds up what is set on
    the project, the folders it hangs in and the organisation, and so does the row. Whether somebody who is left out at
    one level is logged by another Google does not say: it counts as left out. It is `whole` where the three kinds are
    logged of all services and nobody is left out. Unknown is a project that the inventory has no IAM policy of, and
    what is inherited from above where no whole organisation is read. BigQuery logs access to its data always.

    One row for each sink, by which logs are also written elsewhere: of the whole organisation (`covers`) where it
    includes the children. It is of the kind `admin_activity` where its filter is empty or names the audit logs; which
    entries other filters let through is not worked out (`sink`).

    One row for each store: every log bucket, and every storage bucket that a sink writes to. It is an `audit_trail`
    where audit logs flow into it. A log bucket is immutable once it is locked, and Cloud Logging has no call that
    changes an entry, so it counts as versioned. A storage bucket is immutable while its retention policy is locked.

    Whole when every list was read to its end, and those of sinks and stores tie with a second search. Google says that
    the inventory may be some 36 hours behind for policies.
    """
    found = assets(source, SINK, STORE, BUCKET)
    sinks = found[SINK] or []
    yield _activity(source)
    yield from (_sink(one) for one in sinks)
    fed = {_destination(one) for one in sinks if _carries_audit(one)}
    for one in found[STORE] or ():
        audit = one.name.endswith(_REQUIRED) or one.name in fed
        yield LogStore(
            key=one.name,
            seen=[one.seen],
            store=one.name,
            kind="audit_trail" if audit else "log_bucket",
            # Google leaves out what is zero or off; zero is its default of thirty.
            retention_days=(one.data.get("retentionDays") or 30) if one.data else None,
            versioned=True if one.data else None,
            immutable=(bool(one.data.get("locked")) or one.name.endswith(_REQUIRED)) if one.data else None,
            encrypted=True if one.data else None,
        )
    for one in found[BUCKET] or ():
        if one.name in {_destination(sink) for sink in sinks}:
            yield _bucket(one, audit=one.name in fed)
    yield from data_access(source)


def _activity(source: GcpSource) -> LogSource:
    newest: list[Answer] = []
    for _, entries in source.each(
        places(source),
        lambda group: list(source.list(LAST_ENTRY, resourceNames=list(group), filter=ACTIVITY)),
    ):
        newest += entries
    entry = last(newest)
    name = f"logging.googleapis.com/{source.root}/logs/cloudaudit.googleapis.com%2Factivity"
    return LogSource(
        key=name,
        seen=[entry] if entry else [],
        source=name,
        kind="admin_activity",
        within=source.root,
        enabled=True,
        covers="organisation" if source.root.startswith("organizations/") else "account",
        all_regions=True,
        delivered_at=moment(entry.get("timestamp")) if entry else None,
    )


def _sink(sink: Asset) -> LogSource:
    of_all = not sink.project and bool(sink.data.get("includeChildren"))
    return LogSource(
        key=sink.name,
        seen=[sink.seen],
        source=sink.name,
        kind=None if not sink.data else "admin_activity" if _carries_audit(sink) else "sink",
        enabled=not sink.data.get("disabled", False) if sink.data else None,
        covers="organisation" if of_all else "account",
        # A sink of an organisation that leaves its children out carries the organisation's own entries alone.
        all_regions=of_all or bool(sink.project),
        destination=_destination(sink) or None,
        events=_events(sink.data.get("filter") or "", sink.data.get("exclusions") or ()),
    )


def _events(narrowed: str, exclusions: Sequence[object]) -> tuple[str, ...]:
    return (narrowed or "*", *(f"NOT {one.get('filter')}" for one in exclusions if isinstance(one, dict)))


def _carries_audit(sink: Asset) -> bool:
    """Whether the sink is on, and its filter is empty or names the audit logs, without a word that takes some out."""
    narrowed = str(sink.data.get("filter") or "")
    before = narrowed.partition(_AUDIT)[0]
    plain = not narrowed or (_AUDIT in narrowed and "NOT" not in narrowed and "-" not in before)
    return bool(sink.data) and plain and not sink.data.get("disabled") and not sink.data.get("exclusions")


def _destination(sink: Asset) -> str:
    """Where it writes to, as the inventory names it: `storage.googleapis.com/BUCKET`."""
    return str(sink.data.get("destination") or "")


def _bucket(bucket: Asset, *, audit: bool) -> LogStore:
    policy = bucket.data.get("retentionPolicy") or {}
    seconds = policy.get("retentionPeriod")
    return LogStore(
        key=bucket.name,
        seen=[bucket.seen],
        store=bucket.name,
        kind="audit_trail" if audit else "log_bucket",
        retention_days=int(seconds) // 86400 if seconds else None,
        versioned=bool((bucket.data.get("versioning") or {}).get("enabled")) if bucket.data else None,
        immutable=bool(policy.get("isLocked")) if bucket.data else None,
        encrypted=True if bucket.data else None,
    )
