"""The normalised records: provider-neutral rows that rules are written against.

A field the provider did not give is `None`, never a default. Times are UTC. Every type adds to what each record has:
`key`, its identity at its source; `seen`, the answers it was read from; `observed_at`, the source's own as-of time
where that is older than the read (a cached report).
"""

from collector.records.awareness import Acknowledgement, Training
from collector.records.code import (
    BranchRule,
    Bypass,
    Change,
    ChangeReview,
    Commit,
    Deployment,
    DeployTarget,
    JobRun,
    LeakedSecret,
    Repository,
    Scanner,
    Vulnerability,
)
from collector.records.continuity import BackupJob, BackupPlan
from collector.records.estate import Endpoint, Key, Resource, ScopeUnit, Setting
from collector.records.identity import (
    AccessEvent,
    AccessGrant,
    AccessReview,
    Account,
    Authenticator,
    Credential,
    Trust,
)
from collector.records.monitoring import Alert, CollectionSlot, LogSource, LogStore, Monitor
from collector.records.privacy import Dsar, RetentionRule
from collector.records.record import Record
from collector.records.work import AppGrant, Approval, Document, Incident

__all__ = [
    "AccessEvent",
    "AccessGrant",
    "AccessReview",
    "Account",
    "Acknowledgement",
    "Alert",
    "AppGrant",
    "Approval",
    "Authenticator",
    "BackupJob",
    "BackupPlan",
    "BranchRule",
    "Bypass",
    "Change",
    "ChangeReview",
    "CollectionSlot",
    "Commit",
    "Credential",
    "DeployTarget",
    "Deployment",
    "Document",
    "Dsar",
    "Endpoint",
    "Incident",
    "JobRun",
    "Key",
    "LeakedSecret",
    "LogSource",
    "LogStore",
    "Monitor",
    "Record",
    "Repository",
    "Resource",
    "RetentionRule",
    "Scanner",
    "ScopeUnit",
    "Setting",
    "Training",
    "Trust",
    "Vulnerability",
]
