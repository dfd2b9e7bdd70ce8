"""What was done: windows that touch, events that come late, and who each is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.model import Window
from collector.slots import Series
from tests.connectors.workspace.gathering import connector, gather
from tests.doubles.workspace.estate import CUSTOMER, DOMAIN
from tests.doubles.workspace.history import activity

if TYPE_CHECKING:
    from tests.doubles.workspace.server import WorkspaceDouble

ADMIN, LOGIN, SHARING = "gws.audit.admin", "gws.audit.login", "gws.audit.sharing"


def test_every_action_has_its_word_and_the_account_it_was_about(google: WorkspaceDouble) -> None:
    found = gather(google, ADMIN)
    assert found.snapshot.complete
    told: dict[str, list[Any]] = {}
    for row in sorted(found.rows, key=lambda row: row["at"]):
        told.setdefault(row["action"], []).append(row["target"])
    assert told == google.manifest["actions"]
    granted = {row["granted"] for row in found.rows if row["action"].startswith(("role_", "group_"))}
    assert granted == {"_HELP_DESK_ADMIN_ROLE", "Auditors", "_SEED_ADMIN_ROLE", f"oncall@{DOMAIN}"}
    assert {row["actor"] for row in found.rows} == {google.manifest["administrator"]}


def test_an_address_that_passed_on_means_who_had_it_then(google: WorkspaceDouble) -> None:
    reused = google.manifest["reused"]
    rows = [row for row in gather(google, ADMIN).rows if row["target"] in {reused["first"], reused["then"]}]
    assert [(row["action"], row["target"]) for row in sorted(rows, key=lambda row: row["at"])] == [
        ("user_suspended", reused["first"]),
        ("user_deleted", reused["first"]),
        ("user_created", reused["then"]),
    ]


def test_windows_touch_and_no_event_is_in_neither(google: WorkspaceDouble) -> None:
    """Google takes both ends as inside; the collector takes the end for the next window's."""
    edge = google.estate.end - timedelta(days=12)
    first = gather(google, ADMIN, window=Window(edge - timedelta(days=200), edge)).rows
    second = gather(google, ADMIN, window=Window(edge, edge + timedelta(days=12))).rows
    ids = [row["event_id"] for row in (*first, *second)]
    assert len(ids) == len(set(ids)) == len(google.estate.activities["admin"])
    assert any(datetime.fromisoformat(row["at"]) == edge for row in second)


LATE = {
    ADMIN: ("admin", 2, "SUSPEND_USER", {"USER_EMAIL": f"ben@{DOMAIN}"}),
    LOGIN: ("login", 10, "suspicious_login", {}),
    SHARING: ("drive", 10, "change_document_visibility", {"visibility": "public_on_the_web", "doc_id": "late"}),
}
"""By how many hours each log is late, which is less than its windows overlap; and an event that is."""


def happened(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row.get("at") or row["opened_at"])


@pytest.mark.parametrize("evidence", LATE)
def test_what_the_log_shows_late_is_in_the_next_window(google: WorkspaceDouble, evidence: str) -> None:
    log, late, name, told = LATE[evidence]
    google.manifest["lag"] = {log: timedelta(hours=late)}
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    activity(google.estate, log, at, name, "any", f"ben@{DOMAIN}", **told)
    first = gather(google, evidence)
    ended = first.snapshot.window
    assert ended is not None
    assert not any(happened(row) == at for row in first.rows)
    google.ahead = timedelta(hours=late + 1)
    second = gather(google, evidence, reached={Series(evidence, "gws", CUSTOMER): ended.end}, ahead=google.ahead)
    assert second.snapshot.window is not None
    assert second.snapshot.window.start == ended.end - timedelta(minutes=connector().types[evidence].late_minutes)
    assert sum(happened(row) == at for row in second.rows) == 1


def test_an_event_is_asked_for_by_name_and_an_activity_of_two_is_no_event_twice(google: WorkspaceDouble) -> None:
    found = gather(google, LOGIN)
    assert found.snapshot.complete
    factors = [(row["action"], row["target"]) for row in found.table("access_event")]
    assert sorted(factors) == [("mfa_enrolled", google.estate.id("dan")), ("mfa_reset", google.estate.id("dan"))]
    alerts = {row["kind"]: row["target"] for row in found.table("alert")}
    assert alerts == {
        "suspicious_login": google.estate.id("ben"),
        "account_disabled_password_leak": google.estate.id("cleo"),
    }
    assert not any("login_success" in str(one.query) for one in google.called)


def test_only_what_opens_a_file_to_outsiders_is_in_the_list(google: WorkspaceDouble) -> None:
    rows = gather(google, SHARING).rows
    assert {row["target"]: row["action"] for row in rows} == google.manifest["shared"]
    assert all(row["at"] for row in rows)


def test_false_pass_21_gws_an_edition_without_a_log_is_a_gap_and_no_silence(google: WorkspaceDouble) -> None:
    google.lacking.add("drive")
    found = gather(google, SHARING)
    assert set(found.causes) == {"unlicensed"}
    assert found.rows == []
