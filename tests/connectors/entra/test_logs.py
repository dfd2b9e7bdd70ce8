"""Logs by windows that touch, entries that come late, and what a licence forgets."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.model import Window
from connectors.entra import entra
from tests.connectors.entra.gathering import gather, gathered
from tests.connectors.entra.judging import items, judged
from tests.doubles.graph.tenant import NOW

if TYPE_CHECKING:
    from tests.doubles.graph.tenant import Tenant

AUDITS, SIGN_INS = "entra.directory_audits", "entra.sign_ins"


def test_what_was_done_to_accounts_in_the_words_of_all_providers(tenant: Tenant) -> None:
    found = gather(tenant, AUDITS)
    assert found.snapshot.complete
    rows = sorted(found.table("access_event"), key=lambda row: row["at"])
    assert [row["action"] for row in rows] == [
        "user_created", "user_deactivated", "user_deactivated", "role_granted", "group_added", "user_deleted",
        "role_granted", "other", "policy_changed", "mfa_enrolled",
    ]  # fmt: skip
    users = tenant.lists["/users"]
    by_action = {row["action"]: row for row in rows}
    assert by_action["user_deactivated"]["target"] == users[5]["id"]
    assert by_action["group_added"]["target"] == users[9]["id"], "the member, and not the group"
    assert by_action["user_deleted"]["target"] in tenant.planted["deleted"]
    assert by_action["mfa_enrolled"]["actor"] == users[7]["userPrincipalName"]
    assert (by_action["other"]["actor"], by_action["other"]["actor_kind"]) == ("Sync", "service")
    assert {row["outcome"] for row in rows} == {"success"}


def test_windows_touch_and_find_what_came_late(tenant: Tenant) -> None:
    """An entry made before the end of the first window, and shown only after it, is in the overlap of the second."""
    (late,) = tenant.planted["late entry"]
    first = gather(tenant, AUDITS, window=Window(NOW - timedelta(days=1), NOW))
    assert late not in first.by("event_id", "access_event")
    tenant.now = NOW + timedelta(hours=2)
    overlap = timedelta(minutes=entra.types[AUDITS].late_minutes)
    second = gather(tenant, AUDITS, window=Window(NOW - overlap, tenant.now))
    assert late in second.by("event_id", "access_event")
    assert overlap > timedelta(minutes=90), "longer than it took to show"


def test_an_event_belongs_to_one_window_of_two_that_touch(tenant: Tenant) -> None:
    edge = NOW - timedelta(days=4, minutes=4)  # the very moment of an entry
    before = gather(tenant, AUDITS, window=Window(NOW - timedelta(days=10), edge))
    after = gather(tenant, AUDITS, window=Window(edge, NOW))
    seen = [row["event_id"] for one in (before, after) for row in one.table("access_event")]
    assert len(seen) == len(set(seen)) == 7
    assert "Directory_00004" in after.by("event_id", "access_event")


def test_the_filter_asks_for_the_window_and_nothing_else(tenant: Tenant) -> None:
    gather(tenant, AUDITS, window=Window(NOW - timedelta(days=1), NOW))
    asked = next(one for one in tenant.double.asked if one.path.endswith("directoryAudits"))
    assert (
        asked.query["$filter"]
        == "activityDateTime ge 2026-11-22T12:00:00Z and activityDateTime le 2026-11-23T12:00:00Z"
    )


def test_without_a_licence_what_the_log_forgot_is_a_gap_with_its_dates(tenant: Tenant) -> None:
    tenant.licences = frozenset()
    found = gather(tenant, AUDITS)
    assert found.causes == ["unlicensed"]
    assert "from 2026-10-24T12:00:00Z to 2026-11-16T12:00:00Z cannot be read" in found.snapshot.gaps[0].detail
    recent = gather(tenant, AUDITS, window=Window(NOW - timedelta(days=2), NOW))
    assert recent.snapshot.complete, "a window inside what is kept is whole"


def test_only_sign_ins_that_matter_are_kept_unless_all_are_wanted(tenant: Tenant) -> None:
    found = gather(tenant, SIGN_INS)
    assert found.snapshot.complete
    assert {row["protocol"] for row in found.table("access_event")} == {"legacy", "modern"}
    rescue = {row["event_id"] for row in found.table("access_event") if row["protocol"] == "modern"}
    assert rescue == set(tenant.planted["break-glass sign-in"])
    everything = gather(tenant, SIGN_INS, settings={"all_sign_ins": True})
    assert len(everything.rows) == 9


def test_an_old_protocol_that_let_somebody_in_is_a_deviation(tenant: Tenant) -> None:
    read = gathered(
        tenant, SIGN_INS, "entra.password_policy", "entra.ca_policies", "entra.auth_methods", "entra.role_assignments"
    )
    found = judged(read, "IAM-02")
    signed_in = {one for one in items(found, "deviation") if one.startswith("sign-in ")}
    assert signed_in == {f"sign-in {one}" for one in tenant.planted["legacy sign-in"]}
    assert found["password policy"][0] == "cannot_tell", "how short a password may be, Entra does not say"
    assert len(items(found, "not_applicable")) == 1, "the attempt that failed"


def test_activations_reviews_requests_and_runs(tenant: Tenant) -> None:
    pim, reviews, requests, runs = gathered(
        tenant, "entra.pim_requests", "entra.access_reviews", "entra.access_requests", "entra.lifecycle_runs"
    )
    assert all(one.snapshot.complete for one in (pim, reviews, requests, runs))
    (activation,) = pim.rows
    assert (activation["action"], activation["outcome"], activation["request_ref"]) == (
        "role_granted",
        "success",
        "INC-7",
    )
    rows = reviews.by("source_id", "access_review")
    assert {one: row["decision"] for one, row in rows.items()} == {
        "d-1": "keep", "d-2": "revoke", "d-3": "none", next(one for one in rows if not one.startswith("d-")): None,
    }  # fmt: skip
    assert rows["d-3"]["reviewer"] is None, "nobody is not a reviewer"
    assert (rows["d-2"]["applied_at"], rows["d-2"]["apply_result"]) == (None, "AppliedWithUnknownFailure")
    states = {row["status"] for row in rows.values()}
    assert states == {"applied", "open"}
    asked = requests.by("request_id", "approval")
    assert {one: row["status"] for one, row in asked.items()} == {"ar-1": "approved", "ar-2": "open"}
    assert {row["approved_by"] for row in asked.values()} == {None}, "Graph tells that to no application"
    assert {row["source_id"]: row["outcome"] for row in runs.rows} == {"p-1": "success", "p-2": "failure"}


def test_risks_incidents_devices_training_terms_requests_and_labels(tenant: Tenant) -> None:
    risks, incidents, devices, training, terms, subjects, labels = gathered(
        tenant, "entra.risk_detections", "entra.security_incidents", "entra.intune.devices", "entra.training",
        "entra.terms_acceptance", "entra.subject_requests", "entra.retention_labels",
    )  # fmt: skip
    assert all(one.snapshot.complete for one in (risks, incidents, devices, training, terms, subjects, labels))
    assert {row["alert_id"]: row["status"] for row in risks.rows} == {"risk-1": "open", "risk-2": "closed"}
    assert [row["severity"] for row in incidents.table("incident")] == ["high"]
    assert [row["incident_ref"] for row in incidents.table("alert")] == ["100"]
    unsafe = [row for row in devices.table("endpoint") if row["compliance"] == "noncompliant"]
    assert [(row["device_id"], row["encrypted"]) for row in unsafe] == [("dev-1", False)]
    assert [row["status"] for row in training.table("training") if row["person_id"]] == ["completed", "overdue"]
    assert [(row["version"], row["accepted_at"]) for row in terms.rows] == [("file-1", "2026-11-13T12:00:00Z")]
    assert [(row["type"], row["status"]) for row in subjects.rows] == [("export", "open")]
    assert {row["rule"]: (row["after_days"], row["keeps_forever"]) for row in labels.rows} == {
        "Two years": (730, False),
        "For good": (None, True),
    }
