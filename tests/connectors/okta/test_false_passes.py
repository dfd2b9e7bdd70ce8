"""The ways peers turn ignorance into green, over Okta: each fault is injected at the wire, and nothing passes by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.okta.gathering import gather, gathered
from tests.connectors.okta.judging import having, judged
from tests.connectors.okta.test_connection import configured
from tests.doubles.rest import Given, running_rest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.doubles.okta.server import OktaDouble

USERS, FACTORS = "okta.users", "okta.factors"
DENIED = Given(403, {"errorCode": "E0000006", "errorSummary": "You do not have permission"})
MISSING = Given(404, {"errorCode": "E0000007", "errorSummary": "Not found"})
UNLICENSED = Given(403, {"errorCode": "E0000015", "errorSummary": "You do not have permission to access the feature"})
SLOW = Given(429, {"errorCode": "E0000047"}, {"Retry-After": "0"})


def test_false_pass_09_okta_users_beyond_the_first_page_are_judged_too(okta: OktaDouble) -> None:
    late = [okta.org.add_user(f"late{n}@northwind.example", "ACTIVE", okta.org.end) for n in range(250)]
    users = gather(okta, USERS)
    assert users.snapshot.complete
    assert set(late) <= set(users.by("account_id", "account"))


def test_false_pass_09_okta_a_page_without_its_end_mark_is_no_list(okta: OktaDouble) -> None:
    page = list(okta.org.users.values())[:10]
    okta.fault(Given(200, page), path="/api/v1/users?limit=200&filter=lastUpdated")
    okta.fault(Given(200, page), path="/api/v1/users?limit=200", times=1)
    found = gathered(okta, USERS, FACTORS)
    assert found[0].causes == ["truncated"]
    assert "end is missing" in found[0].snapshot.gaps[0].detail
    outcomes = judged(found, "IAM-01")
    assert having(outcomes, "cannot_tell") == set(outcomes)


def test_false_pass_16_okta_a_404_is_never_none(okta: OktaDouble) -> None:
    """Okta answers 404 for what the caller may not see: a user without factors has an empty list instead."""
    one = okta.org.manifest["people"]["stale"][0]
    okta.fault(MISSING, path=f"/users/{one}/factors")
    okta.fault(MISSING, path="/threats/configuration")
    users, factors, threats = gathered(okta, USERS, FACTORS, "okta.threat_config")
    assert factors.causes == ["denied"]
    assert one not in {row["account_id"] for row in factors.rows}
    assert not having(judged([users, factors], "IAM-01"), "pass")
    assert threats.causes == ["denied"]
    outcomes = judged([threats], "LOG-06")
    assert having(outcomes, "cannot_tell") == set(outcomes)


def test_false_pass_17_okta_a_feature_the_org_lacks_is_a_gap(okta: OktaDouble) -> None:
    okta.unlicensed = {"/governance", "/api/v1/device"}
    for evidence in ("okta.certifications", "okta.devices"):
        found = gather(okta, evidence)
        assert found.causes == ["unlicensed"]
        assert found.rows == []
        assert not found.snapshot.complete


def test_false_pass_17_okta_a_field_that_is_missing_is_neither_true_nor_false(okta: OktaDouble) -> None:
    one = okta.org.manifest["people"]["stale"][0]
    del okta.org.users[one]["lastLogin"]
    policy = next(policy for policy in okta.org.policies if policy["type"] == "PASSWORD")
    del policy["settings"]["password"]["complexity"]["minLength"]
    users, tokens, policies = gathered(okta, USERS, "okta.api_tokens", "okta.policies")
    assert judged([users, tokens], "IAM-10")[one].outcome == "cannot_tell"
    assert judged([policies], "IAM-02")["password policy"].outcome == "cannot_tell"


def test_false_pass_20_okta_a_next_page_at_another_host_is_not_asked(okta: OktaDouble) -> None:
    with running_rest() as stranger:
        link = f'<{okta.url}/api/v1/users?limit=200>; rel="self", <{stranger.url}/api/v1/users?after=1>; rel="next"'
        okta.fault(
            Given(200, list(okta.org.users.values())[:5], {"Link": link}), path="/api/v1/users?limit=200", times=1
        )
        found = gather(okta, USERS)
        assert stranger.asked == []
    assert found.causes == ["truncated"]
    assert "leads elsewhere" in found.snapshot.gaps[0].detail


def test_false_pass_21_okta_deprovisioned_users_are_in_the_population(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    found = gather(okta, USERS)
    assert {*people["deprovisioned"], *people["deleted"]} <= set(found.by("account_id", "account"))


def test_false_pass_21_okta_a_listing_that_silently_leaves_out_a_class_does_not_tie(okta: OktaDouble) -> None:
    """The list of the deprovisioned comes back empty, in good order: the third reading knows better."""
    link = {"Link": f'<{okta.url}/api/v1/users?limit=200>; rel="self"'}
    okta.fault(Given(200, [], link), path='filter=status eq "DEPROVISIONED"')
    found = gather(okta, USERS)
    assert not found.snapshot.gaps
    (total,) = found.snapshot.totals
    assert (total.expected - total.found, found.snapshot.complete) == (2, False)
    assert set(okta.org.manifest["people"]["deprovisioned"]) <= set(found.by("account_id", "account"))
    outcomes = judged([found, gather(okta, FACTORS)], "IAM-01")
    assert having(outcomes, "cannot_tell") == set(outcomes)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (DENIED, "denied"),
        (MISSING, "denied"),
        (UNLICENSED, "unlicensed"),
        (SLOW, "throttled"),
        (Given(500, {}), "unavailable"),
        (Given(504, {}), "timeout"),
        (Given(200, b"[{", {}), "truncated"),
        (Given(200, [], cut=True), "truncated"),
        (Given(200, b""), "truncated"),
        (Given(200, {"errorCode": "E0000009", "errorSummary": "Internal"}), "unavailable"),
    ],
    ids=["403", "404", "licence", "429", "500", "time-out", "half a page", "cut", "empty body", "an error as 200"],
)
def test_aq_12_okta_what_could_not_be_read_never_passes(okta: OktaDouble, given: Given, cause: str) -> None:
    okta.fault(given, path="/api/v1/users?")
    found = gathered(okta, USERS, FACTORS)
    assert [one.causes for one in found] == [[cause], [cause]]
    assert all(one.rows == [] for one in found)
    for control in ("IAM-01", "IAM-10"):
        assert {one.outcome for one in judged(found, control).values()} == {"cannot_tell"}


def test_aq_12_okta_a_429_and_then_an_answer_is_complete_and_counted(okta: OktaDouble) -> None:
    okta.fault(SLOW, path="/api/v1/users?", times=1)
    found = gather(okta, USERS)
    assert found.snapshot.complete
    listed = [one for one in found.exchanges if one["operation"] == "GET /api/v1/users"]
    assert max(one["attempts"] for one in listed) == 2


def test_aq_12_okta_no_answer_in_time(okta: OktaDouble) -> None:
    okta.fault(Given(200, [], seconds=9), path="/api/v1/api-tokens")
    found = gather(okta, "okta.api_tokens", settings={"timeout_seconds": 3, "attempts": 1})
    assert found.causes == ["timeout"]


def test_aq_12_okta_nobody_is_told_from_could_not_look(okta: OktaDouble) -> None:
    """An empty list with its end mark is a proof; the same list without it is a gap."""
    okta.org.tokens.clear()
    none = gather(okta, "okta.api_tokens")
    assert none.snapshot.complete
    assert none.rows == []
    okta.org.groups.clear()
    okta.org.group_roles.clear()
    assert gather(okta, "okta.admin_roles").snapshot.complete
    okta.fault(Given(200, []), path="/api/v1/groups?")
    assert gather(okta, "okta.admin_roles").causes == ["truncated"]


def test_aq_12_okta_the_commands_say_so_too(okta: OktaDouble, tmp_path: Path) -> None:
    okta.fault(DENIED, path="/factors")
    ended = configured(okta, tmp_path)("snapshot", "--only", USERS, "--only", FACTORS)
    assert ended.code == 1, ended.text
    (iam,) = [line for line in ended.out.splitlines() if line.startswith("IAM-01")]
    passed, deviating = iam.split("\t")[2:4]
    assert (passed, deviating) == ("0", "0"), iam
