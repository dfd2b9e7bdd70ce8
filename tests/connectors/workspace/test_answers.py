"""What is recorded where Google says no, nothing, or less; and how none of it becomes a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.connectors.github.judging import judged
from tests.connectors.workspace.gathering import Gathered, gather, gathered
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.doubles.workspace.server import WorkspaceDouble

USERS = "gws.users"
LIST = "/admin/directory/v1/users"
TOO_FAST = {"error": {"code": 403, "message": "Rate Limit Exceeded", "errors": [{"reason": "rateLimitExceeded"}]}}
DENIED = {
    "error": {"code": 403, "message": "Not Authorized to access this resource/api", "status": "PERMISSION_DENIED"}
}
TYPES = ("gws.users", "gws.admin_roles", "gws.policies", "gws.audit.admin", "gws.alerts", "gws.devices", "gws.groups")


def nobody_passes(found: Sequence[Gathered]) -> None:
    """No account is called right, and that it cannot be told is told."""
    outcomes = judged(found, "IAM-01")["IAM-01"]
    assert {one.outcome for one in outcomes} == {"cannot_tell"}
    assert any("gws.users" in one.because for one in outcomes)


REFUSALS: dict[str, tuple[Given, str]] = {
    "403": (Given(403, DENIED), "denied"),
    "404": (Given(404, {"error": {"code": 404, "message": "Not Found", "errors": [{"reason": "notFound"}]}}), "denied"),
    "429": (Given(429, {"error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}}), "throttled"),
    "403 that means too fast": (Given(403, TOO_FAST), "throttled"),
    "500": (Given(500, {"error": {"code": 500, "message": "Backend Error"}}), "unavailable"),
    "time-out": (Given(504, b"", {"Content-Type": "text/html"}), "timeout"),
    "silence": (Given(reset=True), "truncated"),
    "truncated page": (Given(200, b'{"kind": "admin#directory#users", "users": [{"id": "1"'), "truncated"),
    "cut connection": (Given(200, {"kind": "admin#directory#users"}, cut=True), "truncated"),
    "empty object": (Given(200, {}), "truncated"),
    "web page": (Given(200, b"<html>sign in</html>", {"Content-Type": "text/html"}), "truncated"),
}


@pytest.mark.parametrize("fault", REFUSALS)
def test_aq_12_gws_what_is_no_answer_is_a_gap_and_nobody_passes(google: WorkspaceDouble, fault: str) -> None:
    given, cause = REFUSALS[fault]
    google.rest.fault(given, path=LIST, skip=2)  # after signing in
    found = gather(google, USERS)
    assert set(found.causes) == {cause}
    assert (found.table("account"), found.snapshot.complete) == ([], False)
    nobody_passes([found])


def test_aq_12_gws_the_last_page_counts_as_much_as_the_first(google: WorkspaceDouble) -> None:
    google.most = 10
    google.rest.fault(Given(500, {"error": {"code": 500, "message": "Backend Error"}}), path=LIST, skip=4)
    found = gather(google, USERS)
    assert set(found.causes) == {"unavailable"}
    assert not found.snapshot.complete
    nobody_passes([found])


@pytest.mark.parametrize("given", [Given(429, TOO_FAST), Given(403, TOO_FAST)], ids=["429", "403"])
def test_aq_12_gws_what_succeeds_in_the_end_is_whole_and_its_retries_are_counted(
    google: WorkspaceDouble, given: Given
) -> None:
    google.rest.fault(given, path=LIST, skip=2, times=1)
    found = gather(google, USERS)
    assert found.snapshot.complete
    assert sorted(one["attempts"] for one in found.exchanges if one["operation"] == f"GET {LIST}") == [1, 2]


def test_aq_12_gws_a_quota_that_runs_out_over_and_over_only_costs_time(google: WorkspaceDouble) -> None:
    google.quota, google.most = 2, 4
    found = gathered(google, USERS, "gws.groups", settings={"attempts": 6})
    assert [one.snapshot.complete for one in found] == [True, True]
    assert sum(exchange["attempts"] > 1 for one in found for exchange in one.exchanges) > 5


def test_aq_12_gws_none_exist_is_not_could_not_look(google: WorkspaceDouble) -> None:
    google.estate.alerts.clear()
    found = gather(google, "gws.alerts")
    assert (found.rows, found.snapshot.complete) == ([], True)
    google.rest.fault(Given(403, DENIED), path="/alerts")
    found = gather(google, "gws.alerts")
    assert (found.rows, found.causes) == ([], ["denied"])


def test_aq_12_gws_a_factor_that_the_edition_does_not_tell_is_no_pass_and_no_deviation(google: WorkspaceDouble) -> None:
    for user in google.estate.users:
        del user["isEnrolledIn2Sv"]
    found = gather(google, USERS)
    assert found.causes == ["unlicensed"]
    nobody_passes([found])


@pytest.mark.parametrize("evidence", TYPES)
def test_false_pass_16_gws_a_404_is_never_nothing_there(google: WorkspaceDouble, evidence: str) -> None:
    missing = Given(404, {"error": {"code": 404, "message": "Resource Not Found", "errors": [{"reason": "notFound"}]}})
    google.rest.fault(missing, path="/", skip=3)  # two tokens at most, and who we are
    found = gather(google, evidence)
    assert set(found.causes) == {"denied"}
    assert found.rows == []


def test_false_pass_09_gws_a_page_limit_is_no_end(google: WorkspaceDouble) -> None:
    google.most = 1
    found = gather(google, USERS)
    assert found.snapshot.complete, "as many pages as users"
    endless: dict[str, Any] = {"kind": "admin#directory#users", "nextPageToken": "string", "users": []}
    google.rest.fault(Given(200, endless), path=LIST, skip=1)
    found = gather(google, USERS)
    assert set(found.causes) == {"truncated"}
    assert not found.snapshot.complete
    nobody_passes([found])


@pytest.mark.parametrize("service", ["admin", "alertcenter", "cloudidentity", "groupssettings"])
def test_an_interface_that_is_switched_off_is_not_configured(google: WorkspaceDouble, service: str) -> None:
    evidence = {"alertcenter": "gws.alerts", "cloudidentity": "gws.policies", "groupssettings": "gws.groups"}
    if service == "admin":
        off = {"reason": "SERVICE_DISABLED", "@type": "type.googleapis.com/google.rpc.ErrorInfo"}
        error = {"code": 403, "message": "off", "details": [{"@type": "Help"}, off], "status": "PERMISSION_DENIED"}
        google.rest.fault(Given(403, {"error": error}), path="/applications/admin")
    google.off.add(service if service != "admin" else "")
    found = gather(google, evidence.get(service, "gws.audit.admin"))
    assert set(found.causes) == {"not_configured"}


@pytest.mark.parametrize(
    ("lacking", "evidence"),
    [
        ("cloudidentity.devices.list", "gws.devices"),
        ("alertcenter.alerts.list", "gws.alerts"),
        ("drive", "gws.audit.sharing"),
        ("cloudidentity.policies.list", "gws.policies"),
    ],
)
def test_false_pass_17_gws_what_the_edition_lacks_is_unlicensed(
    google: WorkspaceDouble, lacking: str, evidence: str
) -> None:
    google.lacking.add(lacking)
    found = gather(google, evidence)
    assert set(found.causes) == {"unlicensed"}
    assert not found.snapshot.complete


@pytest.mark.parametrize("hidden", ["suspended", "archived", "deleted"])
def test_false_pass_21_gws_no_class_of_users_is_left_out(google: WorkspaceDouble, hidden: str) -> None:
    """Were one left out by Google without a word, the second count or the rows themselves would tell."""
    everyone = gather(google, USERS).by("account_id", "account")
    gone = {one["id"] for one in google.estate.deleted}
    of_class = gone if hidden == "deleted" else {google.estate.id(hidden)}
    assert of_class <= everyone.keys()
    if hidden == "suspended":
        listed = google.estate.users.copy()
        google.move("directory.users.list", 1, lambda estate: estate.users.remove(estate.user("suspended")))
        google.move("directory.users.list", 3, lambda estate: setattr(estate, "users", listed))
        found = gather(google, USERS)
        assert [one.name for one in found.snapshot.totals if not one.ties] == ["users = suspended and other users"]
        nobody_passes([found])


def test_one_that_is_missing_does_not_spoil_the_others(google: WorkspaceDouble) -> None:
    google.off.add("alertcenter")
    google.lacking.add("drive")
    found = gathered(google, "gws.alerts", "gws.audit.sharing", "gws.users", "gws.audit.admin")
    assert {one.snapshot.evidence_type for one in found if one.snapshot.complete} == {"gws.users", "gws.audit.admin"}
