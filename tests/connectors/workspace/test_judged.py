"""The rules of every provider over Workspace's rows: each planted deviation is found, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.github.judging import deviating, judged
from tests.connectors.workspace.gathering import gather, gathered
from tests.doubles.workspace.server import running_workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.connectors.workspace.gathering import Gathered
    from tests.doubles.workspace.server import WorkspaceDouble

CONTROLS = ("IAM-01", "IAM-02", "IAM-04", "IAM-10", "IAM-15")
EVIDENCE = ("gws.users", "gws.admin_roles", "gws.policies", "gws.audit.sharing", "gws.sso_apps", "gws.audit.admin")


@pytest.fixture(scope="module")
def organisation() -> Iterator[tuple[WorkspaceDouble, list[Gathered]]]:
    with running_workspace() as double:
        yield double, gathered(double, *EVIDENCE)


@pytest.mark.parametrize("control", ["IAM-01", "IAM-10"])
def test_every_planted_account_is_found_and_no_other(
    organisation: tuple[WorkspaceDouble, list[Gathered]], control: str
) -> None:
    double, found = organisation
    outcomes = judged(found, control)[control]
    assert deviating(outcomes) == set(double.manifest["deviations"][control])
    told = {one.item: one.outcome for one in outcomes}
    near = {told.get(one) for one in double.manifest["near_misses"][control]}
    assert near <= {"pass", "not_applicable", None}
    unclear = {one for one, outcome in told.items() if outcome == "cannot_tell"}
    signing_in = {"signed in by another provider: Okta"}
    assert unclear == ({double.estate.id("never")} if control == "IAM-10" else signing_in)


def test_who_is_signed_in_by_another_provider_is_judged_there_where_it_is_collected(
    organisation: tuple[WorkspaceDouble, list[Gathered]],
) -> None:
    _, found = organisation
    named = {"IAM-01": {"collected": ["http://www.okta.com/exk1"]}}
    told = {one.item: one for one in judged(found, "IAM-01", parameters=named)["IAM-01"]}
    assert told["signed in by another provider: Okta"].outcome == "pass"
    assert "http://www.okta.com/exk1" in told["signed in by another provider: Okta"].because


def test_a_list_of_other_providers_that_is_not_whole_is_not_none(google: WorkspaceDouble) -> None:
    google.lacking.add("cloudidentity.inboundSamlSsoProfiles.list")
    told = {one.item: one.outcome for one in judged(gathered(google, "gws.users", "gws.sso_apps"), "IAM-01")["IAM-01"]}
    assert told["signed in by another provider: all there are"] == "cannot_tell"
    assert "pass" in told.values(), "and the accounts are judged all the same"


def test_who_is_no_person_is_not_judged_as_one(organisation: tuple[WorkspaceDouble, list[Gathered]]) -> None:
    double, found = organisation
    assert double.estate.id("svc-backup") not in {one.item for one in judged(found, "IAM-01")["IAM-01"]}


def test_a_password_that_is_too_short_in_one_unit_is_found(
    organisation: tuple[WorkspaceDouble, list[Gathered]],
) -> None:
    _, found = organisation
    (one,) = (one for one in judged(found, "IAM-02")["IAM-02"] if not one.item.startswith("administrator "))
    assert (one.item, one.outcome) == ("password policy", "deviation")
    assert "as short as 8" in one.because


def test_an_administrator_needs_a_factor_that_cannot_be_phished(
    organisation: tuple[WorkspaceDouble, list[Gathered]],
) -> None:
    _, found = organisation
    carrying = {row["account_id"] for row in found[0].rows if row.get("phishing_resistant")}
    told = {one.item.removeprefix("administrator "): one.outcome for one in judged(found, "IAM-02")["IAM-02"]}
    admins = {row["principal_id"] for row in found[1].rows if row["privileged"] and row["principal_kind"] == "human"}
    assert admins <= told.keys()
    assert {one for one in admins if told[one] == "pass"} == admins & carrying
    assert {told[one] for one in admins - carrying} <= {"deviation", "cannot_tell", "not_applicable"}


def test_super_administrators_are_the_all_powerful(organisation: tuple[WorkspaceDouble, list[Gathered]]) -> None:
    _, found = organisation
    widest = {row["principal_id"] for row in found[1].rows if row["widest"]}
    carrying = {row["account_id"] for row in found[0].rows if row.get("phishing_resistant")}
    told = {one.item: one.outcome for one in judged(found, "IAM-03")["IAM-03"]}
    holders = {item.removeprefix("all-powerful: ") for item in told if item.startswith("all-powerful: ")}
    assert holders == widest
    assert {who for who in widest if told[f"all-powerful: {who}"] == "pass"} == widest & carrying
    assert "number of permanent all-powerful accounts" in told
    assert not [item for item in told if item.startswith("root")]
    by = {row["event_id"]: row["actor"] for row in found[-1].rows}
    addresses = {row["email"] for row in found[0].table("account") if row["account_id"] in widest}
    uses = {item.removeprefix("use of the widest role ") for item in told if item.startswith("use of")}
    assert uses == {one for one, who in by.items() if who in addresses}
    assert uses, "somebody used it"


def test_each_administrator_is_an_item_also_one_by_nested_groups(
    organisation: tuple[WorkspaceDouble, list[Gathered]],
) -> None:
    double, found = organisation
    outcomes = judged(found, "IAM-04")["IAM-04"]
    privileged = {row["source_id"] for row in found[1].rows if row["privileged"]}
    assert {one.item for one in outcomes} == privileged | {"number of permanent administrators"}
    (count,) = (one for one in outcomes if one.item.startswith("number"))
    # Ada and four by groups: a grant that ends does not count; a group that nobody is in may fill.
    assert count.because.startswith("5 people hold privileged rights for good")
    assert count.outcome == "cannot_tell"
    del double


def test_sharing_is_judged_unit_by_unit_and_file_by_file(
    organisation: tuple[WorkspaceDouble, list[Gathered]],
) -> None:
    _, found = organisation
    outcomes = judged(found, "IAM-15")["IAM-15"]
    assert {one.item for one in outcomes if one.outcome == "deviation"} == {"sharing outside: unit /Engineering"}
    assert [one.because.partition(" was ")[0] for one in outcomes if one.outcome == "cannot_tell"] == ["doc9", "doc6"]
    approved = {"IAM-15": {"approved_public": ["doc6", "doc9", "unit /Engineering"]}}
    assert {one.outcome for one in judged(found, "IAM-15", parameters=approved)["IAM-15"]} == {"pass"}


def test_what_was_not_collected_is_told_and_nothing_passes(google: WorkspaceDouble) -> None:
    google.lacking.add("cloudidentity.policies.list")
    outcomes = judged([gather(google, "gws.policies")], "IAM-02", "IAM-15")
    assert {one.outcome for found in outcomes.values() for one in found} == {"cannot_tell"}
    assert any("unlicensed" in one.because for one in outcomes["IAM-02"])
