from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from collector.records import AccessEvent, AccessGrant, Account, Authenticator, Credential, Setting
from tests.assess.sealed import NOW, UNIT, ago, judged, verdicts

if TYPE_CHECKING:
    from collector.records import Record

REPORT = "aws.iam.credential_report"
SUMMARY = "aws.iam.account_summary"
EVENTS = "aws.cloudtrail.root_and_console"
DIRECTORY = "aws.sso.assignments"


def person(**changed: Any) -> Account:
    healthy: dict[str, Any] = {
        "key": "arn:anna",
        "seen": (),
        "observed_at": ago(hours=2),
        "account_id": "arn:anna",
        "name": "anna",
        "kind": "human",
        "status": "active",
        "mfa_enrolled": True,
        "created_at": ago(days=400),
        "last_login_at": ago(days=3),
    }
    return Account(**healthy | changed)


def access_key(**changed: Any) -> Credential:
    healthy: dict[str, Any] = {
        "key": "arn:anna/access_key_1",
        "seen": (),
        "observed_at": ago(hours=2),
        "credential_id": "arn:anna/access_key_1",
        "principal_id": "arn:anna",
        "kind": "access_key",
        "status": "active",
        "rotated_at": ago(days=20),
        "last_used_at": ago(days=1),
    }
    return Credential(**healthy | changed)


