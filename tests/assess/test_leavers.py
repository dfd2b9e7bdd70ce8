from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from collector.model import Cause, Gap
from collector.records import AccessEvent, Credential, ExternalIdentity
from tests.assess.people import ORIGIN, UNITS, Company, account, claim, day, somebody
from tests.assess.sealed import NOW, ago

DENIED = Gap(Cause.DENIED, "GET /users", "HTTP 403")
OKTA, AWS, MEMBERS, OUTSIDE = (
    "okta.users",
    "aws.iam.credential_report",
    "github.org.members",
    "github.outside_collaborators",
)
COUNT = "people list: opening + joiners - leavers = closing"


def event(action: str, target: str, at: Any, **changed: Any) -> AccessEvent:
    key = f"{action} {target} {at}"
    return AccessEvent(
        **{"key": key, "seen": (), "event_id": key, "at": at, "action": action, "target": target} | changed
    )


def leaving(ended: Any = None) -> Company:
    """Lea has four accounts: one by address, one that GitHub proves, and two by the company's own word."""
    company = Company(at=ago(days=10))
    company.add("hris.roster", [somebody("lea", end_date=ended or ago(days=8)), somebody("anna")])
    company.add(OKTA, [account("00u1", name="lea@northwind.example", email="lea@northwind.example")])
    company.add(AWS, [account("arn:lea", name="lea-ops")])
    company.add(MEMBERS, [account("9001", name="leacodes", email="lea@private.example")])
    company.add(OUTSIDE, [account("9002", name="lea-consulting")])
    company.add(
        "github.org.identities",
        [ExternalIdentity(key="9001", seen=(), account_id="9001", subject="Lea@Northwind.example", via="saml")],
    )
    company.add("hris.account_map", [claim("lea-ops", "aws", "lea"), claim("9002", "github", "lea")])
    company.map()
    return company


def test_aq_11_four_accounts_of_one_leaver_and_the_last_one_removed_decides() -> None:
    company = leaving()
    links = company.links()
    methods = {row["account_id"]: (row["person_id"], row["method"]) for row in links.values() if row["account_id"]}
    assert methods == {
        "00u1": ("lea", "email"),
        "arn:lea": ("lea", "claim"),
        "9001": ("lea", "verified"),
        "9002": ("lea", "claim"),
    }
    assert links["person anna"]["state"] == "no_account"

    after = company.later(days=10)
    after.add(
        "hris.roster",
        [somebody("lea", end_date=ago(days=8)), somebody("anna"), somebody("new", start_date=ago(days=3))],
    )
    after.add("okta.log.lifecycle", [event("user_deactivated", "00u1", ago(days=8))])
    after.add(
        OKTA,
        [account("00u1", name="lea@northwind.example", status="deleted"), account("00u9", name="who@else.example")],
    )
    after.add(AWS, [])
    after.add(MEMBERS, [])
    after.add(OUTSIDE, [account("9002", name="lea-consulting", status="disabled", disabled_at=ago(days=3))])
    after.add("hris.account_map", [claim("lea-ops", "aws", "lea"), claim("9002", "github", "lea")])
    after.map()

    outcome, because = after.judged("IAM-07")["leaver lea"]
    assert outcome == "deviation"
    assert "4 accounts, the last one first: github northwind lea-consulting (claim" in because
    for said in ("lea@northwind.example (email", "lea-ops (claim", "leacodes (verified: saml links it to"):
        assert said in because
    assert "Rests on hris.roster, uploaded by hris" in because, "weaker provenance shows wherever it is used"

    found = after.judged("IAM-08")
    assert found[f"okta {UNITS['okta']} 00u9"][0] == "cannot_tell", "an unmapped account is listed, and has days left"
    assert found["person anna"][0] == "not_applicable"
    assert found[COUNT] == (
        "pass", "2 + 1 - 1 = 2 from 2026-11-10 to 2026-11-20.",
    )  # fmt: skip


