"""Okta's rows under the controls: each planted deviation is found, and nothing else is called one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.connectors.okta.gathering import gather, gathered
from tests.connectors.okta.judging import having, judged
from tests.doubles.rest import Given

if TYPE_CHECKING:
    from tests.doubles.okta.server import OktaDouble

GUESTS = {"guest_user_types": ("Contractor",)}


def test_iam_01_every_person_without_a_second_factor_and_no_other(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    outcomes = judged(gathered(okta, "okta.users", "okta.factors", settings=GUESTS), "IAM-01")
    assert having(outcomes, "deviation") == {
        *people["no_factor"], *people["question_only"], *people["pending_only"]
    }  # fmt: skip
    gone = {*people["deprovisioned"], *people["suspended"], *people["deleted"], *people["invited"]}
    assert having(outcomes, "not_applicable") == gone
    assert not having(outcomes, "cannot_tell")
    everybody = {*okta.org.users, *people["deleted"]} - {*people["service"]}
    assert set(outcomes) == everybody, "services are judged by IAM-10"
    assert people["new_without_factor"][0] in having(outcomes, "pass"), "in the grace period"
    assert people["guest"][0] in having(outcomes, "pass")


def test_iam_01_a_user_whose_factors_cannot_be_read_is_never_a_pass(okta: OktaDouble) -> None:
    people = okta.org.manifest["people"]
    one = people["stale"][0]
    okta.fault(Given(500, {}), path=f"/users/{one}/factors")
    outcomes = judged(gathered(okta, "okta.users", "okta.factors"), "IAM-01")
    assert not having(outcomes, "pass")
    assert not having(outcomes, "deviation")
    assert outcomes[one].seen == "cannot_tell"
    assert any("okta.factors unavailable" in outcome.because for outcome in outcomes.values())


SIGN_ON = ("okta.policies", "okta.factors", "okta.admin_roles")


def test_iam_02_the_weakest_password_policy_and_every_rule_that_lets_in(okta: OktaDouble) -> None:
    outcomes = judged(gathered(okta, *SIGN_ON), "IAM-02")
    assert outcomes["password policy"].outcome == "deviation"
    assert "as short as 8" in outcomes["password policy"].because, "the one that is switched off does not count"
    rules = {item: one for item, one in outcomes.items() if not item.startswith(("password policy", "administrator "))}
    told = {outcome.because: outcome.outcome.value for outcome in rules.values()}
    assert told == {
        "policy Any two factors (1), rule Catch-all Rule (99): A second factor is required.": "pass",
        "policy Password only (2), rule Catch-all Rule (99): One factor is enough.": "deviation",
        "policy Default Policy (1), rule Office (1): A session ends after 120 idle minutes; at most 720 are allowed.":
            "pass",
        "policy Default Policy (1), rule Elsewhere (2): A session may be idle for 1440 minutes; at most 720 are "
        "allowed.": "deviation",
    }  # fmt: skip


def test_iam_02_in_the_classic_engine_the_door_decides(okta: OktaDouble) -> None:
    okta.org.pipeline = "v1"
    outcomes = judged(gathered(okta, *SIGN_ON), "IAM-02")
    factors = [one for item, one in outcomes.items() if "factor" in one.because and "administrator" not in item]
    assert [one.outcome for one in factors] == ["deviation", "deviation"]
    assert not any("Password only" in one.because for one in outcomes.values())


def test_iam_02_each_administrator_needs_a_factor_that_cannot_be_phished(okta: OktaDouble) -> None:
    policies, factors, roles = gathered(okta, *SIGN_ON)
    outcomes = judged([policies, factors, roles], "IAM-02")
    admins = {row["principal_id"] for row in roles.rows if row["privileged"] and row["principal_kind"] == "human"}
    assert {f"administrator {one}" for one in admins} == {one for one in outcomes if one.startswith("administrator ")}
    resistant = {row["account_id"] for row in factors.rows if row["phishing_resistant"] and row["status"] == "active"}
    assert having(outcomes, "pass") & {f"administrator {one}" for one in admins} == {
        f"administrator {one}" for one in admins & resistant
    }
    maybe = {row["account_id"] for row in factors.rows if row["phishing_resistant"] is None and row["factor"] != "none"}
    unclear = admins & maybe - resistant
    assert unclear
    assert {f"administrator {one}" for one in unclear} <= having(outcomes, "cannot_tell"), "a signed nonce may be one"


def test_iam_04_counts_administrators_by_every_way(okta: OktaDouble) -> None:
    roles = okta.org.manifest["roles"]
    outcomes = judged(gathered(okta, "okta.users", "okta.admin_roles"), "IAM-04")
    people = {*roles["super"], *roles["through_group"], *roles["custom"]}
    count = outcomes.pop("number of permanent administrators")
    assert count.outcome == ("deviation" if len(people) > 5 else "pass")
    assert count.because.startswith(f"{len(people)} people hold")
    assert having(outcomes, "cannot_tell") == set(outcomes), "whether a grant is justified is not in this evidence"
    assert not any(one in item for one in roles["reading"] for item in outcomes)


def test_iam_10_stale_accounts_and_old_tokens(okta: OktaDouble) -> None:
    manifest = okta.org.manifest
    outcomes = judged(gathered(okta, "okta.users", "okta.api_tokens"), "IAM-10")
    assert having(outcomes, "deviation") == {*manifest["people"]["stale"], *manifest["tokens"]["old"]}
    assert not having(outcomes, "cannot_tell")


def test_log_01_and_log_06(okta: OktaDouble) -> None:
    streams, threats = gathered(okta, "okta.log_streams", "okta.threat_config")
    assert [one.outcome for one in judged([streams], "LOG-01").values()] == ["pass"]
    assert having(judged([threats], "LOG-06"), "pass") == {"threat detection in organisation"}
    okta.org.threats["action"] = "none"
    assert having(judged([gather(okta, "okta.threat_config")], "LOG-06"), "deviation")
