"""Super administrators under IAM-03: who they are, by what they sign in, and what they did with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tests.connectors.okta.gathering import gathered
from tests.connectors.okta.judging import having, judged
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.okta.server import OktaDouble

READ = ("okta.admin_roles", "okta.users", "okta.factors", "okta.log.admin")
NUMBER = "number of permanent all-powerful accounts"
_ADMINISTRATION = ("user.account.privilege.", "group.privilege.", "system.api_token.", "policy.", "iam.")


def event(okta: OktaDouble, who: str, *, result: str = "SUCCESS") -> str:
    """Somebody makes a token, and the id of that event."""
    login = okta.org.users[who]["profile"]["login"]
    actor = {"id": who, "type": "User", "alternateId": login.upper(), "displayName": "somebody"}
    target: list[dict[str, Any]] = [{"id": "t", "type": "Token", "alternateId": "unknown", "displayName": "ci"}]
    at = okta.org.end - timedelta(days=1)
    made = okta.org.log("system.api_token.create", at, targets=target, actor=actor, result=result)
    return f"use of the widest role {made['uuid']}"


def test_each_super_administrator_is_all_powerful_and_nobody_else(okta: OktaDouble) -> None:
    supers = okta.org.manifest["roles"]["super"]
    okta.org.add_factor(supers[0], "webauthn", okta.org.end - timedelta(days=80))
    outcomes = judged(gathered(okta, *READ), "IAM-03")
    holders = {item.removeprefix("all-powerful: ") for item in outcomes if item.startswith("all-powerful: ")}
    assert holders == set(supers)
    assert outcomes[f"all-powerful: {supers[0]}"].outcome == "pass"
    strong = {"webauthn", "u2f"}
    carrying = {one for one in supers if strong & {factor["factorType"] for factor in okta.org.factors.get(one, ())}}
    assert {one for one in supers if outcomes[f"all-powerful: {one}"].outcome == "pass"} == carrying
    assert outcomes[NUMBER].outcome == "pass"
    assert "3 hold the widest role for good" in outcomes[NUMBER].because
    assert not [item for item in outcomes if item.startswith(("root", "use of root"))]


def test_what_a_super_administrator_did_is_a_use_and_what_others_did_is_none(okta: OktaDouble) -> None:
    roles = okta.org.manifest["roles"]
    logins = {okta.org.users[one]["profile"]["login"] for one in roles["super"]}
    before = {
        f"use of the widest role {one['uuid']}"
        for one in okta.org.events
        if one["actor"]["alternateId"] in logins and one["eventType"].startswith(_ADMINISTRATION)
    }
    used, failed = event(okta, roles["super"][1]), event(okta, roles["super"][1], result="FAILURE")
    event(okta, roles["custom"][0])
    outcomes = judged(gathered(okta, *READ), "IAM-03")
    assert {item for item in outcomes if item.startswith("use of")} == {*before, used, failed}
    assert (outcomes[used].outcome, outcomes[failed].outcome) == ("cannot_tell", "not_applicable")
    assert "whether a ticket explains it is not collected" in outcomes[used].because
    assert len(outcomes[used].rows) == 2, "the event, and the grant that makes the role theirs"


def test_five_super_administrators_are_too_many(okta: OktaDouble) -> None:
    roles = okta.org.user_roles
    role = roles[okta.org.manifest["roles"]["super"][0]][0]
    more = [one for one in okta.org.users if one not in roles][:2]
    for number, one in enumerate(more):
        roles[one] = [{**role, "id": f"ra1more{number}"}]
    assert judged(gathered(okta, *READ), "IAM-03")[NUMBER].outcome == "deviation"


def test_roles_that_cannot_be_read_leave_nothing_told(okta: OktaDouble) -> None:
    okta.fault(Given(500, {}), path=f"/users/{okta.org.manifest['roles']['super'][0]}/roles")
    outcomes = judged(gathered(okta, *READ), "IAM-03")
    assert not having(outcomes, "pass")
    assert not having(outcomes, "deviation")