def setting(name: str, value: str | None) -> Setting:
    return Setting(key=name, seen=(), name=name, value=value)


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"mfa_enrolled": False}, "deviation"),
        ({"mfa_enrolled": False, "created_at": ago(days=3)}, "pass"),
        ({"mfa_enrolled": False, "created_at": ago(days=3, hours=2)}, "deviation"),
        ({"mfa_enrolled": False, "created_at": None}, "cannot_tell"),
        ({"mfa_enrolled": None}, "cannot_tell"),
        ({"status": None}, "cannot_tell"),
        ({"status": "disabled", "mfa_enrolled": False}, "not_applicable"),
        ({"status": "suspended", "mfa_enrolled": False}, "not_applicable"),
        ({"status": "deleted", "mfa_enrolled": False}, "not_applicable"),
        ({"status": "invited", "mfa_enrolled": False}, "not_applicable"),
        ({"status": "unheard of", "mfa_enrolled": True}, "cannot_tell"),
        ({"kind": None}, "cannot_tell"),
    ],
)
def test_iam_01(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("IAM-01", {REPORT: [person(**changed)]}) == {"arn:anna": outcome}


def test_iam_01_leaves_out_root_and_services_and_takes_the_directory_in() -> None:
    others = [person(key=kind, account_id=kind, kind=kind) for kind in ("root", "service", "role")]
    guest = person(key="u-1", account_id="u-1", mfa_enrolled=None, observed_at=None)
    assert verdicts("IAM-01", {REPORT: others, DIRECTORY: [guest]}) == {"u-1": "cannot_tell"}


@pytest.mark.parametrize(
    ("factors", "outcome"),
    [
        ([], "cannot_tell"),
        ([("none", None)], "deviation"),
        ([("security_question", "active")], "deviation"),
        ([("push", "pending")], "deviation"),
        ([("push", "pending"), ("webauthn", "active")], "pass"),
        ([("security_question", "active"), ("totp", "active")], "pass"),
        ([("push", None)], "cannot_tell"),
        ([(None, "active")], "cannot_tell"),
        ([("push", None), ("webauthn", "active")], "pass"),
    ],
)
def test_iam_01_where_factors_are_listed_apart(factors: list[tuple[str | None, str | None]], outcome: str) -> None:
    listed = [
        Authenticator(key=f"{number}", seen=(), account_id="u1", factor=factor, status=status)
        for number, (factor, status) in enumerate(factors)
    ]
    account = person(key="u1", account_id="u1", mfa_enrolled=None, observed_at=None)
    assert verdicts("IAM-01", {"okta.users": [account], "okta.factors": listed}) == {"u1": outcome}


@pytest.mark.parametrize("status", ["suspended", "invited", "deleted", "disabled"])
def test_accounts_that_nobody_can_use_are_not_judged(status: str) -> None:
    account = person(key="u1", account_id="u1", status=status, kind=None, mfa_enrolled=None, last_login_at=None)
    assert verdicts("IAM-01", {"okta.users": [account]}) == {"u1": "not_applicable"}
    assert verdicts("IAM-10", {"okta.users": [account]}) == {"u1": "not_applicable"}


@pytest.mark.parametrize(
    ("name", "value", "outcome"),
    [
        ("sign_on.second_factor", "required", "pass"),
        ("sign_on.second_factor", "not_required", "deviation"),
        ("sign_on.second_factor", None, "cannot_tell"),
        ("session.idle_minutes", "720", "pass"),
        ("session.idle_minutes", "721", "deviation"),
        ("session.idle_minutes", "0", "deviation"),
        ("session.idle_minutes", None, "cannot_tell"),
        ("session.idle_minutes", "some", "cannot_tell"),
        ("sign_on.administrators_resistant", "required", "pass"),
        ("sign_on.administrators_resistant", "not_required", "deviation"),
        ("sign_on.administrators_resistant", None, "cannot_tell"),
    ],
)
def test_iam_02_of_a_rule(name: str, value: str | None, outcome: str) -> None:
    assert verdicts("IAM-02", {"okta.policies": [setting(name, value)]})[name] == outcome


def factor(name: str, status: str | None, resistant: bool | None) -> Authenticator:  # noqa: FBT001 - reads well here
    return Authenticator(
        key=f"anna {name}", seen=(), account_id="arn:anna", factor=name, status=status, phishing_resistant=resistant
    )


@pytest.mark.parametrize(
    ("factors", "changed", "outcome"),
    [
        ([factor("webauthn", "active", True)], {}, "pass"),
        ([factor("webauthn", "pending", True)], {}, "deviation"),
        ([factor("webauthn", None, True)], {}, "cannot_tell"),
        ([factor("push", "active", False)], {}, "deviation"),
        ([factor("other", "active", None)], {}, "cannot_tell"),
        ([factor("none", "active", None)], {}, "deviation"),
        ([], {}, "cannot_tell"),
        ([], {"mfa_enrolled": False}, "deviation"),
        ([factor("push", "active", False)], {"status": "disabled"}, "not_applicable"),
        ([factor("push", "active", False)], {"kind": "service"}, None),
    ],
)
@pytest.mark.parametrize("by_grant", [True, False])
def test_iam_02_an_administrator_carries_a_factor_that_cannot_be_phished(
    factors: list[Authenticator],
    changed: dict[str, Any],
    outcome: str | None,
    by_grant: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    grant = AccessGrant(key="g", seen=(), principal_id="arn:anna", principal_kind="human", privileged=True)
    account = person(**{"privileged": not by_grant} | changed)
    records: dict[str, list[Record]] = {
        "gws.users": [account, *factors],
        "gws.admin_roles": [grant] if by_grant else [],
    }
    expected = None if not by_grant and outcome == "not_applicable" else outcome
    assert verdicts("IAM-02", records).get("administrator arn:anna") == expected


def test_iam_02_who_administers_nothing_needs_no_such_factor() -> None:
    grant = AccessGrant(key="g", seen=(), principal_id="arn:anna", principal_kind="human", privileged=False)
    records: dict[str, list[Record]] = {
        "gws.users": [person(), factor("push", "active", False)],
        "gws.admin_roles": [grant],
    }
    assert "administrator arn:anna" not in verdicts("IAM-02", records)


def left_out(account: str, way: str | None) -> Setting:
    return Setting(key=f"out {account} {way}", seen=(), name="sign_on.excluded", value=way, applies_to=account)


@pytest.mark.parametrize(
    ("rows", "outcomes"),
    [
        ([], {"number": "pass"}),
        ([left_out("a", "by_name")], {"a": "pass", "number": "pass"}),
        ([left_out("a", "by_name"), left_out("a", "by_group")], {"a": "deviation", "number": "pass"}),
        ([left_out("a", None)], {"a": "cannot_tell", "number": "pass"}),
        (
            [left_out(one, "by_name") for one in "abc"],
            {"a": "pass", "b": "pass", "c": "pass", "number": "deviation"},
        ),
    ],
)
def test_iam_03_whom_rules_on_how_to_sign_in_leave_out(rows: list[Setting], outcomes: dict[str, str]) -> None:
    found = verdicts("IAM-03", {"entra.ca_policies": [setting("sign_on.second_factor", "required"), *rows]})
    named = {
        item.removeprefix("left out of sign-on rules: "): verdict
        for item, verdict in found.items()
        if item[:4] != "root"
    }
    named["number"] = named.pop("number of accounts left out of sign-on rules")
    assert named == outcomes


def test_age_is_measured_at_the_moment_the_source_speaks_of() -> None:
    made, heard = ago(hours=80), ago(hours=10)
    young = person(mfa_enrolled=False, created_at=made, observed_at=heard)
    assert verdicts("IAM-01", {REPORT: [young]}) == {"arn:anna": "pass"}
    assert verdicts("IAM-01", {REPORT: [person(mfa_enrolled=False, created_at=made, observed_at=None)]}) == {
        "arn:anna": "deviation"
    }


@pytest.mark.parametrize(
    ("state", "length", "outcome"),
    [
        ("present", "14", "pass"),
        ("present", "12", "pass"),
        ("present", "8", "deviation"),
        ("absent", None, "deviation"),
        ("present", None, "cannot_tell"),
        ("present", "many", "cannot_tell"),
        (None, "14", "cannot_tell"),
    ],
)
def test_iam_02(state: str | None, length: str | None, outcome: str) -> None:
    records = [setting("password_policy", state), setting("password_policy.minimum_length", length)]
    assert verdicts("IAM-02", {SUMMARY: records}) == {"password policy": outcome}


def test_iam_02_without_any_row() -> None:
    assert verdicts("IAM-02", {}) == {"password policy": "cannot_tell"}


def root(mfa: str | None, kind: str | None, enters: str | None = "true", keys: str | None = "false") -> list[Setting]:
    return [
        setting("root_mfa_enabled", mfa),
        setting("root_mfa_kind", kind),
        setting("root_password_present", enters),
        setting("root_access_keys_present", keys),
    ]


@pytest.mark.parametrize(
    ("settings", "factor", "keys"),
    [
        (root("true", "hardware"), "pass", "pass"),
        (root("true", "virtual"), "deviation", "pass"),
        (root("true", None), "cannot_tell", "pass"),
        (root("false", "none"), "deviation", "pass"),
        (root("false", "none", enters="false"), "pass", "pass"),
        (root("false", "none", enters=None), "cannot_tell", "pass"),
        (root("false", "none", enters="false", keys=None), "cannot_tell", "cannot_tell"),
        (root("false", "none", enters=None, keys="true"), "deviation", "deviation"),
        (root(None, None, None, None), "cannot_tell", "cannot_tell"),
        ([], "cannot_tell", "cannot_tell"),
    ],
)
def test_iam_03_root(settings: list[Setting], factor: str, keys: str) -> None:
    assert verdicts("IAM-03", {SUMMARY: settings}) == {"root: second factor": factor, "root: access keys": keys}


def use(name: str, **changed: Any) -> AccessEvent:
    event: dict[str, Any] = {
        "key": name,
        "seen": (),
        "event_id": name,
        "at": ago(days=5),
        "actor_kind": "root",
        "action": "signin:ConsoleLogin",
        "outcome": "success",
    }
    return AccessEvent(**event | changed)


def test_iam_03_each_use_of_root_is_an_item_that_no_ticket_explains_yet() -> None:
    events = [
        use("used", request_ref="the provider's id of the request, no ticket"),
        use("refused", outcome="failure"),
        use("by whom", actor_kind=None),
        use("a person", actor_kind="human"),
        use("taken", actor_kind="role", action="sts:AssumeRoot"),
    ]
    found = verdicts("IAM-03", {SUMMARY: root("true", "hardware"), EVENTS: events})
    assert found == {
        "root: second factor": "pass",
        "root: access keys": "pass",
        "use of root used": "cannot_tell",
        "use of root refused": "not_applicable",
        "use of root by whom": "cannot_tell",
        "use of root taken": "cannot_tell",
    }


@pytest.mark.parametrize(
    ("last_login_at", "outcome"),
    [
        (ago(days=5, hours=0.5), "pass"),
        (ago(days=7), "cannot_tell"),
        (ago(days=100), None),
        (None, None),
    ],
)
def test_iam_03_the_second_source_shows_a_use_that_the_events_lack(last_login_at: Any, outcome: str | None) -> None:
    account = person(key="root", account_id="root", kind="root", last_login_at=last_login_at)
    found = verdicts("IAM-03", {SUMMARY: root("true", "hardware"), EVENTS: [use("used")], REPORT: [account]})
    assert found.get("root: last use in both sources") == outcome


def grant(principal: str, **changed: Any) -> AccessGrant:
    healthy: dict[str, Any] = {
        "key": f"grant {principal}",
        "seen": (),
        "principal_id": principal,
        "principal_kind": "human",
        "resource": UNIT,
        "role": "Administrator",
        "privileged": True,
        "via": "direct",
    }
    return AccessGrant(**healthy | changed)


COUNT = "number of permanent administrators"


@pytest.mark.parametrize(
    ("grants", "expected"),
    [
        ([], {COUNT: "pass"}),
        ([grant("anna")], {"grant anna": "cannot_tell", COUNT: "pass"}),
        ([grant("anna", privileged=False)], {COUNT: "pass"}),
        ([grant("anna", privileged=None)], {"grant anna": "cannot_tell", COUNT: "cannot_tell"}),
        ([grant("anna", principal_kind=None)], {"grant anna": "cannot_tell", COUNT: "cannot_tell"}),
        ([grant("job", principal_kind="service")], {COUNT: "pass"}),
        ([grant("door", principal_kind="role")], {"grant door": "cannot_tell", COUNT: "cannot_tell"}),
        ([grant("anna", expires_at=NOW + timedelta(days=1))], {"grant anna": "cannot_tell", COUNT: "pass"}),
    ],
)
def test_iam_04(grants: list[AccessGrant], expected: dict[str, str]) -> None:
    assert verdicts("IAM-04", {DIRECTORY: grants}) == expected


def test_iam_04_too_many_is_a_deviation_whatever_else_is_unknown() -> None:
    grants = [*(grant(f"person {number}") for number in range(6)), grant("door", principal_kind="role")]
    assert verdicts("IAM-04", {DIRECTORY: grants})[COUNT] == "deviation"
    assert verdicts("IAM-04", {DIRECTORY: grants[:6]}, {"max_permanent": 6})[COUNT] == "pass"


def test_iam_04_learns_from_the_credential_report_who_is_a_person() -> None:
    held: dict[str, list[Record]] = {
        "aws.iam.authorization_details": [grant("arn:anna", principal_kind=None)],
        REPORT: [person()],
    }
    assert "held by a person" in judged("IAM-04", held)["grant arn:anna"][1]
    service: dict[str, list[Record]] = {**held, REPORT: [person(kind="service")]}
    assert verdicts("IAM-04", service) == {COUNT: "pass"}


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"last_login_at": ago(days=91)}, "deviation"),
        ({"last_login_at": ago(days=91), "created_at": ago(days=30)}, "pass"),
        ({"last_login_at": None}, "cannot_tell"),
        ({"last_login_at": None, "created_at": ago(days=30)}, "pass"),
        ({"last_login_at": None, "created_at": None}, "cannot_tell"),
        ({"last_login_at": ago(days=91), "created_at": None}, "cannot_tell"),
        ({"status": "disabled", "last_login_at": ago(days=91)}, "not_applicable"),
        ({"status": None}, "cannot_tell"),
        ({"kind": None}, "cannot_tell"),
    ],
)
def test_iam_10_accounts(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("IAM-10", {REPORT: [person(**changed)]}) == {"arn:anna": outcome}


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"rotated_at": ago(days=91)}, "deviation"),
        ({"rotated_at": None, "created_at": ago(days=91)}, "deviation"),
        ({"rotated_at": ago(days=1), "created_at": ago(days=500)}, "pass"),
        ({"rotated_at": None}, "cannot_tell"),
        ({"last_used_at": None}, "pass"),
        ({"status": "disabled", "rotated_at": ago(days=400)}, "not_applicable"),
        ({"status": None}, "cannot_tell"),
        ({"kind": None}, "cannot_tell"),
    ],
)
def test_iam_10_credentials(changed: dict[str, Any], outcome: str) -> None:
    assert verdicts("IAM-10", {REPORT: [access_key(**changed)]}) == {"arn:anna/access_key_1": outcome}