def lost(**changed: Any) -> tuple[str, str]:
    """What is said of a leaver of ten days ago whose one account became this, having been active eleven days ago."""
    log, keys, at = changed.pop("log", ()), changed.pop("keys", ()), changed.pop("seen", 11)
    before = Company(at=ago(days=at), lists=(OKTA,))
    people = [somebody("lea", end_date=ago(days=10))]
    before.add("hris.roster", people)
    before.add(OKTA, [account("00u1", email="lea@northwind.example")])
    before.map()
    after = Company(lists=(OKTA,), before=before)
    after.add("hris.roster", people)
    gaps = changed.pop("gaps", ())
    rows = [] if changed.pop("gone", False) else [account("00u1", email="lea@northwind.example", **changed)]
    after.add(OKTA, [*rows, *keys], gaps=gaps)
    after.add("okta.log.lifecycle", log)
    after.map()
    return after.judged("IAM-07")["leaver lea"]


OUT = "user_deactivated"


@pytest.mark.parametrize(
    ("became", "outcome", "said"),
    [
        ({}, "deviation", "still active"),
        ({"status": "disabled", "log": [event(OUT, "00u1", ago(days=9.5))]}, "pass", "as its provider says"),
        ({"gone": True, "log": [event(OUT, "00u1", ago(days=8.5))]}, "deviation", "as its provider says"),
        ({"status": "disabled", "disabled_at": ago(days=9.1)}, "pass", "as its provider says"),
        (
            {"status": "disabled", "log": [event(OUT, "00u1", ago(days=9.5), outcome="failure")]},
            "cannot_tell",
            "lost between",
        ),
        (
            {
                "status": "disabled",
                "log": [event(OUT, "00u1", ago(days=9.9)), event("user_reactivated", "00u1", ago(days=9.8))],
            },
            "cannot_tell",
            "lost between",
        ),
        (
            {
                "status": "disabled",
                "log": [
                    event(OUT, "00u1", ago(days=9.9)),
                    event("user_reactivated", "00u1", ago(days=9.8)),
                    event(OUT, "00u1", ago(days=2)),
                ],
            },
            "deviation",
            "lost 2026-11-18",
        ),
        ({"status": "disabled"}, "cannot_tell", "lost between 2026-11-09 06:00 and 2026-11-20 06:00, by the lists"),
        ({"gone": True}, "cannot_tell", "lost between"),
        ({"gone": True, "seen": 5}, "deviation", "still active on 2026-11-15 06:00, lost before 2026-11-20"),
        ({"status": None}, "cannot_tell", "whether it is still active is not given"),
        ({"status": "suspended", "log": [event("user_suspended", "00u1", ago(days=9.5))]}, "pass", "lost 2026-11-10"),
        (
            {
                "status": "disabled",
                "log": [
                    event(OUT, "00u1", ago(days=9.5)),
                    event("sign_in", "00u1", ago(days=9.8), actor="lea@northwind.example"),
                ],
            },
            "deviation",
            "signed in on 2026-11-10",
        ),
    ],
)
def test_when_an_account_lost_its_access(became: dict[str, Any], outcome: str, said: str) -> None:
    found = lost(**became)
    assert found[0] == outcome, found
    assert said in found[1]


@pytest.mark.parametrize(
    ("event_name", "target", "again", "outcome"),
    [
        (OUT, "00u1", (), "pass"),
        ("iam:DeleteUser", "lea-ops", (), "pass"),
        ("user_deleted", "somebody else", (), "cannot_tell"),
        (OUT, "00u1", (event("user_reactivated", "00u1", ago(days=9.4)),), "cannot_tell"),
    ],
)
def test_what_a_log_said_once_is_remembered_when_its_newest_stretch_says_nothing_of_it(
    event_name: str, target: str, again: tuple[AccessEvent, ...], outcome: str
) -> None:
    people = [somebody("lea", end_date=ago(days=10))]
    company = Company(at=ago(days=11), lists=(OKTA,))
    company.add("hris.roster", people)
    company.add(OKTA, [account("00u1", name="lea-ops", email="lea@northwind.example")])
    company.map()
    for days, log in ((8, [event(event_name, target, ago(days=9.5)), *again]), (1, [])):
        company = Company(at=ago(days=days), lists=(OKTA,), before=company)
        company.add("hris.roster", people)
        company.add(OKTA)
        company.add("okta.log.lifecycle", log)
        company.map()
    found = company.judged("IAM-07")["leaver lea"]
    assert found[0] == outcome, found
    assert ("lost 2026-11-10 18:00 as its provider says" in found[1]) == (outcome == "pass")


