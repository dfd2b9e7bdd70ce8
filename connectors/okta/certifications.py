"""Which access was reviewed, by whom, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from collector.model import Kind
from collector.records import AccessReview
from connectors.okta import okta
from connectors.okta.moments import moment
from connectors.okta.operations import CAMPAIGNS, REVIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from collector.answer import Answer
    from collector.source.rest.source import RestSource

_DECISIONS = {"APPROVE": "keep", "REVOKE": "revoke", "UNREVIEWED": "none"}
_LAUNCHED = {"ACTIVE", "COMPLETED"}
"""Only these have items."""


@okta.evidence(
    "okta.certifications",
    yields=AccessReview,
    needs=[CAMPAIGNS, REVIEWS],
    kind=Kind.POPULATION,
    keeps_days=365,
    late_minutes=31 * 24 * 60,
)
def certifications(source: RestSource) -> Iterator[AccessReview]:
    """Access certification campaigns and decisions.

    Every campaign that began or was changed in the window or is still open, with each item under review, who decided,
    what and when.
    A campaign that has no item has one row, without one. When a decision was put into effect is not given. Okta keeps
    no date for the end of a campaign: it counts as completed when Okta says so, at its last change.

    An org without Okta Identity Governance has no campaigns, which is a gap. Whole when the list of campaigns and the
    items of every campaign name no next page.
    """
    wanted = [one for one in source.list(CAMPAIGNS) if _in_window(source, one)]
    for campaign, items in source.each(wanted, lambda one: _items(source, one)):
        yield from (_review(campaign, item) for item in items)
        if not items:
            yield _review(campaign, None)


def _items(source: RestSource, campaign: Answer) -> list[Answer]:
    if campaign.get("status") not in _LAUNCHED:
        return []
    return list(source.list(REVIEWS, filter=f'campaignId eq "{campaign["id"]}"'))


def _in_window(source: RestSource, campaign: Answer) -> bool:
    """Whether it has begun, and is open, began or was changed in the window: the last change is its completion."""
    window, began, changed = source.window, _began(campaign), moment(campaign.get("lastUpdated"))
    if began is None or began >= window.end:
        return False
    return campaign.get("status") == "ACTIVE" or any(one >= window.start for one in (began, changed) if one)


def _began(campaign: Answer) -> datetime | None:
    planned = (campaign.get("scheduleSettings") or {}).get("startDate")
    return moment(planned or campaign.get("created"))


def _review(campaign: Answer, item: Answer | None) -> AccessReview:
    completed = campaign.get("status") == "COMPLETED"
    return AccessReview(
        key=f"{campaign['id']} {item['id'] if item is not None else '-'}",
        seen=[campaign] if item is None else [campaign, item],
        review_id=campaign["id"],
        system=campaign.get("name"),
        started_at=_began(campaign),
        completed_at=moment(campaign.get("lastUpdated")) if completed else None,
        reviewer=None if item is None else _login(item.get("reviewerProfile")),
        item=None if item is None else f"{_login(item.get('principalProfile'))} on {item.get('resourceId')}",
        decision=None if item is None else _DECISIONS.get(item.get("decision") or ""),
        decided_at=None if item is None else moment(item.get("decided")),
    )


def _login(profile: Mapping[str, Any] | None) -> str | None:
    """By login; where that is not given, by id."""
    return (profile or {}).get("login") or (profile or {}).get("id")
