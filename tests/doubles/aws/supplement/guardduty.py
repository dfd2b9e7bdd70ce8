"""GuardDuty: members, the organisation's settings, and findings, which moto lacks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from moto.guardduty.models import guardduty_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

MEMBERS = "guardduty:members"
ORGANISATION = "guardduty:organisation"
FINDINGS = "guardduty:findings"
_MOST = 50
_REMEMBERED = timedelta(days=90)


def list_members(asked: Asked) -> Mapping[str, Any]:
    """Accounts whose findings this detector gathers; only those with a live relation unless all are asked."""
    _detector(asked)
    only_associated = str(asked.input.get("OnlyAssociated", "true")).lower() != "false"
    members = [
        member
        for member in asked.items(MEMBERS)
        if not only_associated or member["RelationshipStatus"] not in {"Removed", "Resigned", "Created"}
    ]
    return asked.page("Members", members, "NextToken", "MaxResults", _MOST)


def describe_organization_configuration(asked: Asked) -> Mapping[str, Any]:
    """Whether new accounts are enrolled; only the delegated administrator may ask."""
    _detector(asked)
    settings = asked.items(ORGANISATION)
    if not settings:
        message = "The request is rejected because the caller is not the GuardDuty delegated administrator"
        raise RefusedError("BadRequestException", message)
    return settings[-1]


def list_findings(asked: Asked) -> Mapping[str, Any]:
    """Ids of the findings of the last 90 days that fit all criteria, archived ones too, in the order asked for."""
    _detector(asked)
    if not 1 <= int(asked.input.get("MaxResults") or _MOST) <= _MOST:
        raise RefusedError("BadRequestException", "The request is rejected because maxResults is out of bounds.")
    criteria = (asked.input.get("FindingCriteria") or {}).get("Criterion") or {}
    oldest = datetime.now(UTC) - _REMEMBERED
    fitting = [
        one
        for one in asked.items(FINDINGS)
        if datetime.fromisoformat(one["UpdatedAt"]) >= oldest
        and all(_fits(one, field, condition) for field, condition in criteria.items())
    ]
    sort = asked.input.get("SortCriteria") or {}
    member = {"createdAt": "CreatedAt", "updatedAt": "UpdatedAt"}.get(sort.get("AttributeName", "updatedAt"))
    if member is None:
        raise RefusedError("BadRequestException", "The request is rejected because the attribute cannot be sorted by.")
    fitting.sort(key=lambda one: (one[member], one["Id"]), reverse=sort.get("OrderBy") == "DESC")
    return asked.page("FindingIds", [one["Id"] for one in fitting], "NextToken", "MaxResults", _MOST)


def get_findings(asked: Asked) -> Mapping[str, Any]:
    """The findings of these ids; of an id that is unknown, nothing."""
    _detector(asked)
    wanted = asked.input["FindingIds"]
    if len(wanted) > _MOST:
        raise RefusedError("BadRequestException", "The request is rejected because findingIds has too many items.")
    return {"Findings": [one for one in asked.items(FINDINGS) if one["Id"] in wanted]}


def _fits(finding: Mapping[str, Any], field: str, condition: Mapping[str, Any]) -> bool:
    match field:
        case "accountId":
            return set(condition) == {"Equals"} and finding["AccountId"] in condition["Equals"]
        case "updatedAt":
            at = datetime.fromisoformat(finding["UpdatedAt"]).timestamp() * 1000
            return bool(condition.get("GreaterThanOrEqual", at) <= at < condition.get("LessThan", at + 1))
        case _:
            raise RefusedError("BadRequestException", f"The request is rejected because {field} is no known field.")


def _detector(asked: Asked) -> None:
    known = guardduty_backends[asked.call.account][asked.call.region].detectors
    if asked.input["DetectorId"] not in known:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise RefusedError("BadRequestException", message)
