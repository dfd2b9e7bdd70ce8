"""The rules on people, case by case. Leavers and reconciliation: test_leavers.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from collector.model import Cause, Gap
from collector.records import (
    AccessEvent,
    AccessGrant,
    AccessReview,
    Acknowledgement,
    AppGrant,
    Approval,
    Document,
    Incident,
    PersonChange,
    PersonCheck,
    Record,
    Setting,
    Training,
    Trust,
    Vendor,
)
from tests.assess.people import UNITS, Company, account, claim, somebody
from tests.assess.sealed import CONTROLS, NOW, ago

Row = TypeVar("Row", bound=Record)
OKTA = "okta.users"
ANNA = somebody("anna", job_title="Engineer")
MAIL = "anna@northwind.example"
PEOPLE_RULES = (
    "GOV-04",
    "GOV-05",
    "IAM-05",
    "IAM-06",
    "IAM-07",
    "IAM-08",
    "IAM-09",
    "IAM-13",
    "TRN-01",
    "TRN-03",
    "VEN-01",
)


def told(
    control: str, people: list[Any] | None = None, accounts: list[Any] | None = None, **records: Any
) -> dict[str, str]:
    """The verdicts over whole evidence; `records` by evidence type, with `__` for the dot."""
    company = Company(lists=(OKTA,))
    company.add("hris.roster", [ANNA] if people is None else people)
    given = {name.replace("__", "."): rows for name, rows in records.items()}
    for name, rows in given.items():
        company.add(name, rows)
    company.add(OKTA, accounts or [])
    company.map()
    for needed in CONTROLS[control].header.across:
        if not any(one.type == needed for one in company.sealed.evidence):
            company.add(needed)
    return company.verdicts(control)


def made(record: type[Row], key: str, **fields: Any) -> Row:
    return record(key=key, seen=(), **fields)


@pytest.mark.parametrize("control", PEOPLE_RULES)
def test_evidence_that_is_not_whole_or_not_there_decides_nothing(control: str) -> None:
    header = CONTROLS[control].header
    for lacking in header.across:
        for gaps in ((Gap(Cause.DENIED, "file", "cannot be read"),), None):
            company = Company(lists=(OKTA,))
            for needed in header.across:
                if needed == "agent.identity_map" or (needed == lacking and gaps is None):
                    continue
                company.add(
                    needed, [ANNA] if needed == "hris.roster" else [], gaps=gaps or () if needed == lacking else ()
                )
            company.add(OKTA, [account("1", email=MAIL)])
            if lacking != "agent.identity_map" and "hris.roster" in {one.type for one in company.sealed.evidence}:
                company.map()
            found = company.judged(control)
            assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}, (control, lacking, found)
            assert "the whole of the control" in found


def course(completed: Any, **changed: Any) -> Training:
    return made(Training, f"c {completed}", person_id="anna", course="Security 1", completed_at=completed, **changed)


@pytest.mark.parametrize(
    ("person", "done", "outcome"),
    [
        (ANNA, [course(ago(days=100))], "pass"),
        (ANNA, [course(ago(days=400)), course(ago(days=20))], "pass"),
        (ANNA, [course(ago(days=400))], "deviation"),
        (ANNA, [], "deviation"),
        (ANNA, [course(None)], "deviation"),
        (somebody("anna", start_date=ago(days=60)), [course(ago(days=40))], "pass"),
        (somebody("anna", start_date=ago(days=60)), [course(ago(days=20))], "deviation"),
        (somebody("anna", start_date=ago(days=60)), [], "deviation"),
        (somebody("anna", start_date=ago(days=20)), [], "not_applicable"),
        (somebody("anna", start_date=None), [course(ago(days=20))], "cannot_tell"),
        (somebody("anna", end_date=ago(days=2)), [], None),
        (somebody("anna", start_date=NOW + timedelta(days=3)), [], None),
    ],
)
def test_trn_01(person: Any, done: list[Training], outcome: str | None) -> None:
    assert told("TRN-01", [person], records__training=done).get("person anna") == outcome


def test_trn_01_judges_as_of_the_older_list() -> None:
    old = course(ago(days=300), observed_at=ago(days=60))
    assert told("TRN-01", [somebody("anna"), somebody("b", start_date=ago(days=50))], records__training=[old]) == {
        "person anna": "pass"
    }


def policy(version: str, approved: Any, **changed: Any) -> Document:
    return made(Document, f"P {version}", document="P", version=version, approved_at=approved, **changed)


def accepted(version: str, when: Any) -> Acknowledgement:
    return made(Acknowledgement, f"a {version}", person_id="anna", document="P", version=version, accepted_at=when)


@pytest.mark.parametrize(
    ("policies", "acceptances", "outcome"),
    [
        ([policy("1", ago(days=100))], [accepted("1", ago(days=80))], "pass"),
        ([policy("1", ago(days=100))], [accepted("1", ago(days=60))], "deviation"),
        ([policy("1", ago(days=100))], [], "deviation"),
        ([policy("1", ago(days=10))], [], "not_applicable"),
        ([policy("1", ago(days=400)), policy("2", ago(days=50))], [accepted("1", ago(days=390))], "deviation"),
        ([policy("1", ago(days=400)), policy("2", ago(days=50))], [accepted("2", ago(days=40))], "pass"),
        ([policy("1", None)], [accepted("1", ago(days=60))], "cannot_tell"),
        ([policy("1", ago(days=100), binding=False)], [], None),
    ],
)
def test_trn_03(policies: list[Document], acceptances: list[Acknowledgement], outcome: str | None) -> None:
    found = told("TRN-03", records__policies=policies, records__policy_acceptance=acceptances)
    assert found.get("person anna: P") == outcome


JOINED = somebody("anna", start_date=ago(days=30), job_title="Engineer")
CHECK = made(PersonCheck, "k", person_id="anna", kind="background", completed_at=ago(days=31))
SIGNED = made(Acknowledgement, "s", person_id="anna", document="NDA", accepted_at=ago(days=31))
ROLE = made(Document, "d", document="engineer", approved_at=ago(days=500))


@pytest.mark.parametrize(
    ("person", "checks", "signed", "roles", "outcome"),
    [
        (JOINED, [CHECK], [SIGNED], [ROLE], "pass"),
        (JOINED, [], [SIGNED], [ROLE], "deviation"),
        (JOINED, [CHECK], [], [ROLE], "deviation"),
        (JOINED, [CHECK], [SIGNED], [], "deviation"),
        (JOINED, [replace(CHECK, completed_at=ago(days=20))], [SIGNED], [ROLE], "deviation"),
        (JOINED, [replace(CHECK, completed_at=None)], [SIGNED], [ROLE], "deviation"),
        (JOINED, [CHECK], [replace(SIGNED, accepted_at=ago(days=20))], [ROLE], "deviation"),
        (somebody("anna", start_date=ago(days=30)), [CHECK], [SIGNED], [ROLE], "cannot_tell"),
        (somebody("anna", start_date=None), [CHECK], [SIGNED], [ROLE], "cannot_tell"),
        (ANNA, [], [], [], None),
    ],
)  # fmt: skip
def test_gov_04(person: Any, checks: Any, signed: Any, roles: Any, outcome: str | None) -> None:
    found = told(
        "GOV-04", [person], records__background_checks=checks, records__contracts_signed=signed,
        records__job_descriptions=roles,
    )  # fmt: skip
    assert found.get("joiner anna") == outcome


@pytest.mark.parametrize(
    ("person", "at", "outcome"),
    [
        (ANNA, ago(days=200), "pass"),
        (ANNA, ago(days=500), "deviation"),
        (ANNA, None, "deviation"),
        (somebody("anna", start_date=ago(days=90)), None, "not_applicable"),
        (somebody("anna", start_date=None), ago(days=200), "cannot_tell"),
    ],
)
def test_gov_05(person: Any, at: Any, outcome: str) -> None:
    review = [made(PersonCheck, "r", person_id="anna", kind="performance", completed_at=at)]
    assert told("GOV-05", [person], records__performance_reviews=review) == {"person anna": outcome}


def test_gov_05_a_breach_of_policy_has_a_consequence() -> None:
    log = [made(Incident, "1", incident_id="1", labels=("warning",)), made(Incident, "2", incident_id="2")]
    found = told("GOV-05", records__sanctions_log=log)
    assert (found["sanction 1"], found["sanction 2"]) == ("pass", "deviation")


ONE = f"okta {UNITS['okta']} 1"


def asked(**changed: Any) -> Approval:
    fields: dict[str, Any] = {
        "request_id": "R",
        "type": "access",
        "requested_by": "anna",
        "approved_by": "boss",
        "approved_at": ago(days=11),
        "refers_to": ("okta",),
    }
    return made(Approval, "R", **fields | changed)


@pytest.mark.parametrize(
    ("changed", "requests", "outcome"),
    [
        ({"created_at": ago(days=10)}, [asked()], "pass"),
        ({"created_at": ago(days=10)}, [], "deviation"),
        ({"created_at": ago(days=10)}, [asked(approved_at=ago(days=9))], "deviation"),
        ({"created_at": ago(days=10)}, [asked(approved_by="anna")], "deviation"),
        ({"created_at": ago(days=10)}, [asked(refers_to=("aws",))], "deviation"),
        ({"created_at": ago(days=10)}, [asked(refers_to=("1",), requested_by="it")], "pass"),
        ({"created_at": None}, [], "cannot_tell"),
        ({"created_at": ago(days=200)}, [], None),
        ({"created_at": ago(days=10), "email": None}, [], "deviation"),
        ({"created_at": ago(days=10), "kind": "service"}, [], None),
    ],
)
def test_iam_05(changed: dict[str, Any], requests: list[Approval], outcome: str | None) -> None:
    found = told("IAM-05", accounts=[account("1", **{"email": MAIL} | changed)], records__access_requests=requests)
    assert found.get(ONE) == outcome


def test_iam_05_a_joiners_first_account_needs_no_request_of_its_own() -> None:
    joiner, first = somebody("anna", start_date=ago(days=8)), account("1", email=MAIL, created_at=ago(days=10))
    assert told("IAM-05", [joiner], [first])[ONE] == "pass"


def held(role: str) -> AccessGrant:
    return made(AccessGrant, role, principal_id="1", role=role, resource="app", via="direct")


@pytest.mark.parametrize(
    ("days", "grants", "requests", "outcome"),
    [
        (20, [held("Support lead")], [], "deviation"),
        (20, [held("support")], [asked(approved_at=ago(days=15))], "pass"),
        (20, [held("SUPPORT")], [asked(approved_at=ago(days=25))], "deviation"),
        (20, [held("engineering")], [], "cannot_tell"),
        (20, [held("engineering")], [asked(approved_at=ago(days=15))], "pass"),
        (3, [held("support")], [], "not_applicable"),
    ],
)
def test_iam_06(days: int, grants: list[Any], requests: list[Any], outcome: str) -> None:
    move = made(
        PersonChange, "m", person_id="anna", effective_date=ago(days=days), from_role="Support", to_role="Engineering"
    )
    records = {"hris__moves": [move], "okta__assignments": grants, "records__access_requests": requests}
    (found,) = told("IAM-06", accounts=[account("1", email=MAIL)], **records).values()
    assert found == outcome


def reviewed(**changed: Any) -> AccessReview:
    fields: dict[str, Any] = {
        "review_id": "Q",
        "system": "okta",
        "started_at": ago(days=40),
        "completed_at": ago(days=30),
        "reviewer": "boss",
        "item": "1",
        "decision": "keep",
        "decided_at": ago(days=30),
    }
    return made(AccessReview, f"Q {changed.get('item', '1')}", **fields | changed)


OF_OKTA, THE_ITEM = f"reviews of okta {UNITS['okta']}", "review Q of okta: 1"


@pytest.mark.parametrize(
    ("changed", "system", "item"),
    [
        ({}, "pass", "pass"),
        ({"started_at": ago(days=100), "completed_at": ago(days=90)}, "deviation", "pass"),
        ({"completed_at": ago(days=5)}, "deviation", "pass"),
        ({"completed_at": None}, "deviation", "pass"),
        ({"started_at": ago(days=10), "completed_at": None}, "not_applicable", "pass"),
        ({"started_at": None}, "cannot_tell", "pass"),
        ({"system": "aws"}, "deviation", None),
        ({"decision": None}, "pass", "deviation"),
        ({"decision": None, "completed_at": None}, "deviation", "not_applicable"),
        ({"reviewer": "anna"}, "pass", "deviation"),
        ({"decision": "revoke"}, "pass", "deviation"),
        ({"decision": "revoke", "applied_at": ago(days=28)}, "pass", "pass"),
        ({"decision": "revoke", "applied_at": ago(days=10)}, "pass", "deviation"),
        ({"decision": "revoke", "decided_at": ago(days=3)}, "pass", "not_applicable"),
        ({"decision": "revoke", "decided_at": None}, "pass", "cannot_tell"),
    ],
)
def test_iam_09(changed: dict[str, Any], system: str, item: str | None) -> None:
    found = told("IAM-09", accounts=[account("1", email=MAIL)], records__access_reviews=[reviewed(**changed)])
    assert (found[OF_OKTA], found.get(THE_ITEM)) == (system, item)


def test_iam_09_a_system_that_nobody_reviewed_is_a_deviation() -> None:
    assert told("IAM-09", accounts=[account("1", email=MAIL)]) == {OF_OKTA: "deviation"}


def role(**changed: Any) -> AccessEvent:
    fields: dict[str, Any] = {
        "event_id": "E",
        "at": ago(days=9),
        "action": "role_granted",
        "actor": "boss",
        "target": "1",
    }
    return made(AccessEvent, "E", **fields | changed)


def came(**changed: Any) -> AccessEvent:
    return role(**{"action": "group_added", "granted": "Finance"} | changed)


FINANCE = {"refers_to": ("Finance",)}


@pytest.mark.parametrize(
    ("event", "requests", "outcome"),
    [
        (came(), [], "deviation"),
        (came(), [asked(**FINANCE)], "pass"),
        (came(action="app_assigned"), [asked(**FINANCE)], "pass"),
        (came(), [asked(refers_to=("Sales",))], "deviation"),
        (came(), [asked(requested_by="it", refers_to=("1", "Finance"))], "pass"),
        (came(), [asked(**FINANCE, approved_by="anna")], "deviation"),
        (came(), [asked(**FINANCE, approved_at=ago(days=8))], "deviation"),
        (came(), [asked(**FINANCE, approved_by=None)], "cannot_tell"),
        (came(request_ref="R"), [asked(refers_to=None, requested_by=None)], "pass"),
        (came(at=None), [], "cannot_tell"),
        (came(target=None), [], "cannot_tell"),
        (came(outcome="failure"), [], None),
        (came(at=ago(days=200)), [], None),
        (came(action="group_removed"), [], None),
    ],
)
def test_iam_05_what_is_given_beside_an_account(
    event: AccessEvent, requests: list[Approval], outcome: str | None
) -> None:
    records: dict[str, Any] = {"okta__log__access": [event], "records__access_requests": requests}
    found = told("IAM-05", accounts=[account("1", email=MAIL, created_at=ago(days=200))], **records)
    assert found.get("grant E") == outcome
    assert GRANTS not in found, "the log is there, and whole"


GRANTS = "grants at okta northwind.okta.example"


def test_iam_05_without_a_whole_log_what_is_given_cannot_be_told() -> None:
    one = account("1", email=MAIL, created_at=ago(days=200))
    assert told("IAM-05", accounts=[one])[GRANTS] == "cannot_tell"
    company = Company(lists=(OKTA,))
    company.add("hris.roster", [ANNA])
    company.add("records.access_requests")
    company.add("okta.log.access", gaps=(Gap(Cause.DENIED, "GET /logs", "no"),))
    company.add(OKTA, [one])
    company.map()
    assert company.verdicts("IAM-05")[GRANTS] == "cannot_tell"


@pytest.mark.parametrize(
    ("changed", "requests", "outcome"),
    [
        ({}, [asked()], "pass"),
        ({}, [], "deviation"),
        ({}, [asked(approved_by="anna")], "deviation"),
        ({}, [asked(approved_at=ago(days=8))], "deviation"),
        ({}, [asked(approved_at=ago(days=60))], "deviation"),
        ({"actor": MAIL}, [asked()], "deviation"),
        ({"actor": "1"}, [asked()], "deviation"),
        ({"target": None}, [asked()], "cannot_tell"),
        ({"outcome": "failure"}, [], "not_applicable"),
        ({"action": "group_added"}, [], None),
        ({"target": "stranger", "request_ref": "R"}, [asked()], "pass"),
    ],
)
def test_iam_13(changed: dict[str, Any], requests: list[Approval], outcome: str | None) -> None:
    records: dict[str, Any] = {"okta__log__admin": [role(**changed)], "records__access_requests": requests}
    assert told("IAM-13", accounts=[account("1", email=MAIL)], **records).get("grant E") == outcome


def test_iam_13_a_log_that_could_not_be_read_is_no_log_without_grants() -> None:
    company = Company(lists=(OKTA,))
    company.add("hris.roster", [ANNA])
    company.add("records.access_requests")
    company.add("okta.log.admin", gaps=(Gap(Cause.DENIED, "GET /logs", "HTTP 403"),))
    company.map()
    found = company.judged("IAM-13")
    assert found[f"the whole of okta {UNITS['okta']}"][0] == "cannot_tell"


@pytest.mark.parametrize(
    ("changed", "reasons", "outcome"),
    [
        ({}, [], "deviation"),
        ({}, None, "cannot_tell"),
        ({}, [asked(request_id="arn:a")], "pass"),
        ({}, [asked(request_id="arn:a", approved_by="arn:a")], "deviation"),
        ({}, [asked(request_id="arn:a", closed_at=ago(days=2))], "deviation"),
        ({"written_by": "company"}, [asked(request_id="arn:a")], "deviation"),
        ({"written_by": "company"}, None, "deviation"),
        ({"privileged": False, "written_by": "company"}, [], "pass"),
        ({"privileged": None}, [], "cannot_tell"),
    ],
)
def test_iam_11_grants(changed: dict[str, Any], reasons: list[Approval] | None, outcome: str) -> None:
    fields: dict[str, Any] = {"principal_id": "arn:a", "role": "r", "privileged": True}
    company = Company()
    company.add("aws.iam.authorization_details", [made(AccessGrant, "g", **fields | changed)])
    company.add("aws.access_analyzer.findings", [])
    if reasons is not None:
        company.add("records.privileged_justification", reasons)
    assert company.verdicts("IAM-11") == {"g r": outcome}


@pytest.mark.parametrize(
    ("value", "outcome"), [("read", "pass"), ("none", "pass"), ("write", "deviation"), (None, "cannot_tell")]
)
def test_iam_11_what_every_member_may_do(value: str | None, outcome: str) -> None:
    company = Company()
    company.add("github.org.settings", [made(Setting, "s", name="default_repository_permission", value=value)])
    assert company.verdicts("IAM-11") == {"rights of every member": outcome}


def vendor(**changed: Any) -> Vendor:
    fields: dict[str, Any] = {
        "vendor": "Watch Dog",
        "owner": "anna",
        "criticality": "high",
        "data_classes": ("logs",),
        "names": ("watchdog-ci",),
    }
    return made(Vendor, "v", **fields | changed)


def integrated(**changed: Any) -> AppGrant:
    return made(
        AppGrant, "a", **{"app": "watchdog", "kind": "app", "granted_at": ago(days=90), "status": "active"} | changed
    )


@pytest.mark.parametrize(
    ("changed", "of", "outcome"),
    [
        ({}, {}, "pass"),
        ({"app": "Watchdog-CI"}, {}, "pass"),
        ({"app": "x", "publisher": "WATCH DOG"}, {}, "pass"),
        ({"app": "stranger"}, {}, "deviation"),
        ({"app": "stranger", "granted_at": None}, {}, "deviation"),
        ({"app": "stranger", "granted_at": ago(days=3)}, {}, "not_applicable"),
        ({}, {"offboarded_at": ago(days=30)}, "deviation"),
        ({"status": "suspended"}, {}, None),
        ({"kind": "token"}, {}, None),
    ],
)
def test_ven_01_apps(changed: dict[str, Any], of: dict[str, Any], outcome: str | None) -> None:
    records: dict[str, Any] = {
        "github__installations": [integrated(**changed)],
        "records__vendor_register": [vendor(**of)],
    }
    assert told("VEN-01", **records).get("app a") == outcome


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({"external": True, "account": "999"}, "deviation"),
        ({"external": True, "account": "watchdog-ci"}, "pass"),
        ({"external": None, "account": "999"}, "cannot_tell"),
        ({"external": False, "account": "999"}, None),
        ({"external": True, "principal_kind": "service"}, None),
    ],
)
def test_ven_01_trusts(changed: dict[str, Any], outcome: str | None) -> None:
    trust = made(Trust, "t", role="r", principal="p", **{"principal_kind": "account"} | changed)
    found = told("VEN-01", aws__iam__role_trusts=[trust], records__vendor_register=[vendor()])
    assert found.get("trust t") == outcome


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, "pass"),
        ({"owner": None}, "deviation"),
        ({"criticality": None}, "deviation"),
        ({"data_classes": ()}, "deviation"),
        ({"owner": None, "offboarded_at": ago(days=3)}, None),
    ],
)
def test_ven_01_vendors(changed: dict[str, Any], outcome: str | None) -> None:
    assert told("VEN-01", records__vendor_register=[vendor(**changed)]).get("vendor v") == outcome


@pytest.mark.parametrize(
    ("rows", "claimed", "outcome"),
    [
        ([account("bot", kind="service")], "anna", "pass"),
        ([account("bot", kind="service")], "gone", "deviation"),
        ([account("bot", kind="service")], None, "deviation"),
        ([account("bot", kind="service", status="disabled")], None, None),
    ],
)
def test_iam_10_somebody_who_works_here_answers_for_each_service_account(
    rows: Any, claimed: str | None, outcome: Any
) -> None:
    claims = [claim("bot", "okta", claimed, "service")] if claimed else []
    people = [ANNA, somebody("gone", end_date=ago(days=9))]
    found = told("IAM-10", people, rows, hris__account_map=claims)
    assert found.get(f"service okta {UNITS['okta']} bot") == outcome