@pytest.mark.parametrize("target", ["00u1", "lea-ops"])
def test_what_a_log_said_once_counts_no_more_when_a_later_stretch_gave_the_access_back(target: str) -> None:
    """No list shows it active again: it was gone by the next one. The log says that it had access after the limit."""
    people = [somebody("lea", end_date=ago(days=10))]
    company = Company(at=ago(days=11), lists=(OKTA,))
    company.add("hris.roster", people)
    company.add(OKTA, [account("00u1", name="lea-ops", email="lea@northwind.example")])
    company.map()
    for days, log in ((9, [event(OUT, target, ago(days=9.5))]), (5, [event("user_reactivated", target, ago(days=8))])):
        company = Company(at=ago(days=days), lists=(OKTA,), before=company)
        company.add("hris.roster", people)
        company.add(OKTA)
        company.add("okta.log.lifecycle", log)
        company.map()
    outcome, because = company.judged("IAM-07")["leaver lea"]
    assert outcome == "deviation", because
    assert "still active on 2026-11-12 06:00, lost before 2026-11-15 06:00, by the lists" in because


def test_an_account_that_an_unread_list_may_still_have_is_not_gone() -> None:
    outcome, because = lost(gone=True, gaps=(DENIED,))
    assert outcome == "cannot_tell"
    assert "incomplete evidence (agent.identity_map denied)" in because
    assert "may be there still" in because


def test_a_key_that_still_works_is_access() -> None:
    company = Company(lists=(AWS,))
    company.add("hris.roster", [somebody("lea", end_date=ago(days=10))])
    key = Credential(key="k", seen=(), credential_id="k", principal_id="arn:lea", kind="access_key", status="active")
    company.add(
        AWS, [account("arn:lea", email="lea@northwind.example", status="disabled", disabled_at=ago(days=10)), key]
    )
    company.map()
    assert company.judged("IAM-07")["leaver lea"][0] == "deviation"
    assert "1 of its credentials still active" in company.judged("IAM-07")["leaver lea"][1]


def test_before_the_limit_has_passed_nothing_is_judged() -> None:
    company = Company(lists=(OKTA,))
    company.add(
        "hris.roster", [somebody("lea", end_date=ago(hours=3)), somebody("next", end_date=NOW + timedelta(days=9))]
    )
    company.add(OKTA, [account("00u1", email="lea@northwind.example")])
    company.map()
    assert company.verdicts("IAM-07") == {"leaver lea": "not_applicable"}


def test_a_leaver_without_accounts_cannot_be_told_while_somebody_unknown_is_active() -> None:
    for rows, outcome in (([], "not_applicable"), ([account("00u7", name="nobody")], "cannot_tell")):
        company = Company(lists=(OKTA,))
        company.add("hris.roster", [somebody("lea", end_date=ago(days=10))])
        company.add(OKTA, rows)
        company.map()
        assert company.verdicts("IAM-07") == {"leaver lea": outcome}


NOT_THERE = {
    "denied": (),
    "not connected": (("gws", Gap(Cause.NOT_CONFIGURED, "provider gws", "there is no [gws] table")),),
    "cannot start": (("gws", Gap(Cause.DEFECT, "connector gws", "it cannot be imported")),),
}


