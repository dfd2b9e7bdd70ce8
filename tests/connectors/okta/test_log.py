"""The System Log: by windows with both ends, in the collector's words, late events included."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from collector.model import Window
from connectors.okta.logs import ACCESS, ADMIN, LIFECYCLE, THREAT
from tests.connectors.okta.gathering import connector, gather, gathered
from tests.doubles.okta.asking import matching

if TYPE_CHECKING:
    from tests.doubles.okta.server import OktaDouble

LIFECYCLE_TYPE = "okta.log.lifecycle"


def test_every_event_is_in_one_list_with_its_word(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    lifecycle, access, admin, threat = gathered(
        okta, LIFECYCLE_TYPE, "okta.log.access", "okta.log.admin", "okta.log.threat"
    )
    assert all(one.snapshot.complete for one in (lifecycle, access, admin, threat))
    words = {(row["action"], row["target"]) for row in lifecycle.rows}
    assert {("user_deleted", one) for one in people["deleted"]} <= words
    assert {("user_deactivated", one) for one in people["deprovisioned"]} <= words
    assert {("user_suspended", one) for one in people["suspended"]} <= words
    assert {("user_created", one) for one in people["invited"]} <= words
    assert {row["actor"] for row in lifecycle.rows} == {"ada.admin@northwind.example"}
    assert {(row["action"], row["granted"], row["outcome"]) for row in access.rows} == {
        ("group_added", "Platform", "success"),
        ("group_removed", "Platform", "failure"),
        ("app_assigned", "Payroll", "success"),
        ("app_unassigned", "Payroll", "success"),
    }
    granted = {row["action"]: row["granted"] for row in admin.rows}
    assert granted == {"role_granted": "Super Administrator", "policy_changed": None, "other": None}
    assert {row["kind"] for row in threat.rows} == {"user.account.lock", "security.threat.detected"}
    assert len(threat.rows) == 2


def test_no_event_of_the_org_that_concerns_access_is_in_no_list(okta: OktaDouble) -> None:
    taken = [matching(okta.org.events, one, ("eventType",)) for one in (LIFECYCLE, ACCESS, ADMIN, THREAT)]
    left = {one["eventType"] for one in okta.org.events} - {one["eventType"] for some in taken for one in some}
    assert left == {"user.session.start"}
    assert sum(map(len, taken)) == len(okta.org.events) - 1, "and none is in two"


def test_windows_that_touch_have_each_event_once(okta: OktaDouble) -> None:
    now = datetime.now(UTC)
    edges = [now - timedelta(days=90), now - timedelta(days=20), now - timedelta(days=10), now]
    edges[1] = datetime.fromisoformat(okta.org.events[-8]["published"])
    spans = sorted(edges)
    found = [
        row["event_id"]
        for start, end in itertools.pairwise(spans)
        for row in gather(okta, LIFECYCLE_TYPE, window=Window(start, end)).rows
    ]
    whole = {row["event_id"] for row in gather(okta, LIFECYCLE_TYPE, window=Window(spans[0], now)).rows}
    assert set(found) == whole
    assert len(found) == len(whole)


def test_each_window_is_sent_with_both_ends_and_read_over_all_pages(okta: OktaDouble) -> None:
    one = okta.org.manifest["people"]["stale"][0]
    for number in range(1200):
        at = datetime.now(UTC) - timedelta(days=1, seconds=number)
        okta.org.log("user.mfa.factor.deactivate", at, targets=[okta.org.as_target(one)])
    found = gather(okta, LIFECYCLE_TYPE)
    assert found.snapshot.complete, found.snapshot.gaps
    assert sum(row["action"] == "mfa_reset" for row in found.rows) == 1200
    asked = [one for one in okta.asked if one.path == "/api/v1/logs"]
    assert len(asked) == 2
    assert all("since" in one.query and "until" in one.query for one in asked), "without until it would never end"


def test_an_event_that_is_late_is_in_the_next_window(okta: OktaDouble) -> None:
    """Windows overlap by as much as the declaration says that an event may be late."""
    declared = timedelta(minutes=connector().types[LIFECYCLE_TYPE].late_minutes)
    now = datetime.now(UTC)
    person = okta.org.as_target(okta.org.manifest["people"]["stale"][0])
    event = okta.org.log("user.lifecycle.suspend", now - timedelta(hours=3), targets=[person], late=timedelta(hours=4))
    first = gather(okta, LIFECYCLE_TYPE, window=Window(now - timedelta(days=1), now))
    assert event["uuid"] not in {row["event_id"] for row in first.rows}
    okta.clock = lambda: now + timedelta(hours=2)
    then = Window(now - declared, now + timedelta(hours=2))
    later = gather(okta, LIFECYCLE_TYPE, window=then, clock=lambda: now + timedelta(hours=2))
    assert event["uuid"] in {row["event_id"] for row in later.rows}


def test_the_log_itself_and_the_streams_from_it(okta: OktaDouble) -> None:
    found = gather(okta, "okta.log_streams")
    assert found.snapshot.complete, found.snapshot.gaps
    rows = found.by("source", "log_source")
    newest = max(one["published"] for one in okta.org.events)
    assert datetime.fromisoformat(rows["System Log"]["delivered_at"]) == datetime.fromisoformat(newest)
    assert (rows["System Log"]["kind"], rows["To the SIEM"]["kind"]) == ("admin_activity", "stream")
    assert [one.path for one in okta.asked].count("/api/v1/logs") == 1, "no more than the newest event is asked for"


def test_threat_insight_and_zones(okta: OktaDouble) -> None:
    found = gather(okta, "okta.threat_config")
    assert found.snapshot.complete
    assert [(row["covers"], row["state"]) for row in found.table("monitor")] == [("organisation", "enabled")]
    assert {row["name"]: row["value"] for row in found.table("setting")} == {
        "threat_insight.action": "audit",
        "threat_insight.excluded_zones": "none",
        "network_zone": "active",
        "behaviour": "active",
    }
