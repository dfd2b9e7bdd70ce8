"""What was done to access, and what people changed by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import AccessEvent, ChangeEvent
from connectors.gcp import gcp
from connectors.gcp.entries import KEPT, actor, actor_kind, key, of_window, outcome
from connectors.gcp.moments import moment
from connectors.gcp.operations import ENTRIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from collector.answer import Answer
    from connectors.gcp.source import GcpSource

_METHODS = (
    "SetIamPolicy",
    "CreateServiceAccount",
    "DeleteServiceAccount",
    "DisableServiceAccount",
    "EnableServiceAccount",
    "CreateServiceAccountKey",
    "DeleteServiceAccountKey",
    "CreateRole",
    "UpdateRole",
    "DeleteRole",
)
ACCESS = f'protoPayload.methodName =~ "(?i)({"|".join(_METHODS)})$"'
BY_PEOPLE = 'NOT protoPayload.authenticationInfo.principalEmail =~ "gserviceaccount.com$"'
_ACTIONS = {
    "createserviceaccount": "user_created",
    "deleteserviceaccount": "user_deleted",
    "disableserviceaccount": "user_suspended",
    "enableserviceaccount": "user_reactivated",
    "createrole": "policy_changed",
    "updaterole": "policy_changed",
    "deleterole": "policy_changed",
}
_DELTAS = {"ADD": "role_granted", "REMOVE": "role_revoked"}


@gcp.evidence(
    "gcp.audit.iam_events",
    yields=AccessEvent,
    needs=[ENTRIES],
    kind=Kind.POPULATION,
    keeps_days=KEPT,
    late_minutes=60,
)
def iam_events(source: GcpSource) -> Iterator[AccessEvent]:
    """IAM policy changes.

    Of the window, every change of an IAM policy, a service account, one of its keys or a role, in the organisation, its
    folders and every project, also one that waits to be deleted. A change of a policy is one row for each member that
    was given a role or lost one; where Google does not say what changed, one row for the change (`policy_changed`).
    What was tried and refused is a `failure`.

    Google keeps this log for 400 days, and nobody can switch it off. Whole when it was read to its end for every
    project; each entry counts once, by its id, log and time.
    """
    for entry in of_window(source, ACCESS):
        payload: Mapping[str, Any] = entry.get("protoPayload") or {}
        deltas = _deltas(payload)
        for index, delta in enumerate(deltas or [{}]):
            yield _event(entry, payload, index, delta)


def _deltas(payload: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Which members were given which roles; the services write it in one of two places."""
    for holder in (payload.get("serviceData") or {}, payload.get("metadata") or {}):
        found = (holder.get("policyDelta") or {}).get("bindingDeltas")
        if found:
            return list(found)
    return ()


def _event(entry: Answer, payload: Mapping[str, Any], index: int, delta: Mapping[str, Any]) -> AccessEvent:
    method = str(payload.get("methodName") or "").rpartition(".")[2].lower()
    member = str(delta.get("member") or "")
    return AccessEvent(
        key=f"{key(entry)} {index}",
        seen=[entry],
        event_id=f"{entry.get('insertId')} {index}",
        at=moment(entry.get("timestamp")),
        actor=actor(entry),
        actor_kind=actor_kind(entry),
        action=_DELTAS.get(str(delta.get("action"))) or _ACTIONS.get(method, _other(method)),
        target=member.partition(":")[2] or payload.get("resourceName"),
        granted=delta.get("role"),
        outcome=outcome(entry),
    )


def _other(method: str) -> str:
    return "policy_changed" if method == "setiampolicy" else "other"


@gcp.evidence(
    "gcp.audit.manual_changes",
    yields=ChangeEvent,
    needs=[ENTRIES],
    kind=Kind.POPULATION,
    keeps_days=KEPT,
    late_minutes=60,
)
def manual_changes(source: GcpSource) -> Iterator[ChangeEvent]:
    """Console changes by people.

    Of the window, every administrative action that no service account did, in the organisation, its folders and every
    project: who did what to which resource. That somebody used a program to do it is not told apart. Actions that only
    read are not in this log.

    Google keeps this log for 400 days, and nobody can switch it off. Whole when it was read to its end for every
    project; each entry counts once, by its id, log and time.
    """
    for entry in of_window(source, BY_PEOPLE):
        payload = entry.get("protoPayload") or {}
        yield ChangeEvent(
            key=key(entry),
            seen=[entry],
            event_id=key(entry),
            at=moment(entry.get("timestamp")),
            actor=actor(entry),
            actor_kind=actor_kind(entry),
            action=payload.get("methodName"),
            resource=payload.get("resourceName"),
            outcome=outcome(entry),
        )