@pytest.mark.parametrize("way", NOT_THERE)
def test_false_pass_12_one_of_three_identity_providers_is_not_there_and_nothing_is_fine(way: str) -> None:
    lists = (OKTA, "entra.users", "gws.users")
    company = Company(lists=lists[:2] if NOT_THERE[way] else lists, broken=NOT_THERE[way])
    company.add("hris.roster", [somebody("lea", end_date=ago(days=10)), somebody("anna")])
    company.add(OKTA, [account("1", email="anna@northwind.example", mfa_enrolled=True)])
    company.add("entra.users", [account("2", email="anna@northwind.example", mfa_enrolled=True)])
    if way == "denied":
        company.add("gws.users", gaps=(DENIED,))
    company.map()
    for control in ("IAM-07", "IAM-08"):
        found = company.judged(control)
        assert {outcome for outcome, _ in found.values()} == {"cannot_tell"}, control
        assert "the whole of the control" in found
        assert "gws" in found["the whole of the control"][1]
    untold = [item for item, verdict in company.verdicts("IAM-01").items() if verdict == "cannot_tell"]
    assert any(item.startswith("the whole of gws") for item in untold), "and the provider itself cannot be told"


@pytest.mark.parametrize("way", ["the company's map", "a scope"])
def test_what_the_map_lacks_could_be_an_account_of_the_leaver(way: str) -> None:
    company = Company(lists=(OKTA,), narrowed=way == "a scope")
    company.add("hris.roster", [somebody("lea", end_date=ago(days=10))])
    company.add(OKTA, [account("1", email="lea@northwind.example", status="disabled", disabled_at=ago(days=10))])
    company.add("hris.account_map", gaps=() if way == "a scope" else (DENIED,))
    company.map()
    assert company.verdicts("IAM-07")["leaver lea"] == "cannot_tell"


def test_without_a_people_list_no_leaver_can_be_told() -> None:
    company = Company(lists=(OKTA,))
    company.add("okta.log.lifecycle", [])
    found = company.judged("IAM-07")
    assert found["the whole of the control"][0] == "cannot_tell"
    assert "hris.roster not collected" in found["the whole of the control"][1]


def reconciled(*people: Any, first: tuple[Any, ...] = ()) -> tuple[str, str]:
    before = Company(at=ago(days=30), lists=(OKTA,))
    before.add("hris.roster", list(first or (somebody("a"), somebody("b"), somebody("c"))))
    before.map()
    after = Company(lists=(OKTA,), before=before)
    after.add("hris.roster", list(people))
    after.map()
    return after.judged("IAM-08")[COUNT]


A, B, C = somebody("a"), somebody("b"), somebody("c")


@pytest.mark.parametrize(
    ("people", "outcome", "said"),
    [
        ((A, B, C), "pass", "3 + 0 - 0 = 3"),
        ((A, B, somebody("c", end_date=ago(days=3))), "pass", "3 + 0 - 1 = 2"),
        ((A, B, C, somebody("d", start_date=ago(days=3))), "pass", "3 + 1 - 0 = 4"),
        ((A, B, C, somebody("d", start_date=ago(days=9), end_date=ago(days=3))), "pass", "3 + 1 - 1 = 3"),
        ((A, B, C, somebody("d", start_date=ago(days=30.3))), "pass", "3 + 1 - 0 = 4"),
        ((A, B, C, somebody("d", start_date=ago(days=31.1))), "deviation", "says so: d"),
        ((A, B), "deviation", "came or went without a date that says so: c"),
        ((A, B, somebody("c", end_date=ago(days=90))), "deviation", "says so: c"),
        ((A, B, C, somebody("d", start_date=day("2019-01-01"))), "deviation", "says so: d"),
    ],
)
def test_the_people_list_is_held_against_the_one_before(people: tuple[Any, ...], outcome: str, said: str) -> None:
    found = reconciled(*people)
    assert found[0] == outcome, found
    assert said in found[1]