def test_iam_10_a_credential_may_be_young_enough_and_yet_unused() -> None:
    relaxed = {"max_age": 365}
    for used, outcome in ((ago(days=100), "deviation"), (None, "cannot_tell"), (ago(days=10), "pass")):
        old = access_key(rotated_at=ago(days=200), last_used_at=used)
        assert verdicts("IAM-10", {REPORT: [old]}, relaxed) == {"arn:anna/access_key_1": outcome}


def test_iam_10_does_not_ask_people_to_change_good_passwords() -> None:
    assert verdicts("IAM-10", {REPORT: [access_key(kind="password", rotated_at=ago(days=900))]}) == {}


@pytest.mark.parametrize(("days", "outcome"), [(-1, "not_applicable"), (1, "deviation")])
def test_iam_10_what_has_run_out_can_no_longer_be_used(days: int, outcome: str) -> None:
    old = access_key(rotated_at=ago(days=300), expires_at=NOW + timedelta(days=days))
    assert verdicts("IAM-10", {REPORT: [old]}) == {"arn:anna/access_key_1": outcome}


def test_iam_04_who_must_first_activate_a_right_does_not_hold_it_for_good() -> None:
    grants = [
        AccessGrant(
            key=f"g{number}", seen=(), principal_id=f"p{number}", principal_kind="human", privileged=True, via=via
        )
        for number, via in enumerate(["eligible", "eligible through group A", "direct", None])
    ]
    found = judged("IAM-04", {DIRECTORY: grants})
    assert found["number of permanent administrators"][1].startswith("2 people hold")
    assert len(found) == 5, "each is an item all the same"


@pytest.mark.parametrize(
    ("protocol", "result", "outcome"),
    [
        ("legacy", "success", "deviation"),
        ("legacy", "failure", "not_applicable"),
        ("legacy", None, "cannot_tell"),
        (None, "success", "cannot_tell"),
        ("modern", "success", None),
    ],
)
def test_iam_02_a_sign_in_by_an_old_protocol(protocol: str | None, result: str | None, outcome: str | None) -> None:
    event = AccessEvent(
        key="e", seen=(), event_id="e", at=ago(days=1), action="sign_in", protocol=protocol, outcome=result
    )
    assert verdicts("IAM-02", {"entra.sign_ins": [event]}).get("sign-in e") == outcome
