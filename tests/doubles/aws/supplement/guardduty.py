"""GuardDuty: members, the organisation's settings, and a detector's features, which moto lacks or mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.guardduty.models import guardduty_backends

from tests.doubles.aws.refusals import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doubles.aws.supplement.asked import Asked

MEMBERS = "guardduty:members"
ORGANISATION = "guardduty:organisation"
_MOST = 50


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


def _detector(asked: Asked) -> None:
    known = guardduty_backends[asked.call.account][asked.call.region].detectors
    if asked.input["DetectorId"] not in known:
        message = "The request is rejected because the input detectorId is not owned by the current account."
        raise RefusedError("BadRequestException", message)