@pytest.mark.parametrize(
    ("rows", "claims", "outcome", "said"),
    [
        ([account("1", email="ANNA@northwind.example")], [], "pass", "Of anna, who works here (email"),
        ([account("1", email="gone@northwind.example")], [], "deviation", "Active, and gone left by 2026-11-10"),
        ([account("1", status="suspended")], [], "not_applicable", "The account is suspended."),
        ([account("1", status=None)], [], "cannot_tell", "Whether it is active is not given"),
        ([account("1")], [], "cannot_tell", "No link, address or word of the company leads to a person"),
        ([account("1")], [claim("1", "okta", "anna")], "pass", "(claim: the company's map says so)"),
        ([account("1")], [claim("1", "okta", "nobody")], "cannot_tell", "names nobody, who is not in the people list"),
        ([account("1")], [claim("1", "aws", "anna")], "cannot_tell", "No link"),
        ([account("1")], [claim("1", "okta", "anna", "external")], "pass", "Of anna"),
        ([account("1")], [claim("1", "okta", "gone", "external")], "deviation", "left by"),
        ([account("1")], [claim("1", "okta", "anna", "shared")], "deviation", "several people share it"),
        ([account("1", kind="service")], [claim("1", "okta", "anna", "service")], "not_applicable", "Not a person's"),
        ([account("1", email="two@northwind.example")], [], "cannot_tell", "which 2 people have: anna, gone"),
    ],
)
def test_iam_08_account_by_account(rows: list[Any], claims: list[Any], outcome: str, said: str) -> None:
    company = Company(lists=(OKTA,))
    both = ("two@northwind.example",)
    company.add("hris.roster", [somebody("anna", emails=both), somebody("gone", emails=both, end_date=ago(days=10))])
    company.add(OKTA, rows)
    company.add("hris.account_map", claims)
    company.map()
    found = company.judged("IAM-08")[f"okta {UNITS['okta']} 1"]
    assert found[0] == outcome, found
    assert said in found[1]


def test_an_unmapped_account_has_some_days_and_then_is_a_deviation() -> None:
    company = Company(at=ago(days=8), lists=(OKTA,))
    for _ in range(2):
        company.add("hris.roster", [somebody("anna")])
        company.add(OKTA, [account("1")])
        company.map()
        last, company = company, company.later(days=8)
    assert last.verdicts("IAM-08")[f"okta {UNITS['okta']} 1"] == "deviation"


def test_an_old_people_list_says_nothing_of_who_works_here_now() -> None:
    company = Company(lists=(OKTA,))
    company.add("hris.roster", [somebody("anna", observed_at=ago(days=40))])
    company.add(OKTA, [account("1", email="anna@northwind.example")])
    company.map()
    assert company.verdicts("IAM-08")[f"okta {UNITS['okta']} 1"] == "cannot_tell"


def test_the_map_is_a_pure_function_and_says_what_it_was_made_from() -> None:
    one, other = leaving(), leaving()
    assert one.links() == other.links()
    leaf = one.sealed.evidence[-1]
    assert leaf.body["unit"] == ORIGIN
    assert "hris.roster, uploaded by hris" in leaf.body["caller"]


def test_a_number_that_a_directory_keeps_leads_to_the_person_and_to_no_other() -> None:
    company = Company(lists=("okta.users",))
    company.add("hris.roster", [somebody("7"), somebody("8", work_email="x@northwind.example")])
    number = ExternalIdentity(key="n", seen=(), account_id="1", subject="7", via="employee_number")
    stranger = ExternalIdentity(key="s", seen=(), account_id="2", subject="77", via="employee_number")
    company.add("okta.users", [account("1", email="x@northwind.example"), account("2"), number, stranger])
    company.map()
    links = {row["account_id"]: (row["person_id"], row["method"], row["because"]) for row in company.links().values()}
    assert links["1"][:2] == ("7", "verified")
    assert links["1"][2] == "employee number links it to 7; a weaker link leads to 8"
    assert links["2"][:2] == (None, None), "nobody has that number"


def test_a_link_that_was_proved_stays_when_the_account_is_gone() -> None:
    company = Company(lists=("okta.users",))
    company.add("hris.roster", [somebody("7"), somebody("8", work_email="x@northwind.example")])
    number = ExternalIdentity(key="n", seen=(), account_id="1", subject="7", via="employee_number")
    company.add("okta.users", [account("1", email="x@northwind.example"), number])
    company.map()
    after = company.later(days=1)
    after.add("hris.roster", [somebody("7"), somebody("8", work_email="x@northwind.example")])
    after.add("okta.users", [])
    after.map()
    (gone,) = (row for row in after.links().values() if row["account_id"] == "1")
    assert (gone["person_id"], gone["method"], gone["status"]) == ("7", "verified", "gone")
